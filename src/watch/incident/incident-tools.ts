import type { OutputLine } from '../../domain/line.js';
import type { Watched, WatchPolicy } from '../../domain/watch-policy.js';
import type { IncidentStore } from '../../state/incidents.js';
import type { Maintenances } from '../../state/maintenances.js';
import type { EvidenceTools } from './evidence.js';
import type { TicketTools } from './ticket.js';

/** What it takes to do what is owed for incidents. */
export type IncidentTools = TicketTools &
  EvidenceTools & {
    store: IncidentStore;
    maintenances: Pick<Maintenances, 'list'>;
    watched: readonly Watched[];
    policy: Pick<WatchPolicy, 'blind' | 'incidents'>;
    /** Tells whoever reads the messages of a watch. */
    tell(line: OutputLine): void;
  };
