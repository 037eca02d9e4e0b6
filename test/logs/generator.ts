import fc from 'fast-check';

/** One entry of a made log: what really happened when, and the bytes that tell of it. */
export type LogEntry = {
  /** The true instant, as the server's clock has it. */
  at: Date;
  /** The line with the stamp and those that belong to it, each with its end. */
  bytes: Buffer;
  format: LogFormat;
};

export type MadeLog = {
  zone: string;
  /** What is before the first entry. */
  preamble: Buffer;
  entries: LogEntry[];
  /** Whether the last line has an end. */
  ended: boolean;
};

export type LogFormat = {
  name: string;
  /** The stamp says by itself which instant it is. */
  named: boolean;
  /** How long a time the stamp stands for. */
  spanMs: number;
  write(at: Date, zone: string): string;
};

export const allZones = [
  'Europe/Stockholm',
  'America/New_York',
  'Australia/Lord_Howe',
  'Europe/Dublin',
  'Pacific/Apia',
  'Asia/Kathmandu',
  'UTC',
] as const;

/** Instants to make logs around: ordinary ones, and changes of clocks, years and days. */
export const moments: readonly (readonly [zone: string, at: string])[] = [
  ['Europe/Stockholm', '2026-11-20T09:32:00Z'],
  ['Europe/Stockholm', '2026-10-25T01:00:00Z'],
  ['Europe/Stockholm', '2026-03-29T01:00:00Z'],
  ['Europe/Stockholm', '2026-12-31T23:00:00Z'],
  ['America/New_York', '2026-11-01T06:00:00Z'],
  ['America/New_York', '2026-03-08T07:00:00Z'],
  ['Australia/Lord_Howe', '2026-04-04T15:00:00Z'],
  ['Australia/Lord_Howe', '2026-10-03T15:30:00Z'],
  ['Europe/Dublin', '2026-10-25T01:00:00Z'],
  ['Europe/Dublin', '2026-03-29T01:00:00Z'],
  ['Pacific/Apia', '2011-12-30T10:00:00Z'],
  ['Asia/Kathmandu', '2028-02-28T18:15:00Z'],
  ['UTC', '2027-01-01T00:00:00Z'],
];

/** The wall clock of a zone, read as if it were UTC. By Intl: what is tested has its own way. */
export function wallMs(at: Date, zone: string): number {
  return Date.parse(`${wallText(at, zone).replace(' ', 'T')}Z`) + (((at.getTime() % 1000) + 1000) % 1000);
}

/** All instants for which an entry's stamp may stand, each the beginning of the time it stands for. */
export function readingsOf({ at, format }: LogEntry, zone: string): number[] {
  if (format.named) return [floor(at.getTime(), format.spanMs)];
  const wall = floor(wallMs(at, zone), format.spanMs);
  const near = [-26, 0, 26].map((hours) => {
    const other = new Date(wall + hours * 3_600_000);
    return wall - (wallMs(other, zone) - other.getTime());
  });
  return [...new Set(near)].filter((ms) => wallMs(new Date(ms), zone) === wall);
}

export function bytesOf({ preamble, entries, ended }: MadeLog): Buffer {
  const log = Buffer.concat([preamble, ...entries.map(({ bytes }) => bytes)]);
  return ended ? log : withoutEnd(log);
}

function withoutEnd(text: Buffer): Buffer {
  return text.subarray(0, text.length - (text.at(-2) === 13 ? 2 : 1));
}

const dates = new Map<string, Intl.DateTimeFormat>();

/** @returns `2026-11-20 10:32:05` */
function wallText(at: Date, zone: string): string {
  const known =
    dates.get(zone) ?? new Intl.DateTimeFormat('sv-SE', { timeZone: zone, dateStyle: 'short', timeStyle: 'medium' });
  dates.set(zone, known);
  return known.format(at);
}

