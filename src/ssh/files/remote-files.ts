import { printableLine } from '../../domain/text.js';
import { itemError } from '../../errors.js';

/** A file or folder as a server lists it. */
export type RemoteEntry = {
  name: string;
  /** The kind of what a link leads to (size and time are of that, too); `other` where it leads nowhere. */
  kind: 'file' | 'folder' | 'other';
  /** Set where the protocol tells links apart. */
  isLink?: true;
  sizeBytes?: number;
  modifiedAt?: Date;
};

/** How the bytes that came compare with what the server said the file has. */
export type TransferVerdict =
  | { kind: 'whole' }
  /** The file was being written; everything up to its end was taken. */
  | { kind: 'grew'; expectedBytes: number; bytes: number }
  /** Fewer bytes than the server said. */
  | { kind: 'short'; expectedBytes: number; bytes: number }
  /** As many bytes as announced, but the server says that it could not read them all. */
  | { kind: 'damaged'; bytes: number; reason: string }
  /** The file is larger than we are willing to take. */
  | { kind: 'capped'; bytes: number };

/** What the file must still be when it is opened: by then another file may have its name. */
export type Expected = { sizeBytes?: number; modifiedAt?: Date };

export type ReadOptions = {
  signal: AbortSignal;
  maxBytes: number;
  expect?: Expected;
  /** The byte to begin at; only where `skips` is true. The verdict is on the bytes from there on. */
  from?: number;
};

/** What this kind of file access can do without fetching the rest of a file. */
export type FileAbilities = {
  /** It can read only the beginning of a file. */
  peeks: boolean;
  /** It can begin in the middle of a file. */
  skips: boolean;
};

export type Download = {
  chunks: AsyncIterable<Buffer>;
  /** Available once `chunks` has ended. */
  verdict: () => TransferVerdict;
};

/** Receives the verdict on a file, once its last chunk has come. */
export type Judge = (verdict: TransferVerdict) => void;

/**
 * Files on a server that is not trusted: sizes are hints, names are data. Each call is one attempt; the caller decides on
 * retries. Names that hold `/` or NUL, and `.` and `..`, are never listed; bytes in a name that are not UTF-8 are kept
 * (`byte-names.ts`).
 */
export interface RemoteFiles {
  /** How messages name the place. */
  readonly title: string;
  /** @throws UserError `no-such-file`, `listing-endless`, `transfer-failed` */
  list(folder: string, signal: AbortSignal): Promise<RemoteEntry[]>;
  abilities(signal: AbortSignal): Promise<FileAbilities>;
  /**
   * The entry of a path, if there is one. A link is described by what it leads to, as far as the server resolves it, as
   * in listings.
   */
  find(path: string, signal: AbortSignal): Promise<RemoteEntry | undefined>;
  /**
   * Reads to the end of the file, whatever its size is said to be.
   * @throws the errors of `list`, also while reading; `file-changed` when it is not the expected file
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
