import { usageError } from '../errors.js';

/** What a secret is used for. A token is sent in an HTTP header, which carries printable ASCII only. */
export type SecretUse = 'password' | 'token';

const lineEnds = /[\r\n\u0085\u2028\u2029]+$/;
/** Characters that look like a blank or like nothing, and are neither. */
const unseen = /[\u00a0\u00ad\u061c\u1680\u180e\u2000-\u200f\u202a-\u202f\u205f-\u206f\u3000\ufeff]/;

/**
 * The secret in the content of a file or variable, or in the output of a program: byte order mark and line ends are
 * removed, UTF-16 is decoded. What would surely fail as a login is refused here, before it counts as an attempt. Messages
 * name the place, never the value.
 * @returns what is odd about it, but may still be right
 * @throws UserError `secret-odd`
 */
export function readableSecret(
  content: Buffer,
  what: string,
  source: string,
  use: SecretUse,
): { secret: string; oddities: string[] } {
  const refuse = (why: string, hint: string) => usageError('secret-odd', `${what}: ${source} ${why}`, hint);
  const text = decoded(content);
  if (text === undefined || text.includes('\ufffd')) throw refuse('is not text in UTF-8 or UTF-16', 'Save it as UTF-8');
  const secret = text.replace(lineEnds, '');
  if (/[\r\n\u0085\u2028\u2029]/.test(secret))
    throw refuse('has more than one line', 'Leave the secret alone in it, in one line');
  if (/[\x00-\x1f\x7f-\x9f]/.test(secret)) throw refuse('has a control character in it', 'Write the secret anew');
  if (use === 'token' && /[^\x21-\x7e]/.test(secret))
    throw refuse('has a blank, or a letter that is not ASCII, in it: no header can carry that', 'Write the token anew');
  const oddities = [
    ...(/^\s|\s$/.test(secret) ? ['begins or ends with a blank'] : []),
    ...(unseen.test(secret) ? ['has a character in it that is not seen'] : []),
  ];
  return { secret, oddities: oddities.map((oddity) => `${what}: ${source} ${oddity}; it is used as it is`) };
}

/** The text by its byte order mark, else as UTF-8; if every other byte is zero, it is UTF-16 without a mark. */
function decoded(content: Buffer): string | undefined {
  const [first, second] = content;
  const encoding =
    first === 0xff && second === 0xfe
      ? 'utf-16le'
      : first === 0xfe && second === 0xff
        ? 'utf-16be'
        : (encodingByZeros(content) ?? 'utf-8');
  try {
    return new TextDecoder(encoding, { fatal: true }).decode(content);
  } catch {
    return undefined; // not of that encoding
  }
}

function encodingByZeros(content: Buffer): string | undefined {
  if (content.length < 2 || content.length % 2 !== 0) return undefined;
  const zeros = [0, 1].map((start) => content.every((byte, index) => index % 2 !== start || byte === 0));
  if (zeros[1]) return zeros[0] ? undefined : 'utf-16le';
  return zeros[0] ? 'utf-16be' : undefined;
}