/** @returns `+01:00` */
function offsetText(at: Date, zone: string): string {
  const minutes = Math.round((wallMs(at, zone) - at.getTime()) / 60_000);
  const absolute = Math.abs(minutes);
  const [hours, rest] = [Math.floor(absolute / 60), absolute % 60].map((part) => String(part).padStart(2, '0'));
  return `${minutes < 0 ? '-' : '+'}${hours}:${rest}`;
}

const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

/** @returns `Nov 20 10:32:05`, the day padded with a blank */
export function bsdText(at: Date, zone: string): string {
  const text = wallText(at, zone);
  return `${months[Number(text.slice(5, 7)) - 1]} ${String(Number(text.slice(8, 10))).padStart(2)} ${text.slice(11)}`;
}

function milliseconds(at: Date): string {
  return at.toISOString().slice(20, 23);
}

function floor(ms: number, span: number): number {
  return Math.floor(ms / span) * span;
}

function local(name: string, spanMs: number, write: LogFormat['write']): LogFormat {
  return { name, named: false, spanMs, write };
}

function named(name: string, spanMs: number, write: LogFormat['write']): LogFormat {
  return { name, named: true, spanMs, write };
}

export const formats: readonly LogFormat[] = [
  local('ISO', 1000, (at, zone) => wallText(at, zone)),
  local('ISO with T', 1000, (at, zone) => wallText(at, zone).replace(' ', 'T')),
  local('ISO to the minute', 60_000, (at, zone) => wallText(at, zone).slice(0, 16)),
  local('ISO with slashes', 1000, (at, zone) => wallText(at, zone).replaceAll('-', '/')),
  local('ISO with a dot', 1, (at, zone) => `${wallText(at, zone)}.${milliseconds(at)}`),
  local('ISO with a comma', 1, (at, zone) => `${wallText(at, zone)},${milliseconds(at)}`),
  local('ISO in brackets', 1000, (at, zone) => `[${wallText(at, zone)}]`),
  local('ISO to the microsecond', 1, (at, zone) => `${wallText(at, zone)}.${milliseconds(at)}789`),
  local('BSD', 1000, bsdText),
  local('BSD with priority', 1000, (at, zone) => `<34>${bsdText(at, zone)}`),
  named('ISO in UTC', 1, (at) => at.toISOString()),
  named('ISO in UTC to the second', 1000, (at) => `${at.toISOString().slice(0, 19)}Z`),
  named('ISO with offset', 1000, (at, zone) => wallText(at, zone).replace(' ', 'T') + offsetText(at, zone)),
  named('ISO with offset apart', 1, (at, zone) => {
    return `${wallText(at, zone)},${milliseconds(at)} ${offsetText(at, zone).replace(':', '')}`;
  }),
  named('RFC 5424', 1, (at) => `<34>1 ${at.toISOString()} host app - - -`),
  named('RFC 5424 with offset', 1000, (at, zone) => {
    return `<165>1 ${wallText(at, zone).replace(' ', 'T')}${offsetText(at, zone)} host app - - -`;
  }),
  named('Unix time', 1000, (at) => String(Math.floor(at.getTime() / 1000))),
  named('Unix time in brackets', 1000, (at) => `[${Math.floor(at.getTime() / 1000)}]`),
  named('Unix time in ms', 1, (at) => String(at.getTime())),
];

/** What an entry says: text, bytes that are none, stamps that are not at the head of the line. */
const messages: readonly Buffer[] = [
  ...['', ' configuration activated', ' -1 was returned', ' +12 dB', ' Ω 日本語 🧊', ' forged 2026-11-20 10:32:00'],
  ...[' x\r2026-11-20T10:00:00Z y', ' [2026-11-20 10:32:00]', `${' '.repeat(300)}.`],
].map((text) => Buffer.from(text));
const rawMessages = [' caf\xe9', ' \0\0\0\0', ' \xff\xfe\x80', ' \x1b[31m'].map((text) => Buffer.from(text, 'latin1'));

