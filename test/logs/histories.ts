import { gzipSync } from 'node:zlib';
import { knownWriters, unknownWriters, type Writer } from './writers.ts';

/** A log as it came about on a server, and what is true of it. */
export type History = {
  files: { name: string; content: Buffer; modifiedAt: Date | undefined }[];
  serverZone: string;
  window: { since: Date; until: Date };
  eventAt: Date;
  readAt: Date;
  /** The ids of all lines that were written in the window, by the server's clock, also of those that are lost. */
  inWindow: string[];
  /** Logging went on elsewhere while this log, of a steady rhythm, was silent in the window. */
  stoppedInWindow: boolean;
  /** Every form in it is in the table of the tool. */
  isKnown: boolean;
  /** Nothing unusual is in it: it is to be called complete. */
  isPlain: boolean;
  /** What is unusual in it. */
  traits: string[];
  /** Bytes of all files, unpacked. */
  bytes: number;
};

type Random = {
  /** From 0 up to, without, 1. */
  next(): number;
  chance(share: number): boolean;
  pick<T>(from: readonly T[]): T;
  between(low: number, high: number): number;
};

/** The same numbers for the same seed (mulberry32). */
function randomOf(seed: number): Random {
  let state = seed >>> 0;
  const next = () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
  return {
    next,
    chance: (share) => next() < share,
    pick: (from) => from[Math.floor(next() * from.length)] as (typeof from)[number],
    between: (low, high) => low + Math.floor(next() * (high - low + 1)),
  };
}

const minuteMs = 60_000;
const hourMs = 3_600_000;
const zones = ['Europe/Stockholm', 'UTC', 'America/New_York', 'Asia/Kolkata', 'Australia/Sydney', 'America/St_Johns'];
const seasons = ['2026-11-20T09:32:17Z', '2026-07-03T15:10:00Z', '2026-01-01T00:12:00Z', '2026-10-25T01:20:00Z'];

type Line = {
  /** What the clock showed. */
  at: number;
  /** What the clock would have shown as it is set now. */
  trueAt: number;
  bytes: Buffer;
  id: string | undefined;
  isLost: boolean;
};

