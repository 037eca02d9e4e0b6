import type { Appliance } from '../domain/appliance.js';
import { formatDuration } from '../domain/quantities.js';
import { printable, printableLine } from '../domain/text.js';
import { itemError, reasonOf, UserError } from '../errors.js';
import type { CliSession } from '../ssh/cli/cli.js';
import type { RemoteEntry, RemoteFiles } from '../ssh/files/remote-files.js';
import type { Collector, CollectorTools, HostOsTools, Trace } from './collector.js';
import { cliRoot, type FileRoot, hostRoot, inRoot, type RootTools } from './files-root.js';
import { refusalIn, warningsIn } from './refusal.js';
import { listOrNothing, removeFile } from './remove-file.js';
import { collectByScript } from './techsupport-by-script.js';
import { announcedPath, fetchAndRemove, newFiles } from './techsupport-file.js';

/**
 * The file support calls TSF. Taken first: it shows the state right after the incident. When the CLI is not available
 * a script on the host OS writes the same file to the same folder (guide, chapter 3, The Techsupport Folder).
 */
export const techsupport: Collector = {
  id: 'techsupport',
  expects: ['Techsupport/'],

  async collect(tools) {
    const cli = await openCliOrReason(tools);
    const whyNot = 'session' in cli ? await collectByCli(tools, cli) : cli.reason;
    if (whyNot !== undefined) await collectByScript(tools, whyNot);
  },
};

type OpenedCli = Pick<FileRoot, 'face' | 'files' | 'note'> & {
  folder: string;
  isLink: boolean;
  before: RemoteEntry[];
  session: CliSession;
};

/** The shell and its files: without either, what is made there could not be fetched. */
async function openCliOrReason(tools: CollectorTools): Promise<OpenedCli | { reason: string }> {
  try {
    const { path, ...root } = await eitherRoot(tools);
    const { files } = root;
    const folder = inRoot(path, 'techsupport');
    const [before, isLink] = await Promise.all([
      listOrNothing(files, folder, tools.signal),
      leadsElsewhere(files, folder, tools.signal),
    ]);
    return { ...root, folder, isLink, before, session: await tools.cli.open() };
  } catch (error) {
    tools.signal.throwIfAborted();
    return { reason: reasonOf(error) };
  }
}

/** Where the file that the shell makes can be fetched. @throws UserError why not from port 22: that says more */
async function eitherRoot({ cli, hostOs, signal }: RootTools): Promise<FileRoot> {
  try {
    return await cliRoot(cli);
  } catch (error) {
    signal.throwIfAborted();
    return hostRoot(hostOs, error).catch(() => {
      throw error;
    });
  }
}

/** Asked beside the listing, on the same session; over SCP it would be one of its own, which does not know links anyway. */
async function leadsElsewhere(files: RemoteFiles, folder: string, signal: AbortSignal): Promise<boolean> {
  if (!(await files.abilities(signal)).skips) return false;
  return (await files.find(folder, signal))?.isLink === true;
}

/** @returns why the CLI did not do it, when that is so */
async function collectByCli(tools: CollectorTools, cli: OpenedCli): Promise<string | undefined> {
  const { server, signal } = tools;
  const { face, files, folder, before, session } = cli;
  const trace: Trace = { face, folder, before: before.map((entry) => entry.name) };
  try {
    await server.noteRemoteFile(trace);
    const ran = await runTechsupport(session, signal);
    const made = ran.cut === undefined ? await fileMade(cli, ran.text, signal) : await fileAfterCut(tools, cli, ran);
    if (made === undefined) {
      if (ran.cut === undefined) await server.forgetRemoteFile(trace);
      else await assertStayedUp(tools, ran);
      return whyNone(server.appliance, ran);
    }
    if (ran.cut === undefined) server.release();
    const notes = notesOn(cli, ran);
    await fetchAndRemove(tools, {
      files,
      path: `${folder}/${made.name}`,
      seen: made,
      command,
      trace,
      notes,
      cut: ran.cut,
    });
    return undefined;
  } catch (error) {
    if (!server.keepRemote) await removeNew(tools, cli, trace);
    throw error;
  } finally {
    session.close();
  }
}

const command = 'techsupport';

function notesOn({ isLink, folder, note }: OpenedCli, { text }: Ran): string | undefined {
  const notes = [note, warningsIn(text), isLink ? `"${folder}" is a link to another folder` : undefined];
  return notes.filter((note) => note !== undefined).join('; ') || undefined;
}

type Ran = { text: string; cut?: UserError; startedMs: number };

