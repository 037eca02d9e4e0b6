import type { Manifest } from '../domain/manifest.js';
import { formatLocal, formatOffset } from '../domain/zone.js';

/** An instant in a zone and in UTC, e.g. `2026-11-20 10:32 Europe/Stockholm (+01:00), 09:32 UTC`. */
export function instantText(at: Date, zone: string): string {
  const utc = formatLocal(at, 'UTC');
  const local = formatLocal(at, zone);
  if (local === utc) return `${utc} UTC`;
  const utcShort = utc.slice(0, 10) === local.slice(0, 10) ? utc.slice(11) : utc;
  return `${local} ${zone} (${formatOffset(at, zone)}), ${utcShort} UTC`;
}

/** The window in the zone of the first server, e.g. `10:02 to 11:02 Europe/Stockholm`. */
export function windowText(manifest: Manifest): string {
  const zone = manifest.servers[0]?.zone.name ?? 'UTC';
  const since = formatLocal(new Date(manifest.event.window.since), zone);
  const until = formatLocal(new Date(manifest.event.window.until), zone);
  const untilShort = since.slice(0, 10) === until.slice(0, 10) ? until.slice(11) : until;
  return `${since} to ${untilShort} ${zone}`;
}
