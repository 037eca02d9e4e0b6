/** The time at the head of a log line. One object is filled again and again: this runs for every line of every log. */
export type Stamp = {
  /** `instant`: `ms` is Unix time. `local`: `ms` is the wall clock read as if it were UTC. */
  kind: 'instant' | 'local';
  ms: number;
  /** How long a time it stands for: a stamp without seconds is a whole minute. */
  spanMs: number;
  /** It names no year: `ms` is of the latest one that is possible. */
  yearless: boolean;
};

/** How to read a date without a year: it lies at most a day after this wall-clock time (read as if it were UTC). */
export type YearRule = { latestLocalMs: number };

const [zero, nine] = [48, 57];
const maxPrefix = 8;

/**
 * Reads the time a line begins with, after an optional `[` or syslog priority: ISO 8601 with or without `T`, seconds'
 * fraction and zone; `2026/11/20 10:32:00`; RFC 5424; BSD syslog (`Nov 20 10:32:00`); Unix time in s or ms.
 * @returns whether there is one; if so `stamp` is filled
 */
export function readStamp(line: Buffer, start: number, end: number, stamp: Stamp, years: YearRule): boolean {
  stamp.yearless = false;
  if (end - start >= minuteBytes && isLastMinute(line, start))
    return readSeconds(line, start + minuteBytes, end, stamp, lastMinute.ms);
  let at = start;
  if (line[at] === 0xef && line[at + 1] === 0xbb && line[at + 2] === 0xbf) at += 3; // byte order mark
  while (at < end && at < start + maxPrefix && (line[at] === 32 || line[at] === 9 || line[at] === 91)) at++;
  if (line[at] === 60) {
    at = afterPriority(line, at, end);
  }
  const first = line[at] ?? 0;
  if (first >= zero && first <= nine) return readNumeric(line, at, end, stamp);
  return readBsd(line, at, end, stamp, years);
}

/** Skips `<34>` of BSD syslog and `<34>1 ` of RFC 5424. */
function afterPriority(line: Buffer, at: number, end: number): number {
  let next = at + 1;
  while (next < end && next < at + 5 && isDigit(line[next])) next++;
  if (line[next] !== 62) return at;
  next++;
  return isDigit(line[next]) && line[next + 1] === 32 ? next + 2 : next;
}

function readNumeric(line: Buffer, at: number, end: number, stamp: Stamp): boolean {
  const separator = line[at + 4];
  if (separator !== 45 && separator !== 47) return readUnixTime(line, at, end, stamp);
  if (end - at < 16 || line[at + 7] !== separator) return false;
  const year = digits(line, at, 4);
  const month = digits(line, at + 5, 2);
  const day = digits(line, at + 8, 2);
  const between = line[at + 10];
  if (between !== 32 && between !== 84 && between !== 116 && between !== 95) return false;
  if (!readClock(line, at + 11, end, stamp, year, month, day)) return false;
  const hour = digits(line, at + 11, 2);
  const minute = digits(line, at + 14, 2);
  for (let index = 0; index < minuteBytes; index++) lastMinute.text[index] = line[at + index] ?? 0;
  lastMinute.ms = Date.UTC(year, month - 1, day, hour, minute);
  return true;
}

/** Lines mostly bear the minute of the one before: it need not be reckoned again. */
const minuteBytes = '2026-11-20 10:32'.length;
const lastMinute = { text: Buffer.alloc(minuteBytes), ms: 0 };

function isLastMinute(line: Buffer, at: number): boolean {
  for (let index = minuteBytes - 1; index >= 0; index--) if (line[at + index] !== lastMinute.text[index]) return false;
  return true;
}

function readClock(
  line: Buffer,
  at: number,
  end: number,
  stamp: Stamp,
  year: number,
  month: number,
  day: number,
): boolean {
  if (line[at + 2] !== 58) return false;
  const hour = digits(line, at, 2);
  const minute = digits(line, at + 3, 2);
  if (!isDate(year, month, day) || !inRange(hour, 0, 23) || !inRange(minute, 0, 59)) return false;
  return readSeconds(line, at + 5, end, stamp, Date.UTC(year, month - 1, day, hour, minute));
}

