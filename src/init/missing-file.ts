import { access } from 'node:fs/promises';
import { homedir } from 'node:os';
import { expandHome } from '../config/home.js';
import { shellWord } from '../domain/quoting.js';
import type { Prompter } from '../ui/prompter.js';

/** Asks for a path; where nothing is there yet, that is said at once, and the person decides. */
export async function askPath<T>(typed: () => Promise<T>, pathOf: (answer: T) => string | undefined, ask: Prompter) {
  for (;;) {
    const answer = await typed();
    const path = pathOf(answer);
    if (path === undefined || (await isThere(path)) || (await ask.confirm(missing(path), true))) return answer;
  }
}

function isThere(path: string): Promise<boolean> {
  return access(expandHome(path, homedir())).then(
    () => true,
    () => false,
  );
}

/** The line makes it so that only its owner may read it. */
function missing(path: string): string {
  const name = path.startsWith('~/') ? `~/${shellWord(path.slice(2))}` : shellWord(path);
  return `There is no file ${path} yet; this line makes it: (umask 077; cat > ${name}). Keep the path?`;
}
