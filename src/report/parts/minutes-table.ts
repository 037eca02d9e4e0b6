import { type Html, html } from '../../domain/html.js';
import type { Reading } from '../../reading/reading.js';
import { binned } from '../binned.js';
import { grouped, minuteOf } from '../wording.js';

const minuteMs = 60_000;
const rowsMax = 90;
const steps = [1, 2, 5, 10, 15, 30, 60, 120, 240, 720, 1440];

/** The timeline as numbers. */
export function minutesTable({ density, layout }: Reading): Html {
  const spanMs = density.steps * density.stepMs;
  const minutes = steps.find((each) => spanMs / (each * minuteMs) <= rowsMax) ?? 1440;
  const rows = Math.max(1, Math.ceil(spanMs / (minutes * minuteMs)));
  if (density.steps === 0) return html``;
  const each = layout.servers.map((_, server) => binned(density, server, rows));
  const sumOf = (row: number, what: 'lines' | 'warnings' | 'errors') =>
    each.reduce((sum, bins) => sum + (bins[row]?.[what] ?? 0), 0);
  const rowOf = (_: unknown, row: number) =>
    html`<tr><th scope="row">${minuteOf(density.since + (row * spanMs) / rows, layout.zone)}</th><td>${grouped(sumOf(row, 'lines'))}</td><td>${grouped(sumOf(row, 'warnings'))}</td><td>${grouped(sumOf(row, 'errors'))}</td>${each.map((bins) => html`<td>${grouped(bins[row]?.errors ?? 0)}</td>`)}</tr>`;
  return html`<details class="minutes"><summary>The same as numbers, per ${minutes === 1 ? 'minute' : `${minutes} minutes`}</summary>
<div class="wide" role="region" aria-label="Lines per minute" tabindex="0"><table class="numbers"><thead><tr><th scope="col">From</th><th scope="col">Lines</th><th scope="col">Warnings</th><th scope="col">Errors</th>${layout.servers.map(({ label }) => html`<th scope="col">Errors ${label}</th>`)}</tr></thead>
<tbody>
${Array.from({ length: rows }, rowOf)}
</tbody></table></div></details>`;
}
