import { itemError } from '../errors.js';
import type { RemoteFiles } from '../ssh/remote-files.js';
import type { Collector, CollectorTools } from './collector.js';
import { downloadTo } from './download.js';
import { assertSuccess, chooseScript, scriptsFolder } from './scripts.js';

/** The configuration in backup form, written by the vendor's script on the host OS (guide, chapter 3, The Config Folder). */
export const configBackup: Collector = {
  id: 'config',
  expects: ['Config/'],
  timeoutMs: 45 * 60_000,

  async collect(tools) {
    const { home } = tools.appliance.hostOs;
    const script = await chooseScript(tools, {
      purpose: 'backup',
      configured: tools.appliance.backupScript,
      key: 'backupScript',
      pattern: /backup/i,
    });
    const name = `icepack-${tools.run}.tar.gz`;
    const command = `./${script} ${name}`;
    const files = await tools.hostFiles();
    try {
      assertSuccess(await tools.hostExec(`cd ${scriptsFolder(tools)} && ${command}`), command);
      const path = await findBackup(tools, files, [`${home}/${name}`, `${scriptsFolder(tools)}/${name}`]);
      tools.record({ ...(await downloadTo(tools, files, path, { folder: 'Config', name })), command });
    } finally {
      if (!tools.keepRemote) await removeBackup(tools, files, [`${home}/${name}`, `${scriptsFolder(tools)}/${name}`]);
    }
  },
};

async function findBackup(tools: CollectorTools, files: RemoteFiles, paths: string[]): Promise<string> {
  for (const path of paths) {
    if ((await files.find(path, tools.signal))?.kind === 'file') return path;
  }
  throw itemError('no-backup', `the backup script ended well, but "${paths[0]}" is not there`);
}

/** Also after a failure: what this run made is taken away again. */
async function removeBackup(tools: CollectorTools, files: RemoteFiles, paths: string[]): Promise<void> {
  const grace = AbortSignal.timeout(5000); // the run may have been interrupted; this still has to happen
  for (const path of paths) {
    try {
      if ((await files.find(path, grace))?.kind === 'file') await files.remove(path, grace);
    } catch {
      tools.warn(`"${path}" could not be removed from the host OS; remove it by hand`);
    }
  }
}
