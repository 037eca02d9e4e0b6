/** What is wrong with an archive as a whole or with one of its entries; the id is stable. */
export type Flaw = {
  id: `safe.${string}`;
  /** The name of the entry, as it stands in the archive: may be hostile. */
  entry?: string;
  /** One sentence, printable. */
  text: string;
};

export type ArchiveEntry = {
  /** As it stands in the archive: may be hostile. */
  name: string;
  isFolder: boolean;
  /** Unpacked, as the directory declares it. */
  bytes: number;
  packedBytes: number;
  crc32: number;
};

/** A ZIP of anybody, open for reading. Nothing of it is ever written to disk. */
export type Archive = {
  path: string;
  bytes: number;
  entries: readonly ArchiveEntry[];
  /** What is wrong with it, as far as that is known without inflating. */
  flaws: readonly Flaw[];
  /**
   * The bytes of an entry, never more than it declares.
   * @throws UserError `archive-damaged` (exit code 10) where they are not what the directory says
   */
  content(entry: ArchiveEntry): AsyncIterable<Buffer>;
  /** The bytes that were read of it, and that came of inflating them, so far. */
  readonly cost: { readonly read: number; readonly inflated: number };
  close(): Promise<void>;
};
