import { insecurity } from '../helpdesk/insecure-url.js';

/** What is wrong with a text that somebody typed, in a sentence; undefined where nothing is. */
export type Fault = string | undefined;

/** As `config/schema.ts` takes it: an answer that is refused later would be lost. */
export function faultOfLine(text: string): Fault {
  return /^[^\x00-\x1f\x7f]{1,1000}$/.test(text.trim()) ? undefined : 'One line of text';
}

export function faultOfName(text: string): Fault {
  return /^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$/.test(text.trim()) ? undefined : 'Letters, digits and . _ - only';
}

export function faultOfUser(text: string): Fault {
  return /^[^\x00-\x20\x7f]{1,64}$/.test(text.trim()) ? undefined : 'A user name';
}

export function faultOfEmail(text: string): Fault {
  return /^[^\s@]+@[^\s@.]+(?:\.[^\s@.]+)+$/.test(text.trim()) ? faultOfLine(text) : 'Write it like kim@example.com';
}

export function faultOfPhone(text: string): Fault {
  const isPhone = /^(?:\+|00)[\d ()-]+$/.test(text.trim()) && text.replace(/\D/g, '').length >= 5;
  return isPhone ? undefined : 'Begin with the country code: +46 660 29 92 00';
}

/** @param isForToken whether a token is sent there */
export function faultOfUrl(text: string, isForToken: boolean): Fault {
  const typed = text.trim();
  if (!/^https?:\/\/[^\s@]+$/.test(typed) || !URL.canParse(typed))
    return 'It begins with https:// and holds no password';
  const why = isForToken ? insecurity(new URL(typed)) : undefined;
  return why === undefined ? undefined : `Write it with https://: ${why}`;
}

/** For an answer that may be empty. */
export function orEmpty(fault: (text: string) => Fault): (text: string) => Fault {
  return (text) => (text.trim() === '' ? undefined : fault(text));
}
