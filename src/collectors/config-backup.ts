import { itemError } from '../errors.js';
import type { RemoteFiles } from '../ssh/files/remote-files.js';
import type { Collector, CollectorTools, Finding, Trace } from './collector.js';
import { downloadTo } from './download.js';
import { awaitReady, endScript, runScript } from './host-os.js';
import { removeFile } from './remove-file.js';
import { assertSuccess, backupRule, chooseScript, failureOf, scriptsFolder } from './scripts.js';

/**
 * The backup of the configuration, written by the vendor's script on the host OS (guide, chapter 3, The Config Folder).
 */
export const configBackup: Collector = {
  id: 'config',
  expects: ['Config/'],

  async collect(tools) {
    const { server, hostOs, evidence, signal } = tools;
    const { home } = server.appliance.hostOs;
    const script = await chooseScript(tools, backupRule(server.appliance));
    const name = `icepack-${server.runId}.tar.gz`;
    const command = `./${script} ${name}`;
    const files = await hostOs.files();
    await awaitReady(tools, script);
    const trace: Trace = { face: 'hostOs', folder: home, name };
    await server.noteRemoteFile(trace);
    const paths = [`${home}/${name}`, `${scriptsFolder(server.appliance)}/${name}`];
    let made: string | undefined;
    let ended = false;
    try {
      const result = await runScript(tools, script, name);
      ended = true;
      made = await findBackup(files, paths, signal);
      if (made === undefined) {
        assertSuccess(result, command);
        throw itemError('no-backup', `the backup script ended well, but "${paths[0]}" is not there`);
      }
      const finding = await downloadTo(tools, files, made, { folder: 'Config', name });
      evidence.record({ ...withFailure(finding, failureOf(result, command)), command });
    } finally {
      const gone =
        (ended && server.keepRemote) ||
        (await removeBackup(tools, files, { name, paths: made === undefined ? paths : [made], ended }));
      if (gone) await server.forgetRemoteFile(trace);
    }
  },
};

/** Marks a file as `partial` when the script that wrote it failed; the file is taken all the same. */
function withFailure(finding: Finding, failure: string | undefined): Finding {
  if (failure === undefined) return finding;
  return { ...finding, status: 'partial', reason: [failure, finding.reason].filter(Boolean).join('; ') };
}

async function findBackup(files: RemoteFiles, paths: string[], signal: AbortSignal): Promise<string | undefined> {
  for (const path of paths) {
    if ((await files.find(path, signal))?.kind === 'file') return path;
  }
  return undefined;
}

/**
 * Removes the backup that this run made, also after a failure. If the script was lost sight of, even ending it does not
 * prove that no file will appear: the server may not have started it yet.
 * @returns whether the backup is gone; otherwise the next run looks again
 */
async function removeBackup(
  { hostOs, warn }: Pick<CollectorTools, 'hostOs' | 'warn'>,
  files: RemoteFiles,
  { name, paths, ended }: { name: string; paths: string[]; ended: boolean },
): Promise<boolean> {
  const grace = AbortSignal.timeout(5000); // the run may have been interrupted; this still has to happen
  const over = ended || (await endScript(hostOs, name, grace).catch(() => false)); // said below, where the file stays
  let removed = false;
  let failed = false;
  for (const path of paths) {
    try {
      if (paths.length > 1 && (await files.find(path, grace))?.kind !== 'file') continue;
      await removeFile(files, path, grace);
      removed = true;
    } catch {
      failed = true;
      warn(`"${path}" could not be removed from the host OS; the next run tries again`);
    }
  }
  return over && !failed && (ended || removed);
}
