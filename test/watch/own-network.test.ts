import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseConfig } from '../../src/config/load.ts';
import type { Answer, ServerSeen, Sighting, Stamp } from '../../src/domain/watch-event.ts';
import { providers } from '../../src/helpdesk/providers.ts';
import { afterVisit } from '../../src/watch/core/after-visit.ts';
import { changesOf } from '../../src/watch/core/changes.ts';
import type { Notice } from '../../src/watch/notice.ts';
import { OwnNetwork } from '../../src/watch/own-network.ts';
import { watchedIn } from '../../src/watch/watching.ts';

const { signal } = new AbortController();
const minute = 60_000;
const ok: Answer = { is: 'ok', text: 'answers' };
const bad: Answer = { is: 'bad', text: 'no answer within 10 s' };
const at = (minutes: number, boot = 'a'): Stamp => ({ wallMs: minutes * minute, boot, upMs: minutes * minute });

function configOf(servers: number, canaries = '[tcp://192.0.2.1:53, tcp://192.0.2.2:443]') {
  const lines = Array.from(
    { length: servers },
    (_, index) => `  s${index}: { id: ${index + 1}, address: 10.0.0.${index + 1} }`,
  );
  return parseConfig(
    `appliances:\n${lines.join('\n')}\nwatch: { self: { canaries: ${canaries} } }\n`,
    'icepack.yaml',
    undefined,
    providers,
  );
}

/** What is so at a minute: whether a server answers, and a canary. */
type World = {
  answers(server: number, minutes: number): boolean;
  canary(canary: number, minutes: number): boolean;
  /** What is seen of a server that does not answer. */
  silent?: Answer;
};

/** Watches servers for so many minutes, each visited every two, at times of its own. */
async function watched(servers: number, minutes: number, world: World, spread = 2, canaries?: string) {
  const { appliances, watch } = configOf(servers, canaries);
  const all = watchedIn(appliances, watch).map((each) => ({
    ...each,
    checks: each.checks.filter(({ name }) => name === 'silent'),
  }));
  const sighting: Sighting = { schema: 1, servers: {} };
  const told: string[] = [];
  let [now, asked] = [0, 0];
  const notice = ({ what }: Notice) => void told.push(what);
  const ask = async ({ name }: { name: string }) => {
    asked++;
    const answers = world.canary(
      watch.self.canaries.findIndex((each) => each.name === name),
      now,
    );
    return answers ? undefined : 'no answer within 3 s';
  };
  const network = new OwnNetwork(watch, sighting, { ask }, notice);
  const visits = all.flatMap((each, index) =>
    Array.from({ length: minutes / 2 }, (_, round) => ({ each, index, when: 2 * round + (spread * index) / servers })),
  );
  for (const { each, index, when } of visits.toSorted((a, b) => a.when - b.when)) {
    now = when;
    const before: ServerSeen = sighting.servers[each.appliance.name] ?? { seen: [], refused: {}, hung: {} };
    const looks = [{ check: 'silent', answer: world.answers(index, when) ? ok : (world.silent ?? bad) }];
    const stamp = at(when);
    const looked = { looks, due: each.checks, checks: each.checks };
    const seen = afterVisit(before.seen, looked, 30 * minute, { began: stamp, ended: stamp });
    const after = await network.judged(each, before, { visitedAt: stamp, seen, refused: {}, hung: {} }, signal);
    sighting.servers[each.appliance.name] = after;
    told.push(
      ...changesOf(each.appliance.name, before.seen, after.seen).map(({ server, what }) => `${server} ${what}`),
    );
  }
  return { told, sighting, asked: () => asked, network };
}

const between = (from: number, to: number) => (minutes: number) => minutes >= from && minutes < to;

