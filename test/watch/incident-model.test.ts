import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { IncidentEntry, Thing } from '../../src/domain/incident.ts';
import { badIn, endsToldOf, flappingIn } from '../../src/watch/core/flapping.ts';
import {
  isCleared,
  membersOf,
  opening,
  pausedBy,
  type Silence,
  type Trouble,
  whatBecomes,
} from '../../src/watch/core/incidents.ts';
import { entryOf } from '../../src/watch/incident/entry-of.ts';
import { tellRestMs } from '../../src/watch/incident/tell-rest.ts';
import { newsIn } from '../../src/watch/incident/words.ts';
import { stampAt } from '../support/made-incident.ts';

const minute = 60_000;
const flapping = { cycles: 4, withinMs: 120 * minute, calmMs: 30 * minute };
const terms = { cap: { count: 99, perMs: 60 * minute }, reopenMs: 120 * minute, flapping };
const numRuns = Number(process.env['ICEPACK_HISTORIES'] ?? 300);

/** How a thing is seen in one minute: `none` is no answer, and `blind` that this lasts. */
type Seen = { is: 'ok' | 'bad' | 'none' | 'blind'; by?: string };
type Kept = { id: string; log: { entries: IncidentEntry[] } };

/** A world of three servers, minute by minute. */
class World {
  readonly open: Kept[] = [];
  minutes = -1;
  private seen: Record<string, Seen> = {};

  look(seen: Record<string, Seen>): void {
    this.minutes++;
    this.seen = seen;
    const now = stampAt(this.minutes);
    const troubles = Object.entries(seen).flatMap(([server, each]) => troubleOf(server, each));
    const isOver = (thing: Thing) => (this.isWell(thing) ? 'well' : undefined);
    const silence = ({ server }: Thing): Silence | undefined => {
      const { is, by } = this.seen[server] ?? { is: 'ok' };
      return is === 'bad' && by !== undefined ? { by } : undefined;
    };
    for (const decision of whatBecomes(troubles, this.open, isOver, terms, now, silence)) {
      const at = new Date(now.wallMs).toISOString();
      if (decision.do === 'open') {
        const { do: _, members, ...facts } = decision;
        const id = `I${this.open.length + 1}`;
        const first = { type: 'opened', schema: 1, at, id, stamp: now, reference: 'r', ...facts };
        const entries = [first, ...members.map((member) => ({ type: 'joined', at, stamp: now, ...member }))];
        this.open.push({ id, log: { entries: entries as IncidentEntry[] } });
      } else {
        const entry = { at, ...entryOf(decision, now) } as IncidentEntry;
        this.open.find(({ id }) => id === decision.incident)?.log.entries.push(entry);
      }
    }
  }

  private isWell({ server, blind }: Thing): boolean {
    const { is } = this.seen[server] ?? { is: 'ok' };
    return is === 'ok' || (blind === true && is === 'bad');
  }
}

function troubleOf(server: string, { is, by }: Seen): Trouble[] {
  if (by !== undefined || is === 'ok' || is === 'none') return [];
  const event = is === 'bad' ? 'full' : 'no answer';
  const thing = { server, check: 'data', ...(is === 'blind' ? { blind: true as const } : {}) };
  const where = {
    kind: is === 'bad' ? ('ticket' as const) : ('blind' as const),
    group: `east|${event}`,
    place: 'east',
  };
  return [{ ...where, event, thing, severity: 'high', since: '2026-11-20T10:00:00.000Z', text: is }];
}

const servers = ['a', 'b', 'c'];
const seen: fc.Arbitrary<Seen> = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom<Seen>({ is: 'ok' }, { is: 'bad' }) },
  { weight: 1, arbitrary: fc.constantFrom<Seen>({ is: 'none' }, { is: 'blind' }, { is: 'bad', by: 'M7' }) },
);
/** How long each server is seen how. */
const spans = fc.array(fc.record({ minutes: fc.integer({ min: 1, max: 40 }), seen: fc.tuple(seen, seen, seen) }), {
  maxLength: 15,
});

function watched(
  all: readonly { minutes: number; seen: readonly Seen[] }[],
  each: (world: World, now: Record<string, Seen>) => void,
) {
  const world = new World();
  for (const span of all) {
    const now = Object.fromEntries(
      servers.map((server, index): [string, Seen] => [server, span.seen[index] ?? { is: 'ok' }]),
    );
    for (let passed = 0; passed < span.minutes; passed++) {
      world.look(now);
      each(world, now);
    }
  }
}

