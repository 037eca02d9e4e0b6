import { constants } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { crc32 } from 'node:zlib';
import pLimit from 'p-limit';
import { icepack, say } from '../domain/command.js';
import { type JournalEntry, journalEntrySchema, type NewJournalEntry } from '../domain/journal.js';
import { exitCode, UserError } from '../errors.js';
import { appendDurably, type Cut, inLocalTerms, isCode } from '../fs/durable.js';

export interface Journal {
  readonly entries: readonly JournalEntry[];
  /** Returns when the entry is on the disk. */
  write(entry: NewJournalEntry): Promise<void>;
}

/**
 * @throws UserError `journal-damaged` when a line, other than a cut last one, has changed since it was written;
 * `journal-newer`
 */
export async function openJournal(path: string, now: () => Date): Promise<Journal> {
  const { entries, unfinished } = await readEntries(path);
  const oneAtATime = pLimit(1);
  let cut = unfinished;
  return {
    entries,
    write: (entry) =>
      oneAtATime(async () => {
        const complete = { at: now().toISOString(), ...entry } as JournalEntry;
        // A last line without its end is taken away before another one is added; reading changes nothing.
        await appendDurably(path, lineOf(complete), cut);
        cut = undefined;
        entries.push(complete);
      }),
  };
}

async function readEntries(path: string): Promise<{ entries: JournalEntry[]; unfinished: Cut | undefined }> {
  let bytes: Buffer;
  try {
    bytes = await inLocalTerms(path, () => readFile(path, { flag: constants.O_RDONLY | constants.O_NOFOLLOW }));
  } catch (error) {
    if (error instanceof UserError && isCode(error.cause, 'ENOENT')) return { entries: [], unfinished: undefined };
    throw error;
  }
  const wholeBytes = bytes.lastIndexOf('\n') + 1;
  const lines = bytes.subarray(0, wholeBytes).toString().split('\n');
  const since = lines.findIndex((line) => checksum.test(line)); // from there on every line has one
  const entries = lines.map((line, index) => {
    const parse = since === -1 || index < since ? parseEarlier : parseEntry;
    return line === '' ? undefined : parse(line, `${path}:${index + 1}`);
  });
  if (wholeAndMore.test(bytes.subarray(wholeBytes).toString())) throw damaged(`${path}:${lines.length}`);
  const unfinished = wholeBytes === bytes.length ? undefined : { from: wholeBytes, to: bytes.length };
  return { entries: entries.filter((entry) => entry !== undefined), unfinished };
}

/** The checksum at the end of a line: the CRC-32 of its JSON without the checksum. */
const checksum = /,"sum":"([0-9a-f]{8})"\}$/;
/** A line that was written whole, and whose end has changed since. */
const wholeAndMore = /,"sum":"[0-9a-f]{8}"\}./s;

function lineOf(entry: JournalEntry): string {
  const text = JSON.stringify(entry);
  return `${text.slice(0, -1)},"sum":"${sumOf(text)}"}`;
}

function sumOf(text: string): string {
  return crc32(text).toString(16).padStart(8, '0');
}

function parseEntry(line: string, location: string): JournalEntry {
  const sum = checksum.exec(line);
  const text = `${line.slice(0, sum?.index)}}`;
  if (sumOf(text) !== sum?.[1]) throw damaged(location);
  const { success, data, error } = journalEntrySchema.safeParse(JSON.parse(text));
  if (!success) throw newer(location, error);
  return data;
}

/** Parses a line of icepack 0.1.0, which wrote no checksums and only known keys: an unknown key is a damaged checksum. */
function parseEarlier(line: string, location: string): JournalEntry {
  try {
    const json: unknown = JSON.parse(line);
    const entry = journalEntrySchema.parse(json);
    if (Object.keys(Object(json)).length === Object.keys(entry).length) return entry;
  } catch (cause) {
    throw damaged(location, cause);
  }
  throw damaged(location);
}

function damaged(location: string, cause?: unknown): UserError {
  return new UserError('journal-damaged', `${location} is damaged`, {
    exit: exitCode.local,
    hint: 'Nothing is registered on a guess. Look at the file, and at the help desk; the evidence beside it is untouched',
    cause,
  });
}

function newer(location: string, cause: unknown): UserError {
  return new UserError('journal-newer', `${location} was written by a newer icepack`, {
    exit: exitCode.local,
    hint: say`Go on with that version: ${icepack('--version')}. Nothing was changed`,
    cause,
  });
}
