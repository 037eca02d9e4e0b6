import { printableLine } from '../../domain/text.js';
import { itemError, UserError } from '../../errors.js';
import { assertExpected, type Judge, type ReadOptions, type TransferVerdict } from './remote-files.js';
import { baseName } from './scp-command.js';
import type { ScpDialogue } from './scp-dialogue.js';
import { offers } from './scp-listing.js';
import { broken, type ScpRecord } from './scp-protocol.js';
import { troubleOf } from './scp-reasons.js';
import type { ScpServer } from './scp-server.js';

type OfferedFile = { record: Extract<ScpRecord, { kind: 'file' }>; modifiedAt: Date | undefined };

/** The download of one file. Where one way to write its path finds nothing, the next one is tried. */
export class ScpDownload {
  private readonly server: ScpServer;
  private readonly path: string;
  private readonly options: ReadOptions;

  constructor(server: ScpServer, path: string, options: ReadOptions) {
    this.server = server;
    this.path = path;
    this.options = options;
  }

  async *chunks(judge: Judge): AsyncGenerator<Buffer> {
    if ((this.options.from ?? 0) > 0)
      throw itemError('transfer-failed', `over SCP "${printableLine(this.path, 120)}" comes from its beginning only`);
    const [spelling = '', other] = this.server.spellingsOf(this.path);
    try {
      yield* this.read(spelling, judge);
    } catch (error) {
      if (other === undefined || !(error instanceof UserError) || error.code !== 'no-such-file') throw error;
      yield* this.read(other, judge);
    }
  }

  private async *read(spelling: string, judge: Judge): AsyncGenerator<Buffer> {
    const { signal, maxBytes, expect } = this.options;
    const dialogue = await this.server.begin(`scp -p -f ${spelling}`, signal);
    try {
      const { record, modifiedAt } = await this.offered(dialogue);
      assertExpected({ sizeBytes: record.bytes, modifiedAt }, expect, this.path);
      dialogue.accept();
      yield* dialogue.content(record.bytes, maxBytes);
      if (record.bytes > maxBytes) judge({ kind: 'capped', bytes: maxBytes });
      else judge(await this.verdictOn(dialogue, record.bytes));
    } catch (error) {
      throw dialogue.explain(error);
    } finally {
      dialogue.leave();
    }
  }

  /** The offered file of that name; others may be offered where the name is taken for a pattern. */
  private async offered(dialogue: ScpDialogue): Promise<OfferedFile> {
    const { server, path } = this;
    let modifiedAt: Date | undefined;
    for (;;) {
      const record = server.expands(path) ? await dialogue.recordOrEnd() : await dialogue.record();
      if (record === undefined) throw troubleOf('no such file', server.title, path);
      if (record.kind === 'trouble') throw troubleOf(record.text, server.title, path);
      if (record.kind === 'file' && record.name === baseName(path)) return { record, modifiedAt };
      if (record.kind === 'times' && modifiedAt === undefined) {
        modifiedAt = record.modifiedAt;
        dialogue.accept();
      } else {
        if (!server.expands(path) || !('name' in record)) throw broken(describe(record));
        modifiedAt = undefined;
        dialogue.decline();
      }
    }
  }

  /** The verdict on a file. A source that runs short fills the file up with zeros, and reports that at its end. */
  private async verdictOn(dialogue: ScpDialogue, size: number): Promise<TransferVerdict> {
    const trouble = await dialogue.trouble();
    if (trouble !== undefined) return { kind: 'damaged', bytes: size, reason: trouble };
    dialogue.accept();
    await this.assertOver(dialogue);
    return { kind: 'whole' };
  }

  /** Checks that nothing follows, except other files that match a pattern. */
  private async assertOver(dialogue: ScpDialogue): Promise<void> {
    const { server, path } = this;
    if (!server.expands(path)) return dialogue.assertOver();
    for await (const _other of offers(dialogue, path, server.title, () => undefined)) dialogue.decline();
  }
}

function describe(record: ScpRecord): string {
  return 'name' in record ? `${record.kind} ${record.name}` : record.kind;
}
