import { defined } from '../../domain/defined.js';
import { printableLine } from '../../domain/text.js';
import { itemError } from '../../errors.js';
import type { RemoteEntry } from './remote-files.js';
import type { ScpDialogue } from './scp-dialogue.js';
import { broken, type ScpRecord } from './scp-protocol.js';
import { entryNamedIn, troubleOf } from './scp-reasons.js';

const maxEntries = 20_000;
/** The most records in a listing: entries, their times, and what lies below them. */
const maxRecords = 4 * maxEntries;
/** At most this many bytes are dropped where a source ignores refusals and sends all files. */
const maxPassedBytes = 2 * 1024 ** 3;

type Offered = Extract<ScpRecord, { kind: 'file' | 'folder' }>;

/** Thrown when a source sends the bytes of a file that was declined. */
export class IgnoresNo extends Error {}

type Listing = { folder: string; title: string; ignoresNo: boolean };

/**
 * Lists a folder: the folder is accepted, and each entry in it is declined before its bytes come. Where the source
 * ignores that, all bytes are read and dropped.
 * @throws `IgnoresNo`, UserError `no-such-file`, `listing-endless`, `transfer-failed`
 */
export async function listFolder(dialogue: ScpDialogue, listing: Listing): Promise<RemoteEntry[]> {
  const { folder, title, ignoresNo } = listing;
  const entries: RemoteEntry[] = [];
  let depth = 0;
  let isBegun = false;
  let passed = 0;
  const onTrouble = (text: string) => {
    if (!isBegun) throw troubleOf(text, title, folder);
    if (depth === 1) entries.push(entryNamedIn(text, folder));
  };
  const onEndOfFolder = () => {
    depth--;
  };
  const take = async (record: Offered) => {
    if (record.kind === 'folder') depth++;
    dialogue.accept();
    if (record.kind === 'folder') return;
    passed += record.bytes;
    if (passed > maxPassedBytes)
      throw itemError('listing-endless', `the files of "${printableLine(folder, 120)}" on ${title} are too large`);
    for await (const _chunk of dialogue.content(record.bytes)); // only its name was wanted
    await dialogue.trouble();
    dialogue.accept();
  };

  try {
    for await (const { entry, record } of offers(dialogue, folder, title, onTrouble, onEndOfFolder)) {
      if (depth <= 0 && isBegun) throw broken('more than one folder');
      if (depth === 0 && record.kind === 'file')
        throw itemError('no-such-file', `"${printableLine(folder, 120)}" on ${title} is no folder`);
      if (depth === 1) entries.push(entry);
      assertBounded(entries.length, folder, title);
      if (depth === 0 || ignoresNo) await take(record);
      else dialogue.decline();
      isBegun = true;
    }
  } catch (error) {
    if (entries.length > 0 && !ignoresNo && isBroken(error)) throw new IgnoresNo();
    throw error;
  }
  if (depth < 0 && !ignoresNo) throw new IgnoresNo();
  await dialogue.assertEnded();
  if (!isBegun || depth !== 0) throw broken('a folder without an end');
  return entries;
}

/** The files and folders that a source offers, until it has no more. Each must be accepted or declined. */
export async function* offers(
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

function isBroken(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'scp-broken';
}

function assertBounded(count: number, folder: string, title: string): void {
  if (count > maxEntries)
    throw itemError(
      'listing-endless',
      `"${printableLine(folder, 120)}" on ${title} lists more than ${maxEntries} files`,
    );
}

function entryOf(record: Offered, modifiedAt: Date | undefined): RemoteEntry {
  const time = defined({ modifiedAt });
  return record.kind === 'file'
    ? { name: record.name, kind: 'file', sizeBytes: record.bytes, ...time }
    : { name: record.name, kind: 'folder', ...time };
}
