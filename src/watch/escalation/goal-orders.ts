import type { Step } from '../../domain/escalation.js';
import { attemptsIn } from './attempts.js';
import { type Case, isHeld, nowOf, personNamed, policyOf } from './case.js';
import { type Order, once } from './order.js';
import { type Target, targetsBy, targetsOf } from './targets.js';
import { elapsedMs } from './waited.js';

const reminderMs = 15 * 60_000;

/**
 * How long nobody has answered, and how long they may. Undefined where it was answered, or has ended, or need not be. Nobody is
 * to answer while it is suppressed; after that the time begins anew.
 */
export function unansweredMs({ log, standing, now }: Case): { waited: number; goal: number } | undefined {
  const goal = standing.routed?.entry.answerMs;
  const answers = ['acknowledged', 'cleared', 'resolved'];
  if (goal === undefined || standing.suppressed !== undefined) return undefined;
  if (log.entries.some(({ type }) => answers.includes(type))) return undefined;
  const index = log.entries.findLastIndex(({ type }) => type === 'released');
  const begun = log.entries[index];
  const from = begun?.type === 'released' ? begun.stamp : standing.opened.stamp;
  return { waited: elapsedMs(from, log.entries.slice(Math.max(0, index) + 1), now, (known) => known), goal };
}

/** Whoever was told is told again shortly before the answer is late; when it is, management is. */
export function goalOrders(one: Case): Order[] {
  const unanswered = unansweredMs(one);
  if (unanswered === undefined) return [];
  const { waited, goal } = unanswered;
  if (waited >= goal) return once('missed', 'goal-missed', 0, managementOf(one));
  if (goal <= reminderMs || waited < goal - reminderMs) return [];
  const told = attemptsIn(one.log.entries, one.standing.routed?.index ?? 0).filter(({ outcome }) => outcome === 'sent');
  const to = told.flatMap(({ person, channel }) => (person === undefined ? [] : [{ person, chain: [channel] }]));
  const isFirst = (target: Target, at: number) =>
    to.findIndex(({ person, chain }) => person === target.person && chain[0] === target.chain[0]) === at;
  return once('reminder', 'reminder', 0, to.filter(isFirst));
}

/** The role `management` over the channels of its steps; where there is none, the last step. */
function managementOf(one: Case): Target[] {
  const policy = policyOf(one);
  if (policy === undefined) return [];
  const steps = policy.steps.filter(({ to }) => to.includes('management'));
  const to = ['management'];
  const chosen: Step[] = steps.length > 0 ? steps.map((step) => ({ ...step, to })) : policy.steps.slice(-1);
  return targetsOf(chosen, one.setting, nowOf(one));
}

/** Who said they had it, when that is over and it fires still. */
export function expiredOrder(one: Case): Order | undefined {
  const { acknowledged } = one.standing;
  if (acknowledged === undefined || isHeld(one.standing, one.now)) return undefined;
  const person = personNamed(acknowledged.entry.by, one.setting);
  const [first] = policyOf(one)?.steps ?? [...one.setting.escalation.policies.values()].flatMap(({ steps }) => steps);
  const to =
    person === undefined ? [] : (first?.by ?? []).flatMap((way) => targetsBy(way, [person], one.setting.channels));
  const toPerson = to.filter((target) => target.person !== undefined);
  return once('expired', 'expired', acknowledged.index, toPerson)[0];
}
