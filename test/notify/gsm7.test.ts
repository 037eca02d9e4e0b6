import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { oneSms } from '../../src/notify/gsm7.ts';

const alphabet =
  '@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !"#¤%&\'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà';
const extension = '^{}\\[~]|€';

describe('the text of an SMS', () => {
  it('is one part of GSM-7, whatever it was', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', maxLength: 400 }), (text) => {
        const sms = oneSms(text);
        const places = [...sms].map((letter) => (extension.includes(letter) ? 2 : alphabet.includes(letter) ? 1 : 999));

        expect(places.reduce((sum, each) => sum + each, 0)).toBeLessThanOrEqual(160);
        expect(sms).not.toMatch(/[\r\n]/);
      }),
    );
  });

  it.each([
    ['Malmö, Ärende på 5 €', 'Malmö, Ärende på 5 €'],
    ['Łódź – “dead” … →', 'Lodz - "dead" ... ->'],
    ['日本 ü é ê', '?? ü é e'],
    ['a\x1b[31mb\u202ec\r\nd\0', 'ab?c d?'],
  ])('has of %j what GSM-7 has', (text, sms) => {
    expect(oneSms(text)).toBe(sms);
  });

  it('stays as it is up to 160 places, and says that it was cut', () => {
    expect(oneSms('a'.repeat(160))).toBe('a'.repeat(160));
    expect(oneSms('a'.repeat(161))).toBe(`${'a'.repeat(157)}...`);
    expect(oneSms('€'.repeat(80))).toBe('€'.repeat(80));
    expect(oneSms('€'.repeat(81))).toBe(`${'€'.repeat(78)}...`);
  });
});