/** What follows the minute: seconds, their fraction, the offset. */
function readSeconds(line: Buffer, at: number, end: number, stamp: Stamp, minuteMs: number): boolean {
  let next = at;
  let ms = minuteMs;
  stamp.spanMs = 60_000;
  if (line[next] === 58) {
    const second = digits(line, next + 1, 2);
    if (!inRange(second, 0, 60)) return false;
    ms += second * 1000;
    next += 3;
    stamp.spanMs = 1000;
  }
  if ((line[next] === 46 || line[next] === 44) && isDigit(line[next + 1])) {
    let fraction = 0;
    let scale = 100;
    for (next++; next < end && isDigit(line[next]); next++) {
      fraction += ((line[next] ?? zero) - zero) * scale;
      scale /= 10;
    }
    ms += Math.floor(fraction);
    stamp.spanMs = Math.max(1, scale * 10); // `.9` stands for a tenth of a second
  }
  return readOffset(line, next, end, stamp, ms);
}

function readOffset(line: Buffer, at: number, end: number, stamp: Stamp, wall: number): boolean {
  const apart = line[at] === 32 && (line[at + 1] === 43 || line[at + 1] === 45);
  const next = apart ? at + 1 : at;
  const sign = line[next];
  if (sign === 90 || sign === 122) {
    stamp.kind = 'instant';
    stamp.ms = wall;
    return true;
  }
  stamp.kind = 'local';
  stamp.ms = wall;
  if ((sign !== 43 && sign !== 45) || end - next < 3) return true;
  const hours = digits(line, next + 1, 2);
  const minutesAt = next + (line[next + 3] === 58 ? 4 : 3);
  const hoursAlone = minutesAt === next + 3 && !isDigit(line[minutesAt]);
  if (hoursAlone && apart) return true; // a number of the message, such as `-12 dBm`
  const minutes = hoursAlone ? 0 : digits(line, minutesAt, 2);
  if (!inRange(hours, 0, 15) || !inRange(minutes, 0, 59) || isWord(line[hoursAlone ? minutesAt : minutesAt + 2]))
    return true;
  stamp.kind = 'instant';
  stamp.ms = wall - (sign === 45 ? -1 : 1) * (hours * 60 + minutes) * 60_000;
  return true;
}

/** Ten digits are seconds, thirteen milliseconds; a fraction may follow. */
function readUnixTime(line: Buffer, at: number, end: number, stamp: Stamp): boolean {
  let next = at;
  let value = 0;
  while (next < end && next < at + 14 && isDigit(line[next])) value = value * 10 + (line[next++] ?? zero) - zero;
  const length = next - at;
  if ((length !== 10 && length !== 13) || isWord(line[next])) return false;
  const ms = length === 10 ? value * 1000 : value;
  if (ms < 946_684_800_000 || ms > 4_102_444_800_000) return false; // 2000 to 2100
  stamp.kind = 'instant';
  stamp.ms = ms;
  stamp.spanMs = length === 10 ? 1000 : 1;
  return true;
}

const months = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];

function readBsd(line: Buffer, at: number, end: number, stamp: Stamp, years: YearRule): boolean {
  if (end - at < 15 || line[at + 3] !== 32 || line[at + 6] !== 32) return false;
  const month = months.indexOf(line.toString('latin1', at, at + 3).toLowerCase()) + 1;
  if (month === 0) return false;
  const tens = line[at + 4] === 32 ? 0 : digits(line, at + 4, 1);
  const day = tens * 10 + digits(line, at + 5, 1);
  for (let year = new Date(years.latestLocalMs).getUTCFullYear() + 1, tries = 0; tries < 9; year--, tries++) {
    if (!isDate(year, month, day)) continue;
    if (Date.UTC(year, month - 1, day) > years.latestLocalMs + 86_400_000) continue;
    stamp.yearless = true;
    return readClock(line, at + 7, end, stamp, year, month, day);
  }
  return false;
}

function isDate(year: number, month: number, day: number): boolean {
  return inRange(year, 1990, 2100) && inRange(month, 1, 12) && inRange(day, 1, daysIn(year, month));
}

function daysIn(year: number, month: number): number {
  if (month === 2) return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0) ? 29 : 28;
  return month === 4 || month === 6 || month === 9 || month === 11 ? 30 : 31;
}

function inRange(value: number, low: number, high: number): boolean {
  return value >= low && value <= high;
}

/** @returns the number `count` digits make, or NaN */
function digits(line: Buffer, at: number, count: number): number {
  let value = 0;
  for (let index = at; index < at + count; index++) {
    const digit = (line[index] ?? 0) - zero;
    if (digit < 0 || digit > 9) return Number.NaN;
    value = value * 10 + digit;
  }
  return value;
}

function isDigit(code: number | undefined): boolean {
  return code !== undefined && code >= zero && code <= nine;
}

function isWord(code: number | undefined): boolean {
  return isDigit(code) || (code !== undefined && ((code >= 65 && code <= 90) || (code >= 97 && code <= 122)));
}
