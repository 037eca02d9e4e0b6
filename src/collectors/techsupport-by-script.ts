import type { FaceId } from '../domain/appliance.js';
import { printableLine } from '../domain/text.js';
import { itemError, reasonOf } from '../errors.js';
import type { RemoteFiles } from '../ssh/files/remote-files.js';
import type { CollectorTools, Trace } from './collector.js';
import { isLocal } from './download.js';
import { inRoot } from './files-root.js';
import { assertFreeSpace, awaitTurn, runScript } from './host-os.js';
import { assertSuccess, chooseScript, techsupportRule } from './scripts.js';
import { announcedPath, fetchAndRemove, partsOf } from './techsupport-file.js';

/** Where the CLI does not do it, the script on the host OS does. @throws UserError `no-techsupport`, `file-out-of-reach` */
export async function collectByScript(tools: CollectorTools, whyNotCli: string): Promise<void> {
  const script = await chooseScript(tools, techsupportRule(tools.appliance)).catch((error: unknown) => {
    throw itemError('no-techsupport', `${whyNotCli}; and not by script: ${reasonOf(error)}`, error);
  });
  const byScript = `./${script}`;
  tools.warn(`techsupport is made by ${byScript} on the host OS, because ${whyNotCli}`);
  await assertFreeSpace(tools);
  await awaitTurn(tools, script);
  const result = await runScript(tools, script);
  assertSuccess(result, byScript);
  tools.serverIsFree();
  const printed = announcedPath(result.stdout);
  if (printed === undefined)
    throw itemError('no-file-named', `"${byScript}" named no file: ${printableLine(result.stdout)}`);

  const errors: string[] = [];
  for (const locate of placesOf(tools, printed)) {
    try {
      const place = await locate();
      if ((await place.files.find(place.path, tools.signal))?.kind !== 'file') continue;
      const { folder, name } = partsOf(place.path);
      const trace: Trace = { face: place.face, folder, name };
      await tools.making(trace);
      await fetchAndRemove(tools, { ...place, command: byScript, trace, note: whyNotCli });
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

type Place = { face: FaceId; files: RemoteFiles; path: string };

/** Where the script's file may be read, in this order; the file root may work although the CLI's shell does not. */
function placesOf(tools: CollectorTools, printed: string): (() => Promise<Place>)[] {
  const name = printed.slice(printed.lastIndexOf('/') + 1);
  const { techsupportFolder } = tools.appliance.hostOs;
  const onHostOs = (path: string) => async (): Promise<Place> => ({
    face: 'hostOs',
    files: await tools.hostFiles(),
    path,
  });
  return [
    ...(printed.startsWith('/') ? [onHostOs(printed)] : []),
    ...(techsupportFolder === undefined ? [] : [onHostOs(`${techsupportFolder}/${name}`)]),
    async () => ({
      face: 'cli',
      files: await tools.cliFiles(),
      path: inRoot(await tools.filesRoot(), `techsupport/${name}`),
    }),
  ];
}
