import type { FaceId } from '../domain/appliance.js';
import { printableLine } from '../domain/text.js';
import { itemError, reasonOf } from '../errors.js';
import type { RemoteFiles } from '../ssh/files/remote-files.js';
import type { CollectorTools, ServerTools, Trace } from './collector.js';
import { isLocal } from './download.js';
import { cliRoot, fromFileRoot, hostRoot, inRoot } from './files-root.js';
import { awaitReady, runScript } from './host-os.js';
import { warningsIn } from './refusal.js';
import { listOrNothing } from './remove-file.js';
import { assertSuccess, chooseScript, failureOf, techsupportRule } from './scripts.js';
import { announcedPath, fetchAndRemove, partsOf } from './techsupport-file.js';

/**
 * Makes the file with the script on the host OS, where the CLI did not make it. @throws UserError `no-techsupport`,
 * `file-out-of-reach`
 */
export async function collectByScript(tools: CollectorTools, whyNotCli: string): Promise<void> {
  const { server, warn } = tools;
  const script = await chooseScript(tools, techsupportRule(server.appliance)).catch((error: unknown) => {
    throw itemError('no-techsupport', `${whyNotCli}; and not by script: ${reasonOf(error)}`, error);
  });
  const byScript = `./${script}`;
  warn(`techsupport is made by ${byScript} on the host OS, because ${whyNotCli}`);
  await awaitReady(tools, script);
  const traces = openTraces(server);
  await traces.note(await placeToCome(tools));
  const result = await runScript(tools, script);
  server.release();
  const printed = announcedPath(result.stdout);
  if (printed === undefined) {
    assertSuccess(result, byScript);
    throw itemError('no-file-named', `"${byScript}" named no file: ${printableLine(result.stdout)}`);
  }
  if (printed.startsWith('/')) await traces.note({ face: 'hostOs', ...partsOf(printed) });
  const notes = [`made by the script, because ${whyNotCli}`, warningsIn(result.stdout + result.stderr)];
  const made = {
    command: byScript,
    notes: notes.filter((note) => note !== undefined).join('; '),
    failure: failureOf(result, byScript),
  };
  await fetchFrom(endpointsOf(tools, printed), tools, traces, made, printed);
}

type Traces = { note(trace: Trace): Promise<void>; allGone(): Promise<void> };

/** Notes every place where the file may appear before it does, and strikes them all out together. */
function openTraces(server: ServerTools): Traces {
  const noted: Trace[] = [];
  return {
    async note(trace) {
      await server.noteRemoteFile(trace);
      noted.push(trace);
    },
    async allGone() {
      for (const trace of noted) await server.forgetRemoteFile(trace);
    },
  };
}

/** Where the file will appear, as far as that is known before the script names it. */
async function placeToCome(tools: CollectorTools): Promise<Trace> {
  const { techsupportFolder } = tools.server.appliance.hostOs;
  const look = async (face: FaceId, files: RemoteFiles, folder: string): Promise<Trace> => {
    const before = await listOrNothing(files, folder, tools.signal);
    return { face, folder, before: before.map(({ name }) => name) };
  };
  try {
    if (techsupportFolder !== undefined) return await look('hostOs', await tools.hostOs.files(), techsupportFolder);
    return await fromFileRoot(tools, ({ face, files, path }) => look(face, files, inRoot(path, 'techsupport')));
  } catch {
    tools.signal.throwIfAborted();
    return { face: 'hostOs', folder: '' }; // a file of its own has to be looked for by hand
  }
}

type Made = { command: string; notes: string; failure: string | undefined };

async function fetchFrom(
  places: (() => Promise<Place>)[],
  tools: CollectorTools,
  traces: Traces,
  made: Made,
  printed: string,
): Promise<void> {
  const errors: string[] = [];
  for (const locate of places) {
    try {
      const { face, files, path, note } = await locate();
      const seen = await files.find(path, tools.signal);
      if (seen?.kind !== 'file') continue;
      const trace: Trace = { face, ...partsOf(path) };
      await traces.note(trace);
      const notes = note === undefined ? made.notes : `${note}; ${made.notes}`;
      await fetchAndRemove(tools, { ...made, notes, files, path, seen, trace, gone: traces.allGone });
      return;
    } catch (error) {
      tools.signal.throwIfAborted();
      if (isLocal(error)) throw error;
      errors.push(reasonOf(error));
    }
  }
  const why = errors.length > 0 ? `: ${errors.join('; ')}` : '';
  throw itemError(
    'file-out-of-reach',
    `the script made "${printableLine(printed)}", which cannot be fetched and was left on the server${why}`,
  );
}

type Place = { face: FaceId; files: RemoteFiles; path: string; note?: string };

/** The ways to read the script's file, in order; the file root may work although the CLI's shell does not. */
function endpointsOf({ server, cli, hostOs }: CollectorTools, printed: string): (() => Promise<Place>)[] {
  const name = printed.slice(printed.lastIndexOf('/') + 1);
  const { techsupportFolder } = server.appliance.hostOs;
  const onHostOs = (path: string) => async (): Promise<Place> => ({
    face: 'hostOs',
    files: await hostOs.files(),
    path,
  });
  return [
    ...(printed.startsWith('/') ? [onHostOs(printed)] : []),
    ...(techsupportFolder === undefined ? [] : [onHostOs(`${techsupportFolder}/${name}`)]),
    ...[() => hostRoot(hostOs), () => cliRoot(cli)].map((open) => async (): Promise<Place> => {
      const root = await open();
      return { ...root, path: inRoot(root.path, `techsupport/${name}`) };
    }),
  ];
}