/** Lines without a time of their own, also such as look like one. */
const continuations: readonly Buffer[] = [
  ...[
    '',
    '\t...',
    '  at Main.run(Main.java:2026)',
    'Caused by: x',
    'Ω',
    '2026',
    '2026-11-20',
    'Nov',
    '[',
    '<34>',
    '\r',
  ],
  ...['9999-12-31 23:59:59 absurd', '2026-11-20 00:60:60 absurd', 'Feb 30 10:32:00 absurd', '0000000000', '----'],
  ...['          2026-11-20 10:32:00 far from the head', 'x2026-11-20 10:32:00', '\0\0\0'],
].map((text) => Buffer.from(text));

const preambles = ['', '# opened\n', '\n\n', '\ufeff# opened\r\n\0\n', '\r\n'].map((text) => Buffer.from(text));
const byteOrderMark = Buffer.from('\ufeff');
const lineEnds = ['\n', '\r\n'].map((text) => Buffer.from(text));

export type LogShape = {
  /** How far entries are from the middle, at most. */
  spreadMs?: number;
  /** Offsets from the middle that are to come often, such as the edges of a window. */
  edgesMs?: readonly number[];
  formats?: readonly LogFormat[];
  maxEntries?: number;
  /** No entry is before the one it follows. */
  monotonic?: boolean;
  /** Nothing but stamped lines. */
  stampedOnly?: boolean;
  ended?: boolean;
};

/** A log around an instant, whose entries know when they happened (rig R11). */
export function logAround(middle: Date, zone: string, shape: LogShape = {}): fc.Arbitrary<MadeLog> {
  const { spreadMs = 2 * 3_600_000, edgesMs = [0], maxEntries = 20, monotonic = false, stampedOnly = false } = shape;
  const near = fc.constantFrom(
    ...edgesMs.flatMap((edge) => [-60_000, -1001, -1, 0, 1, 999, 60_000].map((d) => edge + d)),
  );
  const entry = fc.record({
    offsetMs: fc.oneof(fc.integer({ min: -spreadMs, max: spreadMs }), near),
    format: fc.constantFrom(...(shape.formats ?? formats)),
    message: fc.constantFrom(...messages, ...rawMessages),
    more: stampedOnly ? fc.constant([]) : fc.array(fc.constantFrom(...continuations), { maxLength: 3 }),
    lineEnd: fc.constantFrom(...lineEnds),
    times: fc.oneof({ weight: 5, arbitrary: fc.constant(1) }, { weight: 1, arbitrary: fc.integer({ min: 2, max: 4 }) }),
  });
  return fc
    .record({
      made: fc.array(entry, { minLength: stampedOnly ? 1 : 0, maxLength: maxEntries }),
      preamble: stampedOnly ? fc.constant(Buffer.alloc(0)) : fc.constantFrom(...preambles),
      marked: fc.constantFrom(false, false, !stampedOnly),
      ended: shape.ended === undefined ? fc.boolean() : fc.constant(shape.ended),
    })
    .map(({ made, preamble, marked, ended }) => {
      const ordered = monotonic ? [...made].sort((a, b) => a.offsetMs - b.offsetMs) : made;
      const entries = ordered.flatMap(({ offsetMs, format, message, more, lineEnd, times }) => {
        const at = new Date(middle.getTime() + offsetMs);
        const head = Buffer.concat([Buffer.from(format.write(at, zone)), message]);
        const bytes = Buffer.concat([head, ...more].flatMap((line) => [line, lineEnd]));
        return Array.from({ length: times }, (): LogEntry => ({ at, bytes, format }));
      });
      const first = entries[0];
      if (marked && preamble.length === 0 && first !== undefined)
        entries[0] = { ...first, bytes: Buffer.concat([byteOrderMark, first.bytes]) };
      const last = entries.at(-1)?.bytes;
      const lastIsBlank = last === undefined || withoutEnd(last).at(-1) === 10;
      return { zone, preamble, entries, ended: ended || lastIsBlank };
    });
}
