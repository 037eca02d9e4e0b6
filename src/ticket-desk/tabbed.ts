import { printable } from '../domain/text.js';

/** One line of tab-separated values; line ends and tabs in them are written `\n` and `\t`. */
export function tabbed(values: readonly (string | number | null | undefined)[]): string {
  return values.map((value) => plain(String(value ?? ''))).join('\t');
}

function plain(text: string): string {
  return printable(text).replaceAll('\\', '\\\\').replaceAll('\n', '\\n').replaceAll('\t', '\\t');
}
