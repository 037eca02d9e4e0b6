import type { IncidentEntry, NewIncidentEntry } from '../../../src/domain/incident.ts';
import { incidentEntrySchema } from '../../../src/domain/incident.ts';
import type { Severity } from '../../../src/domain/ticket.ts';
import type { Stamp } from '../../../src/domain/watch-event.ts';
import type { Channel, ConfiguredChannel, Page } from '../../../src/notify/channel.ts';
import { openJournalOf } from '../../../src/state/journal.ts';
import type { IncidentFacts } from '../../../src/watch/escalation/page-facts.ts';
import type { PagedIncident } from '../../../src/watch/escalation/paged-incident.ts';
import { Pager } from '../../../src/watch/escalation/pager.ts';
import { settingOf } from '../../../src/watch/escalation/setting-of.ts';
import { escalation, minute, start } from './simulated.ts';

export type Sent = { channel: string; id: string; person: string | undefined; status: Page['status']; page: Page };

/** A way of a test: what it was given, and what it makes of it. */
export class FakeChannel implements Channel {
  readonly name: string;
  readonly needs: Channel['needs'];
  readonly kind = 'webhook';
  repeatMs?: number;
  private readonly all: Sent[];
  answer: (page: Page, signal: AbortSignal) => Promise<string> = async (page) => `receipt of ${page.id}`;
  delivery?: NonNullable<Channel['delivery']>;
  withdraw?: NonNullable<Channel['withdraw']>;

  constructor(name: string, needs: Channel['needs'], all: Sent[]) {
    this.name = name;
    this.needs = needs;
    this.all = all;
  }

  async send(page: Page, signal: AbortSignal): Promise<string> {
    const receipt = await this.answer(page, signal);
    this.all.push({ channel: this.name, id: page.id, person: page.to?.key, status: page.status, page });
    return receipt;
  }

  async check(): Promise<string> {
    return 'ok';
  }
}

const facts: IncidentFacts = { organization: 'Example AB', titleOf: (server) => server.toUpperCase(), zone: 'UTC' };

/** Incidents whose journals lie in a folder, or nowhere, and a pager over channels of the test. */
export class PagerRig {
  readonly sent: Sent[] = [];
  readonly ways = new Map<string, FakeChannel>();
  readonly configured = new Map<string, ConfiguredChannel>();
  readonly incidents: PagedIncident[] = [];
  stamp: Stamp = { wallMs: start, boot: 'a', upMs: 1_000_000 };
  escalation = escalation();
  private pager: Pager | undefined;

  constructor() {
    this.way('mail', 'email');
    this.way('sms', 'phone', ['call']);
    this.way('call', 'phone');
  }

  way(name: string, needs: Channel['needs'], orElse: string[] = []): FakeChannel {
    const channel = new FakeChannel(name, needs, this.sent);
    this.ways.set(name, channel);
    this.configured.set(name, { channel, orElse, withinMs: 3 * minute });
    return channel;
  }

  pass(ms: number): void {
    this.stamp = { ...this.stamp, wallMs: this.stamp.wallMs + ms, upMs: this.stamp.upMs + ms };
  }

  async open(id: string, severity: Severity = 'emergency', path?: string): Promise<PagedIncident> {
    const log = await journalAt(path);
    const incident = { id, log, facts };
    this.incidents.push(incident);
    if (log.entries.length > 0) return incident;
    const group = {
      kind: 'ticket' as const,
      group: id,
      place: 'cluster east',
      event: 'server silent',
      reference: `r-${id}`,
    };
    await log.write({ type: 'opened', schema: 1, stamp: this.stamp, id, ...group });
    const seen = { event: 'server silent', severity, since: new Date(start).toISOString(), text: 'timed out' };
    await log.write({ type: 'joined', stamp: this.stamp, thing: { server: 'ice01', check: 'silent' }, ...seen });
    return incident;
  }

  /** Does what is due, with the same pager as long as the process lives. */
  async look(signal = new AbortController().signal): Promise<void> {
    await this.looks({ signal });
  }

  /** @param isLast as `icepack event` looks, after which nobody does */
  async looks({ signal = new AbortController().signal, isLast = false }): Promise<void> {
    const setting = { ...settingOf(this.escalation, [], this.configured, isLast ? 0 : 60_000), isLast };
    this.pager ??= new Pager({ stamp: async () => this.stamp, setting, channels: this.configured });
    await this.pager.pageWhatIsDue(this.incidents, signal);
  }

  /** Another process, which knows what is in the journals alone. */
  restart(): void {
    this.pager = undefined;
  }

  /** e.g. `I42.1 kim sms` */
  told(from = 0): string[] {
    return this.sent.slice(from).map(({ id, person = '-', channel, status }) => {
      return `${id} ${person} ${channel}${status === 'resolved' ? ' resolved' : ''}`;
    });
  }
}

/** A journal in a file, as the watch has it, or one in memory, whose entries are read as they were written. */
async function journalAt(path: string | undefined): Promise<PagedIncident['log']> {
  const now = () => new Date(start);
  if (path !== undefined) return openJournalOf<IncidentEntry, NewIncidentEntry>(path, now, incidentEntrySchema);
  const entries: IncidentEntry[] = [];
  return {
    entries,
    async write(entry: NewIncidentEntry): Promise<void> {
      entries.push(incidentEntrySchema.parse({ at: now().toISOString(), ...entry }));
    },
  };
}
