import { findFilesRoot, inRoot } from '../collectors/files-root.js';
import { refusalIn } from '../collectors/refusal.js';
import type { Appliance } from '../domain/appliance.js';
import { icepack, say } from '../domain/command.js';
import { printableLine } from '../domain/text.js';
import type { ServerFaces } from '../servers/server-faces.js';
import { openCliSession } from '../ssh/cli/cli-session.js';
import type { RemoteFiles } from '../ssh/files/remote-files.js';
import { look, type Tell } from './tell.js';

/** Checks the InCenter CLI after login: its shell, what the account may do there, its files. */
export async function examineCli(
  appliance: Appliance,
  faces: ServerFaces,
  cliCommands: readonly string[],
  tell: Tell,
  signal: AbortSignal,
): Promise<void> {
  const again = say`Mend it on the server, then: ${icepack('doctor', appliance.name)}`;
  await look('prompt', tell, again, signal, async (limited) => {
    const session = await openCliSession(await faces.sessions('cli'), limited);
    try {
      const [command] = cliCommands;
      if (command === undefined) return tell('prompt', 'ok', 'a shell opens');
      const { prompt, text } = await session.run(command, limited);
      tell('prompt', 'ok', prompt === '' ? 'commands run without a shell' : `prompt "${printableLine(prompt)}"`);
      const refusal = refusalIn(text);
      if (refusal === undefined) tell('role', 'ok', `may run "${command}"`);
      else
        tell(
          'role',
          'warn',
          `"${command}" is refused: ${refusal}`,
          'Use an account with the role Administrator; the role Auditor may not run techsupport',
        );
    } finally {
      session.close();
    }
  });
  await look('files', tell, again, signal, async (limited) => {
    const files = await faces.files('cli');
    const root = await findFilesRoot(files, appliance.filesRoot, limited);
    const names = (await files.list(inRoot(root, 'logs'), limited)).length;
    const links = await linksAmong(files, [inRoot(root, 'logs'), inRoot(root, 'techsupport')], limited);
    const said = links.map((folder) => `; ${folder} is a link, which is followed`).join('');
    tell('files', 'ok', `${inRoot(root, 'logs')} has ${names} ${names === 1 ? 'file' : 'files'}${said}`);
  });
}

/** The folders that are links to elsewhere, such as a larger disk. */
async function linksAmong(files: RemoteFiles, folders: readonly string[], signal: AbortSignal): Promise<string[]> {
  const found = await Promise.all(folders.map((folder) => files.find(folder, signal)));
  return folders.filter((_folder, index) => found[index]?.isLink === true);
}
