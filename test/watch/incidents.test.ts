import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { IncidentEntry, Thing } from '../../src/domain/incident.ts';
import { badIn } from '../../src/watch/core/flapping.ts';
import {
  acknowledgement,
  type Decision,
  isCleared,
  isResolved,
  type OpenIncident,
  opening,
  outbreak,
  stormGroup,
  type Trouble,
  whatBecomes,
  whyClosed,
} from '../../src/watch/core/incidents.ts';
import { entryOf } from '../../src/watch/incident/entry-of.ts';
import { joined, opened, stampAt } from '../support/made-incident.ts';

const hour = 3_600_000;
const flapping = { cycles: 4, withinMs: 2 * hour, calmMs: hour / 2 };
const terms = { cap: { count: 10, perMs: hour }, reopenMs: 2 * hour, flapping };
const nothingIsOver = () => undefined;

function trouble(server: string, cluster = 'east', event = 'server silent', more: Partial<Trouble> = {}): Trouble {
  const thing = { server, check: event };
  const where = { group: `${cluster}|${event}`, place: `cluster ${cluster}`, event };
  return { kind: 'ticket', ...where, thing, severity: 'high', since: '2026-11-20T10:00:00.000Z', text: 'bad', ...more };
}

function incident(id: string, minutes: number, more: object[] = [joined('ice01')], about: object = {}): OpenIncident {
  const first = { ...opened, type: 'opened', schema: 1, at: '', id, stamp: stampAt(minutes), ...about };
  const entries = [first, ...more].map((entry) => ({ at: '2026-11-20T10:00:00.000Z', ...entry }));
  return { id, log: { entries: entries as IncidentEntry[] } };
}

const left = (server: string, minutes = 5) => ({
  ...{ type: 'left', stamp: stampAt(minutes), thing: { server, check: 'silent' }, text: 'answers' },
});
const cleared = (minutes: number) => ({ type: 'cleared', stamp: stampAt(minutes) });
const resolved = (minutes: number, more = {}) => ({ type: 'resolved', stamp: stampAt(minutes), by: 'kim', ...more });
const again = (server: string, minutes: number) => joined(server, minutes);

