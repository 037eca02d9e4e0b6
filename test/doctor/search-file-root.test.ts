import { execFile } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { FileRoot } from '../../src/collectors/files-root.ts';
import { searchRoots, unreadableIn } from '../../src/doctor/search-file-root.ts';
import type { ExecResult } from '../../src/ssh/exec.ts';
import type { RemoteFiles } from '../../src/ssh/files/remote-files.ts';
import { temporaryFolder } from '../support/rig.ts';

const { signal } = new AbortController();

/** A machine whose only file system is a folder, and the files of port 22 on it. */
async function startMachine() {
  const folder = await temporaryFolder();
  chmodSync(folder, 0o755);
  const root = join(folder, 'opt', 'storage');
  mkdirSync(join(root, 'logs'), { recursive: true });
  for (const name of ['system.log', 'audit.log']) writeFileSync(join(root, 'logs', name), 'a line\n');
  mkdirSync(join(folder, 'bin'));
  writeFileSync(join(folder, 'bin', 'df'), `#!/bin/sh\necho Filesystem\necho /dev/vda1 9 9 9 9% ${folder}\n`, {
    mode: 0o755,
  });
  const cli: FileRoot = { face: 'cli', files: localFiles(), path: root };
  return { folder, root, cli, exec: (command: string) => asNobody(folder, command) };
}

/** Runs a command as somebody to whom other people's files are closed. */
function asNobody(folder: string, command: string): Promise<ExecResult> {
  const who = process.getuid?.() === 0 ? { uid: 65534, gid: 65534 } : {};
  const env = { PATH: `${join(folder, 'bin')}:${process.env['PATH'] ?? ''}` };
  return new Promise((resolve) => {
    execFile('sh', ['-c', command], { ...who, env, cwd: '/' }, (error, stdout, stderr) =>
      resolve({ code: Number(error?.code ?? 0), stdout, stderr }),
    );
  });
}

function localFiles(): RemoteFiles {
  const files: Partial<RemoteFiles> = {
    find: async (path) => (existsSync(path) ? { name: '', kind: 'folder' } : undefined),
    async list(folder) {
      return readdirSync(folder).map((name) => {
        const { size, mtime } = statSync(join(folder, name));
        return { name, kind: 'file', sizeBytes: size, modifiedAt: mtime };
      });
    },
  };
  return files as RemoteFiles;
}

describe('the search for the files of port 22', () => {
  it('finds them where they may be read (field-B09)', async () => {
    const { root, cli, exec } = await startMachine();
    for (const folder of ['errors', 'techsupport']) mkdirSync(join(root, folder));

    const found = await searchRoots(cli, localFiles(), exec, signal);

    expect(found).toEqual({ fitting: [root], unreadable: [], unfinished: undefined });
    expect(await unreadableIn(root, exec)).toEqual([]);
  });

  it('names folders that are closed to the login (field-B09)', async () => {
    const { folder, root, cli, exec } = await startMachine();
    chmodSync(root, process.getuid?.() === 0 ? 0o700 : 0);

    const { fitting, unreadable } = await searchRoots(
      process.getuid?.() === 0 ? cli : { ...cli, files: rememberedFiles() },
      localFiles(),
      exec,
      signal,
    );
    chmodSync(root, 0o755);

    expect(fitting).toEqual([]);
    expect(unreadable).toEqual([join(folder, 'opt', 'storage')]);
  });

  it('names files that are listed and closed to the login (field-B09)', async () => {
    const { root, exec } = await startMachine();
    chmodSync(join(root, 'logs', 'audit.log'), process.getuid?.() === 0 ? 0o600 : 0);

    expect(await unreadableIn(root, exec)).toEqual([join(root, 'logs', 'audit.log')]);
  });

  it('says when it did not get to its end (field-B09)', async () => {
    const { cli } = await startMachine();
    const answering = (stdout: string) => async () => ({ code: 0, stdout, stderr: '' });

    const late = await searchRoots(cli, localFiles(), answering('icepack-find-ended 124\n'), signal);
    const many = await searchRoots(cli, localFiles(), answering(''), signal);

    expect(late.unfinished).toBe('the search was ended after 20 s');
    expect(many.unfinished).toBe('the search was ended after 16 folders');
  });

  it('puts no name of a server into a command that is more than a name (field-B09)', async () => {
    const { cli } = await startMachine();
    const commands: string[] = [];

    await searchRoots(
      { ...cli, files: withoutPlain() },
      localFiles(),
      async (command) => {
        commands.push(command);
        return { code: 0, stdout: '', stderr: '' };
      },
      signal,
    );

    expect(commands).toEqual([]);
  });
});

/** Listed before they were closed. */
function rememberedFiles(): RemoteFiles {
  const list = async () => [{ name: 'system.log', kind: 'file' as const, sizeBytes: 7, modifiedAt: new Date() }];
  return { ...localFiles(), list };
}

function withoutPlain(): RemoteFiles {
  const names = ['a;reboot', '-delete', '$(id)', "a'b", 'a b'];
  return { ...localFiles(), list: async () => names.map((name) => ({ name, kind: 'file' as const })) };
}
