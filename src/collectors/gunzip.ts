import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import { itemError } from '../errors.js';

/** Text of logs shrinks to a twentieth or so; what unpacks to far more is no log (measured: zeros unpack to 1028 times). */
const maxRatio = 200;
const ratioCountsFromBytes = 64 * 1024 * 1024;

/** Unpacks. @throws UserError `unpacks-endlessly`, or zlib's error where it is cut or damaged */
export async function* gunzipped(chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  let packed = 0;
  let unpacked = 0;
  async function* counted(): AsyncGenerator<Buffer> {
    for await (const chunk of chunks) {
      packed += chunk.length;
      yield chunk;
    }
  }
  const gunzip = createGunzip({ chunkSize: 256 * 1024 });
  const feeding = pipeline(Readable.from(counted()), gunzip);
  feeding.catch(() => undefined); // the same error ends the loop below
  for await (const chunk of gunzip as AsyncIterable<Buffer>) {
    unpacked += chunk.length;
    if (unpacked > ratioCountsFromBytes && unpacked > packed * maxRatio)
      throw itemError('unpacks-endlessly', `it unpacks to more than ${maxRatio} times its size`);
    yield chunk;
  }
  await feeding;
}
