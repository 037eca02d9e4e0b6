/** A line that somebody else wrote. */
const quoted = /^\s*[>|]/;
/** What follows is the mail that is answered, or one that is forwarded, or the signature. */
const rest = [
  /^-- ?$/,
  /^_{10,}$/,
  /^[-—–]{2,}.*[-—–]{2,}$/,
  /^(?:from|von|från|fra|de|da|van|od|expéditeur|lähettäjä|sender)\s*:\s/i,
  /^\*(?:from|von|från|fra|de|da|van)\s*:\*/i,
];
/** `On … wrote:` ends like this in whatever language, with a time or an address before it. */
const attribution = /[:：]$/;
const mentions = /\d{1,2}[:.h]\d{2}|\d{4}|@|<[^>]*>|&lt;/;
/** It may go over so many lines. */
const mostLines = 4;

/** The first line of a text that its sender has written; undefined where they have written none. */
export function firstOwnLine(text: string): string | undefined {
  const lines = text.split(/\r\n|[\r\n]/).map((line) => line.replace(/[\u200b\ufeff]/g, '').trim());
  for (let at = 0; at < lines.length; at++) {
    const line = lines[at] ?? '';
    if (line === '' || quoted.test(line)) continue;
    if (rest.some((pattern) => pattern.test(line))) return undefined;
    const length = attributionAt(lines, at);
    if (length === 0) return line;
    at += length - 1;
  }
  return undefined;
}

/** Over how many lines it goes that somebody wrote at that time what follows; 0 where that does not stand there. */
function attributionAt(lines: readonly string[], from: number): number {
  for (let length = 1; length <= mostLines; length++) {
    const line = lines[from + length - 1] ?? '';
    if (line === '' || quoted.test(line)) return 0;
    if (!attribution.test(line)) continue;
    const whole = lines.slice(from, from + length).join(' ');
    return mentions.test(whole) && isQuoteNext(lines, from + length) ? length : 0;
  }
  return 0;
}

function isQuoteNext(lines: readonly string[], from: number): boolean {
  const next = lines.slice(from).find((line) => line !== '');
  return next !== undefined && quoted.test(next);
}
