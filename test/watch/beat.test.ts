import { describe, expect, it } from 'vitest';
import { parseConfig } from '../../src/config/load.ts';
import type { Sighting, Stamp } from '../../src/domain/watch-event.ts';
import type { NewHistoryEntry } from '../../src/domain/watch-history.ts';
import { exitCode, UserError } from '../../src/errors.ts';
import { providers } from '../../src/helpdesk/providers.ts';
import { Beat } from '../../src/watch/beat.ts';
import type { Notice } from '../../src/watch/notice.ts';
import { Rounds } from '../../src/watch/rounds.ts';
import { watchedIn } from '../../src/watch/watching.ts';

const minute = 60_000;
const at = (minutes: number): Stamp => ({ wallMs: minutes * minute, boot: 'a', upMs: minutes * minute });
const { signal } = new AbortController();

function watchingOf(self = 'deadman: { url: { env: X } }', every = '2m') {
  const text = `appliances: { ice01: { id: 1, address: 192.0.2.1 } }\nwatch: { every: ${every}, self: { ${self} } }\n`;
  const { appliances, watch: policy } = parseConfig(text, 'icepack.yaml', undefined, providers);
  const watched = watchedIn(appliances, policy);
  const about = { watched, organization: undefined, zone: 'UTC', mask: (text: string) => text };
  const nobody = { escalation: undefined, channels: [], settings: () => Promise.reject(new Error('no desk')) };
  return { watched, policy, configPath: 'icepack.yaml', organization: undefined, about, ...nobody };
}

/** A beat in a world of its own, and what it did. */
function rigOf(self?: string, every?: string) {
  const watching = watchingOf(self, every);
  const did: string[] = [];
  const fails = { keep: false, tell: false, ping: false, history: false };
  const written: NewHistoryEntry[] = [];
  const refuse = (isFailing: boolean) => {
    if (isFailing) throw new UserError('local-write', 'no', { exit: exitCode.local });
  };
  let now = at(0);
  let setMs = 0;
  const sighting: Sighting = { schema: 1, servers: {} };
  const rounds = new Rounds();
  const keep = async () => {
    did.push('keep');
    refuse(fails.keep);
  };
  const tools = {
    stamp: async () => now,
    operator: { now: () => new Date(0), zone: 'UTC' },
    watch: {
      atWork: async () => undefined,
      incidents: { open: async () => ({ known: [], damaged: [] }) },
      reported: { list: async () => ({ known: [], damaged: [] }) },
      replies: { read: async () => ({ schema: 1, marks: {}, faults: {}, refused: [] }) },
      maintenances: { list: async () => ({ known: [], damaged: [] }) },
      history: {
        write: async (entry: NewHistoryEntry) => {
          refuse(fails.history);
          written.push(entry);
        },
      },
      write: keep,
      writeOften: keep,
    },
    heartbeat: {
      ask: async () => undefined,
      ping: async (_: unknown, isWell: boolean) => {
        did.push(isWell ? 'ping' : 'ping fail');
        refuse(fails.ping);
      },
      tell: async (words: readonly string[]) => {
        did.push(words[0] ?? '');
        refuse(fails.tell);
      },
    },
  };
  const told: Notice['what'][] = [];
  const beat = new Beat(
    tools as unknown as ConstructorParameters<typeof Beat>[0],
    ({ what }) => told.push(what),
    signal,
    { sighting, watched: watching.watched },
  );
  const watcher = { sighting, ownNetwork: { lookAfterCanaries: async () => void did.push('canaries') } };
  /** What is done at a minute. */
  const look = async (minutes: number) => {
    now = at(minutes);
    now.wallMs += setMs;
    did.length = 0;
    await beat.look(watcher as unknown as Parameters<Beat['look']>[0], watching, rounds);
    return [...did];
  };
  const setClock = (ms: number) => {
    setMs += ms;
  };
  return { look, rounds, fails, sighting, told, setClock, written };
}

