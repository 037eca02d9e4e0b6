import { type Html, html } from '../../domain/html.js';
import type { Missing, Reading } from '../../reading/reading.js';
import { counted } from '../wording.js';

type Word = { state: 'missing' | 'partial' | 'note' | 'good' | 'unknown'; who: string; text: string };

const signs: Record<Word['state'], readonly [sign: string, word: string]> = {
  missing: ['✗', 'missing'],
  partial: ['!', 'not whole'],
  note: ['i', 'to know'],
  good: ['✓', 'whole'],
  unknown: ['?', 'unknown'],
};
const order: readonly Missing['state'][] = ['missing', 'partial', 'note'];

/** What is only to be known does not push what stands out from the screen: of more than so many some are folded away. */
const [notesMax, notesShown] = [8, 5];

/** The first question: is it all here, and is this the right hour? */
export function wholePart(reading: Reading, leftOut: readonly string[]): Html {
  const words = missingWords(reading);
  const notes = words.filter(({ state }) => state === 'note');
  const rest = notes.length > notesMax ? notes.slice(notesShown) : [];
  const onTop = words.filter((word) => !rest.includes(word));
  return html`<section class="whole" aria-labelledby="whole">
<h2 id="whole">Is it whole?</h2>
<ul class="words">
${[...onTop, ...leftOut.map(ofReport), closing(reading)].map(row)}
</ul>
${
  rest.length === 0
    ? ''
    : html`<details><summary>${counted(rest.length, 'more remark')}</summary><ul class="words">
${rest.map(row)}
</ul></details>`
}
</section>`;
}

function row({ state, who, text }: Word): Html {
  const [sign, word] = signs[state];
  return html`<li class="${state}"><span class="sign" role="img" aria-label="${word}">${sign}</span> <span>${who === '' ? '' : html`<strong>${who}</strong> `}<span dir="auto">${text}</span></span></li>`;
}

function missingWords({ missing, layout }: Reading): Word[] {
  const words = missing.map(({ state, server, what, text }) => {
    const label = server === undefined ? '' : (layout.servers[server]?.label ?? '');
    // A bundle that may hold secrets is never only a remark.
    return {
      state: what === 'secrets' ? 'missing' : state,
      who: [label, what].filter((part) => part !== '').join(' '),
      text,
    };
  });
  return words.sort((a, b) => order.indexOf(a.state) - order.indexOf(b.state));
}

function ofReport(text: string): Word {
  return { state: 'note', who: 'This page', text };
}

/** "All is here" is said only where a manifest lists what was asked for, and lines were read. */
function closing({ manifest, missing, lines, contents }: Reading): Word {
  if (manifest === undefined)
    return { state: 'unknown', who: '', text: 'No manifest: what else may be missing cannot be told.' };
  if (lines.count === 0) return { state: 'unknown', who: '', text: 'No line of any log could be read.' };
  const isWhole = missing.every(({ state }) => state === 'note');
  const whole = contents.filter(({ status }) => status === 'ok').length;
  const text = isWhole
    ? `All ${counted(whole, 'item')} that the manifest lists are here and whole.`
    : `${counted(whole, 'other item')} of the manifest ${whole === 1 ? 'is' : 'are'} whole.`;
  return { state: 'good', who: '', text };
}
