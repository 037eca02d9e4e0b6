import { whoIs } from '../../domain/on-duty.js';
import { type Case, contactOf, nowOf } from './case.js';
import { byMail, type Order, once } from './order.js';
import { elapsedMs } from './waited.js';

const summaryReminderMs = 4 * 3_600_000;

/** How much longer the summary may take; undefined where it is there, or none is wanted. */
export function summaryLeftMs({ standing, log, setting, now }: Case): number | undefined {
  const { resolved } = standing;
  const { summary } = setting.escalation;
  if (resolved === undefined || standing.phase !== 'resolved' || summary === undefined) return undefined;
  const rest = log.entries.slice(resolved.index + 1);
  if (rest.some(({ type }) => type === 'summary' || type === 'closed')) return undefined;
  return summary.withinMs - elapsedMs(resolved.entry.stamp, rest, now, (known) => known);
}

/** Who had it is reminded of the summary; when it is late, others are told. */
export function summaryOrders(one: Case): Order[] {
  const left = summaryLeftMs(one);
  const since = one.standing.resolved?.index ?? 0;
  if (left === undefined || left > summaryReminderMs || one.standing.routed === undefined) return [];
  if (left > 0) return once('summary', 'summary', since, byMail([contactOf(one)], one.setting));
  const { to = [] } = one.setting.escalation.summary ?? {};
  const people = to.flatMap((name) => whoIs(name, one.setting.escalation, nowOf(one)));
  return once('summary', 'summary late', since, byMail(people, one.setting));
}
