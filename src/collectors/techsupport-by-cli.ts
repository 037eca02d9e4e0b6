import type { Appliance } from '../domain/appliance.js';
import { formatDuration } from '../domain/quantities.js';
import { itemError, reasonOf } from '../errors.js';
import type { CollectorTools, HostOsTools, Trace } from './collector.js';
import { refusalIn, warningsIn } from './refusal.js';
import { isMissing, removeFile } from './remove-file.js';
import { fetchAndRemove, newFiles } from './techsupport-file.js';
import { fileAfterCut, fileMade, patienceMs } from './techsupport-made.js';
import { type OpenedShell, type Ran, runTechsupport, techsupportCommand } from './techsupport-shell.js';

/** Runs techsupport and fetches its file. @returns the reason if the CLI did not make one */
export async function collectByCli(tools: CollectorTools, cli: OpenedShell): Promise<string | undefined> {
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
      command: techsupportCommand,
      trace,
      notes,
      cut: ran.cut,
    });
    return undefined;
  } catch (error) {
    // Of a file that is gone nothing is noted: the next new one there is somebody else's.
    if (isMissing(error)) await server.forgetRemoteFile(trace);
    else if (!server.keepRemote) await removeNew(tools, cli, trace);
    throw error;
  } finally {
    session.close();
  }
}

function notesOn({ isLink, folder, note }: OpenedShell, { text }: Ran): string | undefined {
  const notes = [note, warningsIn(text), isLink ? `"${folder}" is a link to another folder` : undefined];
  return notes.filter((note) => note !== undefined).join('; ') || undefined;
}

const uptimeLimitMs = 8000;

/** Checks that the server did not go down. Techsupport may have caused that: then it is not run again in another way. */
async function assertStayedUp({ server, hostOs, signal }: CollectorTools, { cut, startedMs }: Ran): Promise<void> {
  if (!server.wasAway() && !(await restartedSince(hostOs, startedMs, signal))) return;
  const why = 'the server went away during techsupport and may have been restarted by it';
  throw itemError('server-restarted', `${why}: the script on the host OS was not started (${reasonOf(cut)})`, cut);
}

/** Whether the server restarted since then, by its uptime: a quick restart would otherwise go unnoticed. */
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

/** Removes the file that an interrupted run made, if it is clear which file that is. */
async function removeNew(
  { server, warn }: Pick<CollectorTools, 'server' | 'warn'>,
  { files, folder, before }: OpenedShell,
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
