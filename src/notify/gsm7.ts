import { printableLine } from '../domain/text.js';

/** GSM 03.38: what an SMS of 160 characters is made of; those of the extension take two places. */
const basic = new Set(
  '@£$¥èéùìòÇØøÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !"#¤%&\'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà',
);
const extended = new Set('^{}\\[~]|€');
const partSeptets = 160;

/** Letters that do not fall apart into one of ASCII and its mark. */
const written: Record<string, string> = {
  ...{ '“': '"', '”': '"', '„': '"', '«': '"', '»': '"', '‘': "'", '’': "'", '‚': "'", '`': "'", '´': "'" },
  ...{ '–': '-', '—': '-', '‑': '-', '−': '-', '•': '-', '·': '.', '…': '...', '→': '->', '←': '<-', '×': 'x' },
  ...{ ç: 'c', ł: 'l', Ł: 'L', đ: 'd', Đ: 'D', ð: 'd', Ð: 'D', þ: 'th', Þ: 'Th', ı: 'i', œ: 'oe', Œ: 'OE' },
  ...{ '°': ' deg', '©': '(c)', '®': '(r)', '™': '(tm)', '½': '1/2', '\u{fffd}': '?' },
};

/** A text as one SMS of GSM-7: letters that it has not are written with others, and what is too long is cut. */
export function oneSms(text: string): string {
  const letters = [...printableLine(text, 2000).normalize('NFC')].flatMap((letter) => [...inGsm7(letter)]);
  if (septets(letters) <= partSeptets) return letters.join('');
  let room = partSeptets - 3;
  const kept = letters.slice(
    0,
    letters.findIndex((letter) => {
      room -= septets([letter]);
      return room < 0;
    }),
  );
  return `${kept.join('').trimEnd()}...`;
}

function inGsm7(letter: string): string {
  if (basic.has(letter) || extended.has(letter)) return letter;
  const bare = written[letter] ?? letter.normalize('NFKD').replace(/\p{M}/gu, '');
  return [...bare].map((each) => (basic.has(each) || extended.has(each) ? each : '?')).join('');
}

function septets(letters: readonly string[]): number {
  return letters.reduce((sum, letter) => sum + (extended.has(letter) ? 2 : 1), 0);
}
