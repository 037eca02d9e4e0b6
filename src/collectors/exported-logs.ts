import { basename } from 'node:path';
import { safeName } from '../domain/bundle-layout.js';
import { defined } from '../domain/defined.js';
import type { Window } from '../domain/window.js';
import { reasonOf } from '../errors.js';
import { judgeLog } from '../logs/coverage.js';
import { createCutter } from '../logs/cut.js';
import type { CutResult } from '../logs/cut-result.js';
import { type ZoneFinding, zoneFrom } from '../logs/zone-evidence.js';
import type { Collector, CollectorTools, ServerWindow } from './collector.js';
import { isLocal } from './download.js';
import { gunzipped } from './gunzip.js';

/** Logs that a syslog server kept, exported to this machine. `zone` is for times that name none. */
export type ExportedLogs = { files: readonly string[]; zone?: string };

const folder = 'Logs/exported/';

/**
 * Collects logs in the guide's other way: files of a syslog server, cut like those of the appliance (chapter 3, The Logs
 * Folder).
 */
export function exportedLogs({ files, zone }: ExportedLogs): Collector {
  return {
    id: 'logs',
    expects: files.length > 0 ? [folder] : [],
    async collect(tools) {
      const { server, evidence, signal } = tools;
      const own = await server.window();
      const exported = { ...own, window: eitherClock(own.window, server.ourWindow) };
      for (const file of files) {
        try {
          await takeFile(tools, file, exported, zone);
        } catch (error) {
          signal.throwIfAborted();
          if (isLocal(error)) throw error;
          evidence.record({
            path: `${folder}${safeName(nameOf(file), new Set())}`,
            status: 'failed',
            source: file,
            reason: reasonOf(error),
          });
        }
      }
    },
  };
}

/** The window that covers both clocks, because the syslog server may have written its own time or the appliance's. */
function eitherClock(a: Window, b: Window): Window {
  return {
    since: new Date(Math.min(a.since.getTime(), b.since.getTime())),
    until: new Date(Math.max(a.until.getTime(), b.until.getTime())),
  };
}

type CutTools = Pick<CollectorTools, 'evidence' | 'local'>;

/** @param told the zone that the configuration names for the times in the file */
async function takeFile(tools: CutTools, file: string, server: ServerWindow, told: string | undefined): Promise<void> {
  const zones = told === undefined ? [...new Set([server.zone, 'UTC'])] : [told];
  const [own = server.zone] = zones;
  const first = await cutFile(tools, file, server, [own]);
  const finding = findingOn(first, zones, told);
  const wanted = zonesOf(finding, own);
  const isSame = wanted.length === 1 && wanted[0] === own;
  const { kept, ...cut } = isSame ? first : await cutFile(tools, file, server, wanted, first.kept);
  const judged = judgeLog({
    ...cut,
    ...{ finding, zone: wanted[0] ?? own, window: server.window, eventAt: server.eventAt },
    isClockKnown: server.isClockKnown,
    isZoneKnown: server.isZoneKnown,
    ...{ problems: [], passedOver: [], notNeeded: [], isCurrentRead: false },
  });
  const byWord = told === undefined ? undefined : `its times are taken as of ${told}, as the configuration says`;
  const reason = ['exported from a syslog server', judged.reason, byWord].filter(Boolean).join('; ');
  const coverage = isSame && server.isZoneKnown ? judged.coverage : { ...judged.coverage, zones: wanted };
  tools.evidence.record({ ...kept, status: judged.status, coverage, reason, source: file });
}

/** The finding on the zone; the configured zone holds unless the file contradicts it. */
function findingOn(
  { result: { parts, rhythm }, readAt }: { result: CutResult; readAt: Date },
  zones: readonly string[],
  told: string | undefined,
): ZoneFinding {
  const finding = zoneFrom(parts, zones, { now: readAt, rhythm });
  if (told === undefined || finding.kind !== 'unknown') return finding;
  return finding.contradicts ? finding : { kind: 'confirmed', zone: told };
}

function zonesOf(finding: ZoneFinding, own: string): string[] {
  if (finding.kind === 'other') return [finding.zone];
  return finding.kind === 'unknown' ? [...new Set([own, ...finding.zones])] : [own];
}

async function cutFile(
  { evidence, local }: CutTools,
  file: string,
  server: ServerWindow,
  [zone = 'UTC', ...otherZones]: readonly string[],
  replaces?: { path: string },
) {
  const { chunks, modifiedAt } = await local.openFile(file);
  const readAt = server.now();
  const cutter = createCutter({ window: server.window, zone, otherZones, readAt });
  cutter.startPart(modifiedAt);
  async function* cut(): AsyncGenerator<Buffer> {
    for await (const chunk of file.endsWith('.gz') ? gunzipped(chunks) : chunks) yield* cutter.push(chunk);
    yield* cutter.endOfPart();
  }
  const { cutBy, ...kept } = await evidence.keep('Logs', nameOf(file), cut(), {
    subfolder: 'exported',
    ...defined({ replaces }),
  });
  if (cutBy !== undefined && (kept.bytes === 0 || isLocal(cutBy))) throw cutBy;
  const cutReason = cutBy === undefined ? undefined : reasonOf(cutBy);
  return { kept, result: cutter.result(), readAt, writtenAt: modifiedAt, cut: cutReason };
}

function nameOf(file: string): string {
  return basename(file).replace(/\.gz$/i, '');
}
