import { printableLine } from '../domain/text.js';
import { type LogPart, logParts } from '../logs/rotation.js';
import type { RemoteEntry, RemoteFiles } from '../ssh/files/remote-files.js';
import type { CollectorTools } from './collector.js';

/** Where a log lies: `type` is its name, such as `system`. */
export type LogLocation = {
  tools: Pick<CollectorTools, 'signal' | 'pause'>;
  files: RemoteFiles;
  folder: string;
  type: string;
};

/** A file of a log, with its entry in the listing. */
export type ListedPart = LogPart & { entry: RemoteEntry };

/**
 * The files in the folder of a log, and which of them were read. A rotation renumbers all files, and may pack them: so a
 * file is identified by its size and time, not by its name.
 */
export class LogListing {
  private readonly place: LogLocation;
  private entries: readonly RemoteEntry[];
  /** Rotated files that need not be read, by identity. */
  private readonly left: ReadonlySet<string>;
  /** Rotated files that are to be read, by identity. */
  private readonly wanted: Map<string, RemoteEntry>;
  /** How many files of an identity were read. */
  private readonly read = new Map<string, number>();

  constructor(place: LogLocation, entries: readonly RemoteEntry[], left: ReadonlySet<string>) {
    this.place = place;
    this.entries = entries;
    this.left = left;
    this.wanted = new Map(this.unread().map(({ entry }) => [identityOf(entry), entry]));
  }

  async refresh(): Promise<void> {
    this.entries = await this.place.files.list(this.place.folder, this.place.tools.signal);
  }

  /** The file that is being written to; there is none in the middle of a rotation. */
  current(): ListedPart | undefined {
    return this.parts().find(({ number }) => number === undefined);
  }

  oldestUnread(): ListedPart | undefined {
    return this.unread()[0];
  }

  countRead({ entry }: ListedPart): void {
    const identity = identityOf(entry);
    this.read.set(identity, (this.read.get(identity) ?? 0) + 1);
  }

  /**
   * Names of wanted files that are gone: at most ten are kept, so a rotation removes the oldest. Each is reported once.
   */
  vanished(): string[] {
    const here = new Set(this.entries.map(identityOf));
    const times = new Set(this.entries.map((entry) => entry.modifiedAt?.getTime() ?? Number.NaN));
    const isPacked = ({ modifiedAt }: RemoteEntry) => times.has(modifiedAt?.getTime() ?? -1); // that keeps the time
    const gone = [...this.wanted].filter(
      ([identity, entry]) => !this.read.has(identity) && !here.has(identity) && !isPacked(entry),
    );
    for (const [identity] of gone) this.wanted.delete(identity);
    return gone.map(([, { name }]) => printableLine(name, 80));
  }

  /** The files that were not read; of several with the same size and time, the oldest were read first. */
  private unread(): ListedPart[] {
    const counts = new Map(this.read);
    return this.parts().filter(({ number, entry }) => {
      if (number === undefined) return false;
      const identity = identityOf(entry);
      const count = counts.get(identity) ?? 0;
      counts.set(identity, count - 1);
      return count <= 0 && !this.left.has(identity);
    });
  }

  private parts(): ListedPart[] {
    const files = new Map(this.entries.toReversed().map((entry) => [entry.name, entry]));
    const names = namesOf(this.place.type, this.entries);
    return logParts(this.place.type, names, (name) => files.get(name)?.modifiedAt).flatMap((part) => {
      const entry = files.get(part.name);
      return entry === undefined ? [] : [{ ...part, entry }];
    });
  }
}

/** The names of a log's files. While a file is packed it is listed twice: the packed one may not be whole yet. */
function namesOf(type: string, entries: readonly RemoteEntry[]): string[] {
  const names = entries.filter((entry) => entry.kind === 'file').map((entry) => entry.name);
  const all = new Set(names);
  return names.filter((name) => {
    const unpacked = name.slice(0, -'.gz'.length);
    return !name.endsWith('.gz') || unpacked === `${type}.log` || !all.has(unpacked);
  });
}

/** The properties of a rotated file that do not change when it is renamed. */
export function identityOf(entry: RemoteEntry | undefined): string {
  const { name = '', sizeBytes, modifiedAt } = entry ?? {};
  return sizeBytes === undefined || modifiedAt === undefined ? name : `${sizeBytes} ${modifiedAt.getTime()}`;
}
