import { announce, grouped } from './dom.js';
import type { LineWords } from './line-words.js';
import type { List } from './list.js';
import type { Texts } from './texts.js';

const linesMax = 10_000;

/** The lines that are selected, as they are quoted elsewhere. */
export async function copySelected(list: List, words: LineWords, texts: Texts): Promise<void> {
  const [first, last] = list.selected;
  const count = Math.min(last - first + 1, linesMax);
  const quoted: string[] = [];
  for (let row = first; row < first + count; row++) {
    const line = list.rows.lineOf(row);
    quoted.push(`${words.source(line)}  ${words.times(line)}  ${await texts.of(line)}`);
  }
  await copyText(quoted.join('\n'));
  const more = last - first + 1 > linesMax ? `the first ${grouped(linesMax)}` : grouped(count);
  announce(`${more} ${count === 1 ? 'line' : 'lines'} copied`);
}

export async function copyText(text: string): Promise<void> {
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    copyByHand(text); // the browser does not allow it here, as in some previews
  }
}

function copyByHand(text: string): void {
  const area = document.createElement('textarea');
  area.value = text;
  area.className = 'offscreen';
  document.body.append(area);
  area.select();
  document.execCommand('copy');
  area.remove();
}
