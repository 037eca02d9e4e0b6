import { cleanLines, lostLine } from './clean-lines.js';
import type { MergedOrder } from './merge.js';
import type { BundleFile } from './open-bundle.js';
import type { Run } from './settle.js';

/** A log as its texts are read: its runs are read beside each other. */
export type TextSource = { file: BundleFile; runs: readonly Run[]; rest: (number: number) => string };

const batchLines = 2048;

/** The second pass: the texts of all lines in their order. */
export async function* textsInOrder(
  order: MergedOrder,
  sources: readonly TextSource[],
  signal?: AbortSignal,
): AsyncGenerator<string[]> {
  const cursors = sources.map((source) => source.runs.map((run) => new Cursor(source, run)));
  try {
    let batch: string[] = [];
    for (let line = 0; line < order.count; line++) {
      const own = cursors[order.log[line] ?? 0] ?? [];
      const place = order.place[line] ?? 0;
      const cursor = own.length === 1 ? own[0] : own.find((each) => each.holds(place));
      if (cursor === undefined) throw new Error('a line of no run');
      if (cursor.isEmpty) await cursor.fill();
      batch.push(cursor.take());
      if (batch.length < batchLines) continue;
      signal?.throwIfAborted();
      yield batch;
      batch = [];
    }
    if (batch.length > 0) yield batch;
  } finally {
    await Promise.all(cursors.flat().map((cursor) => cursor.close()));
  }
}

/** Where reading of a run is; its log is opened when it is needed. */
class Cursor {
  private readonly source: TextSource;
  private readonly run: Run;
  private lines: AsyncGenerator<string[]> | undefined;
  private batch: string[] = [];
  private next = 0;
  /** Lines of the log that came before those of the batch. */
  private passed = 0;

  constructor(source: TextSource, run: Run) {
    this.source = source;
    this.run = run;
  }

  holds(place: number): boolean {
    return place >= this.run.from && place < this.run.to;
  }

  get isEmpty(): boolean {
    return this.next >= this.batch.length;
  }

  take(): string {
    return this.batch[this.next++] ?? lostLine;
  }

  /** Reads on, past what belongs to runs before. A file that is shorter now gives nothing more. */
  async fill(): Promise<void> {
    this.lines ??= cleanLines(this.source.file, this.source.rest);
    do {
      const next = await this.lines.next().catch(() => ({ done: true, value: undefined }));
      this.passed += this.batch.length;
      this.batch = next.value ?? [];
      this.next = Math.min(Math.max(this.run.from - this.passed, 0), this.batch.length);
      if (next.done) return;
    } while (this.isEmpty);
  }

  async close(): Promise<void> {
    await this.lines?.return(undefined);
  }
}
