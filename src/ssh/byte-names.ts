import { isUtf8 } from 'node:buffer';

/**
 * A name on a server as a string. Names are bytes, and need not be UTF-8: each byte that is not is kept as half a
 * surrogate pair, U+DC80 to U+DCFF, which occurs in no text. So a name can be passed on as a string, and becomes the same
 * bytes when it is sent.
 */
export function nameOfBytes(bytes: Uint8Array): string {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  if (isUtf8(buffer)) return buffer.toString('utf8');
  let name = '';
  for (let at = 0; at < buffer.length; ) {
    const character = buffer.subarray(at, at + lengthAfter(buffer[at] ?? 0));
    const isText = isUtf8(character);
    name += isText ? character.toString('utf8') : String.fromCharCode(escapes + (buffer[at] ?? 0));
    at += isText ? character.length : 1;
  }
  return name;
}

/** The bytes of a name, or of a command with names in it. */
export function bytesOfName(name: string): Buffer {
  if (!hasBytes(name)) return Buffer.from(name, 'utf8');
  const parts = name.split(escaped).map((part, index) => (index % 2 === 0 ? Buffer.from(part, 'utf8') : byteOf(part)));
  return Buffer.concat(parts);
}

/** Whether a name holds bytes that are not UTF-8. */
export function hasBytes(name: string): boolean {
  return escaped.test(name);
}

const escapes = 0xdc00;
const escaped = /(?<![\ud800-\udbff])([\udc80-\udcff])/;

function byteOf(part: string): Buffer {
  return Buffer.from([part.charCodeAt(0) - escapes]);
}

/** How many bytes a UTF-8 character has that begins with this byte. */
function lengthAfter(first: number): number {
  if (first >= 0xf0) return 4;
  if (first >= 0xe0) return 3;
  return first >= 0xc0 ? 2 : 1;
}
