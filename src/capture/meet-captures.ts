import { type Appliance, serverTitle } from '../domain/appliance.js';
import type { Capture } from '../domain/capture.js';
import { retried } from '../domain/retried.js';
import { isBusy, lockServers } from '../runs/locks.js';
import type { Workplace } from '../servers/workplace.js';

/** A capture that finishes the techsupport it runs, for the run that wants the server. */
export type HandOver = {
  id: string;
  /** Waits for it. @returns the capture; undefined where nothing whole came of it */
  ended(signal: AbortSignal): Promise<Capture | undefined>;
};

/** Servers that this process alone works at, but for captures that hand over. */
export type MetServers = {
  free(): void;
  /** Those at which a capture still is have one session less. */
  appliances: Appliance[];
  /** By the server's name. */
  handOvers: ReadonlyMap<string, HandOver>;
};

type Tools = Pick<Workplace, 'runs' | 'captures' | 'operator'>;
type Way = 'free' | 'does not answer' | { handsOver: string };

const [lookEveryMs, patienceMs] = [100, 10_000];
const mostTries = 50;

/**
 * Keeps other runs from these servers, as `lockServers`, and has captures give way: nothing ends as busy because of one.
 * @param own the run that asks, where it has begun
 * @throws UserError `busy` where another run is at work
 */
export async function lockFromCaptures(
  appliances: readonly Appliance[],
  tools: Tools,
  signal: AbortSignal,
  own?: string,
): Promise<MetServers> {
  const { captures, runs } = tools;
  const unwant = async () => {
    for (const { name } of appliances) await captures.atWork.unwant(name).catch(() => undefined); // it says nothing later
  };
  try {
    const ways = new Map<string, Way>();
    for (let tries = 1; ; tries++) {
      for (const appliance of appliances) {
        const [before, way] = [ways.get(appliance.name), await askWay(appliance, tools, signal)];
        const hasEnded = way === 'free' && typeof before === 'object'; // what it handed over is there still
        ways.set(appliance.name, hasEnded ? before : way);
      }
      const toLock = appliances.filter(({ name }) => ways.get(name) !== 'does not answer');
      const unlock = await lockServers(toLock, runs, own).catch(async (error: unknown) => {
        if (!isBusy(error) || tries >= mostTries) throw error;
        if (tries > 1 && !(await isAnyAtWork(appliances, tools))) throw error; // looked twice: it may have ended just then
        return undefined;
      });
      if (unlock === undefined) await tools.operator.sleep(lookEveryMs, signal);
      else return metServers(appliances, ways, tools, () => void unwant().then(unlock));
      signal.throwIfAborted();
    }
  } catch (error) {
    await unwant();
    throw error;
  }
}

const pollMs = 2000;

/** As `lockFromCaptures`, but waits for its turn. */
export async function awaitFromCaptures(
  appliances: readonly Appliance[],
  run: string,
  tools: Tools,
  signal: AbortSignal,
): Promise<MetServers> {
  return retried(() => lockFromCaptures(appliances, tools, signal, run), {
    pauseAfter: (error) => (signal.aborted || !isBusy(error) ? undefined : pollMs),
    pause: (ms) => tools.operator.sleep(ms, signal),
  });
}

/** Has a capture that is at work at a server let us in, and waits for that. */
async function askWay(appliance: Appliance, { captures, operator }: Tools, signal: AbortSignal): Promise<Way> {
  const { name } = appliance;
  if (!(await isAnyAtWork([appliance], { captures }))) return 'free';
  await captures.atWork.want(name);
  for (let waitedMs = 0; waitedMs < patienceMs; waitedMs += lookEveryMs) {
    const note = await captures.atWork.find(name);
    if (note?.handsOver) return { handsOver: note.capture };
    if (note === undefined && !(await isAnyAtWork([appliance], { captures }))) return 'free';
    await operator.sleep(lookEveryMs, signal);
    signal.throwIfAborted();
  }
  const other = await captures.atWork.find(name);
  const who = other === undefined ? 'a capture' : `the capture of process ${other.process.pid}`;
  const text = `${who} is at work at ${serverTitle(appliance.id)} and does not answer: it is gone on beside it`;
  operator.emit({ type: 'warning', server: name, text, hint: 'It has one session of the server; end it if it hangs' });
  return 'does not answer';
}

/** Its note is there, or its lock alone: before it has written the one, it holds the other. */
async function isAnyAtWork(appliances: readonly Appliance[], { captures }: Pick<Tools, 'captures'>): Promise<boolean> {
  for (const { name } of appliances) {
    if ((await captures.atWork.find(name)) !== undefined) return true;
    const free = await captures.lock(name).catch(() => undefined);
    if (free === undefined) return true;
    free();
  }
  return false;
}

function metServers(
  appliances: readonly Appliance[],
  ways: ReadonlyMap<string, Way>,
  tools: Tools,
  free: () => void,
): MetServers {
  const handOvers = new Map<string, HandOver>();
  for (const { name } of appliances) {
    const way = ways.get(name); // the capture may have ended since
    if (typeof way === 'object') handOvers.set(name, handOverOf(name, way.handsOver, tools));
  }
  const shared = (appliance: Appliance) =>
    ways.get(appliance.name) === 'free' ? appliance : { ...appliance, sessions: Math.max(1, appliance.sessions - 1) };
  return { free, appliances: appliances.map(shared), handOvers };
}

function handOverOf(server: string, id: string, { captures, operator }: Tools): HandOver {
  return {
    id,
    async ended(signal) {
      while ((await captures.atWork.find(server))?.capture === id && !signal.aborted)
        await operator.sleep(lookEveryMs, signal);
      return (await captures.ring(server)).captures.find((capture) => capture.id === id);
    },
  };
}
