import { constants } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { crc32 } from 'node:zlib';
import pLimit from 'p-limit';
import type { z } from 'zod';
import { icepack, say } from '../domain/command.js';
import { type JournalEntry, journalEntrySchema, type NewJournalEntry } from '../domain/journal.js';
import { exitCode, UserError } from '../errors.js';
import { appendDurably, type Cut, inLocalTerms, isCode } from '../fs/durable.js';

/** What was done, in order, as it was written to a file. @typeParam E with a time @typeParam N before it has one */
export interface JournalOf<E, N> {
  readonly entries: readonly E[];
  /** Returns when the entry is on the disk. */
  write(entry: N): Promise<void>;
}

/** The journal of a run, a capture or a ticket. */
export type Journal = JournalOf<JournalEntry, NewJournalEntry>;

/**
 * @throws UserError `journal-damaged` when a line, other than a cut last one, has changed since it was written;
 * `journal-newer`
 */
export function openJournal(path: string, now: () => Date): Promise<Journal> {
  return openJournalOf(path, now, journalEntrySchema);
}

/** Opens a journal of other entries. @throws UserError as `openJournal` does */
export async function openJournalOf<E, N extends object>(
  path: string,
  now: () => Date,
  schema: z.ZodType<E>,
): Promise<JournalOf<E, N>> {
  const { entries, unfinished } = await readEntries(path, schema);
  const oneAtATime = pLimit(1);
  let cut = unfinished;
  return {
    entries,
    write: (entry) =>
      oneAtATime(async () => {
        const complete = { at: now().toISOString(), ...entry } as E;
        // A last line without its end is taken away before another one is added; reading changes nothing.
        await appendDurably(path, lineOf(complete), cut);
        cut = undefined;
        entries.push(complete);
      }),
  };
}

async function readEntries<E>(
  path: string,
  schema: z.ZodType<E>,
): Promise<{ entries: E[]; unfinished: Cut | undefined }> {
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
    return line === '' ? undefined : parse(line, `${path}:${index + 1}`, schema);
  });
  if (wholeAndMore.test(bytes.subarray(wholeBytes).toString())) throw damaged(`${path}:${lines.length}`);
  const unfinished = wholeBytes === bytes.length ? undefined : { from: wholeBytes, to: bytes.length };
  return { entries: entries.filter((entry) => entry !== undefined), unfinished };
}

/** The checksum at the end of a line: the CRC-32 of its JSON without the checksum. */
const checksum = /,"sum":"([0-9a-f]{8})"\}$/;
/** A line that was written whole, and whose end has changed since. */
const wholeAndMore = /,"sum":"[0-9a-f]{8}"\}./s;

function lineOf(entry: unknown): string {
  const text = JSON.stringify(entry);
  return `${text.slice(0, -1)},"sum":"${sumOf(text)}"}`;
}

function sumOf(text: string): string {
  return crc32(text).toString(16).padStart(8, '0');
}

function parseEntry<E>(line: string, location: string, schema: z.ZodType<E>): E {
  const sum = checksum.exec(line);
  const text = `${line.slice(0, sum?.index)}}`;
  if (sumOf(text) !== sum?.[1]) throw damaged(location);
  const { success, data, error } = schema.safeParse(JSON.parse(text));
  if (!success) throw newer(location, error);
  return data;
}

/** Parses a line of icepack 0.1.0, which wrote no checksums and only known keys: an unknown key is a damaged checksum. */
function parseEarlier<E>(line: string, location: string, schema: z.ZodType<E>): E {
  try {
    const json: unknown = JSON.parse(line);
    const entry = schema.parse(json);
    if (Object.keys(Object(json)).length === Object.keys(Object(entry)).length) return entry;
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