describe('whatever is seen', { timeout: numRuns * 30 + 60_000 }, () => {
  it('there are no two open incidents of one group, and only what is blind opens one of that kind (I1, I6)', () => {
    fc.assert(
      fc.property(spans, (all) => {
        watched(all, ({ open }) => {
          expect(new Set(open.map(({ log }) => opening(log).group)).size).toBe(open.length);
        });
        const unknown = all.map((span) => ({
          ...span,
          seen: span.seen.map((each) => (each.is === 'bad' ? { is: 'none' as const } : each)),
        }));
        watched(unknown, ({ open }) => expect(open.every(({ log }) => opening(log).kind === 'blind')).toBe(true));
      }),
      { numRuns: Math.ceil(numRuns / 6) },
    );
  });

  it('what is bad and not suppressed is in one incident, and all-clear is said of none with something bad (I2)', () => {
    fc.assert(
      fc.property(spans, (all) => {
        watched(all, ({ open }, now) => {
          for (const [server, { is, by }] of Object.entries(now)) {
            const holds = open.filter(({ log }) =>
              badIn(log).some(({ thing }) => thing.server === server && !thing.blind),
            );
            if (is === 'bad' && by === undefined) expect(holds).toHaveLength(1);
            if (is === 'ok') expect(holds).toEqual([]);
          }
          for (const { log } of open) expect(isCleared(log)).toBe(membersOf(log).length === 0);
        });
      }),
      { numRuns: Math.ceil(numRuns / 6) },
    );
  });

  it('pages pause while all that counts as bad is suppressed, and not otherwise (W34)', () => {
    fc.assert(
      fc.property(spans, (all) => {
        watched(all, ({ open }, now) => {
          for (const { log } of open) {
            const members = membersOf(log);
            const isSilent = ({ thing: { server } }: { thing: Thing }) => now[server]?.by !== undefined;
            expect(pausedBy(log) !== undefined).toBe(members.length > 0 && members.every(isSilent));
          }
        });
      }),
      { numRuns: Math.ceil(numRuns / 6) },
    );
  });

  it('what flaps counts as bad until it was as it is for half an hour, and then what it is counts (W50)', () => {
    fc.assert(
      fc.property(spans, (all) => {
        const since = new Map<string, { is: string; minutes: number }>();
        watched(all, ({ open, minutes }, now) => {
          for (const [server, { is }] of Object.entries(now))
            if (since.get(server)?.is !== is) since.set(server, { is, minutes });
          for (const { log } of open) {
            const all = membersOf(log);
            for (const thing of flappingIn(log)) {
              const { is = '', minutes: from = 0 } = since.get(thing.server) ?? {};
              expect(all.some((member) => member.thing.server === thing.server)).toBe(true);
              if (!thing.blind && is === 'ok') expect(minutes - from).toBeLessThan(30);
            }
            for (const { thing } of all)
              if (now[thing.server]?.is === 'ok')
                expect(flappingIn(log).some(({ server }) => server === thing.server)).toBe(true);
          }
        });
      }),
      { numRuns: Math.ceil(numRuns / 6) },
    );
  });
});

/** So often its ticket is told something, at the pace of the watch. */
class Ticket {
  comments = 0;
  told = 1;
  private at = 0;

  look({ log }: Kept, minutes: number): void {
    const news = newsIn(log).slice(this.told);
    const restMs = tellRestMs(news, endsToldOf(log, news, flapping, stampAt(minutes)));
    if (news.length === 0 || (this.comments > 0 && (minutes - this.at) * minute < restMs)) return;
    this.comments++;
    this.at = minutes;
    this.told += news.length;
  }
}

