import type { Escalation, Policy } from '../../../src/domain/escalation.ts';
import type { IncidentEntry, NewIncidentEntry } from '../../../src/domain/incident.ts';
import type { Severity } from '../../../src/domain/ticket.ts';
import type { Stamp } from '../../../src/domain/watch-event.ts';
import { type DuePage, dueOf } from '../../../src/watch/escalation/due.ts';
import type { ChannelTerms, Setting } from '../../../src/watch/escalation/targets.ts';

export const minute = 60_000;
/** A Friday, in business hours. */
export const start = Date.parse('2026-11-20T09:18:00Z');

const everybody = ['kim', 'lee', 'mo'].map((key) => ({
  ...{ key, name: `${key} doe`, email: `${key}@example.com`, phone: '+46660299200' },
}));

export const night: Policy = {
  name: 'night',
  steps: [
    { atMs: 0, to: ['primary'], by: ['sms', 'mail'] },
    { atMs: 5 * minute, to: ['primary', 'desk'], by: ['call'] },
    { atMs: 10 * minute, to: ['secondary'], by: ['sms', 'call'] },
    { atMs: 20 * minute, to: ['management'], by: ['sms', 'call'] },
  ],
  againMs: 15 * minute,
};

const channels: ReadonlyMap<string, ChannelTerms> = new Map([
  ['mail', { needs: 'email', orElse: [] }],
  ['sms', { needs: 'phone', orElse: ['modem', 'call'], withinMs: 3 * minute }],
  ['modem', { needs: 'phone', orElse: [] }],
  ['call', { needs: 'phone', orElse: [] }],
  ['pd', { needs: 'nothing', orElse: [] }],
]);

export function escalation(given: Partial<Escalation> = {}): Escalation {
  return {
    people: new Map(
      [...everybody, { key: 'desk', name: 'Desk', phone: '+46660299203' }].map((each) => [each.key, each]),
    ),
    roles: new Map([
      ['primary', { people: ['kim'] }],
      ['secondary', { people: ['lee'] }],
      ['management', { people: ['mo'] }],
    ]),
    routes: [
      { when: 'always', severity: ['low', 'medium', 'high', 'emergency'], policy: 'night', answerMs: 60 * minute },
    ],
    policies: new Map([['night', night]]),
    copies: [],
    ackForMs: 240 * minute,
    ...given,
  };
}

export function setting(given: Partial<Setting> = {}): Setting {
  return {
    ...{ escalation: escalation(), channels, customers: new Map(), primaryContacts: new Map(), waitMs: minute },
    ...given,
  };
}

type Outcome = 'sent' | 'failed' | 'lost';

/** An incident in memory, with a clock that the test turns, and a pager that does all that is due at once. */
export class Simulated {
  readonly log: { entries: IncidentEntry[] } = { entries: [] };
  readonly sent: (DuePage & { atMs: number; n: number })[] = [];
  stamp: Stamp = { wallMs: start, boot: 'a', upMs: 1_000_000 };
  elapsedMs = 0;
  setting: Setting;
  outcome: (page: DuePage) => Outcome;

  constructor(given: Partial<Setting> = {}, outcome: (page: DuePage) => Outcome = () => 'sent') {
    this.setting = setting(given);
    this.outcome = outcome;
    const group = { kind: 'ticket' as const, group: 'g', place: 'east', event: 'server silent', reference: 'r' };
    this.write({ type: 'opened', schema: 1, stamp: this.stamp, id: 'I42', ...group });
    this.join('emergency');
  }

  write(entry: NewIncidentEntry): void {
    this.log.entries.push({ at: new Date(this.stamp.wallMs).toISOString(), ...entry } as IncidentEntry);
  }

  join(severity: Severity, server = 'ice01', check = 'silent'): void {
    const seen = {
      event: 'server silent',
      severity,
      since: new Date(this.stamp.wallMs).toISOString(),
      text: 'timed out',
    };
    this.write({ type: 'joined', stamp: this.stamp, thing: { server, check }, ...seen });
  }

  acknowledge(by = 'kim', forMs = 240 * minute): void {
    this.write({ type: 'acknowledged', stamp: this.stamp, by, how: 'command', forMs });
  }

  end(type: 'cleared' | 'resolved' | 'unacknowledged'): void {
    if (type === 'cleared') this.write({ type, stamp: this.stamp });
    else this.write({ type, stamp: this.stamp, by: 'kim' });
  }

  /** Time goes by without anybody looking. */
  pass(ms: number, { boot = this.stamp.boot, wallMs = this.stamp.wallMs + ms } = {}): void {
    this.elapsedMs += ms;
    const upMs = boot === this.stamp.boot ? this.stamp.upMs + ms : 1000;
    this.stamp = { wallMs, boot, upMs };
  }

  /** What is due is done, until nothing is. */
  look(): void {
    for (let round = 0; round < 30; round++) {
      const { entries, pages } = dueOf(this.log, this.setting, this.stamp);
      if (entries.length + pages.length === 0) return;
      for (const entry of entries) this.write(entry);
      for (const page of pages) this.send(page);
    }
    throw new Error('there is always something more to do');
  }

  private send(page: DuePage): void {
    const { why, channel, person } = page;
    const n = page.n ?? Math.max(0, ...this.log.entries.map((entry) => (entry.type === 'paging' ? entry.n : 0))) + 1;
    const whom = person === undefined ? {} : { person };
    if (page.n === undefined) this.write({ type: 'paging', stamp: this.stamp, n, why, channel, ...whom });
    const outcome = this.outcome(page);
    if (outcome !== 'failed') this.sent.push({ ...page, n, atMs: this.elapsedMs });
    if (outcome === 'sent') this.write({ type: 'paged', stamp: this.stamp, n, receipt: `r${n}` });
    if (outcome === 'failed') this.write({ type: 'page-failed', stamp: this.stamp, n, maybeSent: false, reason: 'no' });
  }

  /** Looks every few seconds until so many minutes have passed since the beginning. */
  until(minutes: number, everyMs = 10_000): this {
    this.look();
    while (this.elapsedMs < minutes * minute) {
      this.pass(Math.min(everyMs, minutes * minute - this.elapsedMs));
      this.look();
    }
    return this;
  }

  /** What was sent, as `1 kim sms`; without those of before. */
  told(from = 0): string[] {
    return this.sent.slice(from).map(({ atMs, person = '-', channel }) => `${atMs / minute} ${person} ${channel}`);
  }
}
