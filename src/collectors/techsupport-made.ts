import type { Appliance } from '../domain/appliance.js';
import { printable, printableLine } from '../domain/text.js';
import { itemError, reasonOf } from '../errors.js';
import type { RemoteEntry, RemoteFiles } from '../ssh/files/remote-files.js';
import type { CollectorTools } from './collector.js';
import { refusalIn } from './refusal.js';
import { listOrNothing } from './remove-file.js';
import { announcedPath, newFiles } from './techsupport-file.js';
import type { OpenedShell, Ran } from './techsupport-shell.js';

/**
 * The file that `techsupport` names, if it is there; else the only new file. A file that exists counts more than any
 * other message.
 * @returns undefined when there is none and the command was refused
 * @throws UserError `no-file-named`; `no-such-file` where the folder is there, and the file that it named is gone
 */
export async function fileMade(cli: OpenedShell, text: string, signal: AbortSignal): Promise<RemoteEntry | undefined> {
  const { files, folder } = cli;
  const name = announcedPath(text)?.split('/').at(-1);
  const named = name === undefined ? undefined : await files.find(`${folder}/${name}`, signal);
  if (name !== undefined && named?.kind === 'file') return { ...named, name };
  const [only, ...others] = newFiles(cli.before, await listOrNothing(files, folder, signal));
  if (only !== undefined && others.length === 0) return only;
  if (only === undefined && refusalIn(text) !== undefined) return undefined;
  const said = `it said: ${printableLine(printable(text)) || 'nothing'}`;
  const isGone = only === undefined && name !== undefined && named === undefined;
  if (isGone && (await isThere(files, folder, signal)))
    throw itemError('no-such-file', `the file that techsupport made is gone; ${said}`);
  if (only === undefined) throw itemError('no-file-named', `techsupport made no file; ${said}`);
  throw itemError('no-file-named', `techsupport named no file and ${others.length + 1} are new; ${said}`);
}

/** Where the folder is missing, the files lie elsewhere: running techsupport again would only double the load. */
async function isThere(files: RemoteFiles, folder: string, signal: AbortSignal): Promise<boolean> {
  return files.list(folder, signal).then(
    () => true,
    () => false,
  );
}

const longestPatienceMs = 60_000;
const lookAgainMs = 1000;
/** The limit for looking, because a lost face may be dialled for longer than the time that is left. */
const lookLimitMs = 8000;

type AwaitTools = Pick<CollectorTools, 'server' | 'signal' | 'pause'>;

/** Waits for the file after the dialogue was cut, while there is time: the server may go on although nobody listens. */
export async function fileAfterCut(tools: AwaitTools, cli: OpenedShell, ran: Ran): Promise<RemoteEntry | undefined> {
  const patience = patienceMs(tools.server.appliance, ran);
  const until = performance.now() + patience;
  const limited = AbortSignal.any([tools.signal, AbortSignal.timeout(patience + lookLimitMs)]);
  for (;;) {
    const listing = await lookAt(cli, ran, limited, tools.signal);
    const name = announcedPath(ran.text)?.split('/').at(-1);
    const [only, ...others] = newFiles(cli.before, listing);
    const made = listing.find((entry) => entry.kind === 'file' && entry.name === name) ?? only;
    if (made !== undefined && (made.name === name || others.length === 0)) return made;
    if (performance.now() >= until) break;
    await tools.pause(lookAgainMs);
    tools.signal.throwIfAborted();
  }
  if (ran.cut?.code === 'cli-cut' || ran.cut?.code === 'connection-lost') return undefined;
  throw itemError('no-file-named', `techsupport made no file; ${reasonOf(ran.cut)}`, ran.cut);
}

/** Looks into the folder. If the server no longer answers, techsupport is not run again in another way. */
async function lookAt(
  { files, folder }: OpenedShell,
  ran: Ran,
  limited: AbortSignal,
  signal: AbortSignal,
): Promise<RemoteEntry[]> {
  try {
    return await listOrNothing(files, folder, limited);
  } catch (error) {
    signal.throwIfAborted();
    const why = limited.aborted ? 'they could not be listed in time' : reasonOf(error);
    throw itemError('no-file-named', `${reasonOf(ran.cut)}; then its files: ${why}`, error);
  }
}

/** How long to wait for the file; a command that asks, or prints without end, is making none. */
export function patienceMs(appliance: Appliance, { cut }: Ran): number {
  if (cut?.code === 'cli-asks' || cut?.code === 'cli-endless') return 0;
  return Math.min(longestPatienceMs, appliance.timeouts.collectorMs.techsupport / 20);
}
