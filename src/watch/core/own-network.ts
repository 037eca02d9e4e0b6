import { defined } from '../../domain/defined.js';
import type { WatchCheck } from '../../domain/watch-check.js';
import type { Answer, EventState, Seen, ServerSeen, Stamp } from '../../domain/watch-event.js';
import { brokenGap } from './event.js';
import { isSameThing } from './observe.js';
import { passedMs } from './stamp.js';

type Servers = Readonly<Record<string, ServerSeen>>;

/** So many servers at once are too many for a coincidence, unless there are fewer. */
const leastMissing = 3;
/** Who answered within this many times the time between visits answered in the last round: each has its own time. */
const lastRound = 2;

/** When a server did not answer first, after a visit; undefined where it answers. What was not looked at stays as it was. */
export function lostAt(before: ServerSeen, after: ServerSeen, checks: readonly WatchCheck[]): Stamp | undefined {
  const reach = after.seen.filter(
    (each) => isOf(after, each) && checks.some(({ name, kind }) => kind === 'reach' && name === each.check),
  );
  if (reach.length === 0) return before.lost;
  return reach.some(({ answer }) => answer.is === 'ok') ? undefined : (before.lost ?? after.visitedAt);
}

/**
 * Since when so many of the servers that answered in the last round answer no more that it may be the own network: three and
 * half of them, or all where they are fewer. A server that was never seen counts as one that answered.
 * @param blind since when the own network is known to be down: what is missing since then is still missing
 */
export function missingSince(servers: Servers, everyMs: number, now: Stamp, blind?: Stamp): Stamp | undefined {
  const known = Object.values(servers).filter(({ visitedAt }) => visitedAt !== undefined);
  const missing = known.flatMap(({ lost }) => {
    if (lost === undefined) return [];
    const isNew = blind === undefined ? isRecent(lost, now, lastRound * everyMs) : !isBefore(lost, blind);
    return isNew ? [lost] : [];
  });
  const answered = missing.length + known.filter(({ lost }) => lost === undefined).length;
  const least = answered < leastMissing ? answered : Math.max(leastMissing, answered / 2);
  if (missing.length === 0 || missing.length < least) return undefined;
  return missing.toSorted((a, b) => (isBefore(a, b) ? -1 : 1))[0];
}

function isRecent(lost: Stamp, now: Stamp, withinMs: number): boolean {
  const passed = passedMs(lost, now);
  return passed !== undefined && passed <= withinMs;
}

function isBefore(a: Stamp, b: Stamp): boolean {
  return a.boot === b.boot ? a.upMs < b.upMs : a.wallMs < b.wallMs;
}

const ownNetwork: Answer = {
  is: 'unknown',
  text: 'not known: the own network is down',
  explained: true,
};

/** What is known of a server after a visit that the own network had no way for: nothing begins, nothing ends, no time counts. */
export function withoutNetwork(before: ServerSeen, after: ServerSeen, since: Stamp, checks: readonly WatchCheck[]) {
  const seen = after.seen.map((each): Seen => {
    if (!isOf(after, each)) return each;
    const earlier = before.seen.find((other) => isSameThing(other, each));
    const everyMs = checks.find(({ name }) => name === each.check)?.everyMs ?? 0;
    const event = passedOver(earlier?.event, since, brokenGap * everyMs, each.at);
    const { check, instance, at } = each;
    return { check, answer: ownNetwork, at, ...defined({ instance, event, blind: earlier?.blind }) };
  });
  return { ...after, seen };
}

/** Whether something was looked at in the last visit. */
function isOf({ visitedAt }: ServerSeen, { at }: Seen): boolean {
  return visitedAt !== undefined && at.boot === visitedAt.boot && at.upMs === visitedAt.upMs;
}

/** What was bad first when the network was down already is forgotten; else its time stands still, and is too old after a while. */
function passedOver(
  event: EventState | undefined,
  since: Stamp,
  tooLongMs: number,
  now: Stamp,
): EventState | undefined {
  if (event === undefined || event.phase === 'firing') return event;
  if (event.phase === 'pending' && !isBefore(event.badSince, since)) return undefined;
  const isTooLong = (passedMs(since, now) ?? tooLongMs + 1) > tooLongMs;
  return { ...event, seenAt: now, ...(isTooLong ? { watchedMs: 0, looks: 0 } : {}) };
}
