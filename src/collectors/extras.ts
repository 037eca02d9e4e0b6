import pLimit from 'p-limit';
import { type BundleFolder, safeName } from '../domain/bundle-layout.js';
import { formatSize } from '../domain/quantities.js';
import type { RemotePath } from '../domain/recipe.js';
import { printableLine } from '../domain/text.js';
import { reasonOf } from '../errors.js';
import type { Collector, CollectorTools } from './collector.js';
import { type DownloadTools, isLocal } from './download.js';
import { outputOf, printableOf } from './host-output.js';
import { fetchFile } from './virtual-file.js';

/** What a recipe adds to the usual evidence. */
export type Extras = { hostCommands: readonly string[]; paths: readonly RemotePath[] };

const commandsPath = 'VM/commands.txt';
const folderOf: Record<RemotePath['face'], BundleFolder> = { cli: 'CLI', hostOs: 'VM' };
const maxFilesOfFolder = 200;
/** How many paths are fetched at once; more would be no faster, and would hold up other collectors. */
const pathsAtOnce = 4;

/** Collects the host OS output and files that support asked for. */
export function extrasOf({ hostCommands, paths }: Extras): Collector {
  return {
    id: 'recipe',
    expects: [...(hostCommands.length > 0 ? [commandsPath] : []), ...paths.map(placeOf)],
    async collect(tools) {
      const limit = pLimit(pathsAtOnce);
      const jobs = paths.map((path) => limit(() => attempt(tools, placeOf(path), () => fetchPath(tools, path))));
      if (hostCommands.length > 0) jobs.push(runCommands(tools, hostCommands));
      await Promise.all(jobs);
    },
  };
}

/** Where the path is stored in the event folder, e.g. `VM/files/var_log_messages`; a folder keeps its slash. */
function placeOf({ face, path }: RemotePath): string {
  return `${folderOf[face]}/files/${safeName(nameOf(path), new Set())}${path.endsWith('/') ? '/' : ''}`;
}

function nameOf(path: string): string {
  return path
    .split('/')
    .filter((part) => part !== '' && part !== '.')
    .join('_');
}

/** Collects one path; its failure does not stop the others. */
async function attempt({ evidence, signal }: DownloadTools, path: string, work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    signal.throwIfAborted();
    if (isLocal(error)) throw error;
    evidence.record({ path, status: 'failed', reason: reasonOf(error) });
  }
}

async function fetchPath(tools: CollectorTools, wanted: RemotePath): Promise<void> {
  const { cli, hostOs, evidence, signal } = tools;
  const files = wanted.face === 'cli' ? await cli.files() : await hostOs.files();
  const folder = folderOf[wanted.face];
  if (!wanted.path.endsWith('/')) {
    const place = { folder, name: nameOf(wanted.path), subfolder: 'files' };
    evidence.record(await fetchFile(tools, files, wanted, place));
    return;
  }
  const source = wanted.path.slice(0, -1) || '/';
  const listing = await files.list(source, signal);
  const there = listing.filter(({ kind }) => kind === 'file');
  const gaps = listing
    .filter(({ kind }) => kind !== 'file')
    .map(({ name }) => `"${printableLine(name, 80)}" is no file`);
  if (there.length > maxFilesOfFolder) gaps.push(`${there.length - maxFilesOfFolder} more files were left`);
  for (const { name } of there.slice(0, maxFilesOfFolder)) {
    try {
      const place = { folder, name: `${nameOf(wanted.path)}_${name}`, subfolder: 'files' };
      const path = `${source === '/' ? '' : source}/${name}`;
      evidence.record(await fetchFile(tools, files, { face: wanted.face, path }, place));
    } catch (error) {
      signal.throwIfAborted();
      if (isLocal(error)) throw error;
      gaps.push(`"${printableLine(name, 80)}": ${reasonOf(error)}`);
    }
  }
  const told = { path: placeOf(wanted), source };
  if (gaps.length > 0) evidence.record({ ...told, status: 'partial', reason: gaps.slice(0, 10).join('; ') });
  else evidence.record({ ...told, status: 'ok', reason: `${there.length} ${there.length === 1 ? 'file' : 'files'}` });
}

/** Runs commands one after the other, each with its time and exit status; a failure does not stop the next. */
async function runCommands(tools: CollectorTools, commands: readonly string[]): Promise<void> {
  const problems: string[] = [];
  const { evidence } = tools;
  const said = transcript(tools, commands, problems);
  const { path, bytes, sha256, cutBy } = await evidence.keep('VM', 'commands.txt', said, { isText: true });
  if (cutBy !== undefined) throw cutBy;
  const reason = problems.length === 0 ? {} : { reason: problems.join('; ') };
  evidence.record({
    path,
    status: problems.length === 0 ? 'ok' : 'partial',
    ...reason,
    bytes,
    sha256,
    command: commands.join('; '),
  });
}

async function* transcript(
  { server, hostOs, signal }: CollectorTools,
  commands: readonly string[],
  problems: string[],
): AsyncGenerator<Buffer> {
  for (const command of commands) {
    const started = Date.now();
    yield Buffer.from(`### ${new Date(started).toISOString()}\n$ ${command}\n`);
    let ending: string;
    try {
      const { code } = yield* printableOf(outputOf(hostOs, command));
      const seconds = ((Date.now() - started) / 1000).toFixed(1);
      const limit = formatSize(server.appliance.maxOutputBytes);
      ending =
        code === undefined ? `cut here: it printed more than ${limit} (commandOutput)` : `${seconds} s, status ${code}`;
      if (code === undefined) problems.push(`"${command}" was ${ending}`);
      else if (code !== 0) problems.push(`"${command}" ended with status ${code}`);
    } catch (error) {
      signal.throwIfAborted();
      if (isLocal(error)) throw error;
      ending = `cut here: ${reasonOf(error)}`;
      problems.push(`"${command}": ${reasonOf(error)}`);
    }
    yield Buffer.from(`### ${ending}\n\n`);
  }
}
