import { type Html, html } from '../../domain/html.js';
import { type Reading, severities } from '../../reading/reading.js';
import { counted, timeOf } from '../wording.js';

const before = 5;
const after = 15;
const allMax = 400;
const debug = 1;

export type Excerpt = { finding: number; lines: number[] };

/** Round each finding the lines of its server, without debug, as they came. A line is in one excerpt only. */
export function excerptsOf({ findings, lines, logs }: Reading): Excerpt[] {
  const taken = new Set<number>();
  return findings.flatMap((finding, place) => {
    const isOf = (line: number) =>
      logs[lines.log[line] ?? 0]?.server === finding.server && lines.severity[line] !== debug && !taken.has(line);
    const own = [
      ...walk(finding.line - 1, -1, before, lines.count, isOf).reverse(),
      ...(taken.has(finding.line) || finding.line >= lines.count ? [] : [finding.line]),
      ...walk(finding.line + 1, 1, after, lines.count, isOf),
    ].slice(0, allMax - taken.size);
    for (const line of own) taken.add(line);
    return own.length === 0 ? [] : [{ finding: place, lines: own }];
  });
}

const farthest = 20_000;

function walk(from: number, step: 1 | -1, wanted: number, count: number, isOf: (line: number) => boolean): number[] {
  const found: number[] = [];
  for (let line = from, seen = 0; line >= 0 && line < count && seen < farthest && found.length < wanted; line += step) {
    if (isOf(line)) found.push(line);
    seen++;
  }
  return found;
}

/** The lines that are printed, and read where no script runs. */
export function excerptsPart(reading: Reading, excerpts: readonly Excerpt[], texts: ReadonlyMap<number, string>): Html {
  if (excerpts.length === 0) return html``;
  return html`<section class="excerpts" aria-labelledby="excerpts">
<h2 id="excerpts">Lines round what stands out</h2>
<p class="quiet">Of the same server, without debug, ${before} before and ${after} after. All ${counted(reading.lines.count, 'line')} are in the bundle.</p>
${excerpts.map((excerpt) => excerptOf(reading, excerpt, texts))}
</section>`;
}

function excerptOf(reading: Reading, { finding, lines }: Excerpt, texts: ReadonlyMap<number, string>): Html {
  const { layout, findings, logs } = reading;
  const found = findings[finding];
  if (found === undefined) return html``;
  const rows = lines.map((line) => {
    const level = severities[reading.lines.severity[line] ?? 0] ?? 'none';
    const log = logs[reading.lines.log[line] ?? 0]?.name ?? '';
    const mark = line === found.line ? ' found' : '';
    const time = timeOf(reading.lines.at[line] ?? 0, layout.zone);
    return html`<div class="line ${level}${mark}" id="l=${line + 1}" dir="ltr"><span class="time">${time}</span> <span class="log">${log}:${reading.lines.number[line] ?? 0}</span> <code dir="ltr" translate="no">${texts.get(line) ?? ''}</code></div>`;
  });
  const ahead = lines.includes(found.line) ? lines.length : lines.filter((line) => line < found.line).length;
  const above = html`<p class="quiet">Its line, and others beside it, are above.</p>`;
  return html`<h3>${layout.servers[found.server]?.label ?? '?'} ${timeOf(found.at, layout.zone)}</h3>
<div class="excerpt">
${rows.slice(0, ahead)}
${lines.includes(found.line) ? '' : above}
${rows.slice(ahead)}
</div>`;
}
