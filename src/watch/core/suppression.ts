import { holdsAt, isMeant, type Maintenance } from '../../domain/maintenance.js';
import type { Watched } from '../../domain/watch-policy.js';
import { staging } from './event.js';

/** By what nobody is told, and until when, where that has an end. */
export type Suppression = { by: string; until?: Date };

/** By what nobody is told of something of a server at an instant: staging, else the maintenance that ends last. */
export function suppressionAt(
  { appliance, isStaging }: Watched,
  thing: { check: string; instance?: string | undefined },
  maintenances: readonly Maintenance[],
  at: Date,
): Suppression | undefined {
  if (isStaging) return { by: staging };
  const { name: server, cluster } = appliance;
  const meant = { server, cluster, check: thing.check, instance: thing.instance };
  const holding = maintenances.flatMap((maintenance) => {
    const span = isMeant(maintenance, meant) ? holdsAt(maintenance, at) : undefined;
    return span === undefined ? [] : [{ by: maintenance.id, until: span.until }];
  });
  return holding.toSorted((a, b) => b.until.getTime() - a.until.getTime())[0];
}

/** The name alone of what suppresses it. */
export function suppressionOf(...asked: Parameters<typeof suppressionAt>): string | undefined {
  return suppressionAt(...asked)?.by;
}
