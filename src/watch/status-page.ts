import { createHash } from 'node:crypto';
import { dirname, join } from 'node:path';
import { type Html, html, ownSource } from '../domain/html.js';
import { formatDuration } from '../domain/quantities.js';
import { printableLine } from '../domain/text.js';
import { formatLocal } from '../domain/zone.js';
import { writeDurably } from '../fs/durable.js';
import type { ServerStanding, Standing } from './standing.js';
import { suppressionText, thingName, troubles } from './standing.js';
import { blindSince, sharedStatus, validUntil } from './status-document.js';
import type { StatusFacts } from './status-text.js';

/** Writes the page, and the same for programs beside it. @throws UserError `local-write` */
export async function writeStatusFiles(path: string, facts: StatusFacts, organization = ''): Promise<void> {
  await writeStatusPage(path, facts, organization);
  const document = { schema: 1, organization, ...sharedStatus(facts) };
  await writeDurably(join(dirname(path), 'status.json'), `${JSON.stringify(document)}\n`, forAll);
}

/** Writes the status as a page that may be shown to others: no addresses, no outputs, no script. */
export async function writeStatusPage(path: string, facts: StatusFacts, organization = ''): Promise<void> {
  await writeDurably(path, statusPage(facts, organization).source, forAll);
}

/** A web server reads it. */
const forAll = 0o644;
const reloadSeconds = 60;

const style = `
:root { color-scheme: light dark; --bad: #b3261e; --warn: #8a5a00; --good: #1e6b34; --line: #8886; }
@media (prefers-color-scheme: dark) { :root { --bad: #ff8a80; --warn: #ffcc66; --good: #7ddb98; } }
body { font: 16px/1.5 system-ui, sans-serif; max-width: 62rem; margin: 1.5rem auto; padding: 0 1rem; }
h1 { font-size: 1.4rem; margin: 0 0 .3rem; }
table { border-collapse: collapse; width: 100%; margin: 1rem 0; }
caption { text-align: left; font-weight: 600; padding: .4rem 0; }
th, td { text-align: left; padding: .35rem .8rem .35rem 0; border-bottom: 1px solid var(--line); vertical-align: top; }
.firing { color: var(--bad); font-weight: 600; } .no-answer, .pending { color: var(--warn); } .ok { color: var(--good); }
.scroll { overflow-x: auto; }
`;

function statusPage(facts: StatusFacts, organization: string): Html {
  const { servers, jumpHosts } = facts;
  const wrong = [...jumpHosts, ...servers].flatMap((server) => troubles(server).map((thing) => ({ server, thing })));
  const hash = createHash('sha256').update(style).digest('base64');
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'sha256-${hash}'; base-uri 'none'; form-action 'none'">
<meta http-equiv="refresh" content="${reloadSeconds}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title(organization, wrong.length)}</title>
<style>${ownSource(style)}</style>
</head>
<body>
<main>
<h1>${organization === '' ? 'Servers' : organization}</h1>
<p>${validity(facts)}</p>
${blindness(facts)}
${facts.incidents.length === 0 ? '' : incidentTable(facts)}
${wrong.length === 0 ? html`<p class="ok">${allWell(servers)}</p>` : tableOf(wrong, facts)}
<details${wrong.length === 0 ? html` open` : html``}><summary>What is well</summary>
${wellList(servers)}
</details>
</main>
</body>
</html>
`;
}

function title(organization: string, wrong: number): string {
  const what = wrong === 0 ? 'all well' : `${wrong} to look at`;
  return organization === '' ? what : `${organization}: ${what}`;
}

/** A page that nobody writes any more has to show it by itself. */
function validity({ sighting, everyMs, zone }: StatusFacts): Html {
  const { round } = sighting;
  if (round === undefined) return html`<strong>Nothing was seen yet.</strong>`;
  const at = (ms: number) => formatLocal(new Date(ms), zone, true);
  const until = validUntil(round.at, everyMs);
  return html`As of ${at(round.at.wallMs)}; <strong>not valid after ${at(until)}</strong>. Times of ${zone}.`;
}

function blindness(facts: StatusFacts): Html {
  const since = blindSince(facts);
  if (since === undefined) return html``;
  return html`<p class="firing">The watch is blind since ${formatLocal(since, facts.zone)}: nothing is known of any server since then.</p>`;
}

function allWell(servers: readonly ServerStanding[]): string {
  return servers.some(({ visited }) => visited === undefined)
    ? 'Nothing is wrong of what was looked at.'
    : 'Nothing is wrong.';
}

function tableOf(rows: readonly { server: ServerStanding; thing: Standing }[], { now, zone }: StatusFacts): Html {
  const cells = rows.map(({ server, thing }) => {
    const since = thing.since === undefined ? '' : formatLocal(thing.since, zone);
    const long = thing.since === undefined ? '' : formatDuration(now.getTime() - thing.since.getTime());
    return html`<tr><td>${server.title}</td><td>${server.cluster ?? ''}</td><td>${printableLine(thingName(thing))}</td><td class="${thing.state.replace(' ', '-')}">${wordOf(thing)}</td><td>${since}</td><td>${long}</td></tr>`;
  });
  return html`<div class="scroll"><table><caption>To look at</caption>
<thead><tr><th scope="col">Server</th><th scope="col">Cluster</th><th scope="col">Check</th><th scope="col">State</th><th scope="col">Since</th><th scope="col">For</th></tr></thead>
<tbody>
${cells}
</tbody></table></div>`;
}

function incidentTable({ incidents, zone }: StatusFacts): Html {
  const rows = incidents.map(({ id, state, subject, since, ticket, suppressed }) => {
    const key = ticket?.key ?? 'none yet';
    return html`<tr><td>${id}</td><td class="${state.replace(' ', '-')}">${state}${suppressed === undefined ? '' : ', suppressed'}</td><td>${subject}</td><td>${formatLocal(since, zone)}</td><td>${key}</td></tr>`;
  });
  return html`<div class="scroll"><table><caption>Incidents</caption>
<thead><tr><th scope="col">Incident</th><th scope="col">State</th><th scope="col">What</th><th scope="col">Since</th><th scope="col">Ticket</th></tr></thead>
<tbody>
${rows}
</tbody></table></div>`;
}

function wordOf({ state, event, severity, suppressed = '' }: Standing): string {
  if (state === 'firing') return `${event} (${severity})`;
  if (state === 'suppressed') return `${event}, ${suppressionText(suppressed)}`;
  return state === 'pending' ? `${event}? It is being looked at` : state;
}

function wellList(servers: readonly ServerStanding[]): Html {
  const items = servers.map(({ title, visited, things }) => {
    const well = things.filter(({ state }) => state === 'ok').map((thing) => printableLine(thingName(thing)));
    const text = visited === undefined ? 'not looked at yet' : well.join(', ') || 'nothing';
    return html`<li>${title}: ${text}</li>`;
  });
  return html`<ul>
${items}
</ul>`;
}
