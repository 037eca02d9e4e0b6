import { itemError, reasonOf } from '../errors.js';
import type { Cutter } from '../logs/cut.js';
import { believedTime } from '../logs/file-time.js';
import { isLocal } from './download.js';
import { openLogParts } from './log-parts.js';
import type { LogSource } from './log-read.js';
import type { Unneeded } from './log-times.js';
import type { OpenPart } from './open-part.js';
import { cannotBeUnpacked, keepAsItIs, notFiles } from './passed-over.js';

/** Reads a log through a cutter, file by file, and records what was read. */
export class CutReading {
  /** The names of files that were read, in that order. */
  readonly names: string[] = [];
  readonly problems: string[];
  /** When the newest of them was last written to, and whether it is the file that is still being written to. */
  writtenAt: Date | undefined;
  isCurrentRead = false;
  private failed = 0;
  private readonly source: LogSource;
  private readonly type: string;
  private readonly cutter: Cutter;

  constructor(source: LogSource, type: string, cutter: Cutter) {
    this.source = source;
    this.type = type;
    this.cutter = cutter;
    this.problems = notFiles(source, type);
  }

  /** The lines in the window. */
  async *cut(unneeded: Unneeded): AsyncGenerator<Buffer> {
    const { source, type, cutter, names, problems } = this;
    const onGap = (problem: string) => problems.push(problem);
    for await (const part of openLogParts({ ...source, type }, source.listing, unneeded, onGap)) {
      names.push(part.name);
      yield* this.cutPart(part);
    }
    // One part that cannot be read does not cost the others; all of them do.
    if (this.failed >= names.length && problems.length > 0 && cutter.result().bytesIn === 0)
      throw itemError('log-unreadable', problems.join('; '));
  }

  private async *cutPart(part: OpenPart): AsyncGenerator<Buffer> {
    const { cutter } = this;
    this.writtenAt = part.modifiedAt;
    this.isCurrentRead = part.isCurrent;
    cutter.startPart(part.modifiedAt, part.isCurrent);
    try {
      for await (const chunk of part.content) yield* cutter.push(chunk);
      this.noteVerdict(part);
    } catch (error) {
      await this.noteFailure(part, error);
    }
    if (!part.isCurrent) return yield* cutter.endOfPart();
    this.writtenAt = await this.timeOf(part.name);
    yield* cutter.endOfPart(this.writtenAt);
  }

  private noteVerdict({ name, download }: OpenPart): void {
    const verdict = download.verdict();
    if (verdict.kind === 'short' || verdict.kind === 'capped')
      this.problems.push(`${name}: only ${verdict.bytes} bytes came`);
    if (verdict.kind === 'damaged') this.problems.push(`${name}: ${verdict.reason}`);
  }

  private async noteFailure({ name, compressed }: OpenPart, error: unknown): Promise<void> {
    this.source.tools.signal.throwIfAborted();
    if (isLocal(error)) throw error;
    this.failed++;
    this.problems.push(`${name}: ${reasonOf(error)}`);
    if (compressed && cannotBeUnpacked(error)) await keepAsItIs(this.source, name, 'it cannot be unpacked');
  }

  /** When a log file was last written to; asked after reading it, so that the time is not before its last line. */
  private async timeOf(name: string): Promise<Date | undefined> {
    const { tools, files, folder } = this.source;
    try {
      return believedTime((await files.find(`${folder}/${name}`, tools.signal))?.modifiedAt);
    } catch {
      tools.signal.throwIfAborted();
      return undefined; // nothing follows from a time that is not known
    }
  }
}
