import { defined } from '../domain/defined.js';
import { judgeLog } from '../logs/coverage.js';
import type { PartEnd } from '../logs/part-end.js';
import { type ZoneFinding, zoneFrom } from '../logs/zone-evidence.js';
import { cutAs, type LogCut, type LogSource } from './log-read.js';
import { keepPassedOver } from './passed-over.js';

/** Reads a log and keeps its lines in the window; its times are taken to be in the server's zone. */
export async function cutLog(source: LogSource, type: string): Promise<LogCut> {
  return cutAs(source, type, { zone: source.server.zone }, undefined);
}

/**
 * Judges a log and records it. If its files show that its times are in another zone, it is read again; if they do not
 * show which zone, the lines in the window are taken for each zone that is possible.
 * @param siblings how the files of all logs of this server end, newest last
 */
export async function recordLog(source: LogSource, first: LogCut, siblings: readonly PartEnd[]): Promise<void> {
  const { server, tools, folder } = source;
  const { cut, finding, taken } = await inItsZone(source, first, siblings);
  const { names, file, unneeded } = cut;
  const passedOver = await keepPassedOver(source, cut);
  const [zone = server.zone] = taken;
  if (finding.kind === 'confirmed' || finding.kind === 'other') tools.evidence.zone(finding.zone);
  const { status, reason, coverage } = judgeLog({
    ...cut,
    ...{ finding, passedOver, zone, window: server.window, eventAt: server.eventAt },
    isClockKnown: server.isClockKnown,
    isZoneKnown: server.isZoneKnown,
    ...{ firstLeft: unneeded.first, nextBegins: unneeded.nextBegins, notNeeded: unneeded.names },
  });
  tools.evidence.record({
    ...file,
    source: names.map((name) => `${folder}/${name}`).join(', '),
    status,
    ...defined({ reason }),
    coverage: cut === first && server.isZoneKnown ? coverage : { ...coverage, zones: taken },
  });
}

/** A log cut by the zones that its times may be in, and what was found out about the zone. */
type InItsZone = { cut: LogCut; finding: ZoneFinding; taken: string[] };

/** Reads the log again if its zone is another one, and believes in that zone only if all that was read then agrees. */
async function inItsZone(source: LogSource, first: LogCut, siblings: readonly PartEnd[]): Promise<InItsZone> {
  const own = source.server.zone;
  const zones = [...new Set([own, 'UTC'])];
  const found = zoneOf(first, zones, siblings);
  if (found.kind === 'other') {
    const cut = await cutAs(source, first.type, { zone: found.zone }, first.file);
    const again = zoneOf(cut, [found.zone, ...zones], []);
    if (again.kind === 'confirmed' || again.kind === 'none') return { cut, finding: found, taken: [found.zone] };
    return inAnyZone(source, cut, [own, found.zone, ...zones]);
  }
  if (found.kind === 'unknown') return inAnyZone(source, first, [own, ...found.zones]);
  return { cut: first, finding: found, taken: [own] };
}

async function inAnyZone(source: LogSource, before: LogCut, zones: readonly string[]): Promise<InItsZone> {
  const taken = [...new Set(zones)];
  const [zone = 'UTC', ...otherZones] = taken;
  const cut = otherZones.length === 0 ? before : await cutAs(source, before.type, { zone, otherZones }, before.file);
  return { cut, finding: { kind: 'unknown', zones: taken, contradicts: false }, taken };
}

/** The zone of a log; files without a time of their own are taken to be in the zone of other logs of the same program. */
function zoneOf({ result, readAt }: LogCut, zones: readonly string[], siblings: readonly PartEnd[]): ZoneFinding {
  const { parts, rhythm } = result;
  const context = { now: readAt, rhythm };
  const own = zoneFrom(parts, zones, context);
  const isTimeless = parts.every(({ writtenAt }) => writtenAt === undefined);
  return own.kind === 'unknown' && isTimeless && siblings.length > 0 ? zoneFrom(siblings, zones, context) : own;
}
