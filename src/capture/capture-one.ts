import { type Appliance, serverTitle } from '../domain/appliance.js';
import { formatSize } from '../domain/quantities.js';
import { exitCode, UserError } from '../errors.js';
import { lockServers } from '../runs/locks.js';
import type { Workplace } from '../servers/workplace.js';
import type { CaptureStore, Unfinished } from '../state/captures.js';
import { type CaptureRequest, captureServer } from './capture-server.js';
import { GivingWay } from './give-way.js';
import type { CaptureOutcome } from './outcome.js';
import { isTooEarly } from './timing.js';

/** Whether it is typed by a person, who wants it now. */
type Asked = CaptureRequest & { isTyped: boolean };

/** Captures a server where it is time, and where nobody else is at work there. What fails is an outcome. */
export async function captureOne(
  appliance: Appliance,
  request: Asked,
  workplace: Workplace,
  signal: AbortSignal,
): Promise<CaptureOutcome> {
  const { captures, operator } = workplace;
  let free: (() => void) | undefined;
  try {
    free = await captures.lock(appliance.name);
    return await captureLocked(appliance, request, workplace, signal);
  } catch (error) {
    if (!(error instanceof UserError) || error.code === 'interrupted') throw error;
    if (error.code === 'busy') return whoIsAtWork(appliance, request, workplace, operator.now());
    const exit = error.exit === exitCode.local ? error.exit : exitCode.unreachable;
    return { kind: 'failed', exit, reason: error.message, hint: error.hint };
  } finally {
    free?.();
  }
}

async function captureLocked(
  appliance: Appliance,
  request: Asked,
  workplace: Workplace,
  signal: AbortSignal,
): Promise<CaptureOutcome> {
  const { operator, captures, runs } = workplace;
  const { name } = appliance;
  const last = (await captures.ring(name)).captures.at(-1);
  const isEarly = !request.isTyped && isTooEarly(last, request.policy.everyMs, operator.now());
  if (isEarly) return { kind: 'rested', why: 'it was captured a short time ago' };
  if (await captures.atWork.isWanted(name)) return { kind: 'rested', why: 'a run wants the server' };
  const narrow = await noRoomFor(last?.bytes ?? 0, captures);
  if (narrow !== undefined) return { kind: 'skipped', reason: narrow };
  const freeServer = await lockServers([appliance], runs);
  let way: GivingWay | undefined;
  let unfinished: Unfinished | undefined;
  try {
    await sweep(name, captures);
    unfinished = await captures.begin(name, operator.now());
    const note = { capture: unfinished.id, since: operator.now().toISOString() };
    way = new GivingWay(name, note, captures.atWork, freeServer);
    await way.begin(operator);
    return await captureServer(appliance, request, unfinished, way, workplace, signal);
  } finally {
    await unfinished?.discard().catch(() => undefined); // the next one takes it away
    await sweep(name, captures).catch(() => undefined); // what is gone from the server need not be noted any more
    await way?.end();
    freeServer();
  }
}

/** Takes away what cut captures have half written; what they left on the server is noted still. */
async function sweep(server: string, captures: CaptureStore): Promise<void> {
  for (const unfinished of await captures.unfinished(server)) await unfinished.discard();
}

const asLastTime = 1.5;

async function noRoomFor(lastBytes: number, captures: CaptureStore): Promise<string | undefined> {
  const { freeBytes } = await captures.room();
  if (freeBytes >= lastBytes * asLastTime) return undefined;
  return `this machine has no room for it: ${formatSize(freeBytes)} are free, the last one took ${formatSize(lastBytes)}`;
}

/** Another capture holds the server, or a run does: which, and whether it hangs. */
async function whoIsAtWork(
  { name, id }: Appliance,
  { policy }: Asked,
  { captures }: Workplace,
  now: Date,
): Promise<CaptureOutcome> {
  const other = await captures.atWork.find(name);
  if (other === undefined) return { kind: 'rested', why: `${serverTitle(id)} is being collected from` };
  const { process, since } = other;
  const hangs = now.getTime() - Date.parse(since) > policy.everyMs;
  return hangs ? { kind: 'hung', pid: process.pid, since } : { kind: 'rested', why: 'it is being captured' };
}
