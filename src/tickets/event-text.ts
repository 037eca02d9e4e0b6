import type { Manifest } from '../domain/manifest.js';
import { formatLocal, formatOffset } from '../domain/zone.js';
import { zoneTitle } from '../domain/zone-name.js';

/**
 * An instant in some zones and in UTC, e.g. `2026-11-20 10:32 Europe/Stockholm (+01:00), 04:32 America/New_York (-05:00),
 * 09:32 UTC`. A day is named where it is not that of the one before.
 */
export function instantText(at: Date, ...zones: readonly string[]): string {
  let day = '';
  const shown = [...new Set(zones)].filter((zone) => formatLocal(at, zone) !== formatLocal(at, 'UTC'));
  const texts = [...shown, 'UTC'].map((zone) => {
    const local = formatLocal(at, zone);
    const short = local.slice(0, 10) === day ? local.slice(11) : local;
    day = local.slice(0, 10);
    const offset = formatOffset(at, zone);
    const title = zoneTitle(zone);
    return title === 'UTC' || title === offset ? `${short} ${title}` : `${short} ${title} (${offset})`;
  });
  return texts.join(', ');
}

/** The window in the zone of the first server and in UTC, e.g. `2026-11-20 10:02 to 11:02 Europe/Stockholm (09:02 to 10:02 UTC)`. */
export function windowText(manifest: Manifest): string {
  const zone = manifest.servers[0]?.zone.name ?? 'UTC';
  const local = spanText(manifest, zone);
  const utc = spanText(manifest, 'UTC');
  if (local === utc) return `${utc} UTC`;
  const sameDay = local.slice(0, 10) === utc.slice(0, 10);
  return `${local} ${zoneTitle(zone)} (${sameDay ? utc.slice(11) : utc} UTC)`;
}

function spanText({ event }: Manifest, zone: string): string {
  const since = formatLocal(new Date(event.window.since), zone);
  const until = formatLocal(new Date(event.window.until), zone);
  return `${since} to ${since.slice(0, 10) === until.slice(0, 10) ? until.slice(11) : until}`;
}
