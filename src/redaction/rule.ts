/** A secret in a text. */
export type Span = {
  /** Where the evidence for the secret begins, e.g. its key. */
  from: number;
  start: number;
  end: number;
  /** The end of the secret, where it may lie beyond this text. */
  until: RegExp;
};

/** One line, or a window of a very long one, without escape sequences and its line end. */
export type Line = {
  text: string;
  /** The text begins where the line begins. */
  isHead: boolean;
};

/** A rule for one kind of secret: what to look for first, how to find it, what to put in its place. */
export type Rule = {
  name: string;
  /**
   * Words in lower case; a line with none of them is skipped. If empty, the rule applies to lines that other rules look
   * at.
   */
  anchors: readonly string[];
  find(line: Line): Span[];
  replace(found: string): string;
};

export function mask(name: string): string {
  return `<redacted:${name}>`;
}

const nothingToMask =
  /^(?:[*\u2022]{2,}|<redacted(?::[a-z-]{1,20})?>|[[<(](?:redacted|filtered|masked|hidden|removed)[\])>]|null|undefined|true|false|yes|no)$/i;

/** Whether a value is already masked, is empty, or is a word of the format instead of a secret. */
export function isBare(value: string): boolean {
  return value.length === 0 || (value.length < 64 && nothingToMask.test(value));
}
