import { TextDecoder } from 'node:util';
import { gunzipped } from '../collectors/gunzip.js';
import type { BundleFile } from './open-bundle.js';

/** The bytes of a log as UTF-8: unpacked where it is packed, and from UTF-16 where a byte order mark says so. */
export function logText(file: BundleFile): AsyncIterable<Buffer> {
  const bytes = file.read();
  return utf8Of(file.path.endsWith('.gz') ? gunzipped(bytes, () => undefined) : bytes);
}

async function* utf8Of(source: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  let decoder: TextDecoder | undefined;
  let head: Buffer | undefined = Buffer.alloc(0);
  for await (const chunk of source) {
    if (head === undefined) {
      yield decoder === undefined ? chunk : Buffer.from(decoder.decode(chunk, { stream: true }));
      continue;
    }
    head = Buffer.concat([head, chunk]);
    if (head.length < 3) continue;
    decoder = decoderOf(head);
    yield decoder === undefined ? withoutMark(head) : Buffer.from(decoder.decode(head, { stream: true }));
    head = undefined;
  }
  if (head !== undefined && head.length > 0) yield head;
  if (decoder !== undefined) yield Buffer.from(decoder.decode());
}

function decoderOf(head: Buffer): TextDecoder | undefined {
  const mark = head.readUInt16BE(0);
  if (mark === 0xfffe) return new TextDecoder('utf-16le');
  return mark === 0xfeff ? new TextDecoder('utf-16be') : undefined;
}

function withoutMark(head: Buffer): Buffer {
  return head.readUIntBE(0, 3) === 0xefbbbf ? head.subarray(3) : head;
}
