import { setPriority } from 'node:os';
import pLimit from 'p-limit';
import { fileStamp } from '../config/stamp.js';
import { type Appliance, serverTitle } from '../domain/appliance.js';
import { trace } from '../domain/trace.js';
import { UserError } from '../errors.js';
import type { Access } from '../servers/access.js';
import { cautiousAccess } from '../servers/cautious-access.js';
import { makeContact } from '../servers/first-contact.js';
import { endpointsOf } from '../servers/server-faces.js';
import type { Workplace } from '../servers/workplace.js';
import type { Standing } from '../state/capture-standing.js';
import { machineName } from '../state/machine.js';
import type { Operator } from '../ui/operator.js';
import { captureOne } from './capture-one.js';
import type { CaptureRequest } from './capture-server.js';
import { type Captured, type CaptureOutcome, exitOf } from './outcome.js';
import { pruneCaptures } from './prune.js';
import { type News, standingAfter } from './standing.js';
import { jitterOf, waitText } from './timing.js';

export type CaptureAll = CaptureRequest & {
  appliances: readonly Appliance[];
  /** So many servers at the same time. */
  parallel: number;
  /** Whether somebody looks on. */
  isWatched: boolean;
  /** Whether somebody waits for it, and is told for how long. */
  isAwaited: boolean;
  /** The configuration: when it changes, refused passwords are tried again. */
  configPath: string;
};

export type CaptureResult = Captured & { exit: number; standing: Standing; news: News | undefined };

const niceness = 10;

/**
 * Captures servers, each when its time has come. Where somebody types it, at once; a timer's work is done in silence, and
 * yields to everything else on this machine.
 */
export async function captureAll(
  request: CaptureAll,
  workplace: Workplace,
  signal: AbortSignal,
): Promise<CaptureResult[]> {
  const isTyped = workplace.operator.ask !== undefined;
  if (!isTyped) setPriority(niceness);
  const contact = isTyped ? await firstContact(request.appliances, workplace, signal) : undefined;
  const { access } = workplace;
  const reached = contact === undefined ? access : { ...access, dialer: contact.dialer };
  const limit = pLimit(request.parallel);
  const machine = await machineName();
  const laterMs = ({ name }: Appliance) => (isTyped ? 0 : jitterOf(machine, name, request.policy.jitterMs));
  const delays = request.appliances.map((appliance) => ({ appliance, laterMs: laterMs(appliance) }));
  delays.sort((a, b) => a.laterMs - b.laterMs);
  tellWait(waitText(delays.map((each) => ({ name: each.appliance.name, laterMs: each.laterMs }))), request, workplace);
  try {
    const results = await Promise.all(
      delays.map(async ({ appliance, laterMs }) => {
        await workplace.operator.sleep(laterMs, signal);
        return limit(() => captureTold(appliance, { ...request, isTyped }, { ...workplace, access: reached }, signal));
      }),
    );
    await pruneCaptures(request.policy, workplace);
    return request.appliances.flatMap(({ name }) => results.find(({ server }) => server === name) ?? []);
  } finally {
    contact?.close();
  }
}

/** A timer waits in silence; whoever looks on, or into the trace, reads that nothing hangs. */
function tellWait(text: string | undefined, { isAwaited }: CaptureAll, { operator }: Workplace): void {
  if (text === undefined) return;
  if (isAwaited) operator.emit({ type: 'note', text });
  else trace('run', () => text);
}

/** Whoever is there is asked about host keys and for passwords, as by every verb. */
function firstContact(appliances: readonly Appliance[], { operator, access }: Workplace, signal: AbortSignal) {
  const wishes = { pinning: { pin: true, fingerprints: [] }, everyone: false };
  return makeContact(endpointsOf(appliances), wishes, operator, access, signal);
}

async function captureTold(
  appliance: Appliance,
  request: CaptureAll & { isTyped: boolean },
  workplace: Workplace,
  signal: AbortSignal,
): Promise<CaptureResult> {
  signal.throwIfAborted();
  const { captures, operator } = workplace;
  const { name } = appliance;
  const before = await captures.standings.read(name);
  const under = await stampOf(appliance, request.configPath, workplace.access);
  const refused = { ...before.refused };
  const note = (key: string, reason: string) => {
    refused[key] = { reason, under };
  };
  const access = cautiousAccess(workplace.access, request.isTyped ? {} : refused, under, note);
  const outcome = await captureOne(
    appliance,
    request,
    { ...workplace, access, operator: request.isWatched ? operator : muted(operator) },
    signal,
  );
  if (outcome.kind === 'captured') dropOther(refused, under);
  const noted = await noteStanding(name, { before, refused, outcome }, workplace);
  return {
    ...{ server: name, title: serverTitle(appliance.id) },
    ...noted,
    exit: exitOf(noted.outcome, noted.standing.skips),
  };
}

type Stands = Pick<CaptureResult, 'outcome' | 'standing' | 'news'>;

/** Notes how a server stands after a capture. That this machine cannot note it is a failure too, of this server alone. */
async function noteStanding(
  server: string,
  { before, refused, outcome }: { before: Standing; refused: Standing['refused']; outcome: CaptureOutcome },
  { captures, operator }: Workplace,
): Promise<Stands> {
  const after = standingAfter({ ...before, refused }, outcome, operator.now());
  try {
    if (JSON.stringify(after.standing) !== JSON.stringify(before))
      await captures.standings.write(server, after.standing);
    return { outcome, ...after };
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    const { exit, message, hint } = error;
    const reason = outcome.kind === 'failed' && outcome.exit !== exit ? `${outcome.reason}; ${message}` : message;
    const failed: CaptureOutcome = { kind: 'failed', exit, reason, hint };
    return { outcome: failed, ...standingAfter({ ...before, refused }, failed, operator.now()) };
  }
}

async function stampOf(appliance: Appliance, configPath: string, access: Access): Promise<string> {
  const logins = await Promise.all(endpointsOf([appliance]).map((endpoint) => access.stampOf(endpoint)));
  return [await fileStamp(configPath), ...logins].join('\n');
}

/** What was refused under an earlier configuration is over. */
function dropOther(refused: Standing['refused'], under: string): void {
  for (const [key, each] of Object.entries(refused)) if (each.under !== under) delete refused[key];
}

/** A timer's work says nothing while it goes on. */
function muted(operator: Operator): Operator {
  return { ...operator, emit: () => undefined };
}
