import { type Html, html } from '../../domain/html.js';
import { type Reading, severities } from '../../reading/reading.js';
import { counted, grouped } from '../wording.js';

/** @param command shows the bundle without a browser */
export function linesPart(reading: Reading, here: number, command: string): Html {
  const all = reading.lines.count;
  return html`<section aria-labelledby="lines">
<h2 id="lines">Lines</h2>
<p class="notice" id="no-script">No script runs here, so the list of all lines, zooming and finding are not there. Everything else is. In a terminal: <code>${command}</code></p>
<p class="notice" id="no-lines" hidden></p>
${here < all ? html`<p class="quiet">${grouped(here)} of ${counted(all, 'line')} are on this page; the others are in the bundle.</p>` : ''}
${here === 0 ? '' : viewer(reading)}
</section>`;
}

function viewer(reading: Reading): Html {
  return html`<div id="viewer" hidden>
<div class="filters" role="group" aria-label="Filters">
<span class="group" role="group" aria-label="Severities">${severityChips(reading)}</span>
<span class="group" role="group" aria-label="Servers">${reading.layout.servers.map(({ label }, server) => chip('server', server, label, ''))}</span>
<span class="group" role="group" aria-label="Logs">${logChips(reading)}</span>
<span class="group"><button type="button" id="no-filter">all</button><button type="button" class="chip" id="fold" aria-pressed="false">fold continued lines</button><button type="button" class="chip" id="only-hits" aria-pressed="false" hidden>only what was found</button></span>
</div>
<div class="list-head"><span id="shown" class="quiet"></span><label>time <select id="clock"><option value="common">one clock</option><option value="own">as in the files</option></select></label></div>
<div id="list" role="grid" aria-label="Lines" aria-multiselectable="true" tabindex="0"><div id="spacer" role="presentation"><div id="rows" role="rowgroup"></div></div></div>
<div id="detail" aria-label="The line" role="region" hidden></div>
<p class="keys quiet"><kbd>/</kbd> find <kbd>n</kbd> <kbd>N</kbd> next, previous <kbd>e</kbd> event <kbd>x</kbd> next error <kbd>g</kbd> go to a time <kbd>c</kbd> copy <kbd>?</kbd> all keys</p>
</div>`;
}

function chip(kind: 'server' | 'severity' | 'log', value: number | string, label: string, count: string): Html {
  return html`<button type="button" class="chip" data-kind="${kind}" data-value="${value}" aria-pressed="true"><span dir="auto">${label}</span>${count === '' ? '' : html` <small>${count}</small>`}</button>`;
}

/** From worst to nothing, with how many there are. */
function severityChips({ density }: Reading): Html[] {
  return severities
    .map((name, severity) => {
      const count = density.counts.reduce(
        (sum, ofServer) => sum + (ofServer[severity]?.reduce((all, each) => all + each, 0) ?? 0),
        0,
      );
      return { name, severity, count };
    })
    .filter(({ count }) => count > 0)
    .reverse()
    .map(({ name, severity, count }) =>
      chip('severity', severity, name === 'none' ? 'no level' : name, grouped(count)),
    );
}

const logsMax = 12;

/** One for the logs of the same name on all servers. */
function logChips({ logs }: Reading): Html[] {
  const names = [...new Set(logs.filter(({ lines }) => lines > 0).map(({ name }) => name))];
  return names.length > logsMax ? [] : names.map((name) => chip('log', name, name, ''));
}
