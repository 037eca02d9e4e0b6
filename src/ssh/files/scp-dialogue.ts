import { printableLine } from '../../domain/text.js';
import { itemError, UserError } from '../../errors.js';
import type { SessionSource } from '../connection.js';
import { beginning } from '../exec.js';
import { leaveSource } from './scp-leave.js';
import type { ScpManners } from './scp-manners.js';
import { broken, maxRecordBytes, type ScpRecord } from './scp-protocol.js';
import { readFirstRecord, readRecord, skipMark } from './scp-records.js';
import { EndedEarly, ScpSource } from './scp-source.js';

type Options = {
  command: string;
  /** Behind a mark, which a POSIX shell prints: what comes before it is none of the protocol. */
  marked: boolean;
  shell: boolean;
  manners: ScpManners;
  signal: AbortSignal;
};

export async function openScp(sessions: SessionSource, options: Options): Promise<ScpDialogue> {
  const { command, marked, signal } = options;
  const wire = marked ? `echo ${beginning}; exec ${command}` : command;
  const { channel, lost } = await sessions.openExec(wire, signal, (opened, gone) => ({ channel: opened, lost: gone }));
  return new ScpDialogue(new ScpSource(sessions.title, channel, lost, signal), options);
}

/** A conversation with a running `scp -f`: it offers files, we accept or decline. */
export class ScpDialogue {
  private readonly source: ScpSource;
  private readonly options: Options;
  private first: ScpRecord | undefined;
  private isBegun = false;
  /** It has said what went wrong: then its exit status may be any. */
  private hasExplained = false;

  constructor(source: ScpSource, options: Options) {
    this.source = source;
    this.options = options;
  }

  /** Waits for the first record, over what a login script prints. @returns whether there is one */
  async begins(): Promise<boolean> {
    if (this.options.marked) await skipMark(this.source.bytes);
    this.accept();
    this.first = await readFirstRecord(this.source.bytes);
    return this.first !== undefined;
  }

  accept(): void {
    this.source.answer('\0');
  }

  /** The file or folder is not wanted; the source goes on with the next one, or takes no notice. */
  decline(): void {
    this.source.answer('\x01not now\n');
  }

  /** @throws `EndedEarly`, UserError `scp-broken` */
  async record(): Promise<ScpRecord> {
    const record = await this.recordOrEnd();
    if (record === undefined) throw new EndedEarly();
    return record;
  }

  /** As `record`; undefined where the source has ended. */
  async recordOrEnd(): Promise<ScpRecord | undefined> {
    const record = this.first ?? (await readRecord(this.source.bytes));
    this.first = undefined;
    this.isBegun ||= record !== undefined;
    this.source.isOffered = record !== undefined && record.kind !== 'trouble';
    this.hasExplained ||= record?.kind === 'trouble';
    return record;
  }

  /** The bytes of a file, up to `atMost`. @throws `EndedEarly` */
  async *content(size: number, atMost = size): AsyncGenerator<Buffer> {
    const { source } = this;
    source.bytesLeft = size;
    source.isOffered = true; // its status wants an answer
    for (let left = Math.min(size, atMost); left > 0; ) {
      const chunk = await source.bytes.some(left);
      if (chunk === undefined) throw new EndedEarly();
      left -= chunk.length;
      source.bytesLeft -= chunk.length;
      yield chunk;
    }
  }

  /** What the source says after the bytes of a file: undefined when all is well. */
  async trouble(): Promise<string | undefined> {
    const { bytes } = this.source;
    const said = await bytes.some(1);
    if (said === undefined) throw new EndedEarly();
    if (said[0] === 0) return undefined;
    if (said[0] !== 1 && said[0] !== 2) throw broken('more bytes than were announced');
    return printableLine((await bytes.line(maxRecordBytes))?.toString('utf8') ?? '') || 'it does not say why';
  }

  /** @throws UserError `scp-broken` when the source sends more than was asked for */
  async assertOver(): Promise<void> {
    if ((await this.source.bytes.some(1)) !== undefined) throw broken('more than what was asked for');
  }

  /** @throws `EndedEarly` when the source has not ended of itself, or in the middle */
  assertEnded(): Promise<void> {
    return this.source.assertEnded(this.hasExplained);
  }

  /** Makes an error of ours of what was thrown. */
  explain(error: unknown): unknown {
    const { title } = this.source;
    const complaint = this.source.complaint();
    if (error instanceof EndedEarly) {
      const what = this.isBegun || complaint !== '' ? 'ended early' : 'offered nothing and gave no reason';
      return itemError('transfer-failed', `SCP on ${title} ${what}${complaint && `: ${complaint}`}`, error);
    }
    if (error instanceof UserError && error.code === 'scp-broken')
      return itemError('transfer-failed', `SCP on ${title} failed: ${error.message}`, error);
    return error;
  }

  /** Ends it, in a way that the source takes without harm. */
  leave(): void {
    leaveSource(this.source, this.options);
  }
}
