import { createHash } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import type { IncomingMessage } from 'node:http';
import { pipeline } from 'node:stream/promises';
import { type Answer, problem } from './help-desk-wire.js';

type Received = { bytes: number; sha256: string; digest: string };

/** Writes the bytes of a request to a file. */
export async function receive(request: IncomingMessage, path: string): Promise<Received> {
  const hash = createHash('sha256');
  let bytes = 0;
  request.on('data', (chunk: Buffer) => {
    hash.update(chunk);
    bytes += chunk.length;
  });
  await pipeline(request, createWriteStream(path));
  const digest = hash.digest();
  return { bytes, sha256: digest.toString('hex'), digest: `sha-256=:${digest.toString('base64')}:` };
}

/** @returns what is wrong with the file: damaged on the way, or another file has the name */
export function refusalOf(
  { sha256, digest }: Received,
  expected: string | string[] | undefined,
  existing: { name: string; sha256: string } | undefined,
): Answer | undefined {
  const isOther = existing !== undefined && existing.sha256 !== sha256;
  const isDamaged = expected !== undefined && expected !== digest;
  if (!isOther && !isDamaged) return undefined;
  return existing === undefined
    ? problem(400, 'the bytes do not match their digest')
    : problem(409, `${existing.name} is there with other content`);
}
