import { promisify } from 'node:util';
import { deflateRaw } from 'node:zlib';

const deflateInPool = promisify(deflateRaw);

/** In a thread of zlib's pool. The level is named: the same text is to give the same bytes everywhere. */
export function deflate(bytes: Buffer): Promise<Buffer> {
  return deflateInPool(bytes, { level: 6, memLevel: 8, windowBits: 15 });
}
