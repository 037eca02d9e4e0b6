import { printableLine } from '../../domain/text.js';
import { itemError, type UserError } from '../../errors.js';
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
import { openScp, type ScpDialogue } from './scp-dialogue.js';
import { broken, type ScpRecord } from './scp-protocol.js';

const maxEntries = 20_000;
/** Entries, their times, and what lies below them. */
const maxRecords = 4 * maxEntries;
/** A listing without wildcards has to let the bytes of the files pass by. */
const maxPassedBytes = 2 * 1024 ** 3;

/**
 * Files over the old SCP protocol (`scp -f`), for servers without SFTP. It knows no links: they are read as what they
 * lead to.
 * @param shell whether a POSIX shell runs the commands: then files can be removed, too
 */
export function openScpFiles(sessions: SessionSource, shell: boolean): RemoteFiles {
  const { title } = sessions;

  async function converse<T>(
    command: string,
    signal: AbortSignal,
    work: (dialogue: ScpDialogue) => Promise<T>,
  ): Promise<T> {
    const dialogue = await openScp(sessions, command, shell, signal);
    try {
      return await work(dialogue);
    } catch (error) {
      throw dialogue.explain(error);
    } finally {
      dialogue.hangUp();
    }
  }

  async function* readFile(path: string, options: ReadOptions, judge: (verdict: TransferVerdict) => void) {
    const { signal, maxBytes, expect, from = 0 } = options;
    if (from > 0) throw itemError('transfer-failed', `over SCP "${printableLine(path, 120)}" comes from its beginning`);
    const dialogue = await openScp(sessions, `scp -p -f ${argument(path)}`, shell, signal);
    try {
      let record = await dialogue.record();
      let modifiedAt: Date | undefined;
      if (record.kind === 'times') {
        modifiedAt = record.modifiedAt;
        dialogue.accept();
        record = await dialogue.record();
      }
      if (record.kind === 'trouble') throw troubleOf(record.text, title, path);
      if (record.kind !== 'file' || record.name !== baseName(path)) throw broken(describe(record));
      assertExpected({ sizeBytes: record.bytes, modifiedAt }, expect, path);
      dialogue.accept();
      yield* dialogue.content(Math.min(record.bytes, maxBytes));
      if (record.bytes > maxBytes) judge({ kind: 'capped', bytes: maxBytes });
      else judge(await verdictOf(dialogue, record.bytes));
    } catch (error) {
      throw dialogue.explain(error);
    } finally {
      dialogue.hangUp();
    }
  }

  /** Every name that the wildcard matches is offered, and declined before its bytes come. */
  const listByWildcard = (folder: string, signal: AbortSignal) =>
    converse(`scp -r -p -f ${argument(folder)}/*`, signal, async (dialogue) => {
      const entries: RemoteEntry[] = [];
      const note = (text: string) => {
        const named = namedIn(text, folder);
        if (named === undefined) throw troubleOf(text, title, folder);
        if (named.name !== '*') entries.push(named);
      };
      for await (const offer of offers(dialogue, folder, title, note)) {
        entries.push(offer.entry);
        assertBounded(entries.length, folder, title);
        dialogue.decline();
      }
      if (entries.length > 0) await dialogue.assertEnded();
      return entries;
    });

  /** For servers that know no wildcards, and empty folders: the folder is taken as a whole, and its bytes let pass. */
  const listByWalking = (folder: string, signal: AbortSignal) =>
    converse(`scp -r -p -f ${argument(folder)}`, signal, async (dialogue) => {
      const entries: RemoteEntry[] = [];
      const note = (text: string) => {
        const named = namedIn(text, folder);
        if (named === undefined) throw troubleOf(text, title, folder);
        if (depth === 1) entries.push(named);
      };
      let begun = false;
      let depth = 0;
      let passed = 0;
      for await (const { entry, record } of offers(dialogue, folder, title, note, () => depth--)) {
        if (depth === 0 && record.kind === 'file')
          throw itemError('no-such-file', `"${printableLine(folder, 120)}" on ${title} is no folder`);
        begun = true;
        if (depth === 1) entries.push(entry);
        assertBounded(entries.length, folder, title);
        if (record.kind === 'folder') depth++;
        else passed += record.bytes;
        if (passed > maxPassedBytes)
          throw itemError('listing-endless', `the files of "${printableLine(folder, 120)}" on ${title} are too large`);
        dialogue.accept();
        if (record.kind === 'file') await letPass(dialogue, record.bytes);
      }
      await dialogue.assertEnded();
      if (!begun || depth !== 0) throw broken('a folder without an end');
      return entries;
    });

  return {
    title,
    abilities: async () => ({ peeks: shell, skips: false }),

    async list(folder, signal) {
      const entries = await listByWildcard(folder, signal);
      return entries.length > 0 ? entries : listByWalking(folder, signal);
    },

    find: async (path, signal) =>
      converse(`scp -r -p -f ${argument(path)}`, signal, async (dialogue) => {
        let special = false;
        let missing = false;
        const note = (text: string) => {
          special ||= isSpecial(text);
          missing ||= isMissing(text);
          if (!isMissing(text) && !isSpecial(text)) throw troubleOf(text, title, path);
        };
        for await (const { entry } of offers(dialogue, path, title, note)) return { ...entry, name: baseName(path) };
        await dialogue.assertEnded();
        if (!special && !missing) throw broken('nothing at all');
        return missing ? undefined : { name: baseName(path), kind: 'other' as const };
      }),

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

type Offered = Extract<ScpRecord, { kind: 'file' | 'folder' }>;

/** The files and folders that a source offers, until it has no more. Each must be accepted or declined. */
async function* offers(
  dialogue: ScpDialogue,
  what: string,
  title: string,
  onTrouble: (text: string) => void,
  onEndOfFolder: () => void = () => undefined,
): AsyncGenerator<{ entry: RemoteEntry; record: Offered }> {
  let modifiedAt: Date | undefined;
  for (let records = 0; ; records++) {
    assertBounded(Math.floor(records / (maxRecords / maxEntries)), what, title);
    const record = await dialogue.recordOrEnd();
    if (record === undefined) return;
    if (record.kind === 'trouble') {
      onTrouble(record.text);
    } else if (record.kind === 'times') {
      if (modifiedAt !== undefined) throw broken('times of nothing');
      modifiedAt = record.modifiedAt;
      dialogue.accept();
    } else if (record.kind === 'end-of-folder') {
      onEndOfFolder();
      dialogue.accept();
    } else {
      yield { entry: entryOf(record, modifiedAt), record };
      modifiedAt = undefined;
    }
  }
}

/** A source that runs short fills the file up with zeros, and says so at its end. */
async function verdictOf(dialogue: ScpDialogue, size: number): Promise<TransferVerdict> {
  const trouble = await dialogue.trouble();
  if (trouble !== undefined) return { kind: 'damaged', bytes: size, reason: trouble };
  dialogue.accept();
  await dialogue.assertOver();
  return { kind: 'whole' };
}

async function letPass(dialogue: ScpDialogue, size: number): Promise<void> {
  for await (const _chunk of dialogue.content(size)); // only its name was wanted
  await dialogue.trouble();
  dialogue.accept();
}

function troubleOf(text: string, title: string, path: string): UserError {
  const what = `"${printableLine(path, 120)}"`;
  if (isMissing(text)) return itemError('no-such-file', `${what} is not on ${title}`);
  return itemError('transfer-failed', `${title} failed on ${what}: ${text}`);
}

function isMissing(text: string): boolean {
  return /no such file|not found|does not exist/i.test(text);
}

/** A link to nowhere, a pipe, a device: the source says which, and goes on. */
function isSpecial(text: string): boolean {
  return /not a regular file/i.test(text);
}

/** What the source could not offer of a folder: a pipe, a link to nowhere, a file that may not be read. */
function namedIn(text: string, folder: string): RemoteEntry | undefined {
  const [, path, why] = /^(?:scp: )?(.+): ([^:]+)$/.exec(text) ?? [];
  if (path === undefined || why === undefined || !path.includes('/') || path === folder) return undefined;
  return { name: baseName(path), kind: isSpecial(text) || isMissing(text) ? 'other' : 'file' };
}

/** A path as one argument; one that begins with a dash is no option. */
function argument(path: string): string {
  return shellQuote(path.startsWith('-') ? `./${path}` : path);
}

function assertBounded(count: number, folder: string, title: string): void {
  if (count > maxEntries)
    throw itemError(
      'listing-endless',
      `"${printableLine(folder, 120)}" on ${title} lists more than ${maxEntries} files`,
    );
}

function entryOf(record: Offered, modifiedAt: Date | undefined): RemoteEntry {
  const time = modifiedAt === undefined ? {} : { modifiedAt };
  return record.kind === 'file'
    ? { name: record.name, kind: 'file', sizeBytes: record.bytes, ...time }
    : { name: record.name, kind: 'folder', ...time };
}

function describe(record: ScpRecord): string {
  return 'name' in record ? `${record.kind} ${record.name}` : record.kind;
}

function baseName(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}
