import { type Appliance, serverTitle } from '../../domain/appliance.js';

/** The server that is meant, and whether nothing else was said beside it, as a port; or all that it may be. */
export type Placed = { server: string; isWhole: boolean } | { several: string[] } | { none: true };

/** The server that another monitor calls so: by its name, its title or its address, with a port or without one. */
export function serverNamed(text: string, appliances: readonly Appliance[]): Placed {
  const whole = matching(text, appliances);
  const host = /^\[(.+)\](?::\d+)?$|^([^:]+):\d+$/.exec(text);
  const found = whole.length > 0 || host === null ? whole : matching(host[1] ?? host[2] ?? '', appliances);
  const [only, ...others] = found;
  if (only === undefined) return { none: true };
  return others.length > 0 ? { several: found } : { server: only, isWhole: whole.length > 0 };
}

/** Names count before addresses, which several may share. */
function matching(text: string, appliances: readonly Appliance[]): string[] {
  const isMeant = (name: string) => name.toLowerCase() === text.toLowerCase();
  const byName = appliances.filter(({ name, id }) => isMeant(name) || isMeant(serverTitle(id)));
  const found = byName.length > 0 ? byName : appliances.filter(({ address }) => isMeant(address));
  return found.map(({ name }) => name);
}
