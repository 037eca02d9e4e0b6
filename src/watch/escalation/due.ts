import { defined } from '../../domain/defined.js';
import type { IncidentLog, NewIncidentEntry } from '../../domain/incident.js';
import { escalationRoute } from '../../domain/on-duty.js';
import type { Severity } from '../../domain/ticket.js';
import type { Stamp } from '../../domain/watch-event.js';
import { attemptsIn, isDeadEnd, nextOf } from './attempts.js';
import { type Case, isHeld, nowOf, policyOf } from './case.js';
import { copyOrders } from './copy-orders.js';
import { endOrders } from './end-orders.js';
import { expiredOrder, goalOrders, unansweredMs } from './goal-orders.js';
import { incidentStanding, unknownSeverity } from './incident-standing.js';
import { type Kind, mine, type Order } from './order.js';
import { stepOrders } from './step-orders.js';
import { summaryLeftMs, summaryOrders } from './summary-orders.js';
import type { Setting } from './targets.js';
import { waitedMs } from './waited.js';

/** One page that is due. */
export type DuePage = {
  why: string;
  kind: Kind;
  person?: string;
  channel: string;
  /** Its number, where it is one of which nobody knows whether it was sent. */
  n?: number;
  lateMs: number;
  severity: Severity;
};

/** What is to be done about an incident now: what is to be written, and then the pages. */
export type Due = { entries: NewIncidentEntry[]; pages: DuePage[] };

const nothing: Due = { entries: [], pages: [] };
const unaskedMs = 10 * 60_000;

/**
 * What is due, by the journal and the clock alone.
 * @param inFlight the pages that are being sent
 */
export function dueOf(log: IncidentLog, setting: Setting, now: Stamp, inFlight: ReadonlySet<number> = new Set()): Due {
  const standing = incidentStanding(log);
  if (standing === undefined) return nothing;
  const one = { log, standing, setting, now };
  const routed = routeOf(one);
  if (routed !== undefined) return { entries: [routed], pages: [] };
  const isPaging = standing.phase === 'firing' && standing.suppressed === undefined && !isHeld(standing, now);
  const steps = isPaging && standing.acknowledged === undefined ? stepOrders(one) : { orders: [], nobody: [] };
  const entries = [...missedOf(one), ...steps.nobody.flatMap((why) => nobodyOf(one, why))];
  const asked = isPaging ? [...goalOrders(one), ...[expiredOrder(one) ?? []].flat()] : [];
  const orders = [...steps.orders, ...asked, ...endOrders(one), ...copyOrders(one), ...summaryOrders(one)];
  return { entries, pages: pagesOf(orders, one, inFlight) };
}

function pagesOf(orders: readonly Order[], one: Case, inFlight: ReadonlySet<number>): DuePage[] {
  const severity = one.standing.severity ?? unknownSeverity;
  const pages = orders.flatMap(({ why, kind, since, to, lateMs }) => {
    const attempts = attemptsIn(one.log.entries, since);
    return to.flatMap(({ person, chain }): DuePage[] => {
      const next = nextOf(chain, mine(attempts, why, person), one.now, inFlight);
      return next === undefined ? [] : [{ why, kind, lateMs, severity, ...next, ...defined({ person }) }];
    });
  });
  const isSame = (a: DuePage, b: DuePage) => a.why === b.why && a.person === b.person && a.channel === b.channel;
  return pages.filter((page, at) => pages.findIndex((other) => isSame(page, other)) === at);
}

/** That a policy begins: at first, anew, or another one. */
function routeOf(one: Case): NewIncidentEntry | undefined {
  const { standing, setting, now } = one;
  const why = whyRouted(one);
  if (why === undefined) return undefined;
  const severity = standing.severity ?? unknownSeverity;
  const when = why === 'opened' ? new Date(standing.opened.stamp.wallMs) : nowOf(one);
  const route = escalationRoute(setting.escalation, severity, when);
  return {
    type: 'routed',
    stamp: now,
    severity,
    why,
    ...defined({ policy: route?.policy, answerMs: route?.answerMs }),
  };
}

function whyRouted(one: Case): string | undefined {
  const { standing, now } = one;
  const { routed, called, acknowledged } = standing;
  if (standing.phase !== 'firing' || standing.suppressed !== undefined || isHeld(standing, now)) return undefined;
  if (acknowledged !== undefined) return isAskedEnough(one) ? 'unanswered again' : undefined;
  if (routed === undefined || called.index > routed.index) return called.why;
  return betterRoute(one);
}

/** Who had it was asked, and has not answered for ten minutes; or cannot be asked. */
function isAskedEnough(one: Case): boolean {
  const order = expiredOrder(one);
  if (order === undefined) return true;
  const attempts = attemptsIn(one.log.entries, order.since).filter(({ why }) => why === order.why);
  const first = attempts[0]?.began;
  if (first !== undefined && waitedMs(first, one.now) >= unaskedMs) return true;
  return order.to.every(({ person, chain }) => isDeadEnd(chain, mine(attempts, order.why, person)));
}

/** What was put off is told when business hours begin, by a policy that goes further; so it is where its own is gone. */
function betterRoute(one: Case): string | undefined {
  const { standing, setting } = one;
  const route = escalationRoute(setting.escalation, standing.severity ?? unknownSeverity, nowOf(one));
  const policy = policyOf(one);
  if (policy === undefined) return route?.policy === standing.routed?.entry.policy ? undefined : 'another policy';
  const better = setting.escalation.policies.get(route?.policy ?? '');
  return route?.when === 'business' && (better?.steps.length ?? 0) > policy.steps.length ? 'business hours' : undefined;
}

function missedOf(one: Case): NewIncidentEntry[] {
  const unanswered = unansweredMs(one);
  const left = summaryLeftMs(one);
  const missed = [
    ...(unanswered !== undefined && unanswered.waited >= unanswered.goal ? ['answer' as const] : []),
    ...(left !== undefined && left <= 0 ? ['summary' as const] : []),
  ];
  const noted = one.log.entries.flatMap((entry) => (entry.type === 'goal-missed' ? [entry.what] : []));
  return missed.filter((what) => !noted.includes(what)).map((what) => ({ type: 'goal-missed', what }));
}

/** That a step had nobody to tell, once. */
function nobodyOf({ log, standing, now }: Case, why: string): NewIncidentEntry[] {
  const rest = log.entries.slice(standing.routed?.index ?? 0);
  const isNoted = rest.some((entry) => entry.type === 'nobody' && entry.why === why);
  return isNoted ? [] : [{ type: 'nobody', stamp: now, why }];
}
