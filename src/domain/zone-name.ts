/** @returns whether the runtime knows this IANA zone; a fixed offset such as `+05:30` is one, too */
export function isZone(name: string): boolean {
  if (/^(?:\+(?:0\d|1[0-4])|-(?:0[1-9]|1[0-2])):[0-5]\d$/.test(name)) return true; // not every Node takes it, @date-fns/tz does
  try {
    new Intl.DateTimeFormat('en', { timeZone: name });
    return true;
  } catch {
    return false; // RangeError is how Intl says "unknown zone"
  }
}

/** The zone of an offset: by its IANA name for whole hours, whose sign is reversed, as POSIX has it; else as `+05:30`. */
export function fixedZone(eastMinutes: number): string | undefined {
  if (eastMinutes === 0) return 'UTC';
  const [hours, minutes] = [Math.floor(Math.abs(eastMinutes) / 60), Math.abs(eastMinutes) % 60];
  const twoDigits = (value: number) => String(value).padStart(2, '0');
  const name =
    minutes === 0
      ? `Etc/GMT${eastMinutes > 0 ? '-' : '+'}${hours}`
      : `${eastMinutes > 0 ? '+' : '-'}${twoDigits(hours)}:${twoDigits(minutes)}`;
  return isZone(name) ? name : undefined;
}

/** A zone as people read it: an offset as `+01:00`, for in `Etc/GMT-1` the sign is reversed. */
export function zoneTitle(zone: string): string {
  const [, sign, hours] = /^Etc\/GMT([+-])(\d{1,2})$/.exec(zone) ?? [];
  return hours === undefined ? zone : `${sign === '-' ? '+' : '-'}${hours.padStart(2, '0')}:00`;
}
