import type { Flaw } from '../bundle/archive/archive.js';
import type { Manifest } from '../domain/manifest.js';

export type BundleFile = {
  /** Below the top folder, e.g. `Event1_ICE01_20261120_1032/Logs/system.log`. */
  path: string;
  bytes: number;
  /** @throws UserError `archive-damaged` where the bytes are not what the archive says */
  read(): AsyncIterable<Buffer>;
};

/** What is read of a bundle: of a ZIP in place, of the folder of a run, or of a ZIP that somebody unpacked. */
export type OpenBundle = {
  kind: 'zip' | 'run' | 'folder';
  /** As it was given; the id of a run. */
  given: string;
  /** The name of the ZIP or folder, without its path. */
  name: string;
  /** Of the ZIP; else of all files. */
  bytes: number;
  /** The folder on top, `TIC-1234`; undefined where there is none, or several. */
  top: string | undefined;
  /** Undefined in a bundle that was made by hand. */
  manifest: Manifest | undefined;
  files: readonly BundleFile[];
  /** What is wrong with the archive; none of a folder. */
  flaws: readonly Flaw[];
  /** The SHA-256 of the ZIP; undefined of a folder. */
  sha256(): Promise<string | undefined>;
  close(): Promise<void>;
};
