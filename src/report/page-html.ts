import { createHash } from 'node:crypto';
import { type PageAssets, pageAssets } from '../config/page-assets.js';
import { icepack, spelled } from '../domain/command.js';
import { type Html, html, ownSource } from '../domain/html.js';
import { cleanText } from '../reading/clean-text.js';
import type { Reading } from '../reading/reading.js';
import type { PackedLines } from './pack-lines.js';
import { pageDataOf } from './page-data-of.js';
import { bar, keysDialog } from './parts/bar.js';
import { contentsPart } from './parts/contents.js';
import { type Excerpt, excerptsPart } from './parts/excerpts.js';
import { beforePart, serversPart } from './parts/facts-tables.js';
import { footer } from './parts/footer.js';
import { linesPart } from './parts/lines.js';
import { masthead, nameOf, titleOf } from './parts/masthead.js';
import { standsOutPart } from './parts/stands-out.js';
import { timelinePart } from './parts/timeline.js';
import { wholePart } from './parts/whole.js';

export type PageFacts = {
  reading: Reading;
  packed: PackedLines;
  excerpts: readonly Excerpt[];
  /** What is not on the page that is in the bundle, in sentences. */
  leftOut: readonly string[];
  tool: string;
};

/** The page in pieces: all that reads without script first, then data, script, and the lines, those near the event first. */
export function* pageHtml(facts: PageFacts): Generator<string> {
  const assets = pageAssets();
  // Names and what a manifest says may hold the like of what lines do; our own markup holds nothing of it.
  yield cleanText(head(facts, assets).source);
  yield cleanText(staticPart(facts).source);
  yield dataPart(facts, assets).source;
  yield* blocksOf(facts);
  yield '</body>\n</html>\n';
}

function head({ reading }: PageFacts, assets: PageAssets): Html {
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policyFor(assets)}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<meta name="color-scheme" content="light dark">
<title>${nameOf(reading)}: ${titleOf(reading)}</title>
<style>${ownSource(assets.style)}</style>
</head>
`;
}

/** Nothing but our own style and script, nothing from a network, and no text that becomes markup. */
function policyFor({ script, style }: PageAssets): string {
  const hash = (source: string) => `'sha256-${createHash('sha256').update(source).digest('base64')}'`;
  return [
    `default-src 'none'; script-src ${hash(script)}; style-src ${hash(style)}; worker-src blob:`,
    `base-uri 'none'; form-action 'none'; require-trusted-types-for 'script'; trusted-types icepack`,
  ].join('; ');
}

export function staticPart({ reading, packed, excerpts, leftOut, tool }: PageFacts): Html {
  return html`<body>
${bar(reading, packed.here)}
${masthead(reading)}
<main>
${wholePart(reading, leftOut)}
${standsOutPart(reading)}
${timelinePart(reading)}
${linesPart(reading, packed.here, spelled(icepack('inspect', reading.bundle.given)))}
${excerptsPart(reading, excerpts, packed.texts)}
${serversPart(reading)}
${beforePart(reading)}
${contentsPart(reading)}
</main>
${footer(reading, tool)}
${keysDialog}
<p id="said" class="offscreen" role="status"></p>
`;
}

function dataPart({ reading, packed }: PageFacts, { script, worker }: PageAssets): Html {
  const cleaned = (_key: string, value: unknown) => (typeof value === 'string' ? cleanText(value) : value);
  const data = JSON.stringify(pageDataOf(reading, packed), cleaned).replace(
    /[<>&\u2028\u2029]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
  const columns = packed.columns.map(([name, deflated]) => ownSource(dataElement(`c-${name}`, deflated)));
  return html`<script type="application/json" id="data">${ownSource(data)}</script>
${columns}
<script type="text/plain" id="worker">${ownSource(worker)}</script>
<script>${ownSource(script)}</script>
`;
}

function* blocksOf({ reading, packed }: PageFacts): Generator<string> {
  for (const place of nearestFirst(reading, packed)) {
    const block = packed.blocks[place];
    if (block !== undefined) yield `${dataElement(`b${place}`, block.deflated)}\n`;
  }
}

function dataElement(id: string, deflated: Buffer): string {
  return `<script type="application/octet-stream" id="${id}">${deflated.toString('base64')}</script>`;
}

/** The places of blocks, that of the event first, then alternately after and before it. */
function nearestFirst({ lines, layout }: Reading, { blocks, keep }: PackedLines): number[] {
  const event = layout.event?.at.getTime() ?? Number.NEGATIVE_INFINITY;
  let before = 0;
  for (let line = 0; line < lines.count && (lines.at[line] ?? 0) < event; line++) if (keep?.[line] !== 0) before++;
  let center = 0;
  for (let seen = 0; center < blocks.length - 1; center++) {
    seen += blocks[center]?.lines ?? 0;
    if (seen > before) break;
  }
  return blocks.map((_, place) => place).sort((a, b) => Math.abs(a - center) - Math.abs(b - center) || b - a);
}
