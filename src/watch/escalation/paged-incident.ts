import type { IncidentLog, NewIncidentEntry } from '../../domain/incident.js';
import type { Stamp } from '../../domain/watch-event.js';
import type { ConfiguredChannel } from '../../notify/channel.js';
import type { IncidentFacts } from './page-facts.js';
import type { Setting } from './targets.js';

/** An incident whose journal can be written; what is done about it elsewhere is seen in its entries at once. */
export type PagedIncident = {
  id: string;
  log: IncidentLog & {
    write(entry: NewIncidentEntry): Promise<void>;
    /** Takes up what people have said since. */
    refresh?(): Promise<void>;
  };
  facts: IncidentFacts;
};

/** What pages are sent with. */
export type PagerTools = {
  stamp(): Promise<Stamp>;
  setting: Setting;
  channels: ReadonlyMap<string, ConfiguredChannel>;
  /** What proves that who answers got the page; absent where no page can be answered. */
  tokenOf?(incident: string, who: string): Promise<string>;
};
