import { chmod, mkdir, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { openDeskFacts } from '../../src/state/desk-facts.ts';
import { temporaryFolder } from '../support/rig.ts';

async function open() {
  const folder = join(await temporaryFolder(), 'icepack');
  await mkdir(folder, { mode: 0o700 });
  const path = join(folder, 'help-desks.json');
  return { folder, path, facts: openDeskFacts(path, () => new Date('2026-11-20T10:32:00Z')) };
}

const site = { field: 'cf_60', label: 'Site', choices: ['Lund'] };

describe('what help desks ask for', () => {
  it('is kept for each of them, and replaced, in a file for this user alone', async () => {
    const { path, facts } = await open();

    await facts.keep('https://one.example.com', [site]);
    await facts.keep('https://two.example.com', [site]);
    await facts.keep('https://two.example.com', [{ field: 'x', label: 'X', refused: true }]);

    expect(await facts.missingAt('https://one.example.com')).toEqual([site]);
    expect(await facts.missingAt('https://two.example.com')).toEqual([{ field: 'x', label: 'X', refused: true }]);
    expect(await facts.missingAt('https://three.example.com')).toEqual([]);
    expect((await stat(path)).mode & 0o777).toBe(0o600);
  });

  it('in a damaged file is found out again', async () => {
    const { path, facts } = await open();
    await writeFile(path, '{"schema":1,"desks":[{"origin":', { mode: 0o600 });

    expect(await facts.missingAt('https://one.example.com')).toEqual([]);
    await facts.keep('https://one.example.com', [site]);
    expect(await facts.missingAt('https://one.example.com')).toEqual([site]);
  });

  it('is not read from a folder that others may write to', async () => {
    const { folder, facts } = await open();
    await chmod(folder, 0o777);

    await expect(facts.missingAt('https://one.example.com')).rejects.toMatchObject({ code: 'state-exposed' });
  });
});