describe('what becomes of events', () => {
  it('a day later belongs to the incident whose ticket is open still; else it has its own (W16)', () => {
    const day = 24 * 60;
    const calm = [joined('ice01'), left('ice01'), cleared(5)];
    const made = (more: object[]) =>
      whatBecomes([trouble('ice01')], [incident('I1', 0, more)], nothingIsOver, terms, stampAt(day));

    expect(made(calm)).toMatchObject([{ do: 'join', incident: 'I1' }]);
    expect(made([...calm, resolved(10)])).toMatchObject([{ do: 'open', group: 'east|server silent' }]);
  });

  it('one kind of event in one cluster is one incident; other kinds and clusters have their own', () => {
    const all = [trouble('ice01'), trouble('ice02'), trouble('ice03', 'west'), trouble('ice01', 'east', 'VM outage')];

    const made = whatBecomes(all, [], nothingIsOver, terms, stampAt(0));

    expect(made.map((each) => each.do === 'open' && [each.group, each.members.length])).toEqual([
      ['east|server silent', 2],
      ['west|server silent', 1],
      ['east|VM outage', 1],
    ]);
  });

  it('what joins later joins the incident that is open, also one that is well again or resolved (W15)', () => {
    for (const more of [[], [left('ice01'), cleared(5)], [left('ice01'), cleared(5), resolved(6)]]) {
      const open = incident('I1', 0, [joined('ice01'), ...more]);

      const made = whatBecomes([trouble('ice02')], [open], nothingIsOver, terms, stampAt(20));

      expect(made.filter((each) => each.do !== 'clear')).toEqual([
        {
          do: 'join',
          incident: 'I1',
          member: expect.objectContaining({ thing: { server: 'ice02', check: 'server silent' } }),
        },
      ]);
    }
  });

  it('begins another incident where the ticket of the resolved one cannot be opened again', () => {
    const open = incident('I1', 0, [joined('ice01'), left('ice01'), cleared(5), resolved(6, { final: true })]);

    const made = whatBecomes([trouble('ice02')], [open], nothingIsOver, terms, stampAt(20));

    expect(made.map((each) => each.do)).toEqual(['open']);
  });

  it('takes what is over out, says why, and clears when nothing is left – once', () => {
    const over = ({ server }: Thing) => (server === 'ice01' ? 'answers' : undefined);
    const two = incident('I1', 0, [joined('ice01'), joined('ice02')]);
    const one = incident('I1', 0);
    const thing = { server: 'ice01', check: 'silent' };

    expect(whatBecomes([], [two], over, terms, stampAt(1))).toEqual([
      { do: 'leave', incident: 'I1', thing, text: 'answers' },
    ]);
    expect(whatBecomes([], [one], over, terms, stampAt(1))).toEqual([
      { do: 'leave', incident: 'I1', thing, text: 'answers' },
      { do: 'clear', incident: 'I1' },
    ]);
    const calm = incident('I1', 0, [joined('ice01'), left('ice01'), cleared(5)]);
    expect(whatBecomes([], [calm], over, terms, stampAt(1))).toEqual([]);
  });

  it('40 different events in an hour are ten tickets, and one for the rest, with all of it (W49)', () => {
    const all = Array.from({ length: 40 }, (_, index) => trouble(`ice${index}`, `c${index}`));

    const made = whatBecomes(all, [], nothingIsOver, terms, stampAt(0));

    expect(made.map((each) => each.do === 'open' && [each.kind, each.members.length])).toEqual([
      ...Array.from({ length: 10 }, () => ['ticket', 1]),
      ['storm', 30],
    ]);
    const storm = incident('I11', 0, [joined('x')], { kind: 'storm', group: stormGroup });
    const ten = Array.from({ length: 10 }, (_, index) =>
      incident(`I${index}`, index, [joined(`ice${index}`)], { group: `c${index}` }),
    );
    const later = (minutes: number) =>
      whatBecomes([trouble('new')], [...ten, storm], nothingIsOver, terms, stampAt(minutes));
    expect(later(30)).toMatchObject([{ do: 'join', incident: 'I11' }]);
    expect(later(75)).toMatchObject([{ do: 'open', kind: 'ticket' }]); // an hour later there may be tickets again
  });

  it('a thing without an answer is another matter than the same thing bad, and makes no ticket', () => {
    const blind = trouble('ice01', 'east', 'no answer', {
      kind: 'blind',
      thing: { server: 'ice01', check: 'server silent', blind: true },
    });

    const made = whatBecomes(
      [trouble('ice01'), blind],
      [],
      nothingIsOver,
      { ...terms, cap: { count: 1, perMs: hour } },
      stampAt(0),
    );

    expect(made.map((each) => each.do === 'open' && each.kind)).toEqual(['ticket', 'blind']);
  });

  it('loses nothing and doubles nothing, whatever comes in whatever order', () => {
    const servers = ['a', 'b', 'c', 'd'];
    const round = fc.subarray(servers.flatMap((server) => ['x', 'y', 'z'].map((event) => ({ server, event }))));
    fc.assert(
      fc.property(fc.array(round, { maxLength: 12 }), fc.integer({ min: 1, max: 4 }), (rounds, count) => {
        const open: { id: string; log: { entries: IncidentEntry[] } }[] = [];
        rounds.forEach((bad, minutes) => {
          const troubles = bad.map(({ server, event }) => trouble(server, server, event));
          const isBad = (thing: Thing) =>
            troubles.some((each) => each.thing.server === thing.server && each.thing.check === thing.check);
          const decisions = whatBecomes(
            troubles,
            open,
            (thing) => (isBad(thing) ? undefined : 'well'),
            { ...terms, cap: { count, perMs: hour } },
            stampAt(minutes),
          );
          for (const decision of decisions) carryOut(decision, open, minutes);
          const members = open.flatMap(({ log }) => badIn(log).map(({ thing }) => JSON.stringify(thing)));
          expect(members.toSorted()).toEqual(troubles.map(({ thing }) => JSON.stringify(thing)).toSorted());
          expect(new Set(open.map(({ log }) => opening(log).group)).size).toBe(open.length);
          expect(open.filter(({ log }) => opening(log).kind === 'ticket').length).toBeLessThanOrEqual(count);
        });
      }),
      { numRuns: 300 },
    );
  });
});

function carryOut(decision: Decision, open: { id: string; log: { entries: IncidentEntry[] } }[], minutes: number) {
  const at = '2026-11-20T10:00:00.000Z';
  const stamp = stampAt(minutes);
  if (decision.do === 'open') {
    const { do: _, members, ...facts } = decision;
    const first = { type: 'opened', schema: 1, at, id: `I${open.length}`, stamp, reference: 'r', ...facts };
    const entries = [first, ...members.map((member) => ({ type: 'joined', at, stamp, ...member }))];
    open.push({ id: `I${open.length}`, log: { entries: entries as IncidentEntry[] } });
    return;
  }
  const entries = open.find(({ id }) => id === decision.incident)?.log.entries;
  entries?.push({ at, ...entryOf(decision, stamp) } as IncidentEntry);
}

