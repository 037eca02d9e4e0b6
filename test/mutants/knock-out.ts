import { spawn } from 'node:child_process';
import { cp, readFile, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { projectRoot, temporaryFolder } from '../support/rig.ts';
import { type Guard, guards } from './guards.ts';

const copied = ['src', 'bin', 'templates', 'test', 'package.json', 'README.md', 'tsconfig.json', 'vitest.config.ts'];
const shared = ['node_modules', '.cache'];

/** A copy of the project in which the guard is missing. */
async function without(guard: Guard): Promise<string> {
  const folder = await temporaryFolder();
  for (const name of copied) await cp(join(projectRoot, name), join(folder, name), { recursive: true });
  for (const name of shared) await symlink(join(projectRoot, name), join(folder, name));
  for (const { file, code, without } of guard.edits) {
    const text = await readFile(join(folder, file), 'utf8');
    await writeFile(
      join(folder, file),
      text.replace(code, () => without),
    );
  }
  return folder;
}

/** Runs a program of the project in the copy. @returns its exit code and what it printed */
function run(folder: string, args: string[], kills?: number): Promise<{ code: number | null; said: string }> {
  const child = spawn('npm', ['exec', '--offline', '--', ...args], {
    cwd: folder,
    env: { ...process.env, CI: '', ...(kills === undefined ? {} : { ICEPACK_KILLS: String(kills) }) },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const said: Buffer[] = [];
  child.stdout.on('data', (chunk: Buffer) => said.push(chunk));
  child.stderr.on('data', (chunk: Buffer) => said.push(chunk));
  return new Promise((resolve) =>
    child.once('close', (code) => resolve({ code, said: Buffer.concat(said).toString() })),
  );
}

describe.concurrent('without the guard that', () => {
  it.each(guards.map((guard) => [guard.what, guard] as const))('%s, its test fails', async (_what, guard) => {
    const folder = await without(guard);
    const report = join(folder, 'report.json');
    const { file, name, kills } = guard.proof;
    const only = name.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
    const options = ['-t', only, '--bail', '1', '--reporter', 'json', '--outputFile', report];

    for (const build of [
      ['tsc', '--noCheck'],
      ['npm', 'run', '-s', 'program'],
    ])
      expect(await run(folder, build)).toMatchObject({ code: 0 });
    const { said } = await run(folder, ['vitest', 'run', file, ...options], kills);

    const { numFailedTests } = JSON.parse(await readFile(report, 'utf8').catch(() => '{}'));
    expect(numFailedTests, said).toBeGreaterThan(0);
  });
});
