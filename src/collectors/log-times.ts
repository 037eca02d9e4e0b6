import { defined } from '../domain/defined.js';
import type { Window } from '../domain/window.js';
import { offsetMinutes } from '../domain/zone.js';
import type { CutOptions } from '../logs/cut-result.js';
import { believedTime } from '../logs/file-time.js';
import { firstTime, type PartTimes, partsOutside } from '../logs/overlap.js';
import { logFamily } from '../logs/rotation.js';
import type { RemoteEntry } from '../ssh/files/remote-files.js';
import { isLocal } from './download.js';
import { identityOf, type LogLocation } from './log-listing.js';

/** The part of a log that need not be fetched. */
export type Unneeded = {
  names: string[];
  /** Rotated files, by identity. */
  rotated: ReadonlySet<string>;
  current: boolean;
  /** The first time of the oldest file. */
  first: Date | undefined;
  /** The first time of the oldest file that begins after the window. */
  nextBegins: Date | undefined;
};

/** This much holds the first line, packed or not. */
const headBytes = 16 * 1024;

/** Looks at how each file of a log begins, and finds those that cannot hold a line of the window. */
export async function findUnneeded(
  place: LogLocation,
  listing: readonly RemoteEntry[],
  options: CutOptions,
): Promise<Unneeded> {
  const files = listing.filter(({ kind }) => kind === 'file'); // a pipe would be waited for
  const entries = new Map(files.map((entry) => [entry.name, entry]));
  const { parts } = logFamily(place.type, [...entries.keys()], (name) => entries.get(name)?.modifiedAt);
  const { peeks } = await place.files.abilities(place.tools.signal);
  if (parts.length < 2 || !peeks)
    return { names: [], rotated: new Set(), current: false, first: undefined, nextBegins: undefined };
  const times = await Promise.all(
    parts.map(async ({ name, compressed, packing }): Promise<PartTimes> => {
      const modifiedAt = believedTime(entries.get(name)?.modifiedAt);
      const head = packing === undefined ? await headOf(place, name) : undefined;
      const written = defined({ writtenAt: modifiedAt });
      return { name, modifiedAt, first: head && firstTime(head, compressed, { ...options, ...written }) };
    }),
  );
  const outside = partsOutside(times, inAnyZone(options));
  const idOf = (name: string) => identityOf(entries.get(name));
  const needed = new Set(parts.filter(({ name }) => !outside.has(name)).map(({ name }) => idOf(name)));
  const names = [...outside].filter((name) => !needed.has(idOf(name)));
  const current = parts.find(({ number }) => number === undefined)?.name;
  return {
    names,
    rotated: new Set(names.filter((name) => name !== current).map(idOf)),
    current: current !== undefined && names.includes(current),
    first: times[0]?.first,
    nextBegins: times.find(
      ({ name, first }) => names.includes(name) && first !== undefined && first > options.window.until,
    )?.first,
  };
}

/**
 * The beginning of a file; undefined when it cannot be read: then the file is read whole, and that reports the reason.
 */
async function headOf({ tools, files, folder }: LogLocation, name: string): Promise<Buffer | undefined> {
  const chunks: Buffer[] = [];
  try {
    const { signal } = tools;
    for await (const chunk of files.read(`${folder}/${name}`, { signal, maxBytes: headBytes }).chunks)
      chunks.push(chunk);
    return Buffer.concat(chunks);
  } catch (error) {
    tools.signal.throwIfAborted();
    if (isLocal(error)) throw error;
    return undefined;
  }
}

/**
 * The window for times that were read as of one zone: where other zones are possible, it is wider by their difference.
 */
function inAnyZone({ window, zone, otherZones = [] }: CutOptions): Window {
  const offsets = [zone, ...otherZones].map((name) => offsetMinutes(name, window.until) * 60_000);
  const [own = 0] = offsets;
  return {
    since: new Date(window.since.getTime() + Math.min(...offsets) - own),
    until: new Date(window.until.getTime() + Math.max(...offsets) - own),
  };
}
