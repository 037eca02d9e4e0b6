import { TZDate, tzOffset } from '@date-fns/tz';

export type LocalTime = { year: number; month: number; day: number; hour: number; minute: number; second: number };

/** Minutes that local time is ahead of UTC at an instant. */
export function offsetMinutes(zone: string, at: Date): number {
  return tzOffset(zone, at);
}

/** An instant as the clocks of a zone show it. */
export function localTime(at: Date, zone: string): LocalTime {
  const local = new TZDate(at.getTime(), zone);
  return {
    year: local.getFullYear(),
    month: local.getMonth() + 1,
    day: local.getDate(),
    hour: local.getHours(),
    minute: local.getMinutes(),
    second: local.getSeconds(),
  };
}

/**
 * All instants at which the clocks of a zone show a local time.
 * @returns one as a rule; two when an hour is repeated; none when it is skipped
 */
export function instantsOf(local: LocalTime, zone: string): Date[] {
  const asUtc = Date.UTC(local.year, local.month - 1, local.day, local.hour, local.minute, local.second);
  const offsets = [-26, 0, 26].map((hours) => offsetMinutes(zone, new Date(asUtc + hours * 3_600_000)));
  return [...new Set(offsets)]
    .map((minutes) => new Date(asUtc - minutes * 60_000))
    .filter((at) => at.getTime() + offsetMinutes(zone, at) * 60_000 === asUtc)
    .sort((a, b) => a.getTime() - b.getTime());
}

/** For a local time that is skipped: as far before and after the change as the clocks would show with the other offset. */
export function besideGap(local: LocalTime, zone: string): [before: Date, after: Date] {
  const asUtc = Date.UTC(local.year, local.month - 1, local.day, local.hour, local.minute, local.second);
  const [earlier = 0, later = 0] = [-26, 26].map((hours) => offsetMinutes(zone, new Date(asUtc + hours * 3_600_000)));
  return [new Date(asUtc - later * 60_000), new Date(asUtc - earlier * 60_000)];
}

/** @returns e.g. `20261120_1032`, the time in folder names (guide, chapter 3) */
export function folderTime(at: Date, zone: string): string {
  const { year, month, day, hour, minute } = localTime(at, zone);
  return `${year}${two(month)}${two(day)}_${two(hour)}${two(minute)}`;
}

/** The whole minute that is not before an instant: what is said to come "after" it has come by then. */
export function minuteAfter(at: Date): Date {
  return new Date(Math.ceil(at.getTime() / 60_000) * 60_000);
}

/** @returns e.g. `2026-11-20 10:32` or, with seconds, `2026-11-20 10:32:05` */
export function formatLocal(at: Date, zone: string, seconds = false): string {
  const { year, month, day, hour, minute, second } = localTime(at, zone);
  return `${year}-${two(month)}-${two(day)} ${two(hour)}:${two(minute)}${seconds ? `:${two(second)}` : ''}`;
}

/** @returns e.g. `+01:00` */
export function formatOffset(at: Date, zone: string): string {
  const minutes = offsetMinutes(zone, at);
  const absolute = Math.abs(minutes);
  return `${minutes < 0 ? '-' : '+'}${two(Math.floor(absolute / 60))}:${two(absolute % 60)}`;
}

function two(value: number): string {
  return String(value).padStart(2, '0');
}
