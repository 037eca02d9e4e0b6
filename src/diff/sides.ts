import { refuseUnsafe } from '../bundle/archive/refuse.js';
import { nearest } from '../domain/text.js';
import { formatLocal } from '../domain/zone.js';
import { usageError } from '../errors.js';
import { allFacts } from '../reading/facts/facts.js';
import type { ServerFacts } from '../reading/facts/server-facts.js';
import { type EventFolder, type Layout, layoutOf } from '../reading/layout.js';
import type { OpenBundle } from '../reading/open-bundle.js';
import type { Pair, Titles } from './compare.js';

export type Sides = { pairs: Pair[]; titles: Titles };

/** Two events, server by server. */
export async function twoBundles(
  left: OpenBundle,
  right: OpenBundle,
  assumed: string,
  signal: AbortSignal,
): Promise<Sides> {
  const [first, second] = await Promise.all([left, right].map((bundle) => factsIn(bundle, assumed, signal)));
  const labels = [...new Set([...(first?.facts ?? []), ...(second?.facts ?? [])].map(({ label }) => label))].sort();
  const find = (side: { facts: ServerFacts[] } | undefined, label: string) =>
    side?.facts.find((each) => each.label === label);
  const pairs = labels.map((label) => ({ label, left: find(first, label), right: find(second, label) }));
  const titles = [titleOf(first?.layout, left), titleOf(second?.layout, right)] as const;
  const isSame = titles[0] === titles[1];
  return { pairs, titles: { left: isSame ? left.name : titles[0], right: isSame ? `${right.name} (2nd)` : titles[1] } };
}

/** Two servers of one event. @throws UserError `unknown-target` */
export async function twoServers(
  bundle: OpenBundle,
  names: readonly [string, string],
  assumed: string,
  signal: AbortSignal,
): Promise<Sides> {
  refuseUnsafe({ path: bundle.given, flaws: bundle.flaws });
  const layout = layoutOf(bundle, { assumed });
  const chosen = names.map((name) => serverNamed(layout.servers, name));
  const [left, right] = await allFacts(bundle, chosen, signal);
  const titles = { left: chosen[0]?.label ?? '', right: chosen[1]?.label ?? '' };
  return { pairs: [{ label: '', left, right }], titles };
}

async function factsIn(
  bundle: OpenBundle,
  assumed: string,
  signal: AbortSignal,
): Promise<{ layout: Layout; facts: ServerFacts[] }> {
  refuseUnsafe({ path: bundle.given, flaws: bundle.flaws });
  const layout = layoutOf(bundle, { assumed });
  return { layout, facts: await allFacts(bundle, layout.servers, signal) };
}

function titleOf(layout: Layout | undefined, { name }: OpenBundle): string {
  if (layout?.event?.number === undefined) return name;
  return `Event ${layout.event.number}, ${formatLocal(layout.event.at, layout.zone).slice(5)}`;
}

function serverNamed(servers: readonly EventFolder[], name: string): EventFolder {
  const wanted = name.toLowerCase();
  const found = servers.find((server) =>
    [server.label, server.name, server.folder].some((each) => each?.toLowerCase() === wanted),
  );
  if (found !== undefined) return found;
  const labels = servers.map(({ label }) => label);
  const near = nearest(name, labels);
  const hint = near === undefined ? `It has: ${labels.join(', ') || 'no server'}` : `Did you mean ${near}?`;
  throw usageError('unknown-target', `there is no server "${name}" in it`, hint);
}
