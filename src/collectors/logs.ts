import { printableLine } from '../domain/text.js';
import { itemError, reasonOf, UserError } from '../errors.js';
import { createCutter } from '../logs/cut.js';
import { logParts } from '../logs/rotation.js';
import type { RemoteEntry, RemoteFiles } from '../ssh/files/remote-files.js';
import type { Collector, CollectorTools, ServerWindow } from './collector.js';
import { downloadTo, isLocal } from './download.js';
import { inRoot } from './files-root.js';
import { judgeLog, type Reading } from './log-coverage.js';
import { openLogParts } from './log-parts.js';
import { findUnneeded, type Unneeded } from './log-times.js';

const logTypes = [
  { type: 'system', always: true },
  { type: 'audit', always: true },
  // Written only after a debug restart.
  { type: 'debug', always: false },
] as const;

const errorsFolder = 'Logs/errors/';

/** The log lines of the window, and the exception reports in it (guide, chapter 3, The Logs Folder). */
export const logs: Collector = {
  id: 'logs',
  expects: [...logTypes.map(({ type }) => `Logs/${type}.log`), errorsFolder],

  async collect(tools) {
    const files = await tools.cliFiles();
    const root = await tools.filesRoot();
    const server = await tools.serverWindow();
    const listing = await files.list(inRoot(root, 'logs'), tools.signal);
    const context = { tools, files, folder: inRoot(root, 'logs'), listing, server };
    await Promise.all([
      ...logTypes.map(({ type, always }) =>
        attempt(tools, `Logs/${type}.log`, () => collectLog(context, type, always)),
      ),
      attempt(tools, errorsFolder, () => collectErrors(tools, files, inRoot(root, 'errors'), server)),
    ]);
  },
};

/** One log that fails does not cost another one. */
async function attempt(tools: CollectorTools, path: string, work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    if (isLocal(error)) throw error;
    tools.record({ path, status: 'failed', reason: reasonOf(error) });
  }
}

type Context = {
  tools: CollectorTools;
  files: RemoteFiles;
  folder: string;
  listing: RemoteEntry[];
  server: ServerWindow;
};

async function collectLog(context: Context, type: string, always: boolean): Promise<void> {
  const { tools, folder, server, listing } = context;
  const path = `Logs/${type}.log`;
  const names = listing.filter((entry) => entry.kind === 'file').map((entry) => entry.name);
  if (logParts(type, names).length === 0) {
    tools.record(
      always
        ? { path, status: 'failed', reason: `no ${type}.log is in "${folder}"` }
        : { path, status: 'skipped', reason: `there is no ${type}.log: it is written only after a debug restart` },
    );
    return;
  }
  const readAt = server.now();
  const cutting = { window: server.window, zone: server.zone, readAt };
  const cutter = createCutter(cutting);
  const unneeded = await findUnneeded({ ...context, type }, listing, cutting);
  const left = logParts(
    type,
    listing.filter((entry) => entry.kind !== 'file').map((entry) => entry.name),
  );
  const seen: Seen = { names: [], problems: left.map(({ name }) => `${name} is no file and was left`) };
  const kept = await tools.keep('Logs', `${type}.log`, cutParts({ ...context, type }, unneeded, cutter, seen), {
    isText: true,
  });
  const { cutBy, ...file } = kept;
  if (cutBy !== undefined && (file.bytes === 0 || isLocal(cutBy))) throw cutBy;
  const source = seen.names.map((name) => `${folder}/${name}`).join(', ');
  const reading: Reading = {
    problems: seen.problems,
    cut: cutBy === undefined ? undefined : reasonOf(cutBy),
    firstLeft: unneeded.first,
    notNeeded: unneeded.names,
  };
  tools.record({ ...file, source, ...judgeLog(cutter.result(), server, readAt, reading) });
}

type Seen = { names: string[]; problems: string[] };

async function* cutParts(
  context: Context & { type: string },
  unneeded: Unneeded,
  cutter: ReturnType<typeof createCutter>,
  { names, problems }: Seen,
): AsyncGenerator<Buffer> {
  const { tools, listing } = context;
  let failed = 0;
  for await (const part of openLogParts(context, listing, unneeded, (problem) => problems.push(problem))) {
    names.push(part.name);
    cutter.startPart(part.modifiedAt);
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
      if (part.compressed && cannotBeUnpacked(error)) await keepAsItIs(context, part.name);
    }
    yield* cutter.endOfPart();
  }
  // One part that cannot be read does not cost the others; all of them do.
  if (failed >= names.length && problems.length > 0 && cutter.result().bytesIn === 0)
    throw itemError('log-unreadable', problems.join('; '));
}

function cannotBeUnpacked(error: unknown): boolean {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  return code.startsWith('Z_') || code === 'unpacks-endlessly';
}

/** What cannot be unpacked is handed over whole: support may get more out of it. */
async function keepAsItIs({ tools, files, folder }: Context, name: string): Promise<void> {
  const finding = await downloadTo(tools, files, `${folder}/${name}`, { folder: 'Logs', name });
  tools.record({ ...finding, status: 'partial', reason: 'it cannot be unpacked, so it is here as it is' });
}

/** Exception reports: one means that the server restarted itself. Those whose time is not known are taken, too. */
async function collectErrors(
  tools: CollectorTools,
  files: RemoteFiles,
  folder: string,
  { window }: ServerWindow,
): Promise<void> {
  const listing = await listOrNothing(tools, files, folder);
  const reports = listing.filter((entry) => entry.kind === 'file' && entry.name.endsWith('.err'));
  const others = listing.filter((entry) => entry.kind !== 'file' && entry.name.endsWith('.err'));
  const gaps = others.map(({ name }) => `"${printableLine(name, 80)}" is no file and was left`);
  const wanted = reports.filter(
    ({ modifiedAt }) =>
      modifiedAt === undefined || (modifiedAt >= floorSecond(window.since) && modifiedAt <= window.until),
  );
  if (wanted.length === 0 && gaps.length === 0) {
    const older = reports.length > 0 ? ` (${reports.length} of other times were left)` : '';
    tools.record({
      path: errorsFolder,
      status: 'ok',
      reason: `no exception report in the window${older}`,
      source: folder,
    });
    return;
  }
  for (const { name } of wanted) {
    try {
      tools.record(await downloadTo(tools, files, `${folder}/${name}`, { folder: 'Logs', name, subfolder: 'errors' }));
    } catch (error) {
      tools.signal.throwIfAborted();
      if (isLocal(error)) throw error;
      const vanished = error instanceof UserError && error.code === 'no-such-file';
      gaps.push(vanished ? `"${printableLine(name, 80)}" has vanished` : reasonOf(error));
    }
  }
  if (gaps.length > 0) tools.record({ path: errorsFolder, status: 'partial', source: folder, reason: summed(gaps) });
}

async function listOrNothing(tools: CollectorTools, files: RemoteFiles, folder: string): Promise<RemoteEntry[]> {
  if ((await files.find(folder, tools.signal)) === undefined) return [];
  return files.list(folder, tools.signal);
}

const maxGapsNamed = 10;

function summed(gaps: readonly string[]): string {
  const more = gaps.length - maxGapsNamed;
  return [...gaps.slice(0, maxGapsNamed), ...(more > 0 ? [`and ${more} more`] : [])].join('; ');
}

function floorSecond(at: Date): Date {
  return new Date(Math.floor(at.getTime() / 1000) * 1000);
}
