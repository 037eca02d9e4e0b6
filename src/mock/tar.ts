const blockBytes = 512;
const largestOctal = 0o77777777777;

/** The end of a tar archive. */
export const tarEnd = Buffer.alloc(2 * blockBytes);

/** A file in a tar archive: its header, its bytes, and the padding of its last block. */
export function tarFile(name: string, content: Buffer, modifiedMs: number): Buffer {
  return Buffer.concat([tarHeader(name, content.length, modifiedMs), content, tarPadding(content.length)]);
}

export function tarHeader(name: string, bytes: number, modifiedMs: number): Buffer {
  const header = Buffer.alloc(blockBytes);
  header.write(name, 0, 100);
  header.write('0000644\0' + '0000000\0' + '0000000\0', 100);
  writeSize(header, bytes);
  header.write(`${octal(Math.floor(modifiedMs / 1000), 11)}\0`, 136);
  header.write('        0', 148); // the check sum counts as blanks; a regular file
  header.write('ustar\0' + '00root', 257);
  header.write('root', 297);
  const sum = header.reduce((total, byte) => total + byte, 0);
  header.write(`${octal(sum, 6)}\0 `, 148);
  return header;
}

export function tarPadding(bytes: number): Buffer {
  return Buffer.alloc((blockBytes - (bytes % blockBytes)) % blockBytes);
}

/** Writes the size; beyond 8 GiB it is binary, as in GNU tar. */
function writeSize(header: Buffer, bytes: number): void {
  if (bytes <= largestOctal) header.write(`${octal(bytes, 11)}\0`, 124);
  else {
    header[124] = 0x80;
    header.writeBigUInt64BE(BigInt(bytes), 128);
  }
}

function octal(value: number, digits: number): string {
  return value.toString(8).padStart(digits, '0');
}
