import type { WideForm } from './wide-text.js';

/** How a text is encoded: one byte or more per character (ASCII, Latin-1, UTF-8 …), two, or four. */
export type TextForm = 'bytes' | WideForm | 'utf-32';

/**
 * The encoding of a file, judged by its beginning; undefined if it is not a text, or cannot be read.
 * @param meant it is known to be a text: then a few NULs, or a block of them, are the remains of a crash
 */
export function textForm(head: Buffer, meant = false): TextForm | undefined {
  const mark = head.toString('latin1', 0, 4);
  if (mark === '\xff\xfe\0\0' || mark === '\0\0\xfe\xff') return 'utf-32';
  if (mark.startsWith('\xff\xfe')) return 'utf-16le';
  if (mark.startsWith('\xfe\xff')) return 'utf-16be';
  if (!head.includes(0)) return 'bytes';
  return unmarked(head) ?? (meant && hasFewNuls(head) ? 'bytes' : undefined);
}

const fewest = 4;

/** The encoding of a text without a mark: the one in which all characters are ones that texts contain. */
function unmarked(head: Buffer): TextForm | undefined {
  const quads = unitsOf(head, 4);
  if (quads.some((units) => units.length >= fewest && units.every(isWritten))) return 'utf-32';
  const pairs = unitsOf(head, 2);
  const latin = pairs.map((units) => units.filter((unit) => isWritten(unit) && unit < 127).length);
  const [little = [], big = []] = pairs;
  const [inLittle = 0, inBig = 0] = latin;
  if (little.length < fewest) return undefined;
  const form = inLittle >= inBig ? 'utf-16le' : 'utf-16be';
  const most = Math.max(inLittle, inBig);
  if (most * 2 > little.length) return form;
  return most > 0 && !isOfBytes(head) && isWhole(form === 'utf-16le' ? little : big) ? form : undefined;
}

/** The units of `width` bytes, read as little-endian and as big-endian. */
function unitsOf(head: Buffer, width: 2 | 4): number[][] {
  const places = Array.from({ length: Math.floor(head.length / width) }, (_, index) => index * width);
  return width === 2
    ? [places.map((at) => head.readUInt16LE(at)), places.map((at) => head.readUInt16BE(at))]
    : [places.map((at) => head.readUInt32LE(at)), places.map((at) => head.readUInt32BE(at))];
}

/** Whether a character occurs in texts: no control, no half of a pair, no private use. */
function isWritten(unit: number): boolean {
  if (unit < 32) return (unit >= 9 && unit <= 13) || unit === 27;
  return unit < 0xd800 ? unit < 127 || unit >= 0xa0 : unit >= 0xf900 && unit < 0x110000 && (unit & 0xfffe) !== 0xfffe;
}

/** Whether the units are UTF-16 of such characters only; a head may end within a pair. */
function isWhole(units: readonly number[]): boolean {
  const text = String.fromCharCode(...units).replace(/[\ud800-\udbff](?:[\udc00-\udfff]|$)/g, '');
  return Array.from(text, (character) => character.charCodeAt(0)).every(isWritten);
}

/** Whether the text is a text of bytes in spite of its NULs: mostly ASCII, or UTF-8 without controls. */
function isOfBytes(head: Buffer): boolean {
  const controls = head.filter((byte) => byte !== 0 && byte < 127 && !isWritten(byte)).length;
  const ascii = head.filter((byte) => byte < 127 && isWritten(byte)).length;
  return ascii * 4 > head.length * 3 || (controls === 0 && isUtf8(head));
}

/** Whether the bytes are UTF-8; the last character may be cut. */
function isUtf8(head: Buffer): boolean {
  try {
    new TextDecoder('utf-8', { fatal: true }).decode(head, { stream: true });
    return true;
  } catch {
    return false; // that is what it throws for
  }
}

/** Whether there are few NULs, not counting blocks of them. */
function hasFewNuls(head: Buffer): boolean {
  const nuls =
    head
      .toString('latin1')
      .replace(/\0{8,}/g, '')
      .match(/\0/g) ?? [];
  return nuls.length < 8 || nuls.length * 16 < head.length;
}
