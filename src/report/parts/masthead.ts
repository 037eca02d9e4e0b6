import { type Html, html, ownSource } from '../../domain/html.js';
import { formatSize } from '../../domain/quantities.js';
import type { Reading } from '../../reading/reading.js';
import { counted, dayOf, instantOf, minuteOf, zoneOf } from '../wording.js';

/** `TIC-1234 · Event 1`. */
export function nameOf({ layout, bundle }: Reading): string {
  const number = layout.event?.number;
  const event = number === undefined ? [] : [`Event ${number}`];
  return [layout.ticket ?? bundle.name, ...event].join(' · ');
}

/** What the operator said happened, else which event it is. */
export function titleOf(reading: Reading): string {
  return reading.manifest?.incident?.summary ?? nameOf(reading);
}

/** The first lines of the page: which event, when, where. */
export function masthead(reading: Reading): Html {
  const { layout, span, manifest } = reading;
  const [at, zone] = [layout.event?.at.getTime(), layout.zone];
  return html`<header class="masthead" id="top">
<p class="eyebrow">${nameOf(reading)}</p>
<h1 dir="auto">${titleOf(reading)}</h1>
<p class="when">${at === undefined ? 'The bundle does not tell when the event was.' : when(at, zone)}</p>
<p class="facts">${factsOf(reading).map((fact, place) => html`${place === 0 ? '' : ' · '}<span>${fact}</span>`)}</p>
<p class="facts">Logs from ${dayOf(span.since, zone)} ${minuteOf(span.since, zone)} to ${minuteOf(span.until, zone)}, all times in ${zoneOf(at ?? span.since, zone)} unless another zone is named.</p>
${said(manifest?.incident)}
</header>`;
}

function when(at: number, zone: string): Html {
  return html`<time datetime="${instantOf(at)}">${dayOf(at, zone)} <strong>${minuteOf(at, zone)}</strong></time> ${zoneOf(at, zone)}`;
}

function factsOf({ layout, manifest, lines, bundle }: Reading): string[] {
  const severity = manifest?.incident?.severity;
  const versions = new Set(manifest?.servers.flatMap((server) => server.versions['InCenter'] ?? []));
  const clusters = new Set(layout.servers.flatMap(({ cluster }) => cluster ?? []));
  const servers = `${counted(layout.servers.length, 'server')}${clusters.size > 0 ? ` (${[...clusters].join(', ')})` : ''}`;
  return [
    ...(severity === undefined ? [] : [`severity ${severity}`]),
    ...(versions.size > 0 ? [`InCenter ${[...versions].join(', ')}`] : []),
    servers,
    counted(lines.count, 'line'),
    formatSize(bundle.bytes),
  ];
}

const openState = ownSource(' open');
const shortText = 600;

function isShort(incident: Incident | undefined): boolean {
  return (incident?.description ?? '').length + Object.values(incident?.answers ?? {}).join('').length <= shortText;
}

type Incident = NonNullable<NonNullable<Reading['manifest']>['incident']>;

function said(incident: Incident | undefined): Html {
  const answers = Object.entries(incident?.answers ?? {});
  if (incident?.description === undefined && answers.length === 0) return html``;
  return html`<details class="said"${isShort(incident) ? openState : ''}><summary>What the operator wrote</summary>
${incident?.description === undefined ? '' : html`<p class="prose" dir="auto">${incident.description}</p>`}
${answers.length === 0 ? '' : html`<dl>${answers.map(([name, text]) => html`<dt>${name}</dt><dd dir="auto">${text}</dd>`)}</dl>`}
</details>`;
}
