import { emptyStamp } from '../logs/stamp-fields.js';
import type { StampReader } from '../logs/timestamp.js';
import { type Piece, WholeLines } from '../logs/whole-lines.js';
import { withoutLineEnd } from './line-cut.js';
import { logText } from './log-text.js';
import type { BundleFile } from './open-bundle.js';
import { type LevelPlace, levelPlaces, SeverityReader } from './severity-reader.js';

const sampleLines = 500;
/** Fewer lines with a level than this share, and the log has none. */
const fewest = 0.05;

/** Lets the first stamped lines of a log vote for where their levels stand. @returns none where they have none */
export async function electPlaces(file: BundleFile, reader: StampReader): Promise<LevelPlace[]> {
  const voting = new Voting(reader);
  try {
    for await (const chunk of logText(file)) if (voting.take(chunk) >= sampleLines) break;
    voting.end();
  } catch {
    // what is wrong with the file is found again, and told, when it is indexed
  }
  return voting.result();
}

class Voting {
  private readonly votes = new Map<LevelPlace, number>();
  private readonly severity = new SeverityReader();
  private readonly lines = new WholeLines();
  private readonly stamp = emptyStamp();
  private readonly reader: StampReader;
  private stamped = 0;

  constructor(reader: StampReader) {
    this.reader = reader;
    this.lines.startPart();
  }

  /** @returns how many lines have voted */
  take(chunk: Buffer): number {
    for (const piece of this.lines.take(chunk)) this.vote(piece);
    return this.stamped;
  }

  end(): void {
    for (const piece of this.lines.endOfPart()) this.vote(piece);
  }

  result(): LevelPlace[] {
    const found = [...this.votes].filter(([, votes]) => votes >= this.stamped * fewest);
    const first = found.sort((a, b) => b[1] - a[1]).map(([place]) => place);
    return first.length === 0 ? [] : [...new Set([...first, ...levelPlaces])];
  }

  private vote({ kind, bytes }: Piece): void {
    if (kind === 'more') return;
    for (let at = 0; at < bytes.length && this.stamped < sampleLines; ) {
      const next = this.lines.ends.next(bytes, at);
      const end = next < 0 ? bytes.length : next;
      if (this.reader.read(bytes, at, end, this.stamp))
        this.count(this.severity.read(bytes, at, withoutLineEnd(bytes, at, end)));
      at = end;
    }
  }

  private count(place: LevelPlace | undefined): void {
    this.stamped++;
    if (place !== undefined) this.votes.set(place, (this.votes.get(place) ?? 0) + 1);
  }
}
