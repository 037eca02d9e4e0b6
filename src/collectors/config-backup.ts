import { itemError } from '../errors.js';
import type { RemoteFiles } from '../ssh/files/remote-files.js';
import type { Collector, CollectorTools, Trace } from './collector.js';
import { downloadTo } from './download.js';
import { assertFreeSpace, awaitTurn, endScript, runScript } from './host-os.js';
import { assertSuccess, backupRule, chooseScript, scriptsFolder } from './scripts.js';

/** The configuration in backup form, written by the vendor's script on the host OS (guide, chapter 3, The Config Folder). */
export const configBackup: Collector = {
  id: 'config',
  expects: ['Config/'],

  async collect(tools) {
    const { home } = tools.appliance.hostOs;
    const script = await chooseScript(tools, backupRule(tools.appliance));
    const name = `icepack-${tools.run}.tar.gz`;
    const command = `./${script} ${name}`;
    const files = await tools.hostFiles();
    await assertFreeSpace(tools);
    await awaitTurn(tools, script);
    const trace: Trace = { face: 'hostOs', folder: home, name };
    await tools.making(trace);
    let ended = false;
    try {
      const result = await runScript(tools, script, name);
      ended = true;
      assertSuccess(result, command);
      const path = await findBackup(tools, files, [`${home}/${name}`, `${scriptsFolder(tools.appliance)}/${name}`]);
      tools.record({ ...(await downloadTo(tools, files, path, { folder: 'Config', name })), command });
    } finally {
      const paths = [`${home}/${name}`, `${scriptsFolder(tools.appliance)}/${name}`];
      if ((ended && tools.keepRemote) || (await removeBackup(tools, files, { name, paths, ended })))
        await tools.gone(trace);
    }
  },
};

async function findBackup(tools: CollectorTools, files: RemoteFiles, paths: string[]): Promise<string> {
  for (const path of paths) {
    if ((await files.find(path, tools.signal))?.kind === 'file') return path;
  }
  throw itemError('no-backup', `the backup script ended well, but "${paths[0]}" is not there`);
}

/**
 * Also after a failure: what this run made is taken away again. Where the script was lost sight of, not even its end
 * proves that no file appears: the server may not have begun it yet.
 * @returns whether it is gone; otherwise the next run looks again
 */
async function removeBackup(
  tools: CollectorTools,
  files: RemoteFiles,
  { name, paths, ended }: { name: string; paths: string[]; ended: boolean },
): Promise<boolean> {
  const grace = AbortSignal.timeout(5000); // the run may have been interrupted; this still has to happen
  const over = ended || (await endScript(tools, name, grace).catch(() => false)); // said below, where the file stays
  let removed = false;
  let failed = false;
  for (const path of paths) {
    try {
      if ((await files.find(path, grace))?.kind !== 'file') continue;
      await files.remove(path, grace);
      removed = true;
    } catch {
      failed = true;
      tools.warn(`"${path}" could not be removed from the host OS; the next run tries again`);
    }
  }
  return over && !failed && (ended || removed);
}
