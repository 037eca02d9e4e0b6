import { holdsAt, isMeant, type Maintenance } from '../../domain/maintenance.js';
import type { Watched } from '../../domain/watch-policy.js';
import { staging } from './event.js';

/** By what nobody is told of something of a server at an instant: staging, else the maintenance that ends last. */
export function suppressionOf(
  { appliance, isStaging }: Watched,
  thing: { check: string; instance?: string | undefined },
  maintenances: readonly Maintenance[],
  at: Date,
): string | undefined {
  if (isStaging) return staging;
  const { name: server, cluster } = appliance;
  const meant = { server, cluster, check: thing.check, instance: thing.instance };
  const holding = maintenances.flatMap((maintenance) => {
    const span = isMeant(maintenance, meant) ? holdsAt(maintenance, at) : undefined;
    return span === undefined ? [] : [{ id: maintenance.id, until: span.until }];
  });
  return holding.toSorted((a, b) => b.until.getTime() - a.until.getTime())[0]?.id;
}
