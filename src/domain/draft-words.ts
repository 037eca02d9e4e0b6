/** What a configuration may put in braces into a field of a ticket. */
export const draftWords = [
  'reference',
  'severity',
  'product',
  'version',
  'license',
  'requester',
  'issueType',
  'ownReference',
] as const;
export type DraftWord = (typeof draftWords)[number];

export const braced = /\{([A-Za-z]+)\}/g;

/** The words in braces that nothing is known of; a configuration with one is refused. */
export function unknownWords(text: string): string[] {
  const isKnown = (word: string) => draftWords.some((known) => known === word);
  return [...text.matchAll(braced)].map(([, word = '']) => word).filter((word) => !isKnown(word));
}
