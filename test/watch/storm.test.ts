import { describe, expect, it } from 'vitest';
import { parseConfig } from '../../src/config/load.ts';
import type { IncidentEntry, Thing } from '../../src/domain/incident.ts';
import type { Answer, Sighting, Stamp } from '../../src/domain/watch-event.ts';
import { providers } from '../../src/helpdesk/providers.ts';
import { afterVisit } from '../../src/watch/core/after-visit.ts';
import { isCleared, membersOf, opening, whatBecomes } from '../../src/watch/core/incidents.ts';
import type { PagedIncident } from '../../src/watch/escalation/paged-incident.ts';
import { entryOf } from '../../src/watch/incident/entry-of.ts';
import { overIn, troublesIn } from '../../src/watch/incident/troubles.ts';
import { OwnNetwork } from '../../src/watch/own-network.ts';
import { watchedIn } from '../../src/watch/watching.ts';
import { PagerRig } from './escalation/pager-rig.ts';
import { start } from './escalation/simulated.ts';

const second = 1000;
const minute = 60 * second;
const stepMs = 15 * second;
const ok: Answer = { is: 'ok', text: 'answers' };
const bad: Answer = { is: 'bad', text: 'no answer within 10 s' };

/** Servers of which each is visited every two minutes, at a time of its own; one canary, which answers; and people who are paged. */
class DataCentre {
  readonly rig = new PagerRig();
  readonly pages: { atMs: number; person: string | undefined; channel: string }[] = [];
  private readonly sighting: Sighting = { schema: 1, servers: {} };
  private readonly config;
  private readonly watched;
  private readonly network;
  private passedMs = 0;

  /** @param clusterOf of a server by its number; undefined where it is in none */
  constructor(servers: number, clusterOf: (server: number) => string | undefined) {
    const lines = Array.from({ length: servers }, (_, index) => {
      const cluster = clusterOf(index) === undefined ? '' : `, cluster: ${clusterOf(index)}`;
      return `  s${index}: { id: ${index + 1}, address: 10.0.0.${index + 1}${cluster} }`;
    });
    const text = `appliances:\n${lines.join('\n')}\nwatch: { self: { canaries: [tcp://192.0.2.1:53] } }\n`;
    this.config = parseConfig(text, 'icepack.yaml', undefined, providers);
    const { appliances, watch } = this.config;
    this.watched = watchedIn(appliances, watch).map((each) => ({
      ...each,
      checks: each.checks.filter(({ name }) => name === 'silent'),
    }));
    this.network = new OwnNetwork(watch, this.sighting, { ask: async () => undefined }, () => undefined);
  }

  get open(): PagedIncident[] {
    return this.rig.incidents;
  }

  /** Lets so much time pass, in which servers answer or do not. */
  async pass(minutes: number, answers: (server: number) => boolean): Promise<void> {
    const untilMs = this.passedMs + minutes * minute;
    for (; this.passedMs < untilMs; this.passedMs += stepMs) {
      await this.visit(answers);
      await this.follow();
      const from = this.rig.sent.length;
      await this.rig.look();
      for (const { person, channel } of this.rig.sent.slice(from))
        this.pages.push({ atMs: this.passedMs, person, channel });
    }
  }

  /** The most that one person got over a channel within 15 minutes. */
  mostPages(channel: string): number {
    const sent = this.pages.filter((each) => each.channel === channel);
    const within = sent.map(
      ({ atMs, person }) =>
        sent.filter((other) => other.person === person && other.atMs >= atMs && other.atMs < atMs + 15 * minute).length,
    );
    return Math.max(0, ...within);
  }

  private get now(): Stamp {
    return { wallMs: start + this.passedMs, boot: 'a', upMs: 1_000_000 + this.passedMs };
  }

  private async visit(answers: (server: number) => boolean): Promise<void> {
    const everyMs = 2 * minute;
    for (const [index, each] of this.watched.entries()) {
      const ownMs = Math.floor((index * everyMs) / this.watched.length / stepMs) * stepMs;
      if (this.passedMs % everyMs !== ownMs) continue;
      const before = this.sighting.servers[each.appliance.name] ?? { seen: [], refused: {}, hung: {} };
      const looks = [{ check: 'silent', answer: answers(index) ? ok : bad }];
      const looked = { looks, due: each.checks, checks: each.checks };
      const moment = { began: this.now, ended: this.now };
      const after = { ...before, visitedAt: this.now, seen: afterVisit(before.seen, looked, 30 * minute, moment) };
      const { signal } = new AbortController();
      this.sighting.servers[each.appliance.name] = await this.network.judged(each, before, after, signal);
    }
  }

  private async follow(): Promise<void> {
    const { blind, incidents } = this.config.watch;
    const troubles = troublesIn(this.watched, this.sighting, { blind, groupBy: incidents.groupBy });
    const isOver = (thing: Thing) => overIn(this.watched, this.sighting)(thing);
    for (const decision of whatBecomes(troubles, this.open, isOver, incidents, this.now)) {
      if (decision.do !== 'open') {
        await this.open.find(({ id }) => id === decision.incident)?.log.write(entryOf(decision, this.now));
        continue;
      }
      const { do: _, members, ...facts } = decision;
      const made = await this.rig.open(`I${this.open.length + 1}`);
      const entries = made.log.entries as IncidentEntry[];
      Object.assign(entries[0] ?? {}, { ...facts, stamp: this.now });
      entries.length = 1; // what the rig lets begin with is not of this test
      for (const member of members) await made.log.write({ type: 'joined', stamp: this.now, ...member });
    }
  }
}

const all = () => true;
const none = () => false;

describe('a data centre that is down while canaries answer (W48)', () => {
  it.each([
    ['20 clusters', (server: number) => `c${server % 20}`],
    ['5 clusters', (server: number) => `c${server % 5}`],
    ['no cluster', () => undefined],
  ])('is one incident with all its 60 servers, of %s, and two SMS at most for each person', async (_, clusterOf) => {
    const centre = new DataCentre(80, clusterOf);
    await centre.pass(6, all);
    await centre.pass(34, (server) => server >= 60);

    expect(centre.open.map(({ log }) => opening(log).kind)).toEqual(['storm']);
    expect(centre.open.map(({ log }) => membersOf(log).length)).toEqual([60]);
    expect(centre.open.map(({ log }) => opening(log).event)).toEqual(['server silent']);
    expect(centre.mostPages('sms')).toBeGreaterThan(0);
    expect(centre.mostPages('sms')).toBeLessThanOrEqual(2);

    await centre.pass(8, all);
    expect(centre.open.map(({ log }) => isCleared(log))).toEqual([true]);
  });

  it('is an incident for each cluster where these are few, and two SMS at most for each person', async () => {
    const centre = new DataCentre(60, (server) => `c${server % 4}`);
    await centre.pass(6, all);
    await centre.pass(34, none);

    expect(centre.open.map(({ log }) => [opening(log).kind, membersOf(log).length])).toEqual(
      Array.from({ length: 4 }, () => ['ticket', 15]),
    );
    expect(centre.mostPages('sms')).toBeLessThanOrEqual(2);
  });

  it('is not what falls silent one after the other: each has its own', async () => {
    const centre = new DataCentre(12, (server) => `c${server}`);
    await centre.pass(6, all);
    for (let down = 1; down <= 6; down++) await centre.pass(10, (server) => server >= down);
    await centre.pass(12, (server) => server >= 6);

    expect(centre.open.map(({ log }) => opening(log).kind)).toEqual(Array.from({ length: 6 }, () => 'ticket'));
  });
});
