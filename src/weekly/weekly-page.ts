import { createHash } from 'node:crypto';
import { type Html, html, ownSource } from '../domain/html.js';
import { introOf, type Row, type Section, sectionsOf, titleOf } from './sections.js';
import type { WeeklyStatus } from './weekly-status.js';

const style = `
:root { color-scheme: light dark; --bad: #b3261e; --warn: #8a5a00; --line: #8886; }
@media (prefers-color-scheme: dark) { :root { --bad: #ff8a80; --warn: #ffcc66; } a { color: #8ab4f8; } }
body { font: 16px/1.5 system-ui, sans-serif; max-width: 62rem; margin: 1.5rem auto; padding: 0 1rem; overflow-wrap: anywhere; }
h1 { font-size: 1.4rem; margin: 0 0 .3rem; } h2 { font-size: 1.1rem; margin: 1.6rem 0 .2rem; } p { margin: .3rem 0; }
table { border-collapse: collapse; width: 100%; margin: .5rem 0; }
th, td { text-align: left; padding: .35rem .8rem .35rem 0; border-bottom: 1px solid var(--line); vertical-align: top; }
th { font-weight: 600; font-size: .9em; } td:first-child { white-space: nowrap; }
.open td:nth-child(2) { color: var(--warn); font-weight: 600; } .down td:last-child { color: var(--bad); font-weight: 600; }
@media (max-width: 40rem) {
  thead { display: none; } tr { display: block; padding: .4rem 0; border-bottom: 1px solid var(--line); }
  td { display: block; border: 0; padding: 0; } td:first-child { font-weight: 600; white-space: normal; }
}
`;

/** The status as a page of its own, without script, that asks no network for anything. @param others further pages beside it */
export function weeklyPage(status: WeeklyStatus, others: readonly string[] = []): string {
  const hash = createHash('sha256').update(style).digest('base64');
  const title = titleOf(status);
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'sha256-${hash}'; base-uri 'none'; form-action 'none'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title}</title>
<style>${ownSource(style)}</style>
</head>
<body>
<main>
<h1>${title}</h1>
${introOf(status).map((line) => html`<p>${line}</p>`)}
${sectionsOf(status).map(sectionOf)}
${others.length === 0 ? '' : othersOf(others)}
</main>
</body>
</html>
`.source;
}

function sectionOf({ title, summary, columns, rows, notes }: Section): Html {
  return html`<section><h2>${title}</h2>
${summary === '' ? '' : html`<p>${summary}</p>`}
${rows.length === 0 ? '' : tableOf(columns, rows)}
${notes.map((note) => html`<p>${note}</p>`)}
</section>`;
}

function tableOf(columns: readonly string[], rows: readonly Row[]): Html {
  const body = rows.map(({ cells, url, mark = '' }) => {
    const [first = '', ...others] = cells;
    const name =
      url !== undefined && isWeb(url) ? html`<a href="${url}" rel="noreferrer">${first}</a>` : html`${first}`;
    return html`<tr class="${mark}"><td>${name}</td>${others.map((cell) => html`<td>${cell}</td>`)}</tr>`;
  });
  return html`<table>
<thead><tr>${columns.map((column) => html`<th scope="col">${column}</th>`)}</tr></thead>
<tbody>
${body}
</tbody></table>`;
}

/** A help desk says where its tickets are; nothing else than a page is linked to. */
function isWeb(url: string): boolean {
  return URL.canParse(url) && /^https?:$/.test(new URL(url).protocol);
}

function othersOf(names: readonly string[]): Html {
  const items = names.map((name) => html`<li><a href="${name}.html">${name}</a></li>`);
  return html`<nav><h2>All weeks</h2><ul>
${items}
</ul></nav>`;
}
