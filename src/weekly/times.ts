import { formatDuration } from '../domain/quantities.js';
import type { Span } from '../domain/recurrence.js';
import { formatOffset, instantsOf, localTime } from '../domain/zone.js';

const days = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'];
const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

/** Words for times in a zone; the year is said where it is not the one of the status. */
export type Times = { at(time: Date): string; range(span: Span): string };

/** @param year the one that goes without saying */
export function timesIn(zone: string, year: number): Times {
  const at = (time: Date) => `${dayOf(time, zone, year)} ${clockOf(time, zone)}`;
  return {
    at,
    range({ from, until }) {
      const [first, last] = [from, until].map((time) => dayOf(time, zone, year));
      return first === last ? `${at(from)}–${clockOf(until, zone)}` : `${at(from)} – ${at(until)}`;
    },
  };
}

/** @returns e.g. `Fri 20 Nov`, `Fri 20 Nov 2025` */
function dayOf(time: Date, zone: string, year: number): string {
  const local = localTime(time, zone);
  const weekday = days[new Date(Date.UTC(local.year, local.month - 1, local.day)).getUTCDay()];
  return `${weekday} ${local.day} ${months[local.month - 1]}${local.year === year ? '' : ` ${local.year}`}`;
}

/** @returns e.g. `10:18`; in an hour that clocks show twice `02:30 (+01:00)` */
function clockOf(time: Date, zone: string): string {
  const local = localTime(time, zone);
  const [hour, minute] = [local.hour, local.minute].map((value) => String(value).padStart(2, '0'));
  const isTwice = instantsOf(local, zone).length > 1;
  return `${hour}:${minute}${isTwice ? ` (${formatOffset(time, zone)})` : ''}`;
}

/** In whole minutes: more is not known. @returns e.g. `14 min`, `1 h 5 min` */
export function roughly(ms: number): string {
  return ms < 60_000 ? 'less than a minute' : formatDuration(Math.round(ms / 60_000) * 60_000);
}

/** @returns e.g. `1 ticket`, `2 tickets` */
export function counted(count: number, one: string, many = `${one}s`): string {
  return `${count} ${count === 1 ? one : many}`;
}
