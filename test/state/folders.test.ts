import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { makePrivateFolder } from '../../src/fs/durable.ts';
import { temporaryFolder } from '../support/rig.ts';

describe('a private folder', () => {
  it('is made by many at once, with the parents they share', async () => {
    const root = await temporaryFolder();

    for (let round = 0; round < 50; round++) {
      const parent = join(root, String(round));
      const names = Array.from({ length: 8 }, (_, index) => `server${index}`);
      await Promise.all(names.map((name) => makePrivateFolder(join(parent, 'staging', name))));
      expect((await readdir(join(parent, 'staging'))).sort()).toEqual(names);
    }
  });

  it('is not made where nothing can be made, and that is told', async () => {
    await expect(makePrivateFolder('/proc/1/icepack/a')).rejects.toMatchObject({ code: 'local-write' });
  });
});
