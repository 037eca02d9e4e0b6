import type { Policy } from '../../domain/escalation.js';
import { type Attempt, attemptsIn, isDeadEnd } from './attempts.js';
import { type Case, nowOf, policyOf } from './case.js';
import { mine, type Order } from './order.js';
import { type Position, positionAt, positionNumber } from './positions.js';
import { type Target, targetsOf } from './targets.js';
import { elapsedMs } from './waited.js';

const minuteMs = 60_000;
/** So long after its time something is done still, when the next is due. */
const graceMs = 5 * minuteMs;

/** How long the policy has told people; below 0 until it begins. */
export function runMs({ log, standing, setting, now }: Case, policy: Policy): number {
  if (standing.routed === undefined) return -1;
  const { entry, index } = standing.routed;
  const isFirst = entry.why === 'opened';
  const waitMs = isFirst ? setting.waitMs : 0;
  const next = (elapsed: number) => {
    const number = positionAt(policy, elapsed - waitMs) + 1;
    return waitMs + (positionNumber(policy, number)?.atMs ?? 0);
  };
  const from = isFirst ? standing.opened.stamp : entry.stamp;
  return elapsedMs(from, log.entries.slice(isFirst ? 1 : index + 1), now, next) - waitMs;
}

/** The steps and rounds of the policy that are due, and those whose time has just passed; and which had nobody to tell. */
export function stepOrders(one: Case): { orders: Order[]; nobody: string[] } {
  const policy = policyOf(one);
  const since = one.standing.routed?.index ?? 0;
  if (policy === undefined) return { orders: [], nobody: [] };
  const passed = runMs(one, policy);
  const attempts = attemptsIn(one.log.entries, since);
  const due: { position: Position; to: Target[] }[] = [];
  let last = positionAt(policy, passed);
  for (let number = Math.max(0, last - policy.steps.length); number <= last; number++) {
    const position = positionNumber(policy, number);
    if (position === undefined) break;
    if (number < last && passed - position.atMs > graceMs) continue;
    const to = targetsOf(position.steps, one.setting, nowOf(one));
    due.push({ position, to });
    const isStep = number + 1 < policy.steps.length;
    if (
      isStep &&
      number === last &&
      to.every(({ person, chain }) => isDeadEnd(chain, mine(attempts, position.why, person)))
    )
      last++; // nobody was told: whoever is next is told at once
  }
  return {
    orders: due.map(({ position, to }) => stepOrder(position, to, since, attempts, passed)),
    nobody: due.filter(({ to }) => to.length === 0).map(({ position }) => position.why),
  };
}

function stepOrder({ why, atMs }: Position, to: Target[], since: number, attempts: Attempt[], passed: number): Order {
  const isBegun = attempts.some((attempt) => attempt.why === why);
  const lateMs = passed - atMs;
  return { why, kind: 'step', since, to, lateMs: isBegun || lateMs < graceMs ? 0 : lateMs };
}