describe('an own network that is down', () => {
  it('is told once when it begins and once when it ends, and is no event of any server (W43)', async () => {
    const down = between(20, 120);

    const { told, sighting } = await watched(50, 160, {
      answers: (_, minutes) => !down(minutes),
      canary: (_, minutes) => !down(minutes),
    });

    expect(told).toEqual(['blind', 'sees again']);
    expect(sighting.self?.blind).toBeUndefined();
  });

  it('is shown since the first server was missing, and as no answer of each server', async () => {
    const { sighting } = await watched(50, 60, {
      answers: (_, minutes) => minutes < 20,
      canary: (_, minutes) => minutes < 20,
    });

    expect(sighting.self?.blind?.since.upMs).toBe(20 * minute);
    const answers = Object.values(sighting.servers).flatMap(({ seen }) =>
      seen.map(({ answer, event }) => [answer, event]),
    );
    expect(new Set(answers.map((each) => JSON.stringify(each)))).toEqual(
      new Set([JSON.stringify([{ is: 'unknown', text: 'not known: the own network is down', explained: true }, null])]),
    );
  });

  it('for minutes within a quarter of an hour is no event, and its time does not count (W44)', async () => {
    const down = between(10, 14);
    const world: World = {
      answers: (server, minutes) => !down(minutes) && (server > 0 || minutes < 2), // the first one is dead besides
      canary: (_, minutes) => !down(minutes),
    };

    const [before, after] = [await watched(4, 20, world), await watched(4, 22, world)];

    expect(before.told).toEqual(['blind', 'sees again']);
    expect(after.told).toEqual(['blind', 'sees again', 's0 fires']); // else it would have been at 18
  });

  it('for long has everything begin from the start that was bad before', async () => {
    const down = between(14, 40);
    const world: World = {
      answers: (server, minutes) => !down(minutes) && (server > 0 || minutes < 2),
      canary: (_, minutes) => !down(minutes),
    };

    const [before, after] = [await watched(4, 52, world), await watched(4, 60, world)];

    expect(before.told).toEqual(['blind', 'sees again']);
    expect(after.told).toEqual(['blind', 'sees again', 's0 fires']);
  });

  it('is not taken for it where one canary answers: then silent servers are events', async () => {
    const { told } = await watched(6, 60, {
      answers: (_, minutes) => minutes < 20,
      canary: (canary) => canary === 1,
    });

    expect(told.toSorted()).toEqual(Array.from({ length: 6 }, (_, server) => `s${server} fires`));
  });

  it('is not looked for where fewer than three servers, or than half of them, are silent', async () => {
    const two = await watched(6, 60, { answers: (server, minutes) => server > 1 || minutes < 20, canary: () => false });
    const four = await watched(10, 60, {
      answers: (server, minutes) => server > 3 || minutes < 20,
      canary: () => false,
    });

    expect([two.asked(), four.asked()]).toEqual([0, 0]);
    expect(two.told.toSorted()).toEqual(['s0 fires', 's1 fires']);
  });

  it('is looked for where there are fewer than three servers, and all of them are silent', async () => {
    const one = await watched(1, 60, { answers: (_, minutes) => minutes < 20, canary: () => false });
    const half = await watched(2, 60, {
      answers: (server, minutes) => server > 0 || minutes < 20,
      canary: () => false,
    });

    expect(one.told).toEqual(['blind']);
    expect(half.told).toEqual(['s0 fires']);
  });

  it('is looked for, too, where no server can be tried at all: no route, no names (W45)', async () => {
    const answers = (_: number, minutes: number) => minutes < 20;
    const silent: Answer = { is: 'unknown', text: 'network unreachable' };

    const noRoute = await watched(5, 80, { answers, canary: () => false, silent });
    const noNames = await watched(5, 80, { answers, canary: () => true, silent });

    expect(noRoute.told).toEqual(['blind']);
    expect(noNames.told.toSorted()).toEqual(Array.from({ length: 5 }, (_, server) => `s${server} has no answer`));
  });

  it('is noticed by a watch that begins without a network', async () => {
    const { told } = await watched(5, 60, { answers: () => false, canary: () => false });

    expect(told).toEqual(['blind']);
  });

  it('cannot be told from silent servers without canaries', async () => {
    const world: World = { answers: (_, minutes) => minutes < 20, canary: () => false };

    const { told } = await watched(4, 60, world, 2, '[]');

    expect(told.toSorted()).toEqual(Array.from({ length: 4 }, (_, server) => `s${server} fires`));
  });

  it('is no event of a server whenever it goes and comes back (W43, W44)', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 3, max: 12 }),
        fc.array(fc.tuple(fc.integer({ min: 4, max: 100 }), fc.integer({ min: 1, max: 60 })), { maxLength: 4 }),
        fc.constantFrom(0, 0.5, 2),
        async (servers, gaps, spread) => {
          const isDown = (minutes: number) => gaps.some(([from, long]) => minutes >= from && minutes < from + long);
          const world: World = {
            answers: (_, minutes) => !isDown(minutes),
            canary: (_, minutes) => !isDown(minutes),
          };

          const { told } = await watched(servers, 200, world, spread);

          expect(told.filter((each) => each.endsWith('fires'))).toEqual([]);
        },
      ),
      { numRuns: 200 },
    );
  });
});

describe('canaries', () => {
  it('are asked once by all servers that are silent at the same time', async () => {
    const { asked } = await watched(50, 22, { answers: (_, minutes) => minutes < 20, canary: () => true }, 0);

    expect(asked()).toBe(2);
  });

  it('that are dead while servers answer change nothing (W46)', async () => {
    const { told, sighting, network } = await watched(5, 20, { answers: () => true, canary: (canary) => canary === 0 });

    await network.lookAfterCanaries(at(30), signal);

    expect(told).toEqual([]);
    expect(sighting.self).toMatchObject({
      canaries: [{ name: 'tcp://192.0.2.1:53' }, { name: 'tcp://192.0.2.2:443', failed: 'no answer within 3 s' }],
    });
    expect(sighting.self?.blind).toBeUndefined();
  });
});
