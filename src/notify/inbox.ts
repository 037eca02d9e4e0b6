import { createHash } from 'node:crypto';
import { constants } from 'node:fs';
import { open, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { printableLine } from '../domain/text.js';
import { reasonOf } from '../errors.js';
import { isCode } from '../fs/durable.js';
import type { Replies, Reply } from './channel.js';

/** One SMS as it lies in a folder: who sent it, and what it says; undefined where the file is none. */
export type ReadSms = (name: string, content: Buffer) => Omit<Reply, 'id'> | undefined;

/** The daemon may still be writing what is younger. */
const ripeMs = 1000;
/** What lay there for so long is no answer to a page. */
const staleMs = 24 * 3_600_000;
/** An SMS of ten parts with its head is smaller. */
const maxBytes = 4096;
const atOnce = 200;

/**
 * Reads what a daemon that has a modem has put into a folder. Others may use that folder, too: nothing is changed or removed.
 * @param marks the names of what was read before
 */
export async function readInbox(
  folder: string,
  marks: readonly string[],
  readSms: ReadSms,
  now: Date,
): Promise<Replies> {
  const known = new Set(marks);
  const names = (await readdir(folder)).filter((name) => !name.startsWith('.') && !name.endsWith('.LOCK'));
  const handled = names.filter((name) => known.has(name));
  const replies: Reply[] = [];
  let fault: string | undefined;
  for (const name of names.filter((each) => !known.has(each)).slice(0, atOnce)) {
    try {
      const content = await contentOf(join(folder, name), now);
      if (content === 'not yet') continue;
      const sms = content === 'no message' ? undefined : readSms(name, content);
      if (sms !== undefined && content !== 'no message') replies.push({ id: idOf(name, content), ...sms });
      handled.push(name);
    } catch (error) {
      if (!isCode(error, 'ENOENT')) fault = printableLine(reasonOf(error), 300);
    }
  }
  return { replies, marks: handled, ...(fault === undefined ? {} : { fault }) };
}

/** @throws Error of the system */
async function contentOf(path: string, now: Date): Promise<Buffer | 'not yet' | 'no message'> {
  const handle = await opened(path);
  if (handle === undefined) return 'no message';
  try {
    const found = await handle.stat();
    const ageMs = now.getTime() - found.mtimeMs;
    if (!found.isFile() || found.size > maxBytes || ageMs > staleMs) return 'no message';
    return Math.abs(ageMs) < ripeMs ? 'not yet' : await handle.readFile();
  } finally {
    await handle.close();
  }
}

/** Neither follows a link nor waits for a pipe. */
async function opened(path: string) {
  try {
    return await open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  } catch (error) {
    if (isCode(error, 'ELOOP') || isCode(error, 'ENXIO')) return undefined;
    throw error;
  }
}

function idOf(name: string, content: Buffer): string {
  return createHash('sha256').update(`${name}\0`).update(content).digest('hex').slice(0, 16);
}
