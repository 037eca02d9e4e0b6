import { attemptsIn, isMaybeSent } from './attempts.js';
import { type Case, contactOf } from './case.js';
import { byMail, type Order, once } from './order.js';

/** Engines that were told hear the end, whatever else; a person gets one mail. */
export function endOrders(one: Case): Order[] {
  const { standing, log, setting } = one;
  if (standing.phase === 'firing' || standing.routed === undefined) return [];
  const attempts = attemptsIn(log.entries, 0);
  const engines = [...setting.channels].flatMap(([channel, { needs }]): Order[] => {
    const last = attempts.findLast((each) => each.channel === channel && each.why !== 'over' && isMaybeSent(each));
    return needs === 'nothing' && last !== undefined ? once('over', 'over', last.index, [{ chain: [channel] }]) : [];
  });
  const { cleared } = standing;
  if (cleared === undefined) return engines;
  return [...engines, ...once('over', 'over', cleared.index, byMail([contactOf(one)], setting))];
}
