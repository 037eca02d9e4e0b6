import type { Item } from '../domain/manifest.js';

/** What was not taken, with the reason, e.g. `CLI/transcript.txt (--skip cli)`; one text per reason. */
export function skippedTexts(items: readonly Item[]): string[] {
  const skipped = items.filter((item) => item.status === 'skipped');
  const reasons = [...new Set(skipped.map(({ reason }) => reason))];
  return reasons.map((reason) => {
    const paths = skipped.filter((item) => item.reason === reason).map(({ path }) => path);
    return `${paths.join(', ')}${reason === undefined ? '' : ` (${reason})`}`;
  });
}
