import { createHmac } from 'node:crypto';

/** Base32 without the letters that are taken for others (Crockford's). */
const letters = '0123456789abcdefghjkmnpqrstvwxyz';
export const tokenLength = 4;

/** What proves that who answers got the page: of one incident, for one person or channel. */
export function tokenOf(secret: Buffer, incident: string, who: string): string {
  const bytes = createHmac('sha256', secret)
    .update(JSON.stringify([incident, who]))
    .digest();
  return [...bytes.subarray(0, tokenLength)].map((byte) => letters[byte % letters.length]).join('');
}

/** Whether a token is the right one, also where somebody read a letter for the figure that looks like it. */
export function isToken(typed: string, secret: Buffer, incident: string, who: string): boolean {
  return typed.toLowerCase().replaceAll('o', '0').replace(/[il]/g, '1') === tokenOf(secret, incident, who);
}

/** Who answers where a channel tells nobody in particular. No key of a person has spaces. */
export function whoOf(person: string | undefined, channel: string): string {
  return person ?? `channel ${channel}`;
}
