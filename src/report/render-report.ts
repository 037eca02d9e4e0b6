import type { Reading } from '../reading/reading.js';
import type { WhichLines } from './lines-kept.js';
import { type PackedLines, packLines } from './pack-lines.js';
import { type PageFacts, pageHtml, staticPart } from './page-html.js';
import { excerptsOf } from './parts/excerpts.js';
import { counted, grouped } from './wording.js';

export type RenderOptions = {
  lines: WhichLines;
  /** Of the whole page. */
  maxBytes: number;
  /** What makes it: `icepack 0.3.0`. */
  tool: string;
  signal?: AbortSignal | undefined;
};

export type Rendered = {
  /** The page, to be written as it comes. */
  pieces: Iterable<string>;
  /** How many lines are on it. */
  here: number;
  /** What is not on it that is in the bundle, in sentences. */
  leftOut: readonly string[];
};

/** Script, style, and the texts of excerpts. */
const reservedBytes = 160_000;
const leastBytes = 100_000;
const nothingPacked = { blocks: [], bytes: 0, texts: new Map<number, string>(), columns: [], keep: undefined, here: 0 };

/** Makes the page of what was read. The same reading gives the same bytes. */
export async function renderReport(reading: Reading, options: RenderOptions): Promise<Rendered> {
  const { lines: which, maxBytes, tool, signal } = options;
  const excerpts = excerptsOf(reading);
  const base = { reading, tool, excerpts, leftOut: [] };
  const frame = Buffer.byteLength(staticPart({ ...base, packed: nothingPacked, excerpts: [] }).source);
  const packed = await packLines(reading, {
    which,
    maxBytes: Math.max(maxBytes - frame - reservedBytes, leastBytes),
    wanted: new Set(excerpts.flatMap(({ lines }) => lines)),
    signal,
  });
  const leftOut = [...ofPage(reading, packed, which, maxBytes), ...ofLogs(reading)];
  const facts: PageFacts = { ...base, packed, leftOut };
  return { pieces: pageHtml(facts), here: packed.here, leftOut };
}

function ofPage({ lines }: Reading, { here }: PackedLines, which: WhichLines, maxBytes: number): string[] {
  if (here === lines.count) return [];
  const holds = `holds ${grouped(here)} of ${counted(lines.count, 'line')}`;
  const why = {
    all: `to stay within ${grouped(Math.round(maxBytes / 1e6))} MB; debug was left out first, then what is far from the event`,
    near: 'those within a minute of the event and of what stands out, and warnings and worse; the others are in the bundle',
    none: 'as it was asked for without',
  };
  return [`${holds}: ${why[which]}`];
}

function ofLogs({ logs, layout }: Reading): string[] {
  return logs.flatMap(({ server, name, leftOut, cutLines }) => {
    const who = `${layout.servers[server]?.label ?? '?'} ${name}`;
    return [
      ...(leftOut === undefined ? [] : [`${who}: ${leftOut}`]),
      ...(cutLines === 0 ? [] : [`${who}: ${counted(cutLines, 'line')} too long, cut here and whole in the bundle`]),
    ];
  });
}
