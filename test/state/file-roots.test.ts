import { chmod, mkdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { openFileRoots } from '../../src/state/file-roots.ts';
import { temporaryFolder } from '../support/rig.ts';

const ice01 = { name: 'ice01', address: '192.0.2.10' };
const ice02 = { name: 'ice02', address: '192.0.2.11' };

async function open() {
  const folder = join(await temporaryFolder(), 'state');
  const path = join(folder, 'file-roots.json');
  return { folder, path, roots: openFileRoots(path, () => new Date('2026-11-20T10:32:00Z')) };
}

describe('where files of servers lie', () => {
  it('is kept for this user alone, one place for each server (field-B09)', async () => {
    const { path, roots } = await open();

    await Promise.all([roots.pin(ice01, '/opt/a'), roots.pin(ice02, '/opt/b')]);
    await roots.pin(ice01, '/opt/c');

    expect([await roots.of(ice01), await roots.of(ice02)]).toEqual(['/opt/c', '/opt/b']);
    expect((await stat(path)).mode & 0o777).toBe(0o600);
    expect(JSON.parse(await readFile(path, 'utf8')).roots).toHaveLength(2);
  });

  it('is not known of a server that got another address (field-B09)', async () => {
    const { roots } = await open();
    await roots.pin(ice01, '/opt/a');

    expect(await roots.of({ ...ice01, address: '192.0.2.99' })).toBeUndefined();
  });

  it.each([
    ['is no JSON', '{"schema":1,"roots":[{"ser'],
    ['is of another kind', '[]'],
    [
      'leads back up',
      JSON.stringify({ schema: 1, roots: [{ server: 'ice01', address: '192.0.2.10', path: '/a/../etc', found: '' }] }),
    ],
  ])('is not taken from a file that %s, and can be pinned anew (field-B09)', async (_what, text) => {
    const { folder, path, roots } = await open();
    await mkdir(folder, { mode: 0o700 });
    await writeFile(path, text, { mode: 0o600 });

    const before = await roots.of(ice01);
    await roots.pin(ice01, '/opt/a');

    expect(before).toBeUndefined();
    expect(await roots.of(ice01)).toBe('/opt/a');
  });

  it('is not taken from a folder that others may write (field-B09)', async () => {
    const { folder, roots } = await open();
    await roots.pin(ice01, '/opt/a');
    await chmod(folder, 0o777);

    await expect(roots.of(ice01)).rejects.toThrow('open to other users');
  });
});
