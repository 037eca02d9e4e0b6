import {
  closeSync,
  constants,
  fstatSync,
  lstatSync,
  openSync,
  renameSync,
  type Stats,
  unlinkSync,
  writeSync,
} from 'node:fs';
import { isCode } from './durable.js';

/** A process that turns a file takes no time; one that has not ended by then was killed. */
const staleMs = 10_000;

/**
 * A file that several processes add lines to. When it is full it becomes `PATH.1`, in the place of an older one, and begins anew;
 * whoever else writes to it notices before its next line.
 */
export class TurningFile {
  readonly #path: string;
  readonly #open: () => number;
  readonly #maxBytes: number;
  #file: number;
  #id: string;

  /** @param open opens the path for appending, or refuses what it finds there */
  constructor(path: string, maxBytes: number, open: () => number) {
    this.#path = path;
    this.#maxBytes = maxBytes;
    this.#open = open;
    this.#file = open();
    this.#id = idOf(fstatSync(this.#file));
  }

  /** Adds a line, in one call: those of others stand before or behind it. */
  append(line: string): void {
    const found = this.#found();
    if (found !== undefined && idOf(found) === this.#id && found.size >= this.#maxBytes) this.#turn(found);
    if (this.#foundId() !== this.#id) this.#openAgain();
    writeSync(this.#file, line);
  }

  /** One process alone may rename it, and only while it is the file that was full. */
  #turn({ ino }: Stats): void {
    const claim = `${this.#path}.${ino}.turning`;
    if (!taken(claim)) return;
    try {
      if (this.#foundId() === this.#id) renameSync(this.#path, `${this.#path}.1`);
    } finally {
      unlinkSync(claim);
    }
  }

  #openAgain(): void {
    const before = this.#file;
    this.#file = this.#open();
    this.#id = idOf(fstatSync(this.#file));
    closeSync(before);
  }

  #foundId(): string | undefined {
    const found = this.#found();
    return found && idOf(found);
  }

  #found(): Stats | undefined {
    return lstatSync(this.#path, { throwIfNoEntry: false });
  }
}

function idOf({ dev, ino }: Stats): string {
  return `${dev}:${ino}`;
}

function taken(claim: string): boolean {
  try {
    closeSync(openSync(claim, constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW | constants.O_WRONLY, 0o600));
    return true;
  } catch (error) {
    if (!isCode(error, 'EEXIST')) throw error;
    const found = lstatSync(claim, { throwIfNoEntry: false });
    if (found !== undefined && Date.now() - found.mtimeMs > staleMs) unlinkSync(claim); // the next line turns it
    return false;
  }
}
