import { icepack, placeholder, say } from '../domain/command.js';
import { defined } from '../domain/defined.js';
import { latest } from '../domain/journal.js';
import type { Manifest, ServerRecord } from '../domain/manifest.js';
import { secondHalf } from '../domain/next-step.js';
import { bundlesOf, type RunResult } from '../domain/result.js';
import { windowAround } from '../domain/window.js';
import type { Workplace } from '../servers/workplace.js';
import type { RunStore } from '../state/runs.js';
import { interruption } from '../tickets/ended-early.js';
import type { Operator } from '../ui/operator.js';
import type { CollectRequest } from './collect-request.js';
import { type Collected, deliver, wholeEvent, writeDown } from './deliver.js';
import { logsAgain } from './gather-all.js';
import { broughtNothing, nothingNew } from './nothing-new.js';
import { serversToAskAgain, waitForEnd, withLaterLogs } from './wait-for-window.js';

/**
 * Brings what was collected to its ticket. Where the window is not over and is waited for, the ticket and a first bundle come
 * at once, and the whole event with the later logs as the next bundle; or all of it in one bundle, in the end.
 */
export async function deliverCollected(
  collected: Collected,
  servers: ServerRecord[],
  workplace: Workplace,
  signal: AbortSignal,
): Promise<RunResult> {
  const { request, run, localFailure, describe } = collected;
  const isAwaited = request.wait !== false && localFailure === undefined && !signal.aborted;
  const open = isAwaited ? serversToAskAgain(servers, isWindowOver(request, workplace.operator)) : [];
  if (open.length > 0 && request.wait === 'twice') return deliverTwice(collected, servers, open, workplace, signal);
  if (open.length > 0) await writeDown(run, describe(servers)); // whatever ends the waiting: this can be submitted
  const later = open.length > 0 ? await laterLogs(collected, servers, open, workplace, signal) : servers;
  const whole = await wholeEvent(collected, later, workplace);
  const earlier = signal.aborted ? undefined : await broughtNothing(collected, whole);
  return earlier === undefined
    ? deliver(collected, whole, workplace, signal)
    : nothingNew(earlier, collected, whole, workplace.operator);
}

async function deliverTwice(
  collected: Collected,
  servers: ServerRecord[],
  open: readonly string[],
  workplace: Workplace,
  signal: AbortSignal,
): Promise<RunResult> {
  const { run, describe } = collected;
  const { operator, runs } = workplace;
  const manifest = await wholeEvent(collected, servers, workplace);
  const first = await deliver({ ...collected, request: announced(collected.request) }, manifest, workplace, signal);
  if (signal.aborted || first.error?.code === 'nothing-reached') return first;
  await run.journal.write({ type: 'first-half' });
  tellFirst(first, operator);
  const later = await laterLogs(collected, manifest.servers, open, workplace, signal);
  if (signal.aborted) return interrupted(first, operator.now(), signal);
  const brought = later.some((server, index) => server !== manifest.servers[index]);
  if (!brought && isDelivered(first)) return first;
  const { unredacted } = manifest; // of what was taken over
  const request = first.bundle?.attached ? await agreed(collected, runs) : collected.request;
  const whole: Manifest = { ...describe(later), ...defined({ unredacted }) };
  return joined(first, await deliver({ ...collected, request }, whole, workplace, signal));
}

function isWindowOver({ at, selection }: CollectRequest, operator: Operator): boolean {
  return windowAround(at, selection.window).until <= operator.now();
}

/** What the servers gave, with the logs of the time that was waited for. */
async function laterLogs(
  { request, run }: Collected,
  servers: ServerRecord[],
  open: readonly string[],
  workplace: Workplace,
  signal: AbortSignal,
): Promise<ServerRecord[]> {
  await waitForEnd(windowAround(request.at, request.selection.window), workplace.operator, signal);
  if (signal.aborted) return servers;
  const later = await logsAgain(open, request, run, workplace, signal);
  return signal.aborted ? servers : withLaterLogs(servers, later, run);
}

function announced(request: CollectRequest): CollectRequest {
  return { ...request, submit: { ...request.submit, restFollows: true } };
}

/** Who agreed to the first half agreed to the second one, made to fit as the first one was. */
async function agreed({ request, run }: Collected, runs: RunStore): Promise<CollectRequest> {
  const { journal } = (await runs.find(run.id)) ?? run; // it was written to while it was submitted
  const { fitted: fit } = latest(journal, 'bundled') ?? {};
  return { ...request, intent: { ...request.intent, ...defined({ fit }) }, submit: { ...request.submit, yes: true } };
}

/** Whether nothing is to be tried again. */
function isDelivered({ error }: RunResult): boolean {
  return error === null || error.code === 'over-limit';
}

/** Says before the waiting what became of the first half: nobody may look until it is over. */
function tellFirst(first: RunResult, operator: Operator): void {
  const { ticket, bundle, error, toDrop, texts } = first;
  if (error !== null && !isDelivered(first)) {
    const hint = 'Icepack stays, and tries again when the window is over';
    operator.emit({ type: 'warning', text: error.message, hint });
    return;
  }
  const note = (text: string) => operator.emit({ type: 'note', text });
  if (error !== null) note(error.message);
  else if (toDrop !== undefined)
    operator.emit({ type: 'warning', text: `now: ${toDrop}`, hint: 'The second half follows' });
  else if (texts !== undefined && ticket === null) noteTexts(first, operator);
  else if (bundle?.attached) note(`${ticket?.key} has the first half, ${bundle.name}; the second half follows`);
}

function noteTexts({ manifest, texts, bundle }: RunResult, operator: Operator): void {
  const folder = texts?.[0]?.path.replace(/\/[^/]*$/, '');
  const command = icepack('submit', manifest.run, '--ticket', placeholder('NUMBER'));
  operator.emit({
    type: 'warning',
    text: `the ticket can be registered now, with the texts in ${folder}, and ${bundle?.path} attached`,
    hint: say`When it has a number, at another terminal: ${command}`,
  });
}

function interrupted(first: RunResult, now: Date, signal: AbortSignal): RunResult {
  const { code, message, hint, exit } = interruption(signal);
  const error = { code, message, hint: hint ?? null };
  const owed = first.bundle?.attached ? [] : first.next;
  return { ...first, exitCode: exit, next: [...owed, secondHalf(first.manifest, now)], error };
}

/** The result of both halves: where the second one has no bundle, the first one is the last. */
function joined(first: RunResult, second: RunResult): RunResult {
  const ticket = second.ticket ?? first.ticket;
  if (second.bundle === null) return { ...second, ticket, bundle: first.bundle };
  return { ...second, ticket, earlier: bundlesOf(first) };
}
