import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { makeScratchFolder } from '../../src/mock/scratch-folder.ts';
import { temporaryFolder } from '../support/rig.ts';

const noProcess = 2 ** 22 + 1; // more than Linux has
const marker = '.icepack-scratch.json';

function leave(tmp: string, name: string, changes: object = {}): string {
  const folder = join(tmp, name);
  mkdirSync(folder);
  writeFileSync(join(folder, marker), JSON.stringify({ folder, host: hostname(), pid: noProcess, ...changes }));
  return folder;
}

describe('a temporary folder of an earlier run', () => {
  it('is removed where it is surely ours and nobody works in it (field-F19)', async () => {
    const tmp = await temporaryFolder();
    const old = leave(tmp, 'icepack-demo-old');

    const made = await makeScratchFolder('icepack-demo-', tmp);

    expect(existsSync(old)).toBe(false);
    expect(readdirSync(tmp)).toHaveLength(1);
    expect(JSON.parse(readFileSync(join(made, marker), 'utf8'))).toMatchObject({ folder: made, pid: process.pid });
  });

  it.each([
    ['its process runs', { pid: process.pid }],
    ['it is of another machine', { host: 'another' }],
    ['its marker names another folder', { folder: '/tmp/other' }],
    ['its marker names no process', { pid: -1 }],
    ['its marker is none', { pid: 'x' }],
  ])('stays where %s (field-F19)', async (_why, changes) => {
    const tmp = await temporaryFolder();
    const old = leave(tmp, 'icepack-demo-old', changes);

    await makeScratchFolder('icepack-demo-', tmp);

    expect(existsSync(old)).toBe(true);
  });

  it('stays where it has no marker, another name, or is a link (field-F19)', async () => {
    const tmp = await temporaryFolder();
    mkdirSync(join(tmp, 'icepack-demo-bare'));
    const elsewhere = leave(await temporaryFolder(), 'icepack-demo-real');
    symlinkSync(elsewhere, join(tmp, 'icepack-demo-link'));
    leave(tmp, 'icepack-mock-old');

    await makeScratchFolder('icepack-demo-', tmp);

    expect(existsSync(join(elsewhere, marker))).toBe(true);
    expect(readdirSync(tmp)).toHaveLength(4);
  });

  it('that cannot be removed costs nothing (field-F19)', async () => {
    const tmp = await temporaryFolder();
    writeFileSync(join(tmp, 'icepack-demo-file'), '');
    const old = leave(tmp, 'icepack-demo-garbage');
    writeFileSync(join(old, marker), '{');
    chmodSync(old, 0o700);

    await expect(makeScratchFolder('icepack-demo-', tmp)).resolves.toContain(tmp);
    expect(existsSync(old)).toBe(true);
  });
});
