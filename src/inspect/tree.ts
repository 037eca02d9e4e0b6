import type { OutputLine } from '../domain/line.js';
import { formatSize } from '../domain/quantities.js';
import { printableLine } from '../domain/text.js';
import type { Reading } from '../reading/reading.js';

const nameWidth = 60;

/** Every file with its size, and what the manifest says of those that are not simply there. */
export function treeLines(contents: Reading['contents']): OutputLine[] {
  const lines: OutputLine[] = [];
  let open: string[] = [];
  for (const { path, bytes, status, reason } of contents) {
    const folders = path.split('/').slice(0, -1);
    const shared = folders.findIndex((name, at) => open[at] !== name);
    for (let at = shared < 0 ? folders.length : shared; at < folders.length; at++)
      lines.push({ text: `${'  '.repeat(at)}${printableLine(folders[at] ?? '', nameWidth)}/` });
    open = folders;
    const name = path.slice(path.lastIndexOf('/') + 1);
    const indented = `${'  '.repeat(folders.length)}${printableLine(name, nameWidth) || '(nothing)'}`;
    const told =
      status === undefined || status === 'ok' ? '' : `  ${status}: ${printableLine(reason ?? 'nobody said why')}`;
    lines.push({
      text: `${indented.padEnd(nameWidth)} ${bytes === undefined ? '–' : formatSize(bytes)}${told}`,
      ...(told === '' ? {} : { tone: 'warn' }),
    });
  }
  return lines;
}
