/** From when to when. */
export type Span = { since: number; until: number };

export function overlaps(a: Span, b: Span): boolean {
  return a.since < b.until && b.since < a.until;
}
