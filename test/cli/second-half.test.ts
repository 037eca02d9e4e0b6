import { execFileSync } from 'node:child_process';
import { rm, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { bufferFile, type MockTree } from '../../src/mock/files.ts';
import { programPath } from '../support/requirements.ts';
import { batch, type Rig, startRig } from '../support/rig.ts';

type Item = { path: string; status: string; fromRun?: string; reason?: string; command?: string };

const minute = 60_000;

function cliTree(rig: Rig): MockTree {
  const tree = rig.mock.appliances[0]?.trees.cli;
  if (tree === undefined) throw new Error('there is no mock appliance');
  return tree;
}

function entries(path: string): string[] {
  return execFileSync(programPath('unzip'), ['-Z1', path]).toString().trim().split('\n');
}

function inZip(path: string, name: string): string {
  return execFileSync(programPath('unzip'), ['-p', path, `*/${name}`]).toString();
}

async function shortRig(): Promise<Rig> {
  const rig = await startRig();
  await rig.configure((document) => {
    document.window = { before: '30m', after: '10s' };
  });
  return rig;
}

const now = ['collect', '--batch', '--summary', 'now', '--severity', 'low', '--wait', '--json'];

describe('the second half of --wait', () => {
  it('that is killed while it is taken leaves a run that can be submitted', async () => {
    const rig = await shortRig();
    const tree = cliTree(rig);
    let isWritten = false;

    await rig.icepack(now, {
      onStderr(text, kill) {
        if (text.includes('waiting') && !isWritten) {
          isWritten = true;
          const before = tree.files.get('logs/system.log');
          const line = Buffer.from(`${new Date(Date.now() - 500).toISOString()} late\n`);
          if (before !== undefined)
            tree.files.set(
              'logs/system.log',
              bufferFile(Buffer.concat([before.read(0, before.bytes), line]), Date.now()),
            );
        }
        if (/the window is over[\s\S]*Logs\/system\.log/.test(text)) kill('SIGKILL');
      },
    });
    const [run] = await rig.runs();
    const later = await rig.icepack(['submit', `${run}`, '--batch', '--json']);

    expect(later.json()).toMatchObject({ error: null, bundle: { attached: true } });
  });

  it('keeps the lines of the first where the server has lost them meanwhile', async () => {
    const rig = await shortRig();
    const tree = cliTree(rig);
    let isRotated = false;

    const done = await rig.icepack(now, {
      onStderr(text) {
        if (!text.includes('waiting') || isRotated) return;
        isRotated = true;
        for (const path of [...tree.files.keys()]) if (path.startsWith('logs/system.log')) tree.files.delete(path);
        tree.files.set(
          'logs/system.log',
          bufferFile(Buffer.from(`${new Date(Date.now() - 1000).toISOString()} late\n`), Date.now()),
        );
      },
    });

    const { bundle, servers } = done.json();
    expect(inZip(bundle.path, 'Logs/system.log')).toContain('late');
    expect(inZip(bundle.path, 'Logs/earlier/system.log')).toContain('system[');
    expect(servers[0].items.map(({ path }: Item) => path)).toContain('Logs/earlier/system.log');
  });
});

describe('a later run of the same event', () => {
  const at = new Date(Date.now() - 50 * minute).toISOString();
  const call = ['collect', '--batch', '--at', at, '--no-submit', '--json'];

  it('keeps what an earlier recipe brought, and what was kept beside before', async () => {
    const rig = await startRig();
    await writeFile(join(rig.folder, 'ask.yaml'), 'hostCommands: [echo hello]\n');
    const first = (await rig.icepack([...call, '--recipe', './ask.yaml', '--yes'])).json();
    await rig.configure((document) => {
      document.appliances.ice01.hostOs.password = { env: 'WRONG' };
    });
    const env = { WRONG: 'x' };

    const second = (await rig.icepack(call, { env })).json();
    const third = (await rig.icepack([...call, '--only', 'logs'], { env })).json();
    const fourth = (await rig.icepack(call, { env })).json();

    expect(first.exitCode).toBe(0);
    for (const { bundle } of [second, third, fourth]) {
      const names = entries(bundle.path);
      expect(names.filter((name) => name.endsWith('VM/commands.txt'))).toHaveLength(1);
      expect(names.filter((name) => /Config\/(?:earlier\/)?icepack/.test(name))).toHaveLength(1);
      expect(new Set(names).size).toBe(names.length);
    }
  });

  it('says that texts it takes over are not masked', async () => {
    const rig = await startRig();
    await rig.configure((document) => {
      document.redaction = false;
    });
    await rig.icepack(call);
    await rig.configure((document) => {
      document.redaction = true;
    });

    const done = await rig.icepack([...call.slice(0, -1), '--only', 'logs']);

    expect(done.stdout).toContain('Secrets in texts are NOT masked');
  });

  it('says which files it would have taken over and are gone', async () => {
    const rig = await startRig();
    const first = (await rig.icepack(call)).json();
    await rm(join(dirname(first.bundle.path), 'staging'), { recursive: true });

    const done = await rig.icepack([...call, '--only', 'logs']);

    expect(done.stderr).toMatch(/VM\/virtual-machine\.txt.* gone from this machine/);
    await expect(stat(done.json().bundle.path)).resolves.toBeDefined();
  });
});

describe('a recipe', () => {
  it('whose path begins with a dot leaves a run that can be read again', async () => {
    const rig = await startRig();
    const recipe = 'collect: [cli]\npaths:\n  - { face: hostOs, path: .profile }\n  - { face: hostOs, path: / }\n';
    await rig.icepack(['collect', ...batch, '--no-submit', '--recipe', '-', '--yes'], { input: recipe });
    const [run] = await rig.runs();

    const later = await rig.icepack(['submit', `${run}`, '--batch', '--summary', 'x', '--severity', 'low', '--json']);

    expect(later.json().error).toBeNull();
  });

  it('does not bring the secrets of its commands into the manifest', async () => {
    const rig = await startRig();
    const recipe = 'collect: [vm]\nhostCommands: ["echo --password Zaphod-4711"]\n';

    const done = await rig.icepack(['collect', ...batch, '--no-submit', '--recipe', '-', '--yes', '--json'], {
      input: recipe,
    });

    expect(inZip(done.json().bundle.path, 'manifest.json')).not.toContain('Zaphod-4711');
    expect(done.stdout).not.toContain('Zaphod-4711');
  });

  it('cannot share standard input with the description', async () => {
    const rig = await startRig();

    const done = await rig.icepack(['collect', ...batch, '--recipe', '-', '--description', '-'], { input: 'x' });

    expect(done.code).toBe(2);
    expect(done.stderr).toContain('cannot both read standard input');
  });
});
