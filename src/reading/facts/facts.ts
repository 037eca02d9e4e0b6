import type { Layout } from '../layout.js';
import type { OpenBundle } from '../open-bundle.js';
import type { Fact } from '../reading.js';
import { type Known, type ServerFacts, serverFacts } from './server-facts.js';

/** What is known of each server, side by side. */
export async function factsOf(bundle: OpenBundle, { servers }: Layout, signal: AbortSignal): Promise<Fact[]> {
  return sideBySide(await allFacts(bundle, servers, signal));
}

export async function allFacts(
  bundle: OpenBundle,
  servers: Layout['servers'],
  signal: AbortSignal,
): Promise<ServerFacts[]> {
  const found: ServerFacts[] = [];
  for (const server of servers) {
    signal.throwIfAborted();
    found.push(await serverFacts(bundle, server));
  }
  return found;
}

/** Puts facts of the same name beside each other. One that a server does not have is not known of it, and differs from nothing. */
export function sideBySide(servers: readonly Pick<ServerFacts, 'known'>[]): Fact[] {
  const names = new Map<string, Known>();
  for (const { known } of servers) for (const fact of known) names.set(keyOf(fact), names.get(keyOf(fact)) ?? fact);
  const byName = servers.map(({ known }) => new Map(known.map((fact) => [keyOf(fact), fact])));
  return [...names].map(([key, { group, name }]) => {
    const cells = byName.map((facts) => facts.get(key));
    return { group, name, cells: cells.map((cell) => cell?.text), differs: differing(cells) };
  });
}

function keyOf({ group, name }: Known): string {
  return `${group}\0${name}`;
}

/** Who has another value than most have; all of two, and all where there is no majority. */
function differing(cells: readonly (Known | undefined)[]): number[] {
  const counts = new Map<string, number>();
  for (const cell of cells)
    if (cell?.compared !== undefined) counts.set(cell.compared, (counts.get(cell.compared) ?? 0) + 1);
  if (counts.size < 2) return [];
  const most = Math.max(...counts.values());
  const [usual, ...rivals] = [...counts].filter(([, count]) => count === most).map(([value]) => value);
  return cells.flatMap((cell, at) =>
    cell?.compared === undefined || (rivals.length === 0 && cell.compared === usual) ? [] : [at],
  );
}
