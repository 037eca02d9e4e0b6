/** Quotes one word of a command that somebody types, for a POSIX shell; where it needs no quotes it stays as it is. */
export function shellWord(word: string): string {
  return /^[A-Za-z0-9_.,:/@%+=-][A-Za-z0-9_.,:/@%+=~-]*$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}

/** A text as a regular expression that matches nothing else. */
export function escapeRegExp(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
}
