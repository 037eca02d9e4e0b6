import { type Html, html } from '../../domain/html.js';
import type { Reading } from '../../reading/reading.js';
import { minutesTable } from './minutes-table.js';
import { overview } from './overview.js';

/** Marks of the timeline: each has a shape and a word, never a colour alone. */
const legend: readonly (readonly [name: string, sign: string, word: string])[] = [
  ['error', '▮', 'errors (height: root of how many)'],
  ['warning', '▬', 'warnings (heat)'],
  ['volume', '▬', 'all lines (heat)'],
  ['exception', '◆', 'exception'],
  ['restart', '◇', 'restart'],
  ['change', '▲', 'change'],
  ['login', '●', 'login'],
  ['failed-login', '✕', 'failed login'],
  ['clock-step', '◀', 'clock step'],
  ['silence', '╱', 'silence'],
  ['not-collected', '▦', 'not collected'],
];

/** Which server and which minute: as a picture, as numbers, and where scripts run as a canvas to zoom into. */
export function timelinePart(reading: Reading): Html {
  if (reading.layout.servers.length === 0) return html``;
  return html`<section aria-labelledby="timeline">
<h2 id="timeline">Timeline</h2>
<figure class="timeline">
${toolbar}
${overview(reading)}
<div id="lanes" hidden role="group" aria-label="Timeline, arrow keys move, plus and minus zoom, Enter shows the lines there" tabindex="0"><canvas id="canvas" aria-hidden="true"></canvas><span class="grip" id="grip-since" role="slider" tabindex="0" aria-label="From"></span><span class="grip" id="grip-until" role="slider" tabindex="0" aria-label="To"></span><p id="pointed" aria-hidden="true"></p></div>
<figcaption><ul class="legend">
${legend.map(([name, sign, word]) => html`<li class="${name}"><span aria-hidden="true">${sign}</span> ${word}</li>`)}
</ul></figcaption>
</figure>
${minutesTable(reading)}
</section>`;
}

const toolbar = html`<div class="toolbar" id="zoom" hidden role="toolbar" aria-label="Timeline">
<span class="group"><button type="button" id="zoom-out" aria-label="Zoom out">−</button><button type="button" id="zoom-in" aria-label="Zoom in">+</button><button type="button" id="zoom-event">event</button><button type="button" id="zoom-whole">whole</button><button type="button" id="by-cluster" aria-pressed="false" hidden>by cluster</button></span>
<span id="zoomed" class="quiet"></span>
<label><input type="checkbox" id="only-zoomed"> list only this time</label>
<label><input type="checkbox" id="own-work"> icepack’s own work</label>
</div>`;
