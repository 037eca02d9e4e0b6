/** A file or folder as a server lists it. */
export type RemoteEntry = {
  name: string;
  kind: 'file' | 'folder' | 'other';
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
  /** Larger than we are willing to take. */
  | { kind: 'capped'; bytes: number };

export type Download = {
  chunks: AsyncIterable<Buffer>;
  /** Known once `chunks` has ended. */
  verdict: () => TransferVerdict;
};

/**
 * Files on a server that may lie: sizes are hints, names are data. Single attempts; whoever calls decides on retries.
 * Names that hold `/` or NUL, and `.` and `..`, are never listed.
 */
export interface RemoteFiles {
  /** How messages name the place. */
  readonly title: string;
  /** @throws UserError `no-such-file`, `listing-endless`, `transfer-failed` */
  list(folder: string, signal: AbortSignal): Promise<RemoteEntry[]>;
  /** May be missing. Links are not followed. */
  find(path: string, signal: AbortSignal): Promise<RemoteEntry | undefined>;
  /** Reads to the end of the file whatever its size is said to be. @throws as `list` does, while reading too */
  read(path: string, limits: { signal: AbortSignal; maxBytes: number }): Download;
  /** @throws UserError `no-such-file`, `transfer-failed` */
  remove(path: string, signal: AbortSignal): Promise<void>;
  close(): void;
}
