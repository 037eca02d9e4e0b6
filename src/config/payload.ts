import { createReadStream } from 'node:fs';
import { resolve } from 'node:path';
import { addAbortSignal } from 'node:stream';
import { usageError, whyNoFile } from '../errors.js';
import type { Given } from './standard-input.js';

const maxBytes = 1_000_000;

/**
 * What another program hands over, as UTF-8.
 * @param given a path, or `-` for standard input
 * @throws UserError `bad-file`
 */
export async function loadPayload(given: string, { cwd, stdin, signal }: Given): Promise<string> {
  if (given === '-' && stdin.isTTY)
    throw usageError(
      'bad-file',
      'standard input is a terminal, and nothing comes from it',
      'Pipe it in, or name a file',
    );
  const path = resolve(cwd, given);
  try {
    return await limited(given === '-' ? addAbortSignal(signal, stdin) : createReadStream(path, { signal }));
  } catch (error) {
    if (signal.aborted) throw signal.reason;
    const what = given === '-' ? 'standard input' : path;
    const why = error instanceof Unfit ? `${what}: ${error.message}` : whyNoFile(what, error);
    throw usageError('bad-file', why, 'Hand it over as it was sent: JSON of at most 1 MB');
  }
}

class Unfit extends Error {}

async function limited(stream: AsyncIterable<Buffer>): Promise<string> {
  const chunks: Buffer[] = [];
  let sizeBytes = 0;
  for await (const chunk of stream) {
    sizeBytes += chunk.length;
    if (sizeBytes > maxBytes) throw new Unfit('it is longer than 1 MB');
    chunks.push(chunk);
  }
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(Buffer.concat(chunks));
  } catch {
    throw new Unfit('it is not UTF-8'); // the decoder says no more than that
  }
}
