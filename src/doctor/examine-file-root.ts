import { type FileRoot, findFilesRoot, findHostRoot } from '../collectors/files-root.js';
import type { Appliance, FaceId } from '../domain/appliance.js';
import { icepack, say, type Text } from '../domain/command.js';
import { printableLine } from '../domain/text.js';
import { reasonOf, UserError } from '../errors.js';
import type { ServerFaces } from '../servers/server-faces.js';
import { exec } from '../ssh/exec.js';
import type { FileRoots } from '../state/file-roots.js';
import { isSameRoot, searchRoots, unreadableIn } from './search-file-root.js';
import { look, type Tell } from './tell.js';

type Examined = {
  appliance: Appliance;
  faces: ServerFaces;
  /** The faces that let us in. */
  entered: ReadonlySet<FaceId>;
  tell: Tell;
  fileRoots: FileRoots;
};

/**
 * Checks where the files of port 22 lie on the host OS, in case port 22 is closed one day. A configured or pinned place
 * is checked, otherwise the place is looked for and pinned. Nothing is changed on the server.
 */
export async function examineFileRoot(examined: Examined, signal: AbortSignal): Promise<void> {
  const { appliance, fileRoots, tell } = examined;
  const configured = appliance.hostOs.filesRoot;
  await look('files', tell, nameIt(examined), signal, async (limited) => {
    const cli = await rootOfCli(examined, limited);
    const known = configured ?? (await fileRoots.of(appliance));
    const word = configured === undefined ? 'pinned' : 'configured';
    if (known !== undefined && (await examineKnown(examined, { known, word, cli }, limited))) return;
    if (cli === undefined)
      return tell('files', 'warn', 'where the files of port 22 lie is not known yet', nameIt(examined));
    await findAndPin(examined, cli, limited);
  });
}

function nameIt({ appliance }: Examined): Text {
  const key = `appliances.${appliance.name}.hostOs.filesRoot`;
  return say`While port 22 is closed, logs come only from there. Name the folder in the configuration: ${key}; or: ${icepack('doctor', appliance.name)} while both answer`;
}

/** @returns undefined where it cannot be reached, which has a line of its own */
async function rootOfCli({ appliance, faces, entered }: Examined, signal: AbortSignal): Promise<FileRoot | undefined> {
  if (!entered.has('cli')) return undefined;
  try {
    const files = await faces.files('cli');
    return { face: 'cli', files, path: await findFilesRoot(files, appliance.filesRoot, signal) };
  } catch (error) {
    signal.throwIfAborted();
    if (!(error instanceof UserError)) throw error;
    return undefined;
  }
}

type Known = { known: string; word: 'pinned' | 'configured'; cli: FileRoot | undefined };

/** @returns whether a line was shown; a pinned place that is no longer right is looked for again */
async function examineKnown(examined: Examined, { known, word, cli }: Known, signal: AbortSignal): Promise<boolean> {
  const { faces, tell } = examined;
  try {
    const files = await faces.files('hostOs');
    const path = await findHostRoot(files, known, signal);
    const isSame = cli === undefined || (await isSameRoot(cli, { face: 'hostOs', files, path }, signal));
    if (isSame) await tellFound(examined, path, cli === undefined ? `${word}, not compared` : word, signal);
    else if (word === 'configured')
      tell('files', 'fail', `${known} does not hold the files of port 22 (configured)`, nameIt(examined));
    return isSame || word === 'configured';
  } catch (error) {
    signal.throwIfAborted();
    if (!(error instanceof UserError)) throw error;
    if (word === 'configured' || cli === undefined) tell('files', 'fail', reasonOf(error), nameIt(examined));
    return word === 'configured' || cli === undefined;
  }
}

async function findAndPin(examined: Examined, cli: FileRoot, signal: AbortSignal): Promise<void> {
  const { appliance, faces, tell, fileRoots } = examined;
  const run = async (command: string) => exec(await faces.sessions('hostOs'), command, signal);
  const { fitting, unreadable, unfinished } = await searchRoots(cli, await faces.files('hostOs'), run, signal);
  const [path, ...others] = fitting;
  if (others.length > 0)
    return tell('files', 'warn', `the files of port 22 may lie in ${fitting.join(' or ')}`, nameIt(examined));
  if (path === undefined) {
    const why = [unfinished, unreadableBy(appliance, unreadable)].filter((each) => each !== undefined).join('; ');
    return tell('files', 'warn', `where the files of port 22 lie was not found${why && `: ${why}`}`, nameIt(examined));
  }
  try {
    await fileRoots.pin(appliance, path);
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    const text = `the files of port 22 lie in ${path}, which could not be pinned: ${reasonOf(error)}`;
    return tell('files', 'warn', text, nameIt(examined));
  }
  await tellFound(examined, path, 'now pinned', signal);
}

/** Reports the place that was found; it may still not be readable. */
async function tellFound(examined: Examined, path: string, word: string, signal: AbortSignal): Promise<void> {
  const { appliance, faces, tell } = examined;
  const text = `the files of port 22 lie in ${path} (${word})`;
  const sessions = await faces.sessions('hostOs');
  const closed = await unreadableIn(path, (command) => exec(sessions, command, signal));
  const who = unreadableBy(appliance, closed);
  if (who === undefined) return tell('files', 'ok', text);
  tell('files', 'warn', `${text}; ${who}`, 'Let it read them on the server: they are missing while port 22 is closed');
}

const maxNamed = 3;

function unreadableBy({ hostOs }: Appliance, paths: readonly string[]): string | undefined {
  if (paths.length === 0) return undefined;
  const named = paths.slice(0, maxNamed).map((path) => printableLine(path, 120));
  const more = paths.length > maxNamed ? ` and ${paths.length - maxNamed} more` : '';
  return `"${hostOs.user}" may not read ${named.join(', ')}${more}`;
}
