import { basename } from 'node:path';
import { safeName } from '../domain/bundle-layout.js';
import type { Window } from '../domain/window.js';
import { reasonOf } from '../errors.js';
import { createCutter } from '../logs/cut.js';
import type { Collector, CollectorTools, ServerWindow } from './collector.js';
import { isLocal } from './download.js';
import { gunzipped } from './gunzip.js';
import { judgeLog } from './log-coverage.js';

/** Logs that a syslog server kept, exported to this machine; `zone` of the times in them that name none. */
export type ExportedLogs = { files: readonly string[]; zone?: string };

const folder = 'Logs/exported/';

/** The guide's other way to the logs: files of a syslog server, cut like those of the appliance (chapter 3, The Logs Folder). */
export function exportedLogs({ files, zone }: ExportedLogs): Collector {
  return {
    id: 'logs',
    expects: files.length > 0 ? [folder] : [],
    async collect(tools) {
      const server = await tools.serverWindow();
      const exported = {
        ...server,
        window: eitherClock(server.window, tools.window),
        ...(zone === undefined ? {} : { zone, isZoneKnown: true }),
      };
      for (const file of files) {
        try {
          await cutFile(tools, file, exported);
        } catch (error) {
          tools.signal.throwIfAborted();
          if (isLocal(error)) throw error;
          tools.record({
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

/** Whether the syslog server wrote its own time or the appliance's is not known: both count. */
function eitherClock(a: Window, b: Window): Window {
  return {
    since: new Date(Math.min(a.since.getTime(), b.since.getTime())),
    until: new Date(Math.max(a.until.getTime(), b.until.getTime())),
  };
}

async function cutFile(tools: CollectorTools, file: string, server: ServerWindow): Promise<void> {
  const { chunks, modifiedAt } = await tools.localFile(file);
  const readAt = server.now();
  const cutter = createCutter({ window: server.window, zone: server.zone, readAt });
  cutter.startPart(modifiedAt);
  async function* cut(): AsyncGenerator<Buffer> {
    for await (const chunk of file.endsWith('.gz') ? gunzipped(chunks) : chunks) yield* cutter.push(chunk);
    yield* cutter.endOfPart();
  }
  const { cutBy, ...kept } = await tools.keep('Logs', nameOf(file), cut(), { subfolder: 'exported' });
  if (cutBy !== undefined && (kept.bytes === 0 || isLocal(cutBy))) throw cutBy;
  const judged = judgeLog(cutter.result(), server, readAt, {
    problems: [],
    cut: cutBy === undefined ? undefined : reasonOf(cutBy),
  });
  const reason = ['exported from a syslog server', judged.reason].filter(Boolean).join('; ');
  tools.record({ ...kept, ...judged, reason, source: file });
}

function nameOf(file: string): string {
  return basename(file).replace(/\.gz$/i, '');
}
