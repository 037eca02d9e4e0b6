import type { CutOptions } from '../logs/cut.js';
import { firstTime, type PartTimes, partsOutside } from '../logs/overlap.js';
import { logParts } from '../logs/rotation.js';
import type { RemoteEntry } from '../ssh/files/remote-files.js';
import { isLocal } from './download.js';
import { identityOf, type LogPlace } from './log-parts.js';

/** What of a log need not be fetched. */
export type Unneeded = {
  names: string[];
  /** Rotated files, by identity. */
  rotated: ReadonlySet<string>;
  current: boolean;
  /** The first time of the oldest file. */
  first: Date | undefined;
};

/** Enough for the first line, packed or not. */
const headBytes = 16 * 1024;

/** Looks at how each file of a log begins, and finds those that cannot hold a line of the window. */
export async function findUnneeded(
  place: LogPlace,
  listing: readonly RemoteEntry[],
  options: CutOptions,
): Promise<Unneeded> {
  const entries = new Map(listing.map((entry) => [entry.name, entry]));
  const parts = logParts(place.type, [...entries.keys()]);
  if (parts.length < 2) return { names: [], rotated: new Set(), current: false, first: undefined };
  const times = await Promise.all(
    parts.map(async ({ name, compressed }): Promise<PartTimes> => {
      const modifiedAt = entries.get(name)?.modifiedAt;
      const head = await headOf(place, name);
      const written = modifiedAt === undefined ? {} : { writtenAt: modifiedAt };
      return { name, modifiedAt, first: head && firstTime(head, compressed, { ...options, ...written }) };
    }),
  );
  const outside = partsOutside(times, options.window);
  const idOf = (name: string) => identityOf(entries.get(name));
  const needed = new Set(parts.filter(({ name }) => !outside.has(name)).map(({ name }) => idOf(name)));
  const names = [...outside].filter((name) => !needed.has(idOf(name)));
  const current = parts.find(({ number }) => number === undefined)?.name;
  return {
    names,
    rotated: new Set(names.filter((name) => name !== current).map(idOf)),
    current: current !== undefined && names.includes(current),
    first: times[0]?.first,
  };
}

/** The beginning of a file; undefined when it cannot be had: then the file is read whole, which says why. */
async function headOf({ tools, files, folder }: LogPlace, name: string): Promise<Buffer | undefined> {
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
