/** One file of a log on a server. */
export type LogPart = {
  name: string;
  /** The file is packed with gzip. */
  compressed: boolean;
  /** The packing, if it is one that is not unpacked here, e.g. `xz`. */
  packing: string | undefined;
  /**
   * Its number among the rotated files, the largest being the oldest; undefined for the file that is being written to.
   */
  number: number | undefined;
};

/** All files of one log. */
export type LogFamily = {
  /** The files in time order. */
  parts: LogPart[];
  /** Files with the log's name whose place in it is not understood. */
  strangers: string[];
  /** Missing files, each between two others: the numbers before and after it are there. */
  missing: { after: string; before: string }[];
};

const packings = new Set(['xz', 'bz2', 'bz', 'zst', 'zstd', 'lz4', 'lzma', 'lz', 'z', '7z', 'zip', 'br']);
const formerly = new Set(['old', 'bak', 'prev', 'previous', 'orig', 'save', 'saved', 'backup', 'last']);
/** Files that programs put next to a log and that are not part of it. */
const companions = new Set([
  'lck',
  'lock',
  'pid',
  'pos',
  'offset',
  'idx',
  'index',
  'swp',
  'swo',
  'tmp',
  'sha256',
  'md5',
]);
/** A number with more digits is a date or a time. */
const maxIndexDigits = 5;

type Placed = LogPart & { dates: number[]; index: number; isFormer: boolean };

/**
 * The files that make up one log, in time order. Rotated ones are numbered, 0 or 1 being the newest (`system.log.0.gz`;
 * the guide writes `<type>.nn.gz`), dated (`system.log-20261128.gz`, `system.2026-11-28.log`, the smaller the older) or
 * kept once (`system.log.old`).
 */
export function logFamily(
  type: string,
  names: readonly string[],
  timeOf: (name: string) => Date | undefined = () => undefined,
): LogFamily {
  const placed: Placed[] = [];
  const strangers: string[] = [];
  for (const name of names) {
    if (name === `${type}.log` || !name.startsWith(type)) continue;
    const place = placeOf(name.slice(type.length));
    if (place !== undefined) placed.push({ name, ...place });
    else if (isStranger(type, name)) strangers.push(name);
  }
  placed.sort(olderFirst);
  if (isReversed(placed, timeOf)) placed.reverse();
  const parts = placed.map(({ name, compressed, packing }, index) => {
    return { name, compressed, packing, number: placed.length - 1 - index };
  });
  const current: LogPart[] = names.includes(`${type}.log`)
    ? [{ name: `${type}.log`, compressed: false, packing: undefined, number: undefined }]
    : [];
  return { parts: [...parts, ...current], strangers, missing: missingIn(placed, current[0]) };
}

/** Whether the highest number is the newest file, as in some programs (Log4j); the times of all files must show it. */
function isReversed(placed: readonly Placed[], timeOf: (name: string) => Date | undefined): boolean {
  const times = placed.map(({ name }) => timeOf(name)?.getTime() ?? Number.NaN);
  return times.length > 1 && times.every((time, index) => index === 0 || time < (times[index - 1] ?? Number.NaN));
}

/** The missing numbers; the newest file has 0 or 1, depending on the program. */
function missingIn(placed: readonly Placed[], current: LogPart | undefined): LogFamily['missing'] {
  const numbered = placed.filter(({ index }) => index >= 0);
  const missing: LogFamily['missing'] = [];
  for (const [at, part] of numbered.entries()) {
    const next = numbered[at + 1];
    if (next !== undefined && Math.abs(part.index - next.index) > 1)
      missing.push({ after: part.name, before: next.name });
  }
  const newest = numbered.at(-1);
  if (newest !== undefined && current !== undefined && newest.index > 1 && newest.index <= numbered.length + 1)
    missing.push({ after: newest.name, before: current.name });
  return missing;
}

/** The parts of a log that can be read, in time order. */
export function logParts(
  type: string,
  names: readonly string[],
  timeOf?: (name: string) => Date | undefined,
): LogPart[] {
  return logFamily(type, names, timeOf).parts.filter(({ packing }) => packing === undefined);
}

/** @param rest what follows the log's type in a file's name, e.g. `.log-20261128.gz` */
function placeOf(rest: string): Omit<Placed, 'name'> | undefined {
  const words = rest.toLowerCase().split(/[._-]/).slice(1);
  if (!/^[._-]/.test(rest) || words.length === 0) return undefined;
  const last = words.at(-1) ?? '';
  const compressed = last === 'gz';
  const packing = packings.has(last) ? last : undefined;
  const isPacked = compressed || packing !== undefined;
  const told = words.slice(0, isPacked ? -1 : undefined).filter((word) => word !== 'log');
  const numbers = told.filter((word) => /^\d{1,20}(?:t\d{1,9}z?)?$/.test(word));
  const isFormer = told.some((word) => formerly.has(word)) || (told.length === 0 && isPacked);
  if (
    (told.length === 0 && !isPacked) ||
    numbers.length + told.filter((word) => formerly.has(word)).length !== told.length
  )
    return undefined;
  const isDated = numbers.length > 1 || numbers.some((digits) => digits.length > maxIndexDigits);
  const dates = isDated ? numbers.map((digits) => Number(digits.replace(/\D/g, ''))) : [];
  return { compressed, packing, number: 0, dates, index: isDated ? -1 : Number(numbers[0] ?? -1), isFormer };
}

/**
 * Sorts files, older first: dated files are taken to be older than numbered ones, and these older than one that is kept
 * once.
 */
function olderFirst(a: Placed, b: Placed): number {
  const rank = ({ dates, isFormer }: Placed) => (dates.length > 0 ? 0 : isFormer ? 2 : 1);
  if (rank(a) !== rank(b)) return rank(a) - rank(b);
  for (const [index, value] of a.dates.entries()) {
    const other = b.dates[index] ?? -1;
    if (value !== other) return value - other;
  }
  return a.dates.length - b.dates.length || b.index - a.index || a.name.localeCompare(b.name);
}

function isStranger(type: string, name: string): boolean {
  const suffix = name.slice(`${type}.log`.length);
  if (!name.startsWith(`${type}.log`) || !/^[._-]/.test(suffix)) return false;
  return !companions.has(suffix.toLowerCase().split(/[._-]/).at(-1) ?? '');
}
