import { bsdText, formats, type LogFormat, wallMs } from './generator.ts';

/** A way to write the time of a line, with what stands before and behind it. */
export type Writer = {
  name: string;
  /** The stamp says by itself which instant it is. */
  named: boolean;
  spanMs: number;
  /** @returns the line up to its message, with a blank behind it */
  head(at: Date, zone: string): string;
  /** What is behind the message, where the time stands there. */
  tail?(at: Date, zone: string): string;
};

const english = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];
const swedish = ['jan', 'feb', 'mars', 'apr', 'maj', 'juni', 'juli', 'aug', 'sep', 'okt', 'nov', 'dec'];
const german = ['Jan', 'Feb', 'Mär', 'Apr', 'Mai', 'Jun', 'Jul', 'Aug', 'Sep', 'Okt', 'Nov', 'Dez'];
const weekdays = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'];

/** The parts of a wall clock, as text. */
function partsAt(at: Date, zone: string) {
  const wall = new Date(wallMs(at, zone));
  const two = (value: number) => String(value).padStart(2, '0');
  const hours = wall.getUTCHours();
  return {
    Y: String(wall.getUTCFullYear()),
    M: two(wall.getUTCMonth() + 1),
    D: two(wall.getUTCDate()),
    d: String(wall.getUTCDate()),
    dd: String(wall.getUTCDate()).padStart(2),
    month: wall.getUTCMonth(),
    time: `${two(hours)}:${two(wall.getUTCMinutes())}:${two(wall.getUTCSeconds())}`,
    half: `${hours % 12 || 12}:${two(wall.getUTCMinutes())}:${two(wall.getUTCSeconds())} ${hours < 12 ? 'AM' : 'PM'}`,
    ms: String(wall.getUTCMilliseconds()).padStart(3, '0'),
    weekday: weekdays[wall.getUTCDay()] ?? '',
    offset: offsetText(at, zone),
  };
}

function offsetText(at: Date, zone: string): string {
  const minutes = Math.round((wallMs(at, zone) - at.getTime()) / 60_000);
  const [hours, rest] = [Math.floor(Math.abs(minutes) / 60), Math.abs(minutes) % 60];
  return `${minutes < 0 ? '-' : '+'}${String(hours).padStart(2, '0')}${String(rest).padStart(2, '0')}`;
}

type Parts = ReturnType<typeof partsAt>;

function local(name: string, spanMs: number, write: (parts: Parts) => string): Writer {
  return { name, named: false, spanMs, head: (at, zone) => write(partsAt(at, zone)) };
}

function named(name: string, spanMs: number, write: (parts: Parts, at: Date) => string): Writer {
  return { name, named: true, spanMs, head: (at, zone) => write(partsAt(at, zone), at) };
}

function asWriter({ name, named: isNamed, spanMs, write }: LogFormat): Writer {
  return { name, named: isNamed, spanMs, head: (at, zone) => `${write(at, zone)} ` };
}

/** Forms that are in the table of the tool. */
export const knownWriters: readonly Writer[] = [
  ...formats.filter(({ spanMs }) => spanMs <= 1000).map(asWriter),
  local('Log4j', 1, ({ Y, M, D, time, ms }) => `${Y}-${M}-${D} ${time},${ms} INFO  [main] com.example.Main - `),
  local('level first', 1, ({ Y, M, D, time, ms }) => `WARN  ${Y}-${M}-${D} ${time},${ms} `),
  local('BIND', 1, ({ Y, month, D, time, ms }) => `${D}-${english[month]}-${Y} ${time}.${ms} `),
  local('12-hour clock', 1000, ({ Y, M, D, half }) => `${Y}-${M}-${D} ${half} `),
  local(
    'java.util.logging',
    1000,
    ({ Y, month, d, half }) => `${english[month]} ${d}, ${Y} ${half} com.example.Main run\nINFO: `,
  ),
  local('US, 12-hour clock', 1000, ({ Y, M, d, half }) => `${Number(M)}/${d}/${Y} ${half} `),
  local('German', 1000, ({ Y, M, D, time }) => `${D}.${M}.${Y} ${time} `),
  local('German name of the month', 1000, ({ Y, month, d, time }) => `${d}. ${german[month]} ${Y} ${time} `),
  local('Swedish, no year', 1000, ({ month, d, time }) => `${d} ${swedish[month]} ${time} host app: `),
  local('Kiwi', 1000, ({ Y, M, D, time }) => `${D}-${M}-${Y}\t${time}\tLocal7.Debug\t192.0.2.1\t`),
  local('CSV', 1000, ({ Y, M, D, time }) => `"${Y}-${M}-${D}","${time}","info",`),
  local('date', 1000, ({ weekday, month, dd, time, Y }) => `${weekday} ${english[month]} ${dd} ${time} ${Y} `),
  local(
    'Apache errors',
    1000,
    ({ weekday, month, D, time, Y, ms }) => `[${weekday} ${english[month]} ${D} ${time}.${ms}000 ${Y}] [core:notice] `,
  ),
  local(
    'Clavister with the year',
    1000,
    ({ month, dd, Y, time }) => `${english[month]} ${dd} ${Y} ${time} gw EFW: DROP: `,
  ),
  local('digits', 1000, ({ Y, M, D, time }) => `${Y}${M}${D}T${time.replaceAll(':', '')} `),
  local('clock with dots', 1000, ({ Y, M, D, time }) => `${Y}-${M}-${D} ${time.replaceAll(':', '.')} `),
  local('JSON without a zone', 1000, ({ Y, M, D, time }) => `{"time":"${Y}-${M}-${D}T${time}","msg":"x"} `),
  named('UTC as a word', 1, (_parts, at) => `${at.toISOString().replace('T', ' ').replace('Z', '')} UTC INFO `),
  named('UTC in brackets', 1000, (_parts, at) => `${at.toISOString().slice(0, 19).replace('T', ' ')} (UTC) `),
  named(
    'cOS Core',
    1000,
    (_parts, at) => `<134>[${at.toISOString().slice(0, 19).replace('T', ' ')}] EFW: SYSTEM: prio=2 `,
  ),
  named('RFC 5424 without priority', 1000, (_parts, at) => `1 ${at.toISOString().slice(0, 19)}Z fw EFW - - - CONN: `),
  named(
    'access log',
    1000,
    ({ D, month, Y, time, offset }) => `192.0.2.7 - - [${D}/${english[month]}/${Y}:${time} ${offset}] "GET /" `,
  ),
  named('JSON', 1, (_parts, at) => `{"time":"${at.toISOString()}","msg":"x"} `),
  named('logfmt', 1, (_parts, at) => `time="${at.toISOString()}" level=info msg=`),
];

/** Forms that nobody knows; each has some time in it. */
export const unknownWriters: readonly Writer[] = [
  local('time first, date behind', 1000, ({ Y, M, D, time }) => `${time} on ${D}/${M}-${Y} `),
  local('letters between', 1000, ({ Y, M, D, time }) => `y${Y} m${M} d${D} ${time} `),
  local('time alone', 1, ({ time, ms }) => `${time}.${ms} [main] INFO `),
  local('h, min and s', 1000, ({ Y, M, D, time }) => `den ${D}e i ${M}e ${Y} klockan ${time.slice(0, 5)} `),
  local('a host before BSD', 1000, ({ month, dd, time }) => `gw-7| ${english[month]} ${dd} ${time} `),
];

export { bsdText };