/** Makes a history of a seed. */
export function historyOf(seed: number): History {
  const random = randomOf(seed);
  const traits: string[] = [];
  const trait = (name: string, share: number) => {
    const has = random.chance(share);
    if (has) traits.push(name);
    return has;
  };
  const serverZone = random.pick(zones);
  const logZone = trait('other-zone', 0.15) ? random.pick([...zones, 'UTC', 'UTC']) : serverZone;
  const eventAt = new Date(Date.parse(random.pick(seasons)) + random.between(-20, 20) * minuteMs);
  const window = {
    since: new Date(eventAt.getTime() - 30 * minuteMs),
    until: new Date(eventAt.getTime() + 30 * minuteMs),
  };
  const writer = trait('unknown-form', 0.06) ? random.pick(unknownWriters) : random.pick(knownWriters);
  const later = trait('form-change', 0.1)
    ? random.pick([...knownWriters, ...unknownWriters, ...unknownWriters])
    : writer;
  const changesAt = eventAt.getTime() + random.between(-180, 90) * minuteMs;
  const rhythm = random.pick(['steady', 'steady', 'bursts', 'quiet'] as const);
  const begin = eventAt.getTime() - random.between(20, rhythm === 'quiet' ? 4000 : 500) * minuteMs;
  const end = eventAt.getTime() + random.between(-90, rhythm === 'quiet' ? 2000 : 300) * minuteMs;
  // In the night when an hour comes twice, a silence of it does not show in times that name no zone.
  const isFold = eventAt.getUTCMonth() === 9;
  const halt = rhythm === 'steady' && !isFold && trait('stop', 0.12) ? stopOf(random, eventAt.getTime()) : undefined;
  // A shorter silence is not longer than what is usual.
  const stop = halt !== undefined && Math.min(halt.to, end) - halt.from > 70 * minuteMs ? halt : undefined;
  // A clock that is set back by about as long as logging stops hides both.
  const step =
    halt === undefined && trait('clock-step', 0.06)
      ? {
          at: eventAt.getTime() + random.between(-200, 200) * minuteMs,
          byMs: random.pick([-1, -1, 1]) * random.between(3, 180) * minuteMs,
        }
      : undefined;
  const oddities = {
    traces: trait('traces', 0.3),
    foreign: trait('foreign', 0.12),
    texts: trait('texts', 0.2),
    nearTexts: trait('near-texts', 0.06),
    unread: trait('unread-lines', 0.06),
  };
  const lineEnd = random.pick(['\n', '\n', '\n', '\r\n', '\r'] as const);
  if (lineEnd === '\r') traits.push('cr');
  const lines: Line[] = [];
  let shiftMs = 0;
  let count = 0;
  let linesBefore = 0;
  let isChanged = false;
  for (let ms = begin; ms <= end && count < 400; ms += gapOf(random, rhythm)) {
    if (step !== undefined && ms >= step.at) shiftMs = step.byMs;
    const shown = new Date(ms + shiftMs);
    const isChangedNow = ms >= changesAt;
    isChanged ||= isChangedNow && later !== writer;
    const id = `#${count++};`;
    // With fewer lines nobody can know the rhythm of a log.
    if (stop !== undefined && ms < stop.from) linesBefore = count;
    const isLost = stop !== undefined && linesBefore > 90 && ms >= stop.from && ms < stop.to;
    const text = `${(isChangedNow ? later : writer).head(shown, logZone)}message ${id} of ${count % 7}`;
    const more = oddLines(random, oddities, shown, logZone, () => `#${count++};`);
    lines.push({ at: shown.getTime(), trueAt: ms, bytes: entry([text, ...more.text], lineEnd), id, isLost });
    for (const own of more.own)
      lines.push({ at: shown.getTime(), trueAt: ms, bytes: entry([own.text], lineEnd), id: own.id, isLost });
  }
  if (!isChanged) removeTrait(traits, 'form-change');
  // A clock that is set back while nothing is logged leaves no trace; nor does one that is set forward.
  const written = lines.filter(({ isLost }) => !isLost);
  const isSeen = written.some(({ at }, index) => at < (written[index - 1]?.at ?? at) - 3000);
  if (isSeen) for (const line of lines) line.trueAt += shiftMs;
  const isOver = end + minuteMs;
  const readAt = new Date(
    Math.max(isOver, (stop?.from ?? 0) + 75 * minuteMs, ...lines.map(({ at }) => at)) +
      random.between(0, 30) * (rhythm === 'quiet' ? minuteMs : 1000),
  );
  const isIn = (ms: number) => ms >= window.since.getTime() && ms <= window.until.getTime();
  // That a clock was set forward later on does not show in a log.
  const inWindow = lines
    .filter(({ at, trueAt }) => isIn(trueAt) && (isIn(at) || (isSeen && step !== undefined && step.byMs < 0)))
    .flatMap(({ id }) => id ?? []);
  const there = lines.filter(({ isLost }) => !isLost);
  const files = filesOf(random, there, trait, { readAt, isSteady: rhythm === 'steady', isStopped: stop !== undefined });
  // Nothing shows the zone of a quiet log that is packed late, nor that an empty file never had a line.
  if (files.at(-1)?.content.length === 0) traits.push('empty');
  const stoppedMs =
    stop === undefined ? 0 : Math.min(stop.to, window.until.getTime()) - Math.max(stop.from, window.since.getTime());
  const isKnown = knownWriters.includes(writer) && (!isChanged || knownWriters.includes(later));
  return {
    ...{ files, serverZone, window, eventAt, readAt, inWindow, traits, isKnown },
    stoppedInWindow:
      stoppedMs > 25 * minuteMs &&
      lines.some(({ isLost, at }) => isLost && at < window.until.getTime()) &&
      there.length > 120,
    isPlain: traits.every((name) => name === 'traces' || name === 'rotated' || name === 'gz'),
    bytes: there.reduce((sum, { bytes }) => sum + bytes.length, 0),
  };
}

function removeTrait(traits: string[], name: string): void {
  const at = traits.indexOf(name);
  if (at >= 0) traits.splice(at, 1);
}

function entry(lines: readonly string[], lineEnd: string): Buffer {
  return Buffer.from(lines.map((line) => line.replaceAll('\n', lineEnd) + lineEnd).join(''));
}

function stopOf(random: Random, event: number): { from: number; to: number } {
  const from = event + random.between(-120, 20) * minuteMs;
  return { from, to: random.chance(0.5) ? Number.POSITIVE_INFINITY : from + random.between(75, 240) * minuteMs };
}

function gapOf(random: Random, rhythm: 'steady' | 'bursts' | 'quiet'): number {
  if (rhythm === 'steady') return random.between(20, 160) * 1000;
  if (rhythm === 'quiet') return random.between(60, 900) * minuteMs;
  return random.chance(0.8) ? random.between(0, 1500) : random.between(2, 90) * minuteMs;
}

type Oddities = Record<'traces' | 'foreign' | 'texts' | 'nearTexts' | 'unread', boolean>;

