import { type Html, html } from '../../domain/html.js';
import { type Finding, type Marker, type Reading, severities } from '../../reading/reading.js';
import { toldMarkers } from '../../reading/told-markers.js';
import { grouped, instantOf, timeOf } from '../wording.js';
import { placeLink } from './place-link.js';

const kindWords: Record<Finding['kind'], string> = {
  new: 'new',
  frequent: 'frequent',
  stopped: 'stopped',
  'only-here': 'only here',
};
/** Markers that are part of a story; logins and rotations stand in the timeline only. */
const told: readonly Marker['kind'][] = ['exception', 'restart', 'change', 'clock-step', 'silence'];
const eventMs = 30 * 60_000;
const markersMax = 12;

/** The second and third question: what is new round the event, and what changed or restarted shortly before. */
export function standsOutPart(reading: Reading): Html {
  const { findings, moreFindings } = reading;
  const more =
    moreFindings === 0 ? '' : html`<p class="quiet">${grouped(moreFindings)} more messages stand out less.</p>`;
  return html`<section aria-labelledby="stands-out">
<h2 id="stands-out">What stands out</h2>
<p class="quiet">Messages that are new, far more or far less frequent round the event, by counting. No cause is claimed.</p>
${findings.length === 0 ? html`<p class="nothing">${nothingFound(reading)}</p>` : findingTable(reading)}
${more}
${markerTable(reading)}
</section>`;
}

function nothingFound({ lines }: Reading): string {
  return lines.count === 0
    ? 'No line could be read, so nothing could be counted.'
    : 'No message is new or much more frequent round the event than before.';
}

function findingTable(reading: Reading): Html {
  return html`<table class="entries findings" role="table">
<thead role="rowgroup"><tr role="row"><th scope="col" role="columnheader">First</th><th scope="col" role="columnheader">Server</th><th scope="col" role="columnheader">Kind</th><th scope="col" role="columnheader" class="number">Round</th><th scope="col" role="columnheader">Message</th></tr></thead>
<tbody role="rowgroup">
${reading.findings.map((finding) => findingRow(finding, reading))}
</tbody></table>`;
}

function findingRow(finding: Finding, { layout }: Reading): Html {
  const { kind, severity, server, also, round, template, counting, at, line } = finding;
  const level = severities[severity] ?? 'none';
  const others = also.map((other) => `${layout.servers[other.server]?.label ?? '?'} ${grouped(other.count)}×`);
  return html`<tr role="row" class="${level}">
<td role="cell">${placeLink(line, html`<time datetime="${instantOf(at)}">${timeOf(at, layout.zone)}</time>`)}${kind === 'stopped' ? html` <small>the last</small>` : ''}</td>
<td role="cell"><strong>${layout.servers[server]?.label ?? '?'}</strong></td>
<td role="cell"><span class="badge ${kind}">${kindWords[kind]}</span></td>
<td role="cell" class="number">${grouped(round)}×</td>
<td role="cell" class="message">${saysLevel(template, level) ? '' : html`<span class="level ${level}">${level}</span> `}<code class="${level}" dir="ltr" translate="no">${template}</code>
<small>${counting}${others.length === 0 ? '' : `; also ${others.join(', ')}`}</small></td>
</tr>`;
}

/** Most messages name their level themselves. */
function saysLevel(template: string, level: string): boolean {
  return level === 'none' || template.toLowerCase().includes(level);
}

function markerTable(reading: Reading): Html {
  const { told: markers } = toldMarkers(reading, { kinds: told, within: eventMs, most: markersMax });
  if (markers.length === 0) return html``;
  const { layout } = reading;
  const rows = markers.map(({ kind, server, at, until, line, text, times }) => {
    const time = html`<time datetime="${instantOf(at)}">${timeOf(at, layout.zone)}</time>`;
    const end = until === undefined ? '' : html` – ${timeOf(until, layout.zone)}`;
    return html`<tr role="row"><td role="cell">${placeLink(line, time)}${end}</td>
<td role="cell"><strong>${layout.servers[server]?.label ?? '?'}</strong></td>
<td role="cell"><span class="badge ${kind}">${kind}</span></td>
<td role="cell" class="message" dir="auto">${text}${times === 1 ? '' : html` <small>${times} times in all; this one is nearest to the event</small>`}</td></tr>`;
  });
  return html`<h3 id="changes">Restarts, changes, silences near the event</h3>
<table class="entries changes" role="table">
<thead role="rowgroup"><tr role="row"><th scope="col" role="columnheader">Time</th><th scope="col" role="columnheader">Server</th><th scope="col" role="columnheader">What</th><th scope="col" role="columnheader">As the log says it</th></tr></thead>
<tbody role="rowgroup">
${rows}
</tbody></table>`;
}
