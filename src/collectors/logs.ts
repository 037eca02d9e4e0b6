import { printableLine } from '../domain/text.js';
import { reasonOf } from '../errors.js';
import { logFamily } from '../logs/rotation.js';
import type { Collector, EvidenceTools, ServerTools } from './collector.js';
import { isLocal } from './download.js';
import { collectExceptionReports, errorsFolder } from './exception-reports.js';
import { type FileRoot, fromFileRoot, inRoot, marking } from './files-root.js';
import { cutLog, recordLog } from './log-cut.js';
import type { LogCut, LogSource } from './log-read.js';

const logTypes = [
  { type: 'system', always: true },
  { type: 'audit', always: true },
  // Written only after a debug restart.
  { type: 'debug', always: false },
] as const;

/** Collects the log lines in the window, and the exception reports (guide, chapter 3, The Logs Folder). */
export const logs: Collector = {
  id: 'logs',
  expects: [...logTypes.map(({ type }) => `Logs/${type}.log`), errorsFolder],

  async collect(tools) {
    const { root, listing, server } = await fromFileRoot(tools, (root) => lookInto(tools.server, root, tools.signal));
    const { files, path, note } = root;
    if (note !== undefined) tools.warn(`logs are taken ${note}`);
    const marked = { ...tools, evidence: marking(tools.evidence, note) };
    await Promise.all([
      collectLogs({ tools: marked, files, folder: inRoot(path, 'logs'), listing, server }),
      attempt(marked.evidence, errorsFolder, () =>
        collectExceptionReports(marked, files, inRoot(path, 'errors'), server.window),
      ),
    ]);
  },
};

/** Lists the logs once the window is known; it depends on the server's clock. */
async function lookInto({ window }: ServerTools, root: FileRoot, signal: AbortSignal) {
  const server = await window();
  return { root, server, listing: await root.files.list(inRoot(root.path, 'logs'), signal) };
}

/** Collects all logs. One program writes all of them: where one log does not show the zone of its times, others may. */
async function collectLogs(source: LogSource): Promise<void> {
  const { evidence } = source.tools;
  const cuts = await Promise.all(
    logTypes.map(({ type, always }) => attempt(evidence, `Logs/${type}.log`, () => cutIfThere(source, type, always))),
  );
  const parts = cuts.flatMap((cut) => cut?.result.parts ?? []);
  const sorted = [...parts].sort((a, b) => (a.writtenAt?.getTime() ?? 0) - (b.writtenAt?.getTime() ?? 0));
  await Promise.all(cuts.map((cut) => cut && attempt(evidence, cut.path, () => recordLog(source, cut, sorted))));
}

async function cutIfThere(source: LogSource, type: string, always: boolean): Promise<LogCut | undefined> {
  const { tools, folder, listing } = source;
  const path = `Logs/${type}.log`;
  const names = listing.filter((entry) => entry.kind === 'file').map((entry) => entry.name);
  if (logFamily(type, names).parts.length > 0) return cutLog(source, type);
  tools.evidence.record(
    always
      ? { path, status: 'failed', reason: `no ${type}.log is in "${printableLine(folder, 120)}"` }
      : { path, status: 'skipped', reason: `there is no ${type}.log: it is written only after a debug restart` },
  );
  return undefined;
}

/** Collects one log; its failure does not stop the others. */
async function attempt<T>(evidence: EvidenceTools, path: string, work: () => Promise<T>): Promise<T | undefined> {
  try {
    return await work();
  } catch (error) {
    if (isLocal(error)) throw error;
    evidence.record({ path, status: 'failed', reason: reasonOf(error) });
    return undefined;
  }
}
