import { formatLocal, formatOffset } from '../domain/zone.js';
import type { ClockOffset } from '../reading/reading.js';

const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

/** @returns e.g. `1 004 117`, with spaces that do not break and are the same in every locale */
export function grouped(value: number): string {
  return String(value).replace(/\B(?=(\d{3})+$)/g, '\u202f');
}

/** @returns e.g. `1 line`, `12 lines` */
export function counted(value: number, noun: string): string {
  return `${grouped(value)} ${noun}${value === 1 ? '' : 's'}`;
}

/** @returns e.g. `20 Nov 2026` */
export function dayOf(at: number, zone: string): string {
  const [year = '', month = '', day = ''] = formatLocal(new Date(at), zone).slice(0, 10).split('-');
  return `${Number(day)} ${months[Number(month) - 1] ?? month} ${year}`;
}

/** @returns e.g. `10:32` */
export function minuteOf(at: number, zone: string): string {
  return formatLocal(new Date(at), zone).slice(11);
}

/** @returns e.g. `10:32:05.250` */
export function timeOf(at: number, zone: string): string {
  const ms = ((Math.round(at) % 1000) + 1000) % 1000;
  return `${formatLocal(new Date(Math.round(at) - ms), zone, true).slice(11)}.${String(ms).padStart(3, '0')}`;
}

/** @returns e.g. `Europe/Stockholm (+01:00)` */
export function zoneOf(at: number, zone: string): string {
  return `${zone} (${formatOffset(new Date(at), zone)})`;
}

/** @returns e.g. `+73.0 s ± 0.03 s` */
export function clockOf(clock: ClockOffset | null | undefined): string {
  if (clock === null || clock === undefined) return 'not measured';
  const { offsetMs, errorMs } = clock;
  const sign = offsetMs < 0 ? '\u2212' : '+';
  return `${sign}${(Math.abs(offsetMs) / 1000).toFixed(1)} s \u00b1 ${(errorMs / 1000).toFixed(2)} s`;
}

/** A date for machines. */
export function instantOf(at: number): string {
  return new Date(Math.round(at)).toISOString();
}
