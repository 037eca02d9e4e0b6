import { printableLine } from '../../domain/text.js';
import { itemError } from '../../errors.js';

/** A file or folder as a server lists it. */
export type RemoteEntry = {
  name: string;
  /** Of what a link leads to, as are size and time; `other` where it leads nowhere. */
  kind: 'file' | 'folder' | 'other';
  /** Where the way to the files tells. */
  isLink?: true;
  sizeBytes?: number;
  modifiedAt?: Date;
};

/** How the bytes that came compare with what the server said the file has. */
export type TransferVerdict =
  | { kind: 'whole' }
  /** It was being written; everything up to the end was taken. */
  | { kind: 'grew'; expectedBytes: number; bytes: number }
  /** Fewer bytes than the server said. */
  | { kind: 'short'; expectedBytes: number; bytes: number }
  /** As many as announced, but the server says that it could not read them all. */
  | { kind: 'damaged'; bytes: number; reason: string }
  /** Larger than we are willing to take. */
  | { kind: 'capped'; bytes: number };

/** What the file must be when it is opened; another one may lie under its name by now. */
export type Expected = { sizeBytes?: number; modifiedAt?: Date };

export type ReadOptions = {
  signal: AbortSignal;
  maxBytes: number;
  expect?: Expected;
  /** Where to begin; only where `skips`. The verdict is on what follows there. */
  from?: number;
};

/** What a way to files can do without fetching the rest of a file. */
export type FileAbilities = {
  /** Reads only the beginning of a file. */
  peeks: boolean;
  /** Begins in the middle of one. */
  skips: boolean;
};

export type Download = {
  chunks: AsyncIterable<Buffer>;
  /** Known once `chunks` has ended. */
  verdict: () => TransferVerdict;
};

/** Takes the verdict on a file, once its last chunk has come. */
export type Judge = (verdict: TransferVerdict) => void;

/**
 * Files on a server that may lie: sizes are hints, names are data. Single attempts; whoever calls decides on retries.
 * Names that hold `/` or NUL, and `.` and `..`, are never listed; what is no UTF-8 in one is kept (`byte-names.ts`).
 */
export interface RemoteFiles {
  /** How messages name the place. */
  readonly title: string;
  /** @throws UserError `no-such-file`, `listing-endless`, `transfer-failed` */
  list(folder: string, signal: AbortSignal): Promise<RemoteEntry[]>;
  abilities(signal: AbortSignal): Promise<FileAbilities>;
  /** May be missing. A link is what it leads to, as far as the server resolves it; so in listings. */
  find(path: string, signal: AbortSignal): Promise<RemoteEntry | undefined>;
  /**
   * Reads to the end of the file whatever its size is said to be.
   * @throws as `list` does, while reading too; `file-changed` when it is not the expected one
   */
  read(path: string, options: ReadOptions): Download;
  /** @throws UserError `no-such-file`, `transfer-failed` */
  remove(path: string, signal: AbortSignal): Promise<void>;
  close(): void;
}

/** A download whose chunks are made by `read`, which also gives the verdict on them. */
export function downloadOf(path: string, read: (judge: Judge) => AsyncIterable<Buffer>): Download {
  let verdict: TransferVerdict | undefined;
  const chunks = read((found) => {
    verdict = found;
  });
  return {
    chunks,
    verdict: () => {
      if (verdict === undefined) throw new Error(`the verdict on "${path}" is known after its last chunk`);
      return verdict;
    },
  };
}

/** @throws UserError `file-changed` when what was opened is not what was expected */
export function assertExpected(
  found: { sizeBytes: number | undefined; modifiedAt: Date | undefined },
  expected: Expected | undefined,
  path: string,
): void {
  if (expected === undefined) return;
  const { sizeBytes, modifiedAt } = expected;
  const size = found.sizeBytes;
  const other =
    (sizeBytes !== undefined && size !== undefined && size !== sizeBytes) ||
    (modifiedAt !== undefined && found.modifiedAt !== undefined && !isSameSecond(modifiedAt, found.modifiedAt));
  if (other) throw itemError('file-changed', `"${printableLine(path, 120)}" is another file now`);
}

function isSameSecond(a: Date, b: Date): boolean {
  return Math.floor(a.getTime() / 1000) === Math.floor(b.getTime() / 1000);
}
