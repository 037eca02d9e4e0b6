import { longestSilenceMs } from '../../domain/maintenance.js';
import type { Answer, EventState, Stamp } from '../../domain/watch-event.js';
import { passedMs } from './stamp.js';
import { isPast } from './things.js';

/** When something is an event. */
export type Rule = { forMs: number; clearForMs: number; everyMs: number };

/** So often something must be seen bad, whatever time has passed. */
const leastBad = 3;
/** So often it must be seen well before the event is over. */
const leastOk = 2;
/** Between two looks counts no more time than this many times the time between looks. */
const longestGap = 2;
/** What is not looked at for longer than this begins from the start. */
export const brokenGap = 3;

/** So often it must be seen bad after it was suppressed before it is told. */
const leastReleased = 2;

/** When a look began, and when its answer was there: a look itself may take longer than the time between looks. */
export type Moment = { began: Stamp; ended: Stamp };

/**
 * An event after one more look; undefined where all is well. Only the time that was watched counts: not that of a watch which
 * was off, of a machine that was suspended, or by which a clock was set.
 */
export function step(
  before: EventState | undefined,
  answer: Answer,
  rule: Rule,
  moment: Moment,
  suppressed?: string,
): EventState | undefined {
  if (answer.is === 'unknown') return before;
  const isStaged = before?.suppressed === staging && suppressed === undefined;
  const after = stepped(isStaged ? undefined : before, answer, rule, moment);
  return after && told(suppressedAs(after, answer, suppressed ?? stoppedBy(after, moment.ended)));
}

/** A server that is being set up: what is bad there begins from the start when that is over. */
export const staging = 'staging';
/** What somebody stopped is suppressed until it is well again, but not for ever. */
export const stopped = 'stopped';

function stoppedBy({ onPurpose, badSince }: EventState, now: Stamp): string | undefined {
  return onPurpose && !isPast(badSince, longestSilenceMs, now) ? stopped : undefined;
}

function stepped(
  state: EventState | undefined,
  answer: Exclude<Answer, { is: 'unknown' }>,
  rule: Rule,
  moment: Moment,
): EventState | undefined {
  const { ended: now } = moment;
  const isBad = answer.is === 'bad';
  if (state === undefined) return isBad ? settled(begun(answer, now), rule) : undefined;
  if (state.phase === 'pending') return isBad ? settled(counted(state, rule, moment), rule) : undefined;
  if (state.phase === 'firing') return isBad ? { ...state, seenAt: now } : settled(into('clearing', state, now), rule);
  return isBad ? into('firing', state, now) : settled(counted(state, rule, moment), rule);
}

function suppressedAs(
  { suppressed: before, released, ...state }: EventState,
  { is }: Answer,
  suppressed: string | undefined,
): EventState {
  if (suppressed !== undefined) return { ...state, suppressed };
  const count = before === undefined ? released : 0;
  if (count === undefined) return state;
  const history = before === undefined ? {} : { suppressedBefore: before };
  return { ...state, ...history, released: Math.min(is === 'bad' ? count + 1 : count, leastReleased) };
}

/** Nobody is told of what is suppressed, or was until a moment ago. */
function told(state: EventState): EventState {
  return isFree(state) && fires(state) ? { ...state, told: true } : state;
}

/** Whether nothing suppresses it, and has not for long enough. */
export function isFree({ suppressed, released = leastReleased }: EventState): boolean {
  return suppressed === undefined && released >= leastReleased;
}

function begun(answer: Answer, now: Stamp): EventState {
  const onPurpose = 'onPurpose' in answer ? { onPurpose: true as const } : {};
  return { phase: 'pending', badSince: now, ...first(now), ...onPurpose };
}

function into(phase: EventState['phase'], state: EventState, now: Stamp): EventState {
  return { ...state, phase, ...first(now) };
}

function first(now: Stamp) {
  return { watchedMs: 0, looks: 1, seenAt: now };
}

/** One look more of the same, or the first again where nobody has looked for too long. */
function counted(state: EventState, { everyMs }: Rule, { began, ended: now }: Moment): EventState {
  const unseenMs = passedMs(state.seenAt, began);
  const passed = passedMs(state.seenAt, now);
  if (unseenMs === undefined || passed === undefined || unseenMs > brokenGap * everyMs) {
    const again = state.phase === 'pending' ? { badSince: now } : {};
    return { ...state, ...first(now), ...again };
  }
  const watchedMs = state.watchedMs + Math.min(passed, longestGap * everyMs);
  return { ...state, watchedMs, looks: state.looks + 1, seenAt: now };
}

/** Goes on to the next phase where enough was seen of this one. */
function settled(state: EventState, { forMs, clearForMs }: Rule): EventState | undefined {
  const { phase, watchedMs, looks, seenAt } = state;
  if (phase === 'pending' && looks >= leastBad && watchedMs >= forMs) return into('firing', state, seenAt);
  return phase === 'clearing' && looks >= leastOk && watchedMs >= clearForMs ? undefined : state;
}

/** Whether it was bad when it was last seen: what lies between two limits stays what it was. */
export function wasBad(state: EventState | undefined): boolean {
  return state?.phase === 'pending' || state?.phase === 'firing';
}

/** Whether it is an event: also while it is waited for that it stays well. */
export function fires(state: EventState | undefined): boolean {
  return state?.phase === 'firing' || state?.phase === 'clearing';
}

/** Whether it waits to become an event, or to be over. */
export function isWaiting(state: EventState | undefined): boolean {
  return state?.phase === 'pending' || state?.phase === 'clearing';
}
