import { beginning } from '../exec.js';
import type { ByteReader } from './byte-reader.js';
import {
  beginsRecord,
  broken,
  maxRecordBytes,
  parseScpRecord,
  recordAfterNoise,
  type ScpRecord,
} from './scp-protocol.js';
import { EndedEarly } from './scp-source.js';

const maxNoiseLines = 10_000;
/** What begins like a record but is not complete after this long is not a record. */
const recordMs = 5000;

/** Skips everything up to the mark. @throws `EndedEarly`, UserError `scp-broken` */
export async function skipMark(bytes: ByteReader): Promise<void> {
  for (let lines = 0; lines < maxNoiseLines; lines++) {
    const line = await bytes.line(maxRecordBytes);
    if (line === undefined) throw new EndedEarly();
    if (line.toString('latin1').trimEnd().endsWith(beginning)) return;
  }
  throw broken('endless text before it begins');
}

/**
 * Reads the first record, skipping what a login script prints; undefined where there is none. @throws UserError
 * `scp-broken`
 */
export async function readFirstRecord(bytes: ByteReader): Promise<ScpRecord | undefined> {
  for (let lines = 0; lines < maxNoiseLines; lines++) {
    const start = await bytes.some(1);
    if (start === undefined) return undefined;
    const line = start[0] === 0x0a ? Buffer.alloc(0) : await bytes.line(maxRecordBytes);
    if (line === undefined) throw withoutEnd(start);
    const record = recordAfterNoise(start[0] === 0x0a ? line : Buffer.concat([start, line]));
    if (record !== undefined) return record;
  }
  throw broken('endless text before it begins');
}

/** The next record; undefined where the source has ended. @throws UserError `scp-broken` */
export async function readRecord(bytes: ByteReader): Promise<ScpRecord | undefined> {
  const start = await bytes.some(1);
  if (start === undefined) return undefined;
  if (!beginsRecord(start[0])) throw broken(start.toString('latin1'));
  const rest = await inTime(bytes.line(maxRecordBytes), recordMs);
  if (rest === undefined) throw withoutEnd(start);
  return parseScpRecord(Buffer.concat([start, rest]));
}

function withoutEnd(start: Buffer): Error {
  return broken(`${start.toString('latin1')}… without an end`);
}

/** @returns undefined when it takes longer */
async function inTime<T>(work: Promise<T>, ms: number): Promise<T | undefined> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<undefined>((resolve) => {
    timer = setTimeout(() => resolve(undefined), ms);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}
