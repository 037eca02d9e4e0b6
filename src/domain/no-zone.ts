import { nearest } from './text.js';

/** What there is instead of a zone, and which one may be meant: `no time zone Europe/Stokholm; did you mean …?` */
export function noZone(typed: string): string {
  const near = nearZone(typed);
  return `no time zone ${typed}${near === undefined ? '' : `; did you mean ${near}?`}`;
}

/** By the whole name, else by that of the place: `Stockholm`, `Sweden/Stokholm`. */
function nearZone(typed: string): string | undefined {
  const zones = Intl.supportedValuesOf('timeZone');
  const whole = nearest(typed, zones);
  if (whole !== undefined) return whole;
  const place = nearest(placeIn(typed), zones.map(placeIn));
  return zones.find((zone) => placeIn(zone) === place);
}

function placeIn(zone: string): string {
  return zone.slice(zone.lastIndexOf('/') + 1);
}
