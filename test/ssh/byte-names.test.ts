import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { printable } from '../../src/domain/text.ts';
import { bytesOfName, hasBytes, nameOfBytes } from '../../src/ssh/byte-names.ts';

describe('a name on a server', () => {
  it('is the same bytes again when it is sent, whatever they are (B07)', () => {
    const anyBytes = fc.uint8Array({ maxLength: 40 });
    const nearText = fc
      .array(fc.oneof(fc.constantFrom(0x80, 0xbf, 0xc3, 0xe2, 0xed, 0xf0, 0xf6, 0xff, 0xa0, 0x41), fc.nat(255)))
      .map((bytes) => Uint8Array.from(bytes));

    fc.assert(
      fc.property(fc.oneof(anyBytes, nearText), (bytes) => {
        expect(bytesOfName(nameOfBytes(bytes)).equals(Buffer.from(bytes))).toBe(true);
      }),
      { numRuns: 2000 },
    );
  });

  it('is a text where it is one (B07)', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (text) => {
        expect(nameOfBytes(Buffer.from(text, 'utf8'))).toBe(text);
        expect(hasBytes(text)).toBe(false);
      }),
    );
  });

  it('keeps what is text in it, and is shown without halves of characters (B07)', () => {
    const name = nameOfBytes(Buffer.from('exc-f\xf6rsta \xe2\x82 \xed\xb3\xb6.err', 'latin1'));

    expect(name).toBe('exc-f\udcf6rsta \udce2\udc82 \udced\udcb3\udcb6.err');
    expect(printable(`${name} 😀`)).toBe('exc-f\ufffdrsta \ufffd\ufffd \ufffd\ufffd\ufffd.err 😀');
  });

  it('of one byte or another is told apart (B07)', () => {
    const names = Array.from({ length: 128 }, (_, index) => nameOfBytes(Buffer.from([128 + index])));

    expect(new Set(names).size).toBe(128);
  });
});
