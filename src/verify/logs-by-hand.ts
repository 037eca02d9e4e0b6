import { gunzipped } from '../collectors/gunzip.js';
import { formatDuration } from '../domain/quantities.js';
import { formatLocal } from '../domain/zone.js';
import { UserError } from '../errors.js';
import { createCutter } from '../logs/cut.js';
import { eventWords, placeInEvent } from '../reading/event-folder.js';
import { type EventFolder, folderInstant, type Layout } from '../reading/layout.js';
import type { BundleFile, OpenBundle } from '../reading/open-bundle.js';
import { type Check, check } from './check.js';

const guideMs = 30 * 60_000;
/** A log that is written to every minute may end so much before the window does. */
const grainMs = 60_000;

const dayMs = 86_400_000;

type Span = { first: Date; last: Date };

/** Whether the logs of a bundle made by hand cover what the guide asks for: 30 minutes on each side of the event. */
export async function logChecks(
  { files }: OpenBundle,
  layout: Layout,
  now: Date,
  signal: AbortSignal,
): Promise<Check[]> {
  const checks: Check[] = [];
  for (const server of layout.servers) {
    const logs = files.filter(({ path }) => isLogOf(server, path));
    if (logs.length === 0) continue; // told with what is missing
    signal.throwIfAborted();
    checks.push(await judged(server, logs, layout, now));
  }
  return checks;
}

function isLogOf({ folder }: EventFolder, path: string): boolean {
  const place = placeInEvent(path);
  return place?.folder === folder && place.part === 'Logs' && !/\.err$/i.test(path);
}

async function judged(server: EventFolder, logs: readonly BundleFile[], layout: Layout, now: Date): Promise<Check> {
  const where = `${server.label} Logs`;
  const zone = server.zone.name;
  const at = folderInstant(eventWords(server.folder), zone) ?? layout.event?.at;
  const span = await spanOf(logs, zone, at ?? now);
  if (span === undefined) return check('unknown', 'coverage.logs', where, 'no time was understood in them');
  const read = `read as ${zone} (${server.zone.source}: no manifest); ${shown(span.first, zone)} to ${shown(span.last, zone)}`;
  if (at === undefined) return check('unknown', 'coverage.logs', where, `${read}; when the event was is not known`);
  const before = at.getTime() - span.first.getTime();
  const after = span.last.getTime() - at.getTime();
  const short = [shortText(before, 'before'), shortText(after, 'after')].filter((text) => text !== '');
  const event = `the event ${shown(at, zone)}`;
  if (short.length === 0)
    return check('ok', 'coverage.logs', where, `${read}: at least 30 min on each side of ${event}`);
  return check(
    'objection',
    'coverage.logs',
    where,
    `${read} – ${short.join(', ')} ${event}: 30 min on each side are asked for`,
  );
}

function shortText(ms: number, side: string): string {
  if (ms >= guideMs - grainMs) return '';
  return ms <= 0 ? `nothing ${side}` : `only ${formatDuration(ms)} ${side}`;
}

function shown(at: Date, zone: string): string {
  return formatLocal(at, zone).slice(11);
}

async function spanOf(logs: readonly BundleFile[], zone: string, at: Date): Promise<Span | undefined> {
  const spans: Span[] = [];
  for (const log of logs) {
    const span = await spanOfLog(log, zone, at);
    if (span !== undefined) spans.push(span);
  }
  if (spans.length === 0) return undefined;
  return {
    first: new Date(Math.min(...spans.map(({ first }) => first.getTime()))),
    last: new Date(Math.max(...spans.map(({ last }) => last.getTime()))),
  };
}

async function spanOfLog(log: BundleFile, zone: string, at: Date): Promise<Span | undefined> {
  const window = { since: at, until: at };
  const readAt = new Date(at.getTime() + dayMs); // of a date without a year, the one next to the event
  const cutter = createCutter({ window, zone, readAt });
  cutter.startPart(undefined);
  try {
    const chunks = /\.gz$/i.test(log.path) ? gunzipped(log.read(), () => undefined) : log.read();
    for await (const chunk of chunks) for (const _kept of cutter.push(chunk));
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    return undefined; // told as damage
  }
  for (const _kept of cutter.endOfPart());
  const { first, last } = cutter.result().agreed;
  return first === undefined || last === undefined ? undefined : { first, last };
}
