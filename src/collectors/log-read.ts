import type { StoredFile } from '../bundle/staging.js';
import { defined } from '../domain/defined.js';
import { reasonOf } from '../errors.js';
import { createCutter } from '../logs/cut.js';
import type { CutOptions, CutResult } from '../logs/cut-result.js';
import type { RemoteEntry, RemoteFiles } from '../ssh/files/remote-files.js';
import type { CollectorTools, ServerWindow } from './collector.js';
import { CutReading } from './cut-reading.js';
import { isLocal } from './download.js';
import { findUnneeded, type Unneeded } from './log-times.js';

/** Where a log is read from. */
export type LogSource = {
  tools: Pick<CollectorTools, 'evidence' | 'signal' | 'pause'>;
  files: RemoteFiles;
  folder: string;
  listing: RemoteEntry[];
  server: ServerWindow;
};

/** A log that was read and cut. */
export type LogCut = {
  type: string;
  path: string;
  file: Pick<StoredFile, 'path' | 'bytes' | 'sha256'>;
  result: CutResult;
  readAt: Date;
  unneeded: Unneeded;
  /** Names of files that were read, in that order. */
  names: string[];
  problems: string[];
  cut: string | undefined;
  writtenAt: Date | undefined;
  isCurrentRead: boolean;
};

/** Reads a log and keeps its lines in the window, taking its times to be in these zones. */
export async function cutAs(
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
  const reading = new CutReading(source, type, cutter);
  const stored = await tools.evidence.keep('Logs', `${type}.log`, reading.cut(unneeded), {
    isText: true,
    ...defined({ replaces }),
  });
  const { cutBy, ...file } = stored;
  if (cutBy !== undefined && (file.bytes === 0 || isLocal(cutBy))) throw cutBy;
  const cut = cutBy === undefined ? undefined : reasonOf(cutBy);
  const { names, problems, writtenAt, isCurrentRead } = reading;
  const read = { names, problems, writtenAt, isCurrentRead };
  return { type, path: `Logs/${type}.log`, file, result: cutter.result(), readAt, unneeded, cut, ...read };
}