const whole = ['canaries', 'keep', 'ping', 'WATCHDOG=1'];

describe('the beat of a watch', () => {
  it('comes after whole rounds, once a minute; the first one says that it is ready', async () => {
    const { look, rounds } = rigOf();
    rounds.begin(Promise.resolve());
    await Promise.resolve();

    expect(await look(0)).toEqual(['canaries', 'keep', 'ping', 'READY=1']);
    expect(await look(0.5)).toEqual([]);
    expect(await look(1)).toEqual(whole);
  });

  it('does not come before the first round is whole', async () => {
    const { look, rounds } = rigOf();
    let end: () => void = () => undefined;
    rounds.begin(
      new Promise((resolve) => {
        end = resolve;
      }),
    );

    const early = await look(0);
    end();
    await new Promise(setImmediate);

    expect([early, await look(0.1)]).toEqual([['keep'], ['canaries', 'keep', 'ping', 'READY=1']]);
  });

  it('stays away where a round hangs, though others are whole; what was seen is kept (W56)', async () => {
    const { look, rounds } = rigOf();
    rounds.begin(Promise.resolve());
    await Promise.resolve();
    await look(0);
    rounds.begin(new Promise(() => undefined));

    const did: string[][] = [];
    for (let minutes = 1; minutes < 6; minutes++) {
      rounds.begin(Promise.resolve());
      await Promise.resolve();
      did.push(await look(minutes));
    }

    expect(did).toEqual([whole, ['keep'], ['keep'], ['keep'], ['keep']]); // it had begun after the last one that was whole
  });

  it('pings once a minute at most, also where servers are visited more often', async () => {
    const { look, rounds } = rigOf(undefined, '3s');
    const pings: string[][] = [];
    for (let seconds = 0; seconds < 120; seconds += 3) {
      rounds.begin(Promise.resolve());
      await Promise.resolve();
      pings.push((await look(seconds / 60)).filter((each) => each === 'ping'));
    }

    expect(pings.flat()).toHaveLength(2);
  });

  it('is heard by systemd, and not by the dead man, while the watch is blind (W43)', async () => {
    const { look, rounds, sighting } = rigOf();
    sighting.self = { blind: { since: at(0) } };
    rounds.begin(Promise.resolve());
    await Promise.resolve();

    expect(await look(0)).toEqual(['canaries', 'keep', 'READY=1']);
  });

  it('tells the dead man of a state that cannot be written, and people once at each end (W59)', async () => {
    const { look, rounds, fails, told } = rigOf();
    rounds.begin(Promise.resolve());
    await Promise.resolve();
    fails.keep = true;

    const failed = [await look(0), await look(1)];
    fails.keep = false;
    const mended = await look(2);

    expect(failed.flat().filter((each) => each.startsWith('ping'))).toEqual(['ping fail', 'ping fail']);
    expect(mended).toContain('ping');
    expect(told).toEqual(['not kept', 'kept again']);
  });

  it('notes each time when the clock was set, and comes as before (W52, W54)', async () => {
    const { look, rounds, told, setClock } = rigOf();
    rounds.begin(Promise.resolve());
    await Promise.resolve();
    await look(0);

    setClock(86_400_000);
    const forward = await look(1);
    setClock(-2 * 86_400_000);
    const back = [await look(1.5), await look(2)];
    const suspended = await look(480);

    expect([forward, ...back, suspended]).toEqual([whole, [], whole, whole]);
    expect(told).toEqual(['clock set', 'clock set']);
  });

  it('goes on where nobody hears it, which is said once (W58)', async () => {
    const { look, rounds, fails, told, sighting } = rigOf();
    rounds.begin(Promise.resolve());
    await Promise.resolve();
    Object.assign(fails, { ping: true, tell: true });

    await look(0);
    await look(1);

    expect(told).toEqual(['not heard']);
    expect(sighting.self?.pinged).toMatchObject({ at: at(1), failed: 'no' });
  });
});
