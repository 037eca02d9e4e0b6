import type { Reading } from '../reading/reading.js';

/** `all`: all lines; `near`: round the event and what stands out, and warnings; `none`: no lines. */
export type WhichLines = 'all' | 'near' | 'none';

const nearMs = 60_000;
const farMinutes = 48 * 60;
const warning = 3;
const debug = 1;

/** Ranks, first to last: near the event or a finding, warnings and worse, other lines, debug; in each the nearest first. */
const ranks = 4;

/**
 * The lines that are worth most, as many as fit.
 * @param budgetBytes of text, by the average line of each log
 * @returns 1 for a line that is kept
 */
export function linesKept(reading: Reading, which: WhichLines, budgetBytes: number): Uint8Array {
  const { lines } = reading;
  const keep = new Uint8Array(lines.count);
  if (which === 'none') return keep;
  const classes = classesOf(reading);
  const last = lastClass(reading, classes, which === 'near' ? 2 : ranks, budgetBytes);
  for (let line = 0; line < lines.count; line++) keep[line] = (classes[line] ?? 0) <= last ? 1 : 0;
  return keep;
}

/** How many bytes of text the lines that are kept have, by the average line of each log. */
export function estimatedBytes({ lines, logs }: Reading, keep: Uint8Array | undefined): number {
  const average = logs.map((log) => (log.lines === 0 ? 0 : log.bytes / log.lines));
  let bytes = 0;
  for (let line = 0; line < lines.count; line++) if (keep?.[line] !== 0) bytes += average[lines.log[line] ?? 0] ?? 0;
  return bytes;
}

/** One number for rank and distance: lower is worth more. */
function classesOf(reading: Reading): Uint16Array {
  const { lines } = reading;
  const event = reading.layout.event?.at.getTime() ?? reading.span.since;
  const isNear = nearness(reading);
  const classes = new Uint16Array(lines.count);
  for (let line = 0; line < lines.count; line++) {
    const at = lines.at[line] ?? 0;
    const minutes = Math.min(Math.floor(Math.abs(at - event) / 60_000), farMinutes - 1);
    classes[line] = rankOf(isNear(at), lines.severity[line] ?? 0) * farMinutes + minutes;
  }
  return classes;
}

function rankOf(isNear: boolean, severity: number): number {
  if (isNear) return 0;
  if (severity >= warning) return 1;
  return severity === debug ? 3 : 2;
}

/** Lines come in the order of time, so one look at the places is enough. */
function nearness({ layout, findings, span }: Reading): (at: number) => boolean {
  const event = layout.event?.at.getTime() ?? span.since;
  const places = [event, ...findings.map(({ at }) => at)].sort((a, b) => a - b);
  let next = 0;
  return (at) => {
    while (next < places.length - 1 && (places[next] ?? 0) + nearMs < at) next++;
    const place = places[next] ?? 0;
    return Math.abs(at - place) <= nearMs;
  };
}

/** The last class that fits as a whole. */
function lastClass({ lines, logs }: Reading, classes: Uint16Array, maxRank: number, budgetBytes: number): number {
  const bytes = new Float64Array(ranks * farMinutes);
  for (let line = 0; line < lines.count; line++) {
    const log = logs[lines.log[line] ?? 0];
    const ofClass = classes[line] ?? 0;
    bytes[ofClass] = (bytes[ofClass] ?? 0) + (log === undefined || log.lines === 0 ? 0 : log.bytes / log.lines);
  }
  let sum = 0;
  for (let ofClass = 0; ofClass < maxRank * farMinutes; ofClass++) {
    sum += bytes[ofClass] ?? 0;
    if (sum > budgetBytes) return ofClass - 1;
  }
  return maxRank * farMinutes - 1;
}
