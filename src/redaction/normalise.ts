const escapes =
  /\x1b(?:\[[0-?]{0,32}[ -/]{0,4}[@-~]|[\]PX^_][^\x07\x1b]*(?:\x07|\x1b\\)|[ -/]{0,4}[0-~])|\\u00(?:2[de]|3[0-9ad]|4[1-9a-f]|5[0-9af]|6[1-9a-f]|7[0-9a])|%(?:4[1-9a-f]|5[0-9af]|6[1-9a-f]|7[0-9a])/gi;

/** A line is changed by `normalise` only if it contains one of these. */
export const escapeAnchors = ['\x1b', '\\u00', '%4', '%5', '%6', '%7'];

export type Normalised = {
  text: string;
  /** The place in the raw line of a place in `text`. */
  rawAt(at: number): number;
  /** The place in `text` of a place in the raw line. */
  placeAt(raw: number): number;
};

/**
 * Removes escape sequences, and decodes `\u0070` and `%70` where they stand for letters, digits and other characters of
 * keys. Quotes, `&` and `%` stay encoded: decoded, they would end a value too early.
 */
export function normalise(raw: string): Normalised {
  if (raw.search(escapes) < 0) return { text: raw, rawAt: unmoved, placeAt: unmoved };
  const parts: string[] = [];
  const joints: { at: number; raw: number }[] = [];
  let length = 0;
  let at = 0;
  for (const { 0: found, index } of raw.matchAll(escapes)) {
    const part = raw.slice(at, index) + decode(found);
    parts.push(part);
    length += part.length;
    at = index + found.length;
    joints.push({ at: length, raw: at });
  }
  parts.push(raw.slice(at));
  const text = parts.join('');
  return {
    text,
    rawAt: (at) => {
      const joint = joints.findLast((each) => each.at <= at);
      return joint === undefined ? at : joint.raw + at - joint.at;
    },
    placeAt: (at) => {
      const next = joints.findIndex((each) => each.raw > at);
      const joint = next < 0 ? joints.at(-1) : joints[next - 1];
      const found = joint === undefined ? at : joint.at + at - joint.raw;
      return Math.min(found, joints[next]?.at ?? text.length);
    },
  };
}

function unmoved(at: number): number {
  return at;
}

function decode(found: string): string {
  if (found.startsWith('\x1b')) return '';
  return String.fromCharCode(Number.parseInt(found.slice(-2), 16));
}