describe('something that comes and goes', () => {
  /** Three hours of it, and then more minutes of another thing. */
  function comingAndGoing(bad: number, ok: number, calm: number) {
    const [world, ticket] = [new World(), new Ticket()];
    const look = (seen: Record<string, Seen>) => {
      world.look(seen);
      const [incident] = world.open;
      if (incident !== undefined) ticket.look(incident, world.minutes);
    };
    for (let passed = 0; passed < 180; passed++) look({ a: { is: passed % (bad + ok) < bad ? 'bad' : 'ok' } });
    const [incident] = world.open;
    const during = incident && { flaps: flappingIn(incident.log).length, bad: membersOf(incident.log).length };
    for (let passed = 0; passed < calm; passed++) look({ a: { is: 'ok' } });
    return { world, ticket, look, incident, during };
  }

  it(
    'for three hours, however fast, is one ticket with six comments at most, and its end is told (W50)',
    () => {
      const minutes = fc.integer({ min: 1, max: 30 });
      const slow = [
        [12, 12],
        [19, 23],
        [25, 25],
        [28, 28],
      ] as const;
      fc.assert(
        fc.property(minutes, minutes, (bad, ok) => {
          const { world, ticket, incident } = comingAndGoing(bad, ok, 61);

          expect(world.open).toHaveLength(1);
          expect(ticket.comments).toBeLessThanOrEqual(6);
          expect(incident && newsIn(incident.log).length).toBe(ticket.told);
          expect(incident && isCleared(incident.log)).toBe(true);
        }),
        { numRuns: Math.ceil(numRuns / 10), examples: slow.map(([bad, ok]): [number, number] => [bad, ok]) },
      );
    },
    numRuns * 60 + 60_000,
  );

  it.each([3, 6, 12])('every %i minutes counts as bad, until it is calm (W50)', (half) => {
    const { incident, during } = comingAndGoing(half, half, 45);

    expect(during).toEqual({ flaps: 1, bad: 1 });
    const types = incident?.log.entries.map(({ type }) => type) ?? [];
    expect(types.slice(-2)).toEqual(['calm', 'cleared']);
    expect(types.filter((type) => type === 'flapping' || type === 'calm')).toEqual(['flapping', 'calm']);
    expect(types.filter((type) => type === 'cleared').length).toBeLessThanOrEqual(4); // three before it flaps
  });

  it.each([12, 28])('every %i minutes hides neither what else is bad nor an outage hours later (W50)', (half) => {
    const { world, ticket, look } = comingAndGoing(half, half, 240);
    const more = (comments: number, seen: Record<string, Seen>, within: number) => {
      for (let passed = 0; passed <= within && ticket.comments === comments; passed++) look(seen);
      return ticket.comments - comments;
    };

    expect(more(ticket.comments, { a: { is: 'bad' } }, 1)).toBe(1);
    for (let passed = 0; passed < 10; passed++) look({ a: { is: 'bad' } });
    expect(more(ticket.comments, { a: { is: 'ok' } }, 1)).toBe(1);
    expect(world.open).toHaveLength(1);

    const flapping = comingAndGoing(half, half, 0);
    const { comments } = flapping.ticket;
    const both: Record<string, Seen> = { a: { is: 'bad' }, b: { is: 'bad' } };
    for (let passed = 0; passed <= 5; passed++) flapping.look(both);
    expect(flapping.ticket.comments).toBeGreaterThan(comments);
  });

  it('is told at once where it is bad again after a person said that it is repaired (W15, W50)', () => {
    const { ticket, look, incident } = comingAndGoing(20, 25, 5);
    const { comments } = ticket;
    const by = { type: 'resolved', at: '', by: 'kim' } as const;
    incident?.log.entries.push({ ...by, stamp: stampAt(185) });

    for (let passed = 0; passed <= 5; passed++) look({ a: { is: 'bad' } });

    expect(ticket.comments).toBe(comments + 1);
  });

  it('and stays bad is told to be bad, and is a member still', () => {
    const world = new World();
    for (let passed = 0; passed < 60; passed++)
      world.look({ a: { is: Math.floor(passed / 5) % 2 === 0 ? 'bad' : 'ok' } });
    for (let passed = 0; passed < 45; passed++) world.look({ a: { is: 'bad' } });

    const [incident] = world.open;
    expect(incident?.log.entries.at(-1)).toMatchObject({ type: 'calm', bad: true });
    expect(incident && [flappingIn(incident.log).length, membersOf(incident.log).length]).toEqual([0, 1]);
    expect(incident && membersOf({ entries: newsIn(incident.log) })).toHaveLength(1); // as the comment counts it
  });

  it('less often than four times in two hours is told each time', () => {
    const world = new World();
    for (let passed = 0; passed < 300; passed++)
      world.look({ a: { is: Math.floor(passed / 25) % 2 === 0 ? 'bad' : 'ok' } });

    expect(world.open[0]?.log.entries.some(({ type }) => type === 'flapping')).toBe(false);
  });
});
