import type { Case } from './case.js';
import { type Order, once } from './order.js';
import type { Setting, Target } from './targets.js';
import { waitedMs } from './waited.js';

/** What the customers of its servers are told, each of their own. */
export function copyOrders(one: Case): Order[] {
  const { standing, setting, log, now } = one;
  if (standing.routed === undefined) return [];
  const isTold = standing.phase === 'firing' && standing.suppressed === undefined;
  const isOpen = isTold && waitedMs(standing.opened.stamp, now) >= setting.waitMs;
  const on = standing.phase === 'resolved' ? 'resolved' : isOpen ? 'opened' : undefined;
  const since = on === 'resolved' ? (standing.resolved?.index ?? 0) : 0;
  const servers = [...new Set(log.entries.flatMap((entry) => (entry.type === 'joined' ? [entry.thing.server] : [])))];
  return setting.escalation.copies
    .filter((copies) => on !== undefined && copies.on.includes(on))
    .flatMap(({ by }) =>
      once(
        'copy',
        `copy ${on}`,
        since,
        by.flatMap((way) => copyTargets(way, servers, setting)),
      ),
    );
}

function copyTargets(way: string, servers: readonly string[], { customers, channels }: Setting): Target[] {
  const key = channels.get(way)?.needs;
  if (key === undefined || key === 'nothing') return [];
  const reached = servers.filter((server) => customers.get(server)?.[key] !== undefined);
  const addressOf = (server: string) => customers.get(server)?.[key];
  const first = reached.filter(
    (server, at) => reached.findIndex((other) => addressOf(other) === addressOf(server)) === at,
  );
  return first.map((server) => ({ person: customerKey(server), chain: [way] }));
}

const customerOf = 'customer of ';
/** What stands for the customer of a server where else the key of a person does, which has no spaces. */
export function customerKey(server: string): string {
  return `${customerOf}${server}`;
}

/** @returns the server whose customer it is */
export function serverOfCustomer(person: string): string | undefined {
  return person.startsWith(customerOf) ? person.slice(customerOf.length) : undefined;
}
