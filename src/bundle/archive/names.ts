import { cutText } from '../../domain/text.js';
import type { Flaw } from './archive.js';
import { extraField } from './extra-fields.js';
import { limits } from './limits.js';

const cp437 =
  'ÇüéâäàåçêëèïîìÄÅÉæÆôöòûùÿÖÜ¢£¥₧ƒáíóúñÑªº¿⌐¬½¼¡«»░▒▓│┤╡╢╖╕╣║╗╝╜╛┐└┴┬├─┼╞╟╚╔╩╦╠═╬╧╨╤╥╙╘╒╓╫╪┘┌█▄▌▐▀αßΓπΣσµτΦΘΩδ∞φε∩≡±≥≤⌠⌡÷≈°∙·√ⁿ²■\u00a0';
const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
/** Characters that are not seen, turn text around, or steer a terminal. */
const hidden = /[\p{Cc}\p{Cf}\p{Default_Ignorable_Code_Point}\p{Zl}\p{Zp}\p{Cs}]/u;
const everyHidden = new RegExp(`${hidden.source}|["\\\\]`, 'gu');
const reserved = /^(?:con|prn|aux|nul|conin\$|conout\$|clock\$|com[0-9¹²³]|lpt[0-9¹²³])(?:[. ]|$)/i;
const unicodePath = 0x7075;

/** A name as all readers are to see it; `other` is what some of them would see instead. */
export type DecodedName = { name: string; other?: string; isDamaged: boolean };

/**
 * Reads a name: UTF-8 where it says so, or where its bytes are nothing else; else code page 437, as the format has it.
 * Many writers leave out the mark, and readers differ in what they make of that; what they agree on is ASCII.
 */
export function decodeName(raw: Buffer, flags: number, extra: Buffer): DecodedName {
  const decoded = textOf(raw, (flags & 0x800) !== 0);
  const second = extraField(extra, unicodePath);
  if (second === undefined || second.length < 5) return decoded;
  const { name: other, isDamaged } = textOf(second.subarray(5), true);
  if (other === decoded.name) return decoded;
  return { name: decoded.name, other, isDamaged: decoded.isDamaged || isDamaged };
}

function textOf(raw: Buffer, saysUtf8: boolean): DecodedName {
  try {
    return { name: utf8.decode(raw), isDamaged: false };
  } catch {
    // no UTF-8
    const name = Array.from(raw, (byte) => (byte < 0x80 ? String.fromCharCode(byte) : (cp437[byte - 0x80] ?? ''))).join(
      '',
    );
    return { name, isDamaged: saysUtf8 };
  }
}

/** How names are compared: two that are one file on some machine are equal. */
export function foldedName(name: string): string {
  return name.normalize('NFC').toUpperCase().toLowerCase().normalize('NFC');
}

/** A name between quotes, as it can be shown: what is not seen is written out. */
export function shownName(name: string, length = 100): string {
  const shown = name.replace(everyHidden, (character) =>
    character === '"' || character === '\\' ? `\\${character}` : `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`,
  );
  return shown.length <= length ? `"${shown}"` : `"${cutText(shown, length)}…"`;
}

/** Why a name must not be unpacked; undefined where nothing speaks against it. */
export function faultOfName({ name, other, isDamaged }: DecodedName): { id: Flaw['id']; text: string } | undefined {
  const shown = shownName(name);
  const fault = (id: Flaw['id'], text: string) => ({ id, text: `${shown} ${text}` });
  if (isDamaged) return fault('safe.name-encoding', 'is said to be UTF-8, and is not');
  if (other !== undefined && isOtherPath(name, other))
    return fault('safe.two-names', `is called ${shownName(other)}, too`);
  if (hidden.test(name)) return fault('safe.hidden-characters', 'has characters that are not seen or steer a terminal');
  const way = wayOut(name);
  return way === undefined ? undefined : fault('safe.name', way);
}

/** A second name may tell letters that the first one cannot write; all else must be the same. */
function isOtherPath(name: string, other: string): boolean {
  const shape = (text: string) => text.replace(/[^\x20-\x7e]+/g, '?');
  return hidden.test(other) || shape(name) !== shape(other);
}

function wayOut(name: string): string | undefined {
  const parts = name.replace(/\/$/, '').split('/');
  if (name === '') return 'is no name';
  if (name.startsWith('/')) return 'is an absolute path';
  if (name.includes('\\')) return 'has a backslash, which is a folder on Windows';
  if (/^[A-Za-z]:/.test(name)) return 'names a drive';
  if (name.includes(':')) return 'has a colon, which is a hidden stream on Windows';
  if (parts.includes('..')) return 'leaves the folder it is unpacked in';
  if (parts.includes('') || parts.includes('.')) return 'has an empty part';
  if (parts.some((part) => reserved.test(part))) return 'is a device on Windows';
  if (parts.some((part) => /[. ]$/.test(part))) return 'ends in a dot or a space, which Windows drops';
  if (name.length > limits.nameCharacters || parts.some((part) => Buffer.byteLength(part) > limits.partBytes))
    return 'is too long';
  return parts.length > limits.parts ? 'is too deep' : undefined;
}
