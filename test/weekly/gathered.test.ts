import { describe, expect, it } from 'vitest';
import { parseConfig } from '../../src/config/load.ts';
import type { IncidentEntry } from '../../src/domain/incident.ts';
import type { Ticket } from '../../src/domain/ticket.ts';
import type { EventState, Sighting } from '../../src/domain/watch-event.ts';
import type { HistoryEntry } from '../../src/domain/watch-history.ts';
import { providers } from '../../src/helpdesk/providers.ts';
import type { StoredIncident } from '../../src/state/incidents.ts';
import { happened } from '../../src/watch/core/happened.ts';
import { counted } from '../../src/watch/core/tally.ts';
import { watchedIn } from '../../src/watch/watching.ts';
import { goalsIn } from '../../src/weekly/goals.ts';
import { blindIn, lastingIn, stagedIn, talliesIn } from '../../src/weekly/lasting.ts';
import { doneMaintenance, plannedMaintenance } from '../../src/weekly/maintenance-rows.ts';
import { suppressedRows } from '../../src/weekly/suppressed-rows.ts';
import { ticketsIn } from '../../src/weekly/ticket-rows.ts';
import { watchItself } from '../../src/weekly/watch-itself.ts';
import { joined, opened, stampAt } from '../support/made-incident.ts';
import { at, maintenanceOf } from './made-week.ts';

const text =
  'appliances: { ice01: { id: 1, address: 192.0.2.1, cluster: east }, ice02: { id: 2, address: 192.0.2.2 } }\n';
const { appliances, watch: policy } = parseConfig(text, 'icepack.yaml', undefined, providers);
const watched = watchedIn(appliances, policy);
const shown = (words: string) => words;
const about = { watched, organization: 'Example AB', zone: 'UTC', mask: shown };
/** Week 47 of 2026. */
const week = { from: at('2026-11-16T00:00Z'), until: at('2026-11-23T00:00Z') };
const nothing: Sighting = { schema: 1, servers: {} };

/** Opened at 10:00 of 20 November, and what came after so many minutes. */
function incidentOf(id: string, ...later: [number, object][]): StoredIncident {
  const stamped = later.map(([minutes, entry]) => ({ stamp: stampAt(minutes), ...entry, at: timeOf(minutes) }));
  const first = { ...opened, type: 'opened', schema: 1, id, at: timeOf(0) };
  const entries = [first, { ...joined('ice01'), at: timeOf(0) }, ...stamped] as IncidentEntry[];
  return { id, folder: '', log: { entries }, ticket: { entries: [] } } as unknown as StoredIncident;
}
const timeOf = (minutes: number) => new Date(stampAt(minutes).wallMs).toISOString();
const routed = { type: 'routed', severity: 'high', answerMs: 3_600_000, why: 'opened' };
const acknowledged = { type: 'acknowledged', by: 'kim', how: 'command', forMs: 1 };

describe('tickets of a week', () => {
  const desk = (count: number): Ticket[] =>
    Array.from({ length: count }, (_, n) => ({
      ...{ id: String(n), key: `TIC-${n}`, url: '', subject: 'x', state: 'open', nativeState: 'open', files: [] },
      updatedAt: '2026-11-17T10:00:00Z',
    }));
  const listed = (tickets: Ticket[]) => ({ tickets, isCut: tickets.length >= 2000, notAsked: [] });

  it('are the first 200 of 2000, ours before others, with a count (W83)', () => {
    const tickets = ticketsIn([incidentOf('I1')], listed(desk(2000)), week, about, shown);

    expect([tickets.rows.length, tickets.more, tickets.isCut, tickets.open]).toEqual([200, 1801, true, 2001]);
    expect(tickets.rows[0]).toMatchObject({ incident: 'I1', key: null, what: 'cluster east: server silent (ICE01)' });
  });

  it('are those of a time: neither what ended before, nor what changed or began after', () => {
    const closed = incidentOf('I1', [30, { type: 'cleared' }], [40, { type: 'resolved', by: 'kim' }]);
    const of = (from: string, until: string) =>
      ticketsIn([closed], listed(desk(1)), { from: at(from), until: at(until) }, about, shown);

    expect(of('2026-11-23T00:00Z', '2026-11-30T00:00Z').rows).toEqual([]);
    expect(of('2026-11-09T00:00Z', '2026-11-16T00:00Z').rows).toEqual([]);
    expect(of('2026-11-16T00:00Z', '2026-11-23T00:00Z')).toMatchObject({ began: 1, resolved: 1, open: 1 });
  });
});

