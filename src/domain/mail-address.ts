import { printableLine } from './text.js';

/** An address with the name that is shown. */
export type MailAddress = { name: string; address: string };

/** Whether a text is one address, with nothing in it that could end it, or begin another one. */
export function isMailAddress(text: string): boolean {
  return /^[^\s\x00-\x20\x7f<>"(),:;@[\\\]]{1,64}@[A-Za-z0-9.\u00a1-\uffff-]{1,253}$/.test(text);
}

/** @returns `Kim Doe <kim@example.com>`, or an address alone, taken apart; undefined where it is none */
export function parseMailAddress(text: string): MailAddress | undefined {
  const [, name = '', inside] = /^([^<>]*)<([^<>]*)>$/.exec(text.trim()) ?? [];
  const address = (inside ?? text).trim();
  return isMailAddress(address) ? { name: printableLine(name).replaceAll('"', ''), address } : undefined;
}
