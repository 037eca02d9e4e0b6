import type { KeptFile } from '../bundle/staging.js';
import { itemError, reasonOf, UserError } from '../errors.js';
import type { PartEnd } from '../logs/chronicle.js';
import { judgeLog } from '../logs/coverage.js';
import { type Cutter, createCutter } from '../logs/cut.js';
import type { CutOptions, CutResult } from '../logs/cut-result.js';
import { believedTime } from '../logs/file-time.js';
import { logFamily } from '../logs/rotation.js';
import { type ZoneFinding, zoneFrom } from '../logs/zone-evidence.js';
import type { RemoteEntry, RemoteFiles } from '../ssh/files/remote-files.js';
import type { CollectorTools, ServerWindow } from './collector.js';
import { downloadTo, isLocal } from './download.js';
import { openLogParts } from './log-parts.js';
import { findUnneeded, type Unneeded } from './log-times.js';

/** What a log is taken from. */
export type LogSource = {
  tools: CollectorTools;
  files: RemoteFiles;
  folder: string;
  listing: RemoteEntry[];
  server: ServerWindow;
};

/** A log that was read and cut. */
export type LogCut = {
  type: string;
  path: string;
  file: Pick<KeptFile, 'path' | 'bytes' | 'sha256'>;
  result: CutResult;
  readAt: Date;
  unneeded: Unneeded;
  /** Files that were read, in their order. */
  names: string[];
  problems: string[];
  cut: string | undefined;
  writtenAt: Date | undefined;
  isCurrentRead: boolean;
};

/** Reads a log and keeps its lines of the window; its times are taken to be of the server's zone. */
export async function cutLog(source: LogSource, type: string): Promise<LogCut> {
  return cutWith(source, type, { zone: source.server.zone }, undefined);
}

/**
 * Judges a log and records it. Where its files show that its times are of another zone, it is read again; where they
 * do not show which one, the lines of the window in each zone that may be are taken.
 * @param siblings how the files of all logs of this server end, newest last
 */
export async function recordLog(source: LogSource, first: LogCut, siblings: readonly PartEnd[]): Promise<void> {
  const { server, tools, folder } = source;
  const { cut, finding, taken } = await inItsZone(source, first, siblings);
  const { names, file, unneeded } = cut;
  const passedOver = await keepPassedOver(source, cut);
  const [zone = server.zone] = taken;
  const { status, reason, coverage } = judgeLog({
    ...cut,
    ...{ finding, passedOver, zone, window: server.window, eventAt: server.eventAt },
    isClockKnown: server.isClockKnown,
    ...{ firstLeft: unneeded.first, nextBegins: unneeded.nextBegins, notNeeded: unneeded.names },
  });
  tools.record({
    ...file,
    source: names.map((name) => `${folder}/${name}`).join(', '),
    status,
    ...(reason === undefined ? {} : { reason }),
    coverage: cut === first ? coverage : { ...coverage, zones: taken },
  });
}

type InItsZone = { cut: LogCut; finding: ZoneFinding; taken: string[] };

