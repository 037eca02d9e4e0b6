import { defined } from '../domain/defined.js';
import type { Expected, RemoteEntry } from '../ssh/files/remote-files.js';
import { type ListedPart, LogListing, type LogLocation } from './log-listing.js';
import { isGone, type OpenPart, openCurrent, openPart, settlePauseMs } from './open-part.js';
import { dispose, type Peeked, peek } from './peek.js';

/** What need not be read: the identities of rotated files, and whether the current file is among it. */
type Left = { rotated: ReadonlySet<string>; current: boolean };

/** How a rotated file compares with the current file that is already open. */
type Judgement = 'new' | 'known' | 'open' | 'covers open';

/** The beginning of a file that was handed out. */
type Begun = { head: Buffer; modifiedAt: Date | undefined };

/** This many bytes of a beginning are compared, because different logs may begin with the same header. */
const headBytes = 64 * 1024;
/** How many rotations may happen while a log is read; after that, files are read as they are. */
const maxRotationsWhileReading = 8;

/**
 * The files of a log in time order, each once, even when the server rotates it meanwhile.
 * @param onGap is told what was there and is gone
 */
export function openLogParts(
  place: LogLocation,
  listing: readonly RemoteEntry[],
  left: Left,
  onGap: (problem: string) => void,
): AsyncGenerator<OpenPart> {
  const reader = new LogReader(place, new LogListing(place, listing, left.rotated), onGap);
  return left.current ? reader.rotated() : reader.all();
}

/**
 * Reads a log file by file. A file that was renamed by a rotation meanwhile is recognised by its size, time and
 * beginning.
 */
class LogReader {
  private readonly place: LogLocation;
  private readonly listing: LogListing;
  private readonly onGap: (problem: string) => void;
  private readonly begun: Begun[] = [];
  private surprises = 0;

  constructor(place: LogLocation, listing: LogListing, onGap: (problem: string) => void) {
    this.place = place;
    this.listing = listing;
    this.onGap = onGap;
  }

  async *all(): AsyncGenerator<OpenPart> {
    yield* this.rotated();
    // In the middle of a rotation there is no current file.
    for (let patience = 3; this.listing.current() === undefined && patience > 0; patience--) {
      await this.lookAgain();
      yield* this.rotated();
    }
    const current = this.listing.current();
    if (current === undefined) this.onGap(`${this.place.type}.log: there are only rotated files`);
    else yield* this.behindRotated(current);
  }

  /**
   * The rotated files that were not read yet, oldest first.
   * @param judge is given the beginning of each file
   */
  async *rotated(judge: (head: Buffer) => Judgement = () => 'new'): AsyncGenerator<OpenPart> {
    for (let next = this.listing.oldestUnread(); next !== undefined; next = this.listing.oldestUnread()) {
      try {
        const part = await openPart(this.place, next, this.expectationOf(next));
        const { head, content } = await peek(part.content, headBytes);
        this.listing.countRead(next);
        const judgement = this.isBegun(head, part.modifiedAt) ? 'known' : judge(head);
        if (judgement === 'known' || judgement === 'open') await dispose(content);
        else {
          if (head.length > 0) this.begun.push({ head, modifiedAt: part.modifiedAt });
          yield { ...part, content };
        }
        if (judgement === 'open' || judgement === 'covers open') return; // the others are newer
      } catch (error) {
        if (!isGone(error)) throw error;
        await this.onSurprise(next, error.message);
      }
    }
  }

  /**
   * The current file, after the rotated ones. It is opened first, to keep it whatever its name becomes; then the listing
   * shows whether it was rotated before that.
   */
  private async *behindRotated(current: ListedPart): AsyncGenerator<OpenPart> {
    const part = await openCurrent(this.place, current);
    const open = new OpenCurrent(await peek(part.content, headBytes));
    await this.listing.refresh();
    yield* this.rotated((head) => open.judge(head));
    if (open.isCovered) await dispose(open.content);
    else yield { ...part, content: open.content };
  }

  /** Handles a file that is no longer the one that was listed, because the server rotates. */
  private async onSurprise(part: ListedPart, reason: string): Promise<void> {
    if (++this.surprises > maxRotationsWhileReading) {
      this.listing.countRead(part);
      return this.onGap(`${part.name}: ${reason}`);
    }
    await this.lookAgain();
    for (const name of this.listing.vanished()) this.onGap(`${name}: vanished, the server rotated it away meanwhile`);
  }

  private async lookAgain(): Promise<void> {
    await this.place.tools.pause(settlePauseMs);
    await this.listing.refresh();
  }

  private expectationOf({ entry }: ListedPart): Expected | undefined {
    if (this.surprises >= maxRotationsWhileReading) return undefined;
    const { sizeBytes, modifiedAt } = entry;
    return { ...defined({ sizeBytes, modifiedAt }) };
  }

  private isBegun(head: Buffer, modifiedAt: Date | undefined): boolean {
    return this.begun.some((other) => other.head.equals(head) && mayBeEqual(other.modifiedAt, modifiedAt));
  }
}

/** The current file, opened: by now it may be one of the rotated ones. */
class OpenCurrent {
  readonly content: AsyncGenerator<Buffer>;
  /** A rotated file holds all its content. */
  isCovered = false;
  private readonly head: Buffer;
  private readonly isWhole: boolean;

  constructor({ head, isWhole, content }: Peeked) {
    this.head = head;
    this.isWhole = isWhole;
    this.content = content;
  }

  /** @param other the beginning of a rotated file */
  judge(other: Buffer): Judgement {
    const { head } = this;
    if (head.length === 0) return 'new';
    if (beginsWith(head, other)) return other.length < head.length ? 'known' : 'open';
    this.isCovered = this.isWhole && beginsWith(other, head); // it was rotated when it had grown
    return this.isCovered ? 'covers open' : 'new';
  }
}

/**
 * Whether two files may be the same by their times. In a flood of equal lines files begin alike; packing keeps the time.
 */
function mayBeEqual(a: Date | undefined, b: Date | undefined): boolean {
  return a === undefined || b === undefined || Math.floor(a.getTime() / 1000) === Math.floor(b.getTime() / 1000);
}

function beginsWith(text: Buffer, start: Buffer): boolean {
  return text.subarray(0, start.length).equals(start);
}
