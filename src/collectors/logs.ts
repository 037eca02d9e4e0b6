import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import { windowOpen } from '../domain/completion.js';
import { formatLocal } from '../domain/zone.js';
import { itemError, reasonOf } from '../errors.js';
import { type CutResult, createCutter } from '../logs/cut.js';
import { type LogPart, logParts } from '../logs/rotation.js';
import type { RemoteEntry, RemoteFiles } from '../ssh/remote-files.js';
import type { Collector, CollectorTools, Finding, ServerWindow } from './collector.js';
import { downloadTo, isLocal, maxFileBytes } from './download.js';
import { inRoot } from './files-root.js';

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
  timeoutMs: 30 * 60_000,

  async collect(tools) {
    const files = await tools.cliFiles();
    const root = await tools.filesRoot();
    const server = await tools.serverWindow();
    const listing = await files.list(inRoot(root, 'logs'), tools.signal);
    const names = listing.filter((entry) => entry.kind === 'file').map((entry) => entry.name);
    const context = { tools, files, folder: inRoot(root, 'logs'), server };
    await Promise.all([
      ...logTypes.map(({ type, always }) =>
        attempt(tools, `Logs/${type}.log`, () => collectLog(context, type, always, logParts(type, names))),
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

type Context = { tools: CollectorTools; files: RemoteFiles; folder: string; server: ServerWindow };

async function collectLog(context: Context, type: string, always: boolean, parts: LogPart[]): Promise<void> {
  const { tools, folder, server } = context;
  const path = `Logs/${type}.log`;
  if (parts.length === 0) {
    tools.record(
      always
        ? { path, status: 'failed', reason: `no ${type}.log is in "${folder}"` }
        : { path, status: 'skipped', reason: `there is no ${type}.log: it is written only after a debug restart` },
    );
    return;
  }
  const readAt = server.now();
  const cutter = createCutter({ window: server.window, zone: server.zone, readAt });
  const unreadable: string[] = [];
  const kept = await tools.keep('Logs', `${type}.log`, cutParts(context, parts, cutter, unreadable));
  const { cutBy, ...file } = kept;
  if (cutBy !== undefined && (file.bytes === 0 || isLocal(cutBy))) throw cutBy;
  const source = parts.map((part) => `${folder}/${part.name}`).join(', ');
  const problems = [
    ...unreadable.map((reason) => `not read whole: ${reason}`),
    ...(cutBy === undefined ? [] : [`cut: ${reasonOf(cutBy)}`]),
  ];
  tools.record({ ...file, source, ...judge(cutter.result(), server, readAt, problems) });
}

async function* cutParts(
  context: Context,
  parts: LogPart[],
  cutter: ReturnType<typeof createCutter>,
  problems: string[],
): AsyncGenerator<Buffer> {
  const { tools, files, folder } = context;
  for (const part of parts) {
    const download = files.read(`${folder}/${part.name}`, { signal: tools.signal, maxBytes: maxFileBytes });
    try {
      const content = part.compressed ? gunzipped(download.chunks) : download.chunks;
      for await (const chunk of content) yield* cutter.push(chunk);
      const verdict = download.verdict();
      if (verdict.kind === 'short' || verdict.kind === 'capped')
        problems.push(`${part.name}: only ${verdict.bytes} bytes came`);
    } catch (error) {
      tools.signal.throwIfAborted();
      if (isLocal(error)) throw error;
      problems.push(`${part.name}: ${reasonOf(error)}`);
      if (part.compressed && isGzipError(error)) await keepAsItIs(context, part);
    }
    yield* cutter.endOfPart();
  }
  // One part that cannot be read does not cost the others; all of them do.
  if (problems.length >= parts.length && cutter.result().bytesIn === 0)
    throw itemError('log-unreadable', problems.join('; '));
}

async function* gunzipped(chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  const gunzip = createGunzip({ chunkSize: 256 * 1024 });
  const feeding = pipeline(Readable.from(chunks), gunzip);
  feeding.catch(() => undefined); // the same error ends the loop below
  yield* gunzip as AsyncIterable<Buffer>;
  await feeding;
}

function isGzipError(error: unknown): boolean {
  return error instanceof Error && 'code' in error && /^Z_/.test(String(error.code));
}

/** What cannot be unpacked is handed over whole: support may get more out of it. */
async function keepAsItIs({ tools, files, folder }: Context, part: LogPart): Promise<void> {
  const finding = await downloadTo(tools, files, `${folder}/${part.name}`, { folder: 'Logs', name: part.name });
  tools.record({ ...finding, status: 'partial', reason: 'it cannot be unpacked, so it is here as it is' });
}

/** What the log covers of the window, and what a reader must know of it. */
function judge(
  result: CutResult,
  { window, zone }: ServerWindow,
  readAt: Date,
  before: string[],
): Pick<Finding, 'status' | 'reason' | 'coverage'> {
  const { first, last } = result;
  const problems = [...before];
  if (first !== undefined && first > window.since) {
    problems.push(`begins at ${formatLocal(first, zone, true)}: older lines are not on the server`);
  }
  if (readAt < window.until) problems.push(`${windowOpen}: it ends at ${formatLocal(window.until, zone, true)}`);
  const coverage = {
    first: first?.toISOString() ?? null,
    last: last?.toISOString() ?? null,
    complete: problems.length === 0,
  };
  if (problems.length > 0) return { status: 'partial', reason: problems.join('; '), coverage };
  if (result.bytesIn === 0) return { status: 'ok', reason: 'the log is empty', coverage };
  if (result.stampedLines === 0)
    return { status: 'ok', reason: 'no time was recognised in it, so it is here whole', coverage };
  if (result.bytesOut === 0) return { status: 'ok', reason: 'no line falls into the window', coverage };
  return { status: 'ok', coverage };
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
  const wanted = reports.filter(
    ({ modifiedAt }) =>
      modifiedAt === undefined || (modifiedAt >= floorSecond(window.since) && modifiedAt <= window.until),
  );
  if (wanted.length === 0) {
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
    tools.record(await downloadTo(tools, files, `${folder}/${name}`, { folder: 'Logs', name, subfolder: 'errors' }));
  }
}

async function listOrNothing(tools: CollectorTools, files: RemoteFiles, folder: string): Promise<RemoteEntry[]> {
  if ((await files.find(folder, tools.signal)) === undefined) return [];
  return files.list(folder, tools.signal);
}

function floorSecond(at: Date): Date {
  return new Date(Math.floor(at.getTime() / 1000) * 1000);
}
