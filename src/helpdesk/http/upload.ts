import { randomUUID } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { pipeline, Readable, Transform } from 'node:stream';
import type { Bundle } from '../../domain/bundle-layout.js';
import type { HttpUpload } from './call.js';

type Sent = (bytes: number) => void;

/** The bytes of a bundle. @param onProgress how many of them have left so far */
export function fileUpload(bundle: Bundle, onProgress?: Sent): HttpUpload {
  return upload(typeOf(bundle.name), bundle.bytes, (count) => counted(bundle, count), onProgress);
}

/**
 * RFC 7578: fields of text and one file, with a length that is known before the first byte: servers that take no chunks
 * take it, and a stream is never held in memory.
 * @param file the name of its part
 */
export function multipartUpload(
  fields: Record<string, string>,
  file: { part: string; bundle: Bundle },
  onProgress?: Sent,
): HttpUpload {
  const boundary = `icepack-${randomUUID()}`;
  const { part, bundle } = file;
  const texts = Object.entries(fields).map(
    ([name, text]) => `--${boundary}\r\nContent-Disposition: form-data; name="${quoted(name)}"\r\n\r\n${text}\r\n`,
  );
  const head = Buffer.from(
    `${texts.join('')}--${boundary}\r\nContent-Disposition: form-data; name="${quoted(part)}"; filename="${quoted(bundle.name)}"\r\n` +
      `Content-Type: ${typeOf(bundle.name)}\r\n\r\n`,
  );
  const tail = Buffer.from(`\r\n--${boundary}--\r\n`);
  async function* whole(count: Sent): AsyncGenerator<Buffer> {
    yield head;
    yield* counted(bundle, count);
    yield tail;
  }
  const form = upload(
    `multipart/form-data; boundary=${boundary}`,
    head.length + bundle.bytes + tail.length,
    (count) => Readable.from(whole(count), { objectMode: false }),
    onProgress,
  );
  // What stands around the file is gone with it: nothing of it is waited for.
  return { ...form, sentBytes: () => (form.sentBytes() === bundle.bytes ? form.bytes : form.sentBytes()) };
}

function typeOf(name: string): string {
  return /\.zip$/i.test(name) ? 'application/zip' : 'application/octet-stream';
}

/** What a browser does with a name (HTML, multipart/form-data encoding algorithm). */
function quoted(name: string): string {
  return name.replaceAll('"', '%22').replaceAll('\r', '%0D').replaceAll('\n', '%0A');
}

function upload(type: string, bytes: number, open: (count: Sent) => Readable, onProgress?: Sent): HttpUpload {
  let sent = 0;
  return {
    ...{ type, bytes },
    open() {
      sent = 0;
      return open((more) => {
        sent += more;
        onProgress?.(sent);
      });
    },
    sentBytes: () => sent,
  };
}

function counted({ path }: Bundle, count: Sent): Transform {
  const counting = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      count(chunk.length);
      done(null, chunk);
    },
  });
  const file = createReadStream(path, { highWaterMark: 256 * 1024 });
  pipeline(file, counting, () => {}); // whoever reads `counting` is told of a failure by it
  return counting;
}