/** The session may be lost, or be silent, although the server goes on; then its file says what became of it. */
async function runTechsupport(session: CliSession, signal: AbortSignal): Promise<Ran> {
  const startedMs = performance.now();
  try {
    const { text } = await session.run(command, signal);
    return { text, startedMs };
  } catch (error) {
    signal.throwIfAborted();
    if (!(error instanceof UserError)) throw error;
    return { text: session.printed(), cut: error, startedMs };
  } finally {
    session.close(); // the place is needed for the files
  }
}

/**
 * The file that `techsupport` says it made, when it is there; else the only one that is new. A file that was made counts
 * for more than whatever else was said.
 * @returns undefined when there is none and it was refused
 * @throws UserError `no-file-named`
 */
async function fileMade(cli: OpenedCli, text: string, signal: AbortSignal): Promise<RemoteEntry | undefined> {
  const { files, folder } = cli;
  const name = announcedPath(text)?.split('/').at(-1);
  const named = name === undefined ? undefined : await files.find(`${folder}/${name}`, signal);
  if (name !== undefined && named?.kind === 'file') return { ...named, name };
  const [only, ...others] = newFiles(cli.before, await listOrNothing(files, folder, signal));
  if (only !== undefined && others.length === 0) return only;
  if (only === undefined && refusalIn(text) !== undefined) return undefined;
  const said = `it said: ${printableLine(printable(text)) || 'nothing'}`;
  if (only === undefined) throw itemError('no-file-named', `techsupport made no file; ${said}`);
  throw itemError('no-file-named', `techsupport named no file and ${others.length + 1} are new; ${said}`);
}

const longestPatienceMs = 60_000;
const lookAgainMs = 1000;
/** A face that is lost is dialled for longer than is left here. */
const lookLimitMs = 8000;
const uptimeLimitMs = 8000;

type AwaitTools = Pick<CollectorTools, 'server' | 'signal' | 'pause'>;

/** The server may go on although nobody listens: its file is waited for, while there is time. */
async function fileAfterCut(tools: AwaitTools, cli: OpenedCli, ran: Ran): Promise<RemoteEntry | undefined> {
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

/** A server that does not answer any more is not asked to do the same in another way. */
async function lookAt(
  { files, folder }: OpenedCli,
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

/** What asks is not at work. */
function patienceMs(appliance: Appliance, { cut }: Ran): number {
  if (cut?.code === 'cli-asks' || cut?.code === 'cli-endless') return 0;
  return Math.min(longestPatienceMs, appliance.timeouts.collectorMs.techsupport / 20);
}

/** Techsupport may be what brought the server down: then it is not asked to do the same in another way. */
async function assertStayedUp({ server, hostOs, signal }: CollectorTools, { cut, startedMs }: Ran): Promise<void> {
  if (!server.wasAway() && !(await restartedSince(hostOs, startedMs, signal))) return;
  const why = 'the server went away during techsupport and may have been restarted by it';
  throw itemError('server-restarted', `${why}: the script on the host OS was not started (${reasonOf(cut)})`, cut);
}

/** One that comes back soon is not missed: it says itself for how long it has been up. */
async function restartedSince(hostOs: HostOsTools, sinceMs: number, signal: AbortSignal): Promise<boolean> {
  try {
    const { stdout } = await hostOs.exec('cat /proc/uptime', { limitMs: uptimeLimitMs });
    const upSeconds = /^(\d+\.\d+) \d/m.exec(stdout)?.[1];
    return upSeconds !== undefined && Number(upSeconds) * 1000 < performance.now() - sinceMs;
  } catch {
    signal.throwIfAborted();
    return false; // who cannot be asked gets no script either
  }
}

function whyNone(appliance: Appliance, ran: Ran): string {
  if (ran.cut === undefined) return `"${appliance.cli.user}" may not run techsupport: ${refusalIn(ran.text)}`;
  return `${reasonOf(ran.cut)}, and no file came into being within ${formatDuration(patienceMs(appliance, ran))}`;
}

/** What an interrupted run made is taken away again, when it is clear which file that is. */
async function removeNew(
  { server, warn }: Pick<CollectorTools, 'server' | 'warn'>,
  { files, folder, before }: OpenedCli,
  trace: Trace,
): Promise<void> {
  const grace = AbortSignal.timeout(5000); // the run may have been interrupted; this still has to happen
  try {
    const [only, ...others] = newFiles(before, await files.list(folder, grace));
    if (only === undefined || others.length > 0) return; // the next run looks again
    await removeFile(files, `${folder}/${only.name}`, grace);
    await server.forgetRemoteFile(trace);
  } catch (error) {
    warn(`what techsupport made in "${folder}" could not be removed, the next run tries again: ${reasonOf(error)}`);
  }
}
