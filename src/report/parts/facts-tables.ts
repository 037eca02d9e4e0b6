import { type Html, html } from '../../domain/html.js';
import { formatDuration } from '../../domain/quantities.js';
import type { Before, Fact, Reading } from '../../reading/reading.js';
import { counted, dayOf, minuteOf } from '../wording.js';

const nothing = html`<span class="quiet" title="not known">–</span>`;

/** The fourth question: which server is different from its peers? */
export function serversPart(reading: Reading): Html {
  const { facts, layout } = reading;
  if (facts.length === 0 || layout.servers.length === 0)
    return html`<section aria-labelledby="servers"><h2 id="servers">Servers side by side</h2><p class="nothing">Nothing is known of the servers but their logs.</p></section>`;
  const differing = facts.filter(({ differs }) => differs.length > 0).length;
  return html`<section aria-labelledby="servers">
<h2 id="servers">Servers side by side</h2>
<p class="quiet">${differing === 0 ? 'No fact differs between them.' : `${differing} of ${facts.length} facts differ; a cell that differs from most is marked ◀.`}</p>
${differing === 0 || differing === facts.length ? '' : html`<label class="only screen"><input type="checkbox" id="only-differences" checked> only differences</label>`}
<div class="wide" role="region" aria-label="Facts of the servers" tabindex="0">
<table class="facts"><thead><tr><th scope="col">Fact</th>${layout.servers.map(({ label }) => html`<th scope="col">${label}</th>`)}</tr></thead>
<tbody>
${facts.map(factRow)}
</tbody></table></div>
</section>`;
}

function factRow({ group, name, cells, differs }: Fact): Html {
  const row = cells.map((cell, server) => {
    const isOdd = differs.includes(server);
    const sign = isOdd ? html` <span class="odd-sign" role="img" aria-label="differs">◀</span>` : '';
    return html`<td class="${isOdd ? 'odd' : 'even'}" dir="auto">${cell ?? nothing}${sign}</td>`;
  });
  return html`<tr class="${differs.length > 0 ? 'differs' : 'same'}"><th scope="row"><span class="group">${group}</span> ${name}</th>${row}</tr>`;
}

/** The fifth: what did the state look like before? */
export function beforePart({ before, layout }: Reading): Html {
  if (before.length === 0) return html``;
  return html`<section aria-labelledby="before">
<h2 id="before">Before and now</h2>
${before.map((of) => beforeTable(of, layout.servers[of.server]?.label ?? '?', layout.zone))}
</section>`;
}

function beforeTable({ captured, rows, same }: Before, label: string, zone: string): Html {
  const when = `${dayOf(captured.at, zone)} ${minuteOf(captured.at, zone)}`;
  const distance = `${formatDuration(captured.beforeEventMs)} ${captured.beforeEventMs < 0 ? 'after' : 'before'} the event`;
  return html`<h3>${label}: captured ${when}, ${distance}</h3>
<div class="wide" role="region" aria-label="${label}, before and now" tabindex="0"><table class="facts"><thead><tr><th scope="col">Fact</th><th scope="col">Captured</th><th scope="col">Now</th></tr></thead>
<tbody>
${rows.map(({ name, before, now, comparable }) => html`<tr class="${comparable ? 'differs' : 'same'}"><th scope="row">${name}</th><td dir="auto">${before ?? nothing}</td><td dir="auto">${comparable ? (now ?? nothing) : html`${now ?? nothing} <em>not comparable</em>`}</td></tr>`)}
</tbody></table></div>
<p class="quiet">${counted(same, 'other fact')} ${same === 1 ? 'is' : 'are'} the same.</p>`;
}
