import { formatDuration } from '../domain/quantities.js';
import { formatLocal } from '../domain/zone.js';
import { eventWords, placeInEvent } from '../reading/event-folder.js';
import { type EventFolder, folderInstant, type Layout } from '../reading/layout.js';
import { isLogName } from '../reading/log-files.js';
import type { BundleFile, OpenBundle } from '../reading/open-bundle.js';
import { type Check, type CheckState, check } from './check.js';
import { type LogSpan, logSpans } from './log-span.js';

const guideMs = 30 * 60_000;
/** A log that is written to every minute may end so much before the window does. */
const grainMs = 60_000;

/** Whether the logs of a bundle made by hand cover what the guide asks for: 30 minutes on each side of the event. */
export async function logChecks(
  { files }: OpenBundle,
  layout: Layout,
  now: Date,
  signal: AbortSignal,
): Promise<Check[]> {
  const checks: Check[] = [];
  for (const server of layout.servers) {
    const logs = logsOf(server, files);
    if (logs.length === 0) continue; // told with what is missing
    signal.throwIfAborted();
    const zone = server.zone.name;
    const at = folderInstant(eventWords(server.folder), zone) ?? layout.event?.at;
    const spans = await logSpans(logs, { at: at ?? now, beforeMs: guideMs, zone });
    checks.push(...(at === undefined ? [withoutEvent(server, spans)] : judged(server, spans, at)));
  }
  return checks;
}

function logsOf({ folder }: EventFolder, files: readonly BundleFile[]): { file: BundleFile; name: string }[] {
  return files.flatMap((file) => {
    const place = placeInEvent(file.path);
    const isLog = place?.folder === folder && place.part === 'Logs' && isLogName(place.rest);
    return isLog ? [{ file, name: place.rest }] : [];
  });
}

function withoutEvent(server: EventFolder, spans: readonly LogSpan[]): Check {
  const reaches = spans.flatMap(({ reach }) => reach ?? []);
  const read = reaches.length === 0 ? 'no time was understood in them' : readAs(server, reaches);
  return check('unknown', 'coverage.logs', `${server.label} Logs`, `${read}; when the event was is not known`);
}

type Reach = NonNullable<LogSpan['reach']>;

/** What all of them reach over. */
function readAs({ zone: { name, source } }: EventFolder, reaches: readonly Reach[]): string {
  const first = new Date(Math.max(...reaches.map((reach) => reach.first.getTime())));
  const last = new Date(Math.min(...reaches.map((reach) => reach.last.getTime())));
  return `read as ${name} (${source}: no manifest); ${shown(first, name)} to ${shown(last, name)}`;
}

/** Each log by itself: that another one goes on says nothing of it. */
function judged(server: EventFolder, spans: readonly LogSpan[], at: Date): Check[] {
  const where = `${server.label} Logs`;
  const whole = spans.filter((span) => isWhole(span, at));
  const tell = (state: CheckState, text: string) => check(state, 'coverage.logs', where, text);
  const others = spans
    .filter((span) => !whole.includes(span))
    .map((span) => {
      const { state, text } = faultOf(server, span, at, whole.length > 0);
      return tell(state, spans.length === 1 ? text : `${span.name}: ${text}`);
    });
  if (whole.length === 0) return others;
  const named = spans.length === 1 ? '' : `${whole.map(({ name }) => name).join(', ')}: `;
  const read = readAs(
    server,
    whole.flatMap(({ reach }) => reach ?? []),
  );
  const event = `the event ${shown(at, server.zone.name)}`;
  return [tell('ok', `${named}${read}: at least 30 min on each side of ${event}`), ...others];
}

function isWhole({ reach, silence }: LogSpan, at: Date): boolean {
  return reach !== undefined && !isNear(silence, at) && sidesOf(reach, at).every((ms) => ms >= guideMs - grainMs);
}

function isNear(silence: LogSpan['silence'], at: Date): silence is NonNullable<LogSpan['silence']> {
  return (
    silence !== undefined && sidesOf({ first: silence.until, last: silence.since }, at).every((ms) => ms < guideMs)
  );
}

function sidesOf({ first, last }: Reach, at: Date): [before: number, after: number] {
  return [at.getTime() - first.getTime(), last.getTime() - at.getTime()];
}

/** @param isBesideWhole another log of the server is whole, so that what this one lacks may be its own rhythm */
function faultOf(
  server: EventFolder,
  span: LogSpan,
  at: Date,
  isBesideWhole: boolean,
): { state: CheckState; text: string } {
  const { reach, silence, isEmpty } = span;
  const { name: zone } = server.zone;
  if (isEmpty)
    return { state: isBesideWhole ? 'unknown' : 'objection', text: 'empty: that says nothing of what happened' };
  if (reach === undefined) return { state: 'unknown', text: 'no time was understood in it' };
  if (isNear(silence, at)) {
    const text = `nothing from ${shown(silence.since, zone)} to ${shown(silence.until, zone)}: unusual for this log`;
    return { state: 'objection', text };
  }
  const sides = sidesOf(reach, at);
  const short = [shortText(sides[0], 'before'), shortText(sides[1], 'after')].filter((text) => text !== '');
  const text = `${readAs(server, [reach])} – ${short.join(', ')} the event ${shown(at, zone)}: 30 min on each side are asked for`;
  const isStopped = sides.some((ms) => span.isStop(guideMs - ms));
  if (isStopped || !isBesideWhole) return { state: 'objection', text };
  return { state: 'unknown', text: `${text}, and it has too few lines to tell whether they are all` };
}

function shortText(ms: number, side: string): string {
  if (ms >= guideMs - grainMs) return '';
  return ms <= 0 ? `nothing ${side}` : `only ${formatDuration(ms)} ${side}`;
}

function shown(at: Date, zone: string): string {
  return formatLocal(at, zone).slice(11);
}
