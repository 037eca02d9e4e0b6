const magics: ReadonlyArray<readonly [what: string, hex: string]> = [
  ['a gzip', '1f8b'],
  ['a 7z archive', '377abcaf271c'],
  ['a RAR archive', '526172211a07'],
  ['an xz file', 'fd377a585a00'],
  ['a bzip2 file', '425a68'],
  ['a zstd file', '28b52ffd'],
  ['a PDF', '25504446'],
  ['a program for Windows', '4d5a'],
  ['a program', '7f454c46'],
];

/** What a file is by its first 512 bytes, where that is something else than a ZIP; `undefined` where it cannot be told. */
export function whatItIs(head: Buffer): string | undefined {
  if (head.length === 0) return 'empty';
  const magic = magics.find(([, hex]) => head.toString('hex', 0, hex.length / 2) === hex);
  if (magic !== undefined) return magic[0];
  if (head.toString('latin1', 257, 262) === 'ustar') return 'a tar archive';
  const text = head.toString('latin1').trimStart();
  if (/^(?:<!doctype html|<html|<head|<body)/i.test(text)) return 'a web page, perhaps that of a login';
  if (/^<\?xml/i.test(text)) return 'an XML file';
  if (head.every((byte) => byte === 0)) return 'nothing but zeros';
  return /^[\t\n\r\x20-\x7e\x80-\xff]+$/.test(text) ? 'a text' : undefined;
}

/** Whether a file begins as a ZIP does. */
export function beginsAsZip(head: Buffer): boolean {
  return /^PK(?:\x03\x04|\x05\x06|\x06\x06|\x07\x08|00PK)/.test(head.toString('latin1', 0, 8));
}