/** Reads the log again where that takes another zone, and believes that zone only if all that was read then agrees. */
async function inItsZone(source: LogSource, first: LogCut, siblings: readonly PartEnd[]): Promise<InItsZone> {
  const own = source.server.zone;
  const zones = [...new Set([own, 'UTC'])];
  const found = zoneOf(first, zones, siblings);
  if (found.kind === 'other') {
    const cut = await cutWith(source, first.type, { zone: found.zone }, first.file);
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
  const cut = otherZones.length === 0 ? before : await cutWith(source, before.type, { zone, otherZones }, before.file);
  return { cut, finding: { kind: 'unknown', zones: taken, contradicts: false }, taken };
}

/** Files without a time of their own are believed to be as those of the same program. */
function zoneOf({ result, readAt }: LogCut, zones: readonly string[], siblings: readonly PartEnd[]): ZoneFinding {
  const { parts, rhythm } = result;
  const context = { now: readAt, rhythm };
  const own = zoneFrom(parts, zones, context);
  const isTimeless = parts.every(({ writtenAt }) => writtenAt === undefined);
  return own.kind === 'unknown' && isTimeless && siblings.length > 0 ? zoneFrom(siblings, zones, context) : own;
}

async function cutWith(
  source: LogSource,
  type: string,
  zones: Pick<CutOptions, 'zone' | 'otherZones'>,
  replaces: LogCut['file'] | undefined,
): Promise<LogCut> {
  const { tools, server, listing } = source;
  const readAt = server.now();
  const options = { window: server.window, readAt, ...zones };
  const cutter = createCutter(options);
  const unneeded = await findUnneeded({ ...source, type }, listing, options);
  const seen: Seen = { names: [], problems: notFiles(source, type), writtenAt: undefined, isCurrentRead: false };
  const kept = await tools.keep('Logs', `${type}.log`, cutParts(source, type, unneeded, cutter, seen), {
    isText: true,
    ...(replaces === undefined ? {} : { replaces }),
  });
  const { cutBy, ...file } = kept;
  if (cutBy !== undefined && (file.bytes === 0 || isLocal(cutBy))) throw cutBy;
  const cut = cutBy === undefined ? undefined : reasonOf(cutBy);
  return { type, path: `Logs/${type}.log`, file, result: cutter.result(), readAt, unneeded, cut, ...seen };
}

type Seen = Pick<LogCut, 'names' | 'problems' | 'writtenAt' | 'isCurrentRead'>;

function notFiles({ listing }: LogSource, type: string): string[] {
  const others = listing.filter((entry) => entry.kind !== 'file').map((entry) => entry.name);
  return logFamily(type, others).parts.map(({ name }) => `${name} is no file and was left`);
}

async function* cutParts(
  source: LogSource,
  type: string,
  unneeded: Unneeded,
  cutter: Cutter,
  seen: Seen,
): AsyncGenerator<Buffer> {
  const { tools, listing } = source;
  const { names, problems } = seen;
  let failed = 0;
  for await (const part of openLogParts({ ...source, type }, listing, unneeded, (problem) => problems.push(problem))) {
    names.push(part.name);
    seen.writtenAt = part.modifiedAt;
    seen.isCurrentRead = part.isCurrent;
    cutter.startPart(part.modifiedAt, part.isCurrent);
    try {
      for await (const chunk of part.content) yield* cutter.push(chunk);
      const verdict = part.download.verdict();
      if (verdict.kind === 'short' || verdict.kind === 'capped')
        problems.push(`${part.name}: only ${verdict.bytes} bytes came`);
      if (verdict.kind === 'damaged') problems.push(`${part.name}: ${verdict.reason}`);
    } catch (error) {
      tools.signal.throwIfAborted();
      if (isLocal(error)) throw error;
      failed++;
      problems.push(`${part.name}: ${reasonOf(error)}`);
      if (part.compressed && cannotBeUnpacked(error)) await keepAsItIs(source, part.name, 'it cannot be unpacked');
    }
    if (!part.isCurrent) yield* cutter.endOfPart();
    else {
      seen.writtenAt = await timeOf(source, part.name);
      yield* cutter.endOfPart(seen.writtenAt);
    }
  }
  // One part that cannot be read does not cost the others; all of them do.
  if (failed >= names.length && problems.length > 0 && cutter.result().bytesIn === 0)
    throw itemError('log-unreadable', problems.join('; '));
}

/** When a log that is written to was last written to: asked when it was read, so that it is not before its last line. */
async function timeOf({ tools, files, folder }: LogSource, name: string): Promise<Date | undefined> {
  try {
    return believedTime((await files.find(`${folder}/${name}`, tools.signal))?.modifiedAt);
  } catch {
    tools.signal.throwIfAborted();
    return undefined; // nothing follows from a time that is not known
  }
}

function cannotBeUnpacked(error: unknown): boolean {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  return code.startsWith('Z_') || code === 'unpacks-endlessly';
}

/** Files of the log that were not read: those packed in another way are handed over whole, if they may hold the window. */
async function keepPassedOver(source: LogSource, { type, unneeded }: LogCut): Promise<string[]> {
  const files = source.listing.filter((entry) => entry.kind === 'file').map((entry) => entry.name);
  const { parts, strangers, missing } = logFamily(type, files);
  const told = strangers.map((name) => `"${name}" bears the name of this log and was not read`);
  for (const { after, before } of missing) {
    const isAside = [after, before].every((name) => unneeded.names.includes(name));
    if (!isAside) told.push(`the file between "${after}" and "${before}" is not on the server`);
  }
  for (const { name, packing } of parts) {
    if (packing === undefined || unneeded.names.includes(name)) continue;
    await keepAsItIs(source, name, `${packing} is not unpacked here`);
    told.push(`"${name}" was not read: ${packing} is not unpacked here; it is beside this log as it is`);
  }
  return told;
}

/** What cannot be unpacked is handed over whole: support may get more out of it. */
async function keepAsItIs({ tools, files, folder }: LogSource, name: string, why: string): Promise<void> {
  try {
    const finding = await downloadTo(tools, files, `${folder}/${name}`, { folder: 'Logs', name });
    tools.record({ ...finding, status: 'partial', reason: `${why}, so it is here as it is` });
  } catch (error) {
    tools.signal.throwIfAborted();
    if (isLocal(error) || !(error instanceof UserError)) throw error;
    tools.record({ path: `Logs/${name}`, status: 'failed', reason: reasonOf(error) });
  }
}