describe('the goals of a week', () => {
  const goals = (...incidents: StoredIncident[]) =>
    goalsIn(incidents, { withinMs: 86_400_000, to: [] }, week, stampAt(2000));

  it('count what was answered in time, not what was over before, and name the summaries that are missing', () => {
    const resolved = { type: 'resolved', by: 'kim' };
    const made = goals(
      incidentOf(
        'I1',
        [0, routed],
        [21, acknowledged],
        [30, resolved],
        [60, { type: 'summary', by: 'kim', text: 'x' }],
      ),
      incidentOf('I2', [0, routed], [61, acknowledged], [70, resolved]),
      incidentOf('I3', [0, routed], [10, { type: 'cleared' }]),
      incidentOf('I4', [0, routed]),
      incidentOf('I5', [1950, routed]),
    );

    expect(made.answer).toEqual({ met: 1, of: 4, over: 1, goalMs: 3_600_000 });
    expect(made.summary).toEqual({ met: 1, of: 2, withinMs: 86_400_000, missing: ['I2'] });
  });

  it('are none where nobody set any', () => {
    expect(goals(incidentOf('I1'))).toMatchObject({ summary: { of: 0 } });
    expect(goals(incidentOf('I1')).answer).toBeUndefined();
  });
});

describe('maintenance of a week', () => {
  const down = (since: string, until: string | null) => ({
    server: 'ice01',
    check: 'silent',
    what: 'down' as const,
    since: at(since),
    until: until === null ? null : at(until),
  });
  const known = { watched, lasting: [down('2026-11-22T01:10Z', '2026-11-22T01:24Z')], seen: [week], shown };
  const now = at('2026-11-23T08:00Z');

  it('tells how long it really was, and how long a server was down in it', () => {
    const ended = maintenanceOf({ ended: { at: '2026-11-22T02:10:00.000Z', by: 'lee' } });
    const [row] = doneMaintenance([ended], week, now, known);

    expect(row).toMatchObject({
      real: { until: at('2026-11-22T02:10Z') },
      planned: { until: at('2026-11-22T03:00Z') },
    });
    expect([row?.down, row?.unseenMs, row?.goesOn]).toEqual([[{ server: 'ICE01', ms: 14 * 60_000 }], 0, false]);
  });

  it('does not know what nobody looked at, and was not where it was ended before', () => {
    const [row] = doneMaintenance([maintenanceOf()], week, now, { ...known, lasting: [], seen: [] });
    const cancelled = maintenanceOf({ ended: { at: '2026-11-21T02:10:00.000Z', by: 'lee' } });

    expect([row?.down, row?.unseenMs]).toEqual([[], 7_200_000]);
    expect(doneMaintenance([cancelled], week, now, known)).toEqual([]);
    expect(plannedMaintenance([cancelled], week, known)).toEqual([]);
  });

  it('comes again at its hours, over a change of the clocks, but not before it was announced', () => {
    const recurring = maintenanceOf({
      when: { kind: 'recurring', hours: 'Mon-Sun 02:30-04:00', skip: ['2026-10-22'] },
      created: '2026-10-20T12:00:00.000Z',
    });
    const autumn = { from: at('2026-10-18T22:00Z'), until: at('2026-10-25T23:00Z') };

    const spans = plannedMaintenance([recurring], autumn, known).map(({ span }) => [
      span.from.toISOString(),
      span.until.toISOString(),
    ]);

    expect(spans).toHaveLength(4);
    expect(spans.at(-1)).toEqual(['2026-10-25T00:30:00.000Z', '2026-10-25T03:00:00.000Z']);
  });
});

