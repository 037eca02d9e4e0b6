import { type PhoneNumber, parsePhoneNumberFromString } from 'libphonenumber-js/min';

const example = '+46 660 29 92 00, or +46 660 29 92 00 ext. 12';

/** @returns what is wrong with a telephone number, or undefined where nothing is */
export function phoneFault(text: string): string | undefined {
  if (!/^(\+|00)/.test(text.trim())) return `Begin the telephone number with its country code: ${example}`;
  return numberIn(text) === undefined ? `That is no telephone number; write it like ${example}` : undefined;
}

/** A telephone number in international form, with `ext. N` where it has an extension; as it is where it cannot be read. */
export function internationalPhone(text: string): string {
  return numberIn(text)?.formatInternational() ?? text.trim();
}

/** Only its length is checked: numbers are handed out that no table knows yet. */
function numberIn(text: string): PhoneNumber | undefined {
  const number = parsePhoneNumberFromString(text.trim().replace(/^00/, '+'), { extract: false });
  return number?.isPossible() ? number : undefined;
}
