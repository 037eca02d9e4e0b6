import type { OutputLine } from '../domain/line.js';
import { printableLine } from '../domain/text.js';
import type { OpenBundle } from '../reading/open-bundle.js';

const shown = 200;

/** What is said of an archive that is not safe: what is wrong, and the names in it, as they may be printed. */
export function unsafeLines({ name, flaws, files }: OpenBundle): OutputLine[] {
  const names = files.slice(0, shown).map(({ path }) => ({ text: `  ${escaped(path)}` }));
  return [
    { text: `${printableLine(name)} is not safe: nothing of it is read but the names of its files.`, tone: 'bad' },
    ...flaws.slice(0, shown).map(({ text }): OutputLine => ({ text: `✗ ${printableLine(text, 300)}`, tone: 'bad' })),
    { text: '' },
    ...names,
    ...(files.length > shown ? [{ text: `  … and ${files.length - shown} more` }] : []),
  ];
}

/** A name as it stands in the archive, with all that is not seen written out. */
function escaped(name: string): string {
  return printableLine(JSON.stringify(name).slice(1, -1), 300);
}