/** Lines that belong to the entry before them, and lines of their own that another program wrote into the log. */
function oddLines(random: Random, odd: Oddities, at: Date, zone: string, id: () => string) {
  const text: string[] = [];
  const own: { text: string; id: string }[] = [];
  if (odd.traces && random.chance(0.2))
    text.push('java.lang.IllegalStateException: x', '\tat com.example.Main.run(Main.java:2026)', '\t... 12 more');
  if (odd.texts && random.chance(0.2))
    text.push(
      random.pick([
        '1234567890 bytes free on /data',
        '2009-02-13 23:31:30 is when it began',
        '20190101 12:00:00 rows',
        '99 bottles',
        'Feb 30 10:32:00 absurd',
      ]),
    );
  if (odd.nearTexts && random.chance(0.1)) {
    const near = new Date(at.getTime() + random.pick([-1, 1]) * random.between(20, 300) * minuteMs);
    text.push(`${near.toISOString().slice(0, 19).replace('T', ' ')} is the next run`);
  }
  const other = (writers: readonly Writer[]) => {
    const mark = id();
    own.push({ text: `${random.pick(writers).head(at, zone)}foreign ${mark}`, id: mark });
  };
  if (odd.foreign && random.chance(0.15)) other(knownWriters);
  if (odd.unread && random.chance(0.15)) other(unknownWriters);
  return { text, own };
}

/** Who touches a file some hours to the second after its last line makes it look like one of another zone: nobody can know. */
function notAsOfAnotherZone(touched: number, last: number): number {
  const beside = (touched - last) % (15 * minuteMs);
  return beside < 100_000 || beside > 15 * minuteMs - 100_000 ? touched + 200_000 : touched;
}

type Style = 'numbers' | 'dates' | 'old';

/** Puts the lines into files, as a rotation does, and gives each its time. */
function filesOf(
  random: Random,
  lines: readonly Line[],
  trait: (name: string, share: number) => boolean,
  { readAt, isSteady, isStopped }: { readAt: Date; isSteady: boolean; isStopped: boolean },
): History['files'] {
  const isRotated = !isStopped && trait('rotated', 0.6);
  const parts = isRotated ? random.between(2, 5) : 1;
  const cuts = Array.from({ length: parts - 1 }, () => random.between(0, lines.length)).sort((a, b) => a - b);
  const bounds = [0, ...cuts, lines.length];
  const kept = trait('rotated-away', 0.1) ? random.between(1, parts) : parts;
  const style: Style = random.pick(parts === 2 ? ['numbers', 'dates', 'old'] : ['numbers', 'numbers', 'dates']);
  const isPacked = random.chance(0.7);
  const times = trait('touched', 0.06)
    ? 'touched'
    : trait('no-times', 0.04)
      ? 'none'
      : random.chance(0.3) && (isSteady || trait('packed-late', 1))
        ? 'next'
        : 'exact';
  const isForeign = isRotated && trait('foreign-packing', 0.04);
  const hasHole = trait('hole', 0.05);
  return Array.from({ length: parts }, (_, index) => index)
    .filter((index) => index >= parts - kept)
    .map((index) => {
      const own = lines.slice(bounds[index], bounds[index + 1]);
      const isCurrent = index === parts - 1;
      const text = Buffer.concat([
        ...(hasHole && isCurrent ? [Buffer.alloc(random.between(16, 4000))] : []),
        ...own.map(({ bytes }) => bytes),
      ]);
      const gz = !isCurrent && isPacked && random.chance(0.9);
      const content = gz ? gzipSync(text) : text;
      const packing = isForeign && index === parts - 2 ? '.xz' : gz ? '.gz' : '';
      const last = own.at(-1)?.at ?? lines[bounds[index] ?? 0]?.at ?? readAt.getTime();
      const next = times === 'next' && !isCurrent ? (lines[bounds[index + 1] ?? 0]?.at ?? last) : last;
      const touched = readAt.getTime() - random.between(0, 3 * hourMs);
      const writtenMs = times === 'touched' ? notAsOfAnotherZone(Math.max(touched, last), last) : Math.max(next, last);
      return {
        name: nameOf(style, parts - 2 - index, isCurrent, new Date(last)) + packing,
        content:
          packing === '.xz'
            ? Buffer.concat([Buffer.from('\xfd7zXZ\0', 'latin1'), text.map((byte) => byte ^ 0x55)])
            : content,
        modifiedAt: times === 'none' ? undefined : new Date(Math.floor(writtenMs / 1000) * 1000),
      };
    });
}

function nameOf(style: Style, number: number, isCurrent: boolean, last: Date): string {
  if (isCurrent) return 'system.log';
  if (style === 'old') return 'system.log.old';
  if (style === 'numbers') return `system.log.${number}`;
  return `system.log-${last.toISOString().slice(0, 10).replaceAll('-', '')}-${String(9 - number)}`;
}