describe('what the watch writes, and what is read of it', () => {
  const bad = (more: Partial<EventState> = {}): EventState => ({
    ...{ phase: 'pending', badSince: stampAt(0), watchedMs: 0, looks: 1, seenAt: stampAt(0) },
    ...more,
  });
  const seen = (check: string, event?: EventState, is: 'bad' | 'unknown' | 'ok' = 'bad'): Sighting => ({
    ...nothing,
    servers: {
      ice01: {
        seen: [{ check, answer: { is, text: '' }, at: stampAt(0), ...(event && { event }) }],
        refused: {},
        hung: {},
      },
    },
  });
  const step = (before: Sighting, after: Sighting, minutes = 5) =>
    happened({ sighting: before, watched }, { sighting: after, watched }, new Date(timeOf(minutes)));
  const entriesOf = (...news: ReturnType<typeof step>[]) =>
    news.flatMap((each, n): HistoryEntry[] => (each === undefined ? [] : [{ ...each, at: timeOf(5 + n) }]));

  it('is nothing where nothing is otherwise, and nothing of what may pass by itself', () => {
    expect(step(seen('silent', bad()), seen('silent', bad({ looks: 2 })))).toBeUndefined();
    expect(step(nothing, seen('data', bad()))).toBeUndefined();
  });

  it('is a server that does not answer from the first look on, and what lasts, suppressed or not', () => {
    const news = step(nothing, seen('silent', bad({ phase: 'firing', suppressed: 'M7' })));

    expect(news?.began?.map(({ what, suppressed }) => [what, suppressed])).toEqual([
      ['down', 'M7'],
      ['event', 'M7'],
    ]);
    const over = entriesOf(news, step(seen('silent', bad({ phase: 'firing' })), seen('silent', undefined, 'ok')));
    expect(lastingIn(over).map(({ what, until }) => [what, until?.toISOString()])).toEqual([
      ['down', timeOf(6)],
      ['event', timeOf(6)],
    ]);
  });

  it('is read once where it was written twice, and forgets what the own network took away', () => {
    const news = step(nothing, seen('silent', bad()));
    const lost = step(seen('silent', bad()), seen('silent', undefined, 'unknown'));

    expect(lastingIn(entriesOf(news, news))).toHaveLength(1);
    expect(lastingIn(entriesOf(news, lost))).toEqual([]);
  });

  it('knows when it was blind, and which servers were being set up', () => {
    const blind: Sighting = { ...nothing, self: { blind: { since: stampAt(1) }, staged: { ice02: timeOf(2) } } };
    const entries = entriesOf(step(nothing, blind), step(blind, nothing));

    expect(blindIn(entries)).toEqual([{ from: new Date(timeOf(1)), until: new Date(timeOf(5)) }]);
    expect(stagedIn(entries, nothing)).toEqual([
      { server: 'ice02', since: new Date(timeOf(5)), until: new Date(timeOf(6)) },
    ]);
    const rows = suppressedRows(
      {
        watched,
        maintenances: [],
        staged: stagedIn([], blind),
        lasting: [],
        sighting: seen('vms', bad({ phase: 'firing', suppressed: 'stopped' })),
        shown,
      },
      week,
      week.until,
    );
    expect(rows.map(({ what, why }) => `${what}: ${why}`)).toEqual([
      'ICE02: staging',
      'vms on ICE01: stopped on purpose',
    ]);
  });

  it('counts rounds, an entry an hour, and sees when it was not at work', () => {
    const minute = 60_000;
    const ended = [];
    let tally: ReturnType<typeof counted>['tally'] | undefined;
    const times = [...Array(181).keys()]
      .map((n) => n * minute)
      .concat([...Array(10).keys()].map((n) => (n + 300) * minute));
    for (const ms of times) {
      const after = counted(tally, ms !== 7 * minute, week.from.getTime() + ms);
      if (after.ended !== undefined) ended.push(after.ended);
      tally = after.tally;
    }
    const entries = ended.map((each): HistoryEntry => ({ type: 'rounds', at: timeOf(0), ...each }));
    const tallies = talliesIn(entries, { ...nothing, ...(tally && { self: { tally } }) });
    const until = new Date(week.from.getTime() + 310 * minute);
    const { whole, others, gaps } = watchItself(tallies, [], [], { from: week.from, until });

    expect([whole, others, ended.length]).toEqual([190, 1, 3]);
    expect(
      gaps.map((gap) => [gap.from, gap.until].map((time) => (time.getTime() - week.from.getTime()) / minute)),
    ).toEqual([[180, 300]]);
  });
});
