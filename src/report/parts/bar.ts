import { type Html, html } from '../../domain/html.js';
import type { Reading } from '../../reading/reading.js';
import { dayOf, grouped, minuteOf } from '../wording.js';
import { nameOf } from './masthead.js';

/** Sticks to the top: which event, when, and find. */
export function bar(reading: Reading, here: number): Html {
  const at = reading.layout.event?.at.getTime();
  const { zone } = reading.layout;
  return html`<nav class="bar" aria-label="This page"><a href="#top" class="name">${nameOf(reading)}</a>
<span class="at">${at === undefined ? '' : `${dayOf(at, zone)} ${minuteOf(at, zone)}`}</span>
<span class="find" id="find" role="search" hidden><input type="search" id="query" aria-label="Find in all lines" placeholder="Find in ${grouped(here)} lines" autocomplete="off" spellcheck="false"><label title="regular expression"><input type="checkbox" id="is-regex"><span aria-hidden="true">.*</span><span class="offscreen">regular expression</span></label><span id="found" role="status"></span><button type="button" id="previous-hit" aria-label="Previous">↑</button><button type="button" id="next-hit" aria-label="Next">↓</button><button type="button" id="stop-find" hidden>stop</button></span>
<button type="button" id="show-keys" hidden aria-label="Keys and settings">?</button></nav>`;
}

const keys: readonly (readonly [keys: string, what: string])[] = [
  ['/', 'find in all lines'],
  ['n N', 'next, previous that was found'],
  ['e', 'to the event'],
  ['x X', 'next, previous error'],
  ['] [', 'next, previous mark of the timeline'],
  ['g', 'go to a time'],
  ['1 … 9', 'servers on and off'],
  ['c', 'copy the selected lines'],
  ['Shift ↓', 'select lines'],
  ['← → + − 0', 'in the timeline: move, zoom, whole'],
  ['Enter', 'in the timeline: the lines there'],
  ['Esc', 'back'],
];

/** What the key `?` shows. */
export const keysDialog = html`<dialog id="keys" aria-labelledby="keys-title"><h2 id="keys-title">Keys and settings</h2>
<table class="keys"><tbody>
${keys.map(([key, what]) => html`<tr><th scope="row">${key.split(' ').map((each) => html`<kbd>${each}</kbd>`)}</th><td>${what}</td></tr>`)}
</tbody></table>
<p><label><input type="checkbox" id="single-keys" checked> single letters are keys</label></p>
<p><label>colours <select id="theme"><option value="">as the system</option><option value="light">light</option><option value="dark">dark</option></select></label></p>
<p><button type="button" id="close-keys">close</button></p></dialog>
<dialog id="go" aria-labelledby="go-title"><h2 id="go-title">Go to a time</h2><p><label>time of day <input id="go-time" placeholder="10:31:58" autocomplete="off"></label></p><p id="go-fault" role="alert"></p><p><button type="button" id="go-there">go</button> <button type="button" id="close-go">close</button></p></dialog>`;
