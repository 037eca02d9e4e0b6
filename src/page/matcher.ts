export type Matches = (text: string) => boolean;

/** Plain text whatever its case, unless a regular expression is wanted. Throws where that is none. */
export function matcher(query: string, isRegex: boolean): Matches {
  const pattern = isRegex ? query : query.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
  const found = new RegExp(pattern, 'iu');
  return (text) => found.test(text);
}