describe('how an incident stands', () => {
  const log = (...more: object[]) => incident('I1', 0, [joined('ice01'), ...more]).log;

  it('is closed two hours after a person said that it is repaired, and not while something is bad', () => {
    expect(whyClosed(log(left('ice01'), cleared(5), resolved(6)), terms, stampAt(125))).toBeUndefined();
    expect(whyClosed(log(left('ice01'), cleared(5), resolved(6)), terms, stampAt(126))).toBe('it was resolved');
    expect(whyClosed(log(resolved(6)), terms, stampAt(500))).toBeUndefined();
    expect(whyClosed(log(left('ice01'), cleared(5)), terms, stampAt(500))).toBeUndefined();
    expect(whyClosed(log(left('ice01'), cleared(5), resolved(6, { final: true })), terms, stampAt(7))).toBe(
      'it was resolved',
    );
  });

  it('waits for what was done where somebody wants that, and takes up nothing new meanwhile', () => {
    const wants = { ...terms, wantsSummary: true };
    const summary = { type: 'summary', by: 'kim', text: 'Disk replaced.' };
    const calm = [left('ice01'), cleared(5), resolved(6)];

    expect(whyClosed(log(...calm), wants, stampAt(500))).toBeUndefined();
    expect(whyClosed(log(...calm, summary), wants, stampAt(500))).toBe('it was resolved');
    expect(whyClosed(log(...calm, summary), wants, stampAt(60))).toBeUndefined();
    expect(whyClosed(log(...calm), wants, stampAt(31 * 24 * 60))).toBe('it was resolved');
    const old = incident('I1', 0, [joined('ice01'), ...calm]);
    expect(whatBecomes([trouble('ice02')], [old], nothingIsOver, wants, stampAt(500))).toMatchObject([{ do: 'open' }]);
  });

  it('is closed by itself after 30 days of being well, and says that nobody spoke', () => {
    const days = (count: number) => stampAt(5 + count * 24 * 60);
    expect(whyClosed(log(left('ice01'), cleared(5)), terms, days(29))).toBeUndefined();
    expect(whyClosed(log(left('ice01'), cleared(5)), terms, days(30))).toBe('nobody said that it is resolved');
  });

  it('is closed where there are answers again, once people can have been told of that', () => {
    const { log: blind } = incident('I1', 0, [joined('ice01'), left('ice01'), cleared(5)], { kind: 'blind' });
    const since = (minutes: number) => whyClosed(blind, terms, stampAt(minutes));
    expect([since(5), since(14), since(15)]).toEqual([undefined, undefined, 'there are answers again']);
  });

  it('is replaced where its ticket is gone and a person wants a new one: what is bad of it is another one at once (W13)', () => {
    const old = incident('I1', 0, [joined('ice01'), { type: 'replaced', stamp: stampAt(5), by: 'kim' }]);
    const silent = trouble('ice01', 'east', 'server silent', { thing: { server: 'ice01', check: 'silent' } });

    expect(whatBecomes([silent], [old], () => 'answers', terms, stampAt(6))).toMatchObject([
      { do: 'open', group: 'east|server silent', members: [{ thing: silent.thing }] },
    ]);
    const since = (minutes: number) => whyClosed(old.log, terms, stampAt(minutes));
    expect([since(5), since(14), since(15)]).toEqual([undefined, undefined, 'another one has its place']);
  });

  it('over a boot the clock on the wall has to do', () => {
    const rebooted = { ...stampAt(300, 'b'), upMs: 1000 };
    expect(whyClosed(log(left('ice01'), cleared(5), resolved(6)), terms, rebooted)).toBe('it was resolved');
  });

  it('breaks out anew when something is bad after all was well: nobody has it then', () => {
    const had = { type: 'acknowledged', stamp: stampAt(2), by: 'kim', how: 'command', forMs: hour };
    const calm = log(had, left('ice01'), cleared(5));
    const anew = log(had, left('ice01'), cleared(5), again('ice01', 9));

    expect([acknowledgement(calm)?.by, acknowledgement(anew)?.by]).toEqual(['kim', undefined]);
    expect(acknowledgement(log(had, { type: 'unacknowledged', stamp: stampAt(3), by: 'kim' }))).toBeUndefined();
    expect([outbreak(calm), outbreak(anew), outbreak(log())]).toEqual([undefined, stampAt(9), stampAt(0)]);
    expect([
      isCleared(calm),
      isCleared(anew),
      isResolved(log(resolved(6))),
      isResolved(log(resolved(6), again('ice01', 9))),
    ]).toEqual([true, false, true, false]);
  });
});
