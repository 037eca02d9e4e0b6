import { formatSize } from '../domain/quantities.js';
import type { RemotePath } from '../domain/recipe.js';
import { itemError, reasonOf } from '../errors.js';
import type { RemoteFiles } from '../ssh/files/remote-files.js';
import type { CollectorTools, Finding } from './collector.js';
import { type DownloadTarget, downloadTo, isLocal } from './download.js';
import { outputOf } from './host-output.js';

/** Files that the kernel makes when they are read; their size is not known before, but SCP relies on it. */
const virtual = /^\/(?:proc|sys)\//;
/** A path that every shell reads as one plain word. */
const plain = /^[A-Za-z0-9_.,:@%+=/-]+$/;

type FetchTools = Pick<CollectorTools, 'server' | 'hostOs' | 'evidence' | 'signal'>;

/** Fetches a file of a recipe. A file without a real size is read by a command, where there is a shell. */
export async function fetchFile(
  tools: FetchTools,
  files: RemoteFiles,
  { face, path }: RemotePath,
  target: DownloadTarget,
): Promise<Finding> {
  const isVirtual = virtual.test(path);
  const readable = face === 'hostOs' && plain.test(path);
  const asked = readable && isVirtual ? await readByCommand(tools, path, target) : 'not asked';
  if (typeof asked === 'object') return asked;
  const finding = await downloadTo(tools, files, path, target);
  if (finding.bytes !== 0 || finding.status !== 'ok' || asked === 'empty') return finding;
  const replaces = { path: finding.path };
  const more = readable && !isVirtual ? await readByCommand(tools, path, { ...target, replaces }) : 'not asked';
  if (typeof more === 'object') return more;
  if (!isVirtual) return finding;
  return { ...finding, status: 'partial', reason: 'it came empty, as files there do whose size is not known before' };
}

async function readByCommand(
  { server, hostOs, evidence, signal }: FetchTools,
  path: string,
  target: DownloadTarget,
): Promise<Finding | 'empty' | 'no shell'> {
  const command = `cat ${path} 2>/dev/null`;
  const output = outputOf(hostOs, command);
  const first = await firstOf(output, signal);
  if (first === 'no shell') return first;
  if (first.done) return first.value.code === 0 ? 'empty' : 'no shell';
  const head = first.value;
  let code: number | undefined;
  async function* content(): AsyncGenerator<Buffer> {
    yield head;
    ({ code } = yield* output);
    if (code !== undefined && code !== 0) throw itemError('not-readable', `"${command}" ended with status ${code}`);
  }
  const { cutBy, ...kept } = await evidence.keep(target.folder, target.name, content(), target);
  if (cutBy !== undefined && isLocal(cutBy)) throw cutBy;
  const tooMuch = `cut at ${formatSize(server.appliance.maxOutputBytes)} (commandOutput)`;
  const problem = cutBy !== undefined ? reasonOf(cutBy) : code === undefined ? tooMuch : undefined;
  const found = { ...kept, source: path, command };
  return problem === undefined ? { ...found, status: 'ok' } : { ...found, status: 'partial', reason: problem };
}

async function firstOf<T>(output: AsyncGenerator<Buffer, T>, signal: AbortSignal) {
  try {
    return await output.next();
  } catch {
    signal.throwIfAborted();
    return 'no shell'; // the file protocol says more of what is wrong
  }
}
