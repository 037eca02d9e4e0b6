import { shellQuote } from '../exec.js';

/**
 * The ways to write a path after `scp -f`, in the order to try them. Where no shell reads the path, some servers remove
 * quotes only around the whole path, and others expand `*` even inside quotes.
 */
export function spellingsOf(path: string, shell: boolean): string[] {
  const argument = path.startsWith('-') ? `./${path}` : path; // no option
  if (shell) return [shellQuote(argument)];
  return [quoteWhole(argument), ...(isPattern(path) ? [quoteWhole(argument.replace(/[*?[]/g, '[$&]'))] : [])];
}

/** Whether servers that expand patterns may take this path for several files. */
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
