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
  /** Whether the protocol begins after a mark that a POSIX shell prints; whatever comes before the mark is skipped. */
  marked: boolean;
  shell: boolean;
  manners: ScpManners;
  signal: AbortSignal;
};

/** What the source says, its exit status too, may come in the same packet as the grant: it is listened to at once. */
export function openScp(sessions: SessionSource, options: Options): Promise<ScpDialogue> {
  const { command, marked, signal } = options;
  const wire = marked ? `echo ${beginning}; exec ${command}` : command;
  return sessions.openExec(
    wire,
    signal,
    (channel, lost) => new ScpDialogue(new ScpSource(sessions.title, channel, lost, signal), options),
  );
}

/** A conversation with a running `scp -f`: it offers files, we accept or decline. */
export class ScpDialogue {
  private readonly source: ScpSource;
  private readonly options: Options;
  private first: ScpRecord | undefined;
  private isBegun = false;
  /** The source has reported an error, so its exit status does not matter. */
  private hasExplained = false;

  constructor(source: ScpSource, options: Options) {
    this.source = source;
    this.options = options;
  }

  /** Waits for the first record, skipping what a login script prints. @returns whether there is one */
  async begins(): Promise<boolean> {
    if (this.options.marked) await skipMark(this.source.bytes);
    this.accept();
    this.first = await readFirstRecord(this.source.bytes);
    return this.first !== undefined;
  }

  accept(): void {
    this.source.answer('\0');
  }

  /** Declines the offered file or folder; the source goes on with the next one, or ignores the refusal. */
  decline(): void {
    this.source.answer('\x01not now\n');
  }

  /** @throws `EndedEarly`, UserError `scp-broken` */
  async record(): Promise<ScpRecord> {
    const record = await this.recordOrEnd();
    if (record === undefined) throw new EndedEarly();
    return record;
  }

  /** Reads like `record`; undefined where the source has ended. */
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

  /** @throws `EndedEarly` when the source did not end by itself, or ended in the middle */
  assertEnded(): Promise<void> {
    return this.source.assertEnded(this.hasExplained);
  }

  /** Turns what was thrown into an error of ours. */
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

  /** Ends the dialogue in a way that does no harm to the source. */
  leave(): void {
    leaveSource(this.source, this.options);
  }
}
