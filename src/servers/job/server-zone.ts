import { type Appliance, serverTitle } from '../../domain/appliance.js';
import type { ServerRecord } from '../../domain/manifest.js';
import { zoneTitle } from '../../domain/zone-name.js';
import type { Operator } from '../../ui/operator.js';
import type { ServerClock } from '../clock.js';

export type KnownZone = ServerRecord['zone'];

/** The zone that a server itself is known to have, from the surest source there is. */
export function ownZoneOf(
  appliance: Appliance,
  clock: ServerClock | undefined,
  lastZone: string | undefined,
): KnownZone | undefined {
  if (appliance.zone !== undefined) return { name: appliance.zone, source: 'config' };
  if (clock?.zone !== undefined) return { name: clock.zone, source: 'host OS' };
  return lastZone === undefined ? undefined : { name: lastZone, source: 'last run' };
}

/** The zone that a server may be in whose own is not known: that of another server of the run, else the operator's. */
export function likelyZone(others: readonly (KnownZone | undefined)[], operator: Operator): KnownZone {
  const other = others.find((zone) => zone !== undefined);
  return other === undefined
    ? { name: operator.zone, source: 'assumed' }
    : { name: other.name, source: 'other server' };
}

/** Whether a zone is the server's own, and not only likely. */
export function isOwnZone({ source }: KnownZone): boolean {
  return source === 'config' || source === 'host OS' || source === 'last run';
}

/**
 * The zone of a server once its logs were read: what they show counts for more than what is only likely. What is assumed in
 * the end is said.
 */
export function settledZone(
  zone: KnownZone,
  shownByLogs: readonly string[],
  appliance: Appliance,
  operator: Operator,
): KnownZone {
  if (isOwnZone(zone)) return zone;
  const [shown] = shownByLogs;
  if (shown !== undefined && shownByLogs.length === 1) return { name: shown, source: 'logs' };
  const whose = zone.source === 'assumed' ? 'yours' : 'that of another server';
  operator.emit({
    type: 'warning',
    server: appliance.name,
    text: `the time zone of ${serverTitle(appliance.id)} is not known; ${whose} is assumed (${zoneTitle(zone.name)})`,
    hint: `Write it into the configuration: appliances.${appliance.name}.zone`,
  });
  return zone;
}
