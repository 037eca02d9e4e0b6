import { refuseUnsafe } from '../bundle/archive/refuse.js';
import { nearest, printableLine } from '../domain/text.js';
import { formatLocal } from '../domain/zone.js';
import { usageError } from '../errors.js';
import { allFacts } from '../reading/facts/facts.js';
import { type EventFolder, type Layout, layoutOf } from '../reading/layout.js';
import type { OpenBundle } from '../reading/open-bundle.js';
import { readBundle } from '../reading/read-bundle.js';
import { refuseDamaged } from '../reading/refuse-damaged.js';
import type { Pair, Side, Titles } from './comparison.js';
import { serverLogs } from './server-logs.js';

export type Sides = {
  pairs: Pair[];
  titles: Titles;
  /** What messages are called that only one of the two has. */
  messages: Titles;
  /** What collected them, where that is not the same. */
  tools?: Titles;
};

type Ground = { assumed: string; signal: AbortSignal };

/** Two events, server by server. One is read behind the other: logs are large. */
export async function twoBundles(left: OpenBundle, right: OpenBundle, ground: Ground): Promise<Sides> {
  const first = await sidesIn(left, ground);
  const second = await sidesIn(right, ground);
  const labels = [...new Set([...first.sides, ...second.sides].map(({ label }) => label))].sort();
  const find = ({ sides }: { sides: Side[] }, label: string) => sides.find((each) => each.label === label);
  const pairs = labels.map((label) => ({ label, left: find(first, label), right: find(second, label) }));
  const isLater = (second.layout.event?.at.getTime() ?? 0) >= (first.layout.event?.at.getTime() ?? 0);
  const [before, after] = [toolOf(left), toolOf(right)];
  return {
    ...{ pairs, titles: titlesOf([first.layout, left], [second.layout, right]) },
    messages: isLater ? { left: 'not seen again', right: 'new messages' } : { left: 'messages', right: 'messages' },
    ...(before === after ? {} : { tools: { left: before, right: after } }),
  };
}

/** Two servers of one event. @throws UserError `unknown-target` */
export async function twoServers(
  bundle: OpenBundle,
  names: readonly [string, string],
  { assumed, signal }: Ground,
): Promise<Sides> {
  refuseUnsafe({ path: bundle.given, flaws: bundle.flaws });
  const layout = layoutOf(bundle, { assumed });
  const chosen = names.map((name) => serverNamed(layout.servers, name));
  const { sides } = await sidesIn(bundle, { assumed, signal });
  const [left, right] = chosen.map((server) => sides[layout.servers.indexOf(server)]);
  const titles = { left: chosen[0]?.label ?? '', right: chosen[1]?.label ?? '' };
  return { pairs: [{ label: '', left, right }], titles, messages: { left: 'messages', right: 'messages' } };
}

async function sidesIn(bundle: OpenBundle, { assumed, signal }: Ground): Promise<{ layout: Layout; sides: Side[] }> {
  refuseUnsafe({ path: bundle.given, flaws: bundle.flaws });
  await refuseDamaged(bundle, signal);
  const layout = layoutOf(bundle, { assumed });
  const facts = await allFacts(bundle, layout.servers, signal);
  const logs = serverLogs(await readBundle(bundle, { layout, signal }));
  const none = { logs: new Map(), start: undefined, isSteady: false };
  return { layout, sides: facts.map((known, at) => ({ ...known, logs: logs[at] ?? none })) };
}

function toolOf({ manifest }: OpenBundle): string {
  return manifest === undefined ? 'no manifest' : printableLine(`${manifest.tool.name} ${manifest.tool.version}`, 60);
}

function titlesOf(...sides: readonly (readonly [Layout, OpenBundle])[]): Titles {
  const [left = '', right = ''] = sides.map(([layout, bundle]) => titleOf(layout, bundle));
  if (left !== right) return { left, right };
  const [first = '', second = ''] = sides.map(([, { name }]) => name);
  return { left: first, right: first === second ? `${second} (2nd)` : second };
}

function titleOf({ event, zone }: Layout, { name }: OpenBundle): string {
  if (event?.number === undefined) return name;
  return `Event ${event.number}, ${formatLocal(event.at, zone).slice(5)}`;
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
