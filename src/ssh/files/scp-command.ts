import { shellQuote } from '../exec.js';

/**
 * How a path is written behind `scp -f`, in the order to try them. Where no shell reads it, quotes are taken off only
 * around the whole of it by some servers, and `*` means something to others also within quotes.
 */
export function spellingsOf(path: string, shell: boolean): string[] {
  const argument = path.startsWith('-') ? `./${path}` : path; // no option
  if (shell) return [shellQuote(argument)];
  return [quoteWhole(argument), ...(isPattern(path) ? [quoteWhole(argument.replace(/[*?[]/g, '[$&]'))] : [])];
}

/** Servers that expand names themselves take this for several. */
export function isPattern(path: string): boolean {
  return /[*?[\]]/.test(path);
}

function quoteWhole(argument: string): string {
  const quoted = shellQuote(argument); // refuses control characters
  return argument.includes("'") && !/["$`\\!]/.test(argument) ? `"${argument}"` : quoted;
}

/** The name by which a source offers a path. */
export function baseName(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}
