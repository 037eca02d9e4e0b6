import { printableLine } from '../../domain/text.js';
import { itemError, UserError } from '../../errors.js';
import type { SessionSource } from '../connection.js';
import { exec, shellQuote } from '../exec.js';
import {
  assertExpected,
  type Download,
  type ReadOptions,
  type RemoteEntry,
  type RemoteFiles,
  type TransferVerdict,
} from './remote-files.js';
import { isPattern, spellingsOf } from './scp-command.js';
import { openScp, type ScpDialogue } from './scp-dialogue.js';
import { IgnoresNo, listFolder, offers } from './scp-listing.js';
import type { ScpManners } from './scp-manners.js';
import { broken, type ScpRecord } from './scp-protocol.js';
import { isMissing, isSpecial, troubleOf } from './scp-reasons.js';

/**
 * Files over the old SCP protocol (`scp -f`), for servers without SFTP. It knows no links: they are read as what they
 * lead to.
 * @param shell whether a POSIX shell runs the commands: then files can be removed, too
 * @param manners what was found out of the face before
 */
export function openScpFiles(sessions: SessionSource, shell: boolean, manners: ScpManners = {}): RemoteFiles {
  const { title } = sessions;
  const source = shell ? sessions : (sessions.apart ?? sessions);

  /** As it is, which some servers want; where nothing comes of that, behind a mark. */
  async function begin(command: string, signal: AbortSignal): Promise<ScpDialogue> {
    const open = (marked: boolean) => openScp(source, { command, marked, shell, manners, signal });
    const first = await open(manners.wire === 'marked');
    if ((await begins(first)) || !shell || manners.wire !== undefined) {
      manners.wire ??= 'plain';
      return first;
    }
    first.leave();
    const marked = await open(true);
    if (await begins(marked)) manners.wire = 'marked';
    return marked;
  }

  async function begins(dialogue: ScpDialogue): Promise<boolean> {
    try {
      return await dialogue.begins();
    } catch (error) {
      dialogue.leave();
      throw dialogue.explain(error);
    }
  }

  async function converse<T>(
    command: string,
    signal: AbortSignal,
    work: (dialogue: ScpDialogue) => Promise<T>,
  ): Promise<T> {
    const dialogue = await begin(command, signal);
    try {
      return await work(dialogue);
    } catch (error) {
      throw dialogue.explain(error);
    } finally {
      dialogue.leave();
    }
  }

  async function* readSpelling(
    word: string,
    path: string,
    { signal, maxBytes, expect }: ReadOptions,
    judge: (verdict: TransferVerdict) => void,
  ) {
    const dialogue = await begin(`scp -p -f ${word}`, signal);
    try {
      const { record, modifiedAt } = await offered(dialogue, path);
      assertExpected({ sizeBytes: record.bytes, modifiedAt }, expect, path);
      dialogue.accept();
      yield* dialogue.content(record.bytes, maxBytes);
      if (record.bytes > maxBytes) judge({ kind: 'capped', bytes: maxBytes });
      else judge(await verdictOf(dialogue, record.bytes, () => assertOver(dialogue, path)));
    } catch (error) {
      throw dialogue.explain(error);
    } finally {
      dialogue.leave();
    }
  }

  /** The file of that name; others are offered where the name is taken for a pattern. */
  async function offered(dialogue: ScpDialogue, path: string) {
    let modifiedAt: Date | undefined;
    for (;;) {
      const record = isPattern(path) && !shell ? await dialogue.recordOrEnd() : await dialogue.record();
      if (record === undefined) throw troubleOf('no such file', title, path);
      if (record.kind === 'trouble') throw troubleOf(record.text, title, path);
      if (record.kind === 'file' && record.name === baseName(path)) return { record, modifiedAt };
      if (record.kind === 'times' && modifiedAt === undefined) {
        modifiedAt = record.modifiedAt;
        dialogue.accept();
      } else {
        if (!isPattern(path) || shell || !('name' in record)) throw broken(describe(record));
        modifiedAt = undefined;
        dialogue.decline();
      }
    }
  }

  /** Nothing may follow, but what else a pattern stands for. */
  async function assertOver(dialogue: ScpDialogue, path: string): Promise<void> {
    if (!isPattern(path) || shell) return dialogue.assertOver();
    for await (const _other of offers(dialogue, path, title, () => undefined)) dialogue.decline();
  }

  async function* readFile(path: string, options: ReadOptions, judge: (verdict: TransferVerdict) => void) {
    if ((options.from ?? 0) > 0)
      throw itemError('transfer-failed', `over SCP "${printableLine(path, 120)}" comes from its beginning only`);
    const [word = '', ...others] = spellingsOf(path, shell);
    try {
      yield* readSpelling(word, path, options, judge);
    } catch (error) {
      const [other] = others;
      if (other === undefined || !(error instanceof UserError) || error.code !== 'no-such-file') throw error;
      yield* readSpelling(other, path, options, judge);
    }
  }

  const findSpelling = (word: string, path: string, signal: AbortSignal) =>
    converse(`scp -r -p -f ${word}`, signal, async (dialogue): Promise<RemoteEntry | undefined> => {
      let special = false;
      let missing = false;
      const note = (text: string) => {
        special ||= isSpecial(text);
        missing ||= isMissing(text);
        if (!isMissing(text) && !isSpecial(text)) throw troubleOf(text, title, path);
      };
      for await (const { entry, record } of offers(dialogue, path, title, note)) {
        if (!isPattern(path) || shell || record.name === baseName(path)) return { ...entry, name: baseName(path) };
        dialogue.decline();
        missing = true; // unless it comes yet
      }
      await dialogue.assertEnded();
      if (!special && !missing) throw broken('nothing at all');
      return missing ? undefined : { name: baseName(path), kind: 'other' };
    });

  const listBy = (folder: string, signal: AbortSignal) =>
    converse(`scp -r -p -f ${spellingsOf(folder, shell)[0]}`, signal, (dialogue) =>
      listFolder(dialogue, { folder, title, ignoresNo: manners.ignoresNo === true }),
    );

  return {
    title,
    abilities: async () => ({ peeks: shell, skips: false }),

    async list(folder, signal) {
      try {
        return await listBy(folder, signal);
      } catch (error) {
        if (!(error instanceof IgnoresNo)) throw error;
        manners.ignoresNo = true;
        return listBy(folder, signal);
      }
    },

    async find(path, signal) {
      for (const word of spellingsOf(path, shell)) {
        const found = await findSpelling(word, path, signal);
        if (found !== undefined) return found;
      }
      return undefined;
    },

    read(path, options): Download {
      let verdict: TransferVerdict | undefined;
      return {
        chunks: readFile(path, options, (found) => {
          verdict = found;
        }),
        verdict: () => {
          if (verdict === undefined) throw new Error(`the verdict on "${path}" is known after its last chunk`);
          return verdict;
        },
      };
    },

    async remove(path, signal) {
      if (!shell) throw itemError('transfer-failed', `${title} has no SFTP, without which nothing can be removed`);
      const { code, stderr } = await exec(sessions, `rm -- ${shellQuote(path)}`, signal);
      if (code !== 0) throw troubleOf(printableLine(stderr), title, path);
    },

    close: () => undefined,
  };
}

/** A source that runs short fills the file up with zeros, and says so at its end. */
async function verdictOf(dialogue: ScpDialogue, size: number, over: () => Promise<void>): Promise<TransferVerdict> {
  const trouble = await dialogue.trouble();
  if (trouble !== undefined) return { kind: 'damaged', bytes: size, reason: trouble };
  dialogue.accept();
  await over();
  return { kind: 'whole' };
}

function describe(record: ScpRecord): string {
  return 'name' in record ? `${record.kind} ${record.name}` : record.kind;
}

function baseName(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}
