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

const [day, night, elsewhere] = ['day', 'night', 'elsewhere'].map(
  (queue) => `rt at https://rt.example.com, queue ${queue}`,
) as [string, string, string];
const site = { field: 'cf_60', label: 'Site', choices: ['Lund'] };

describe('what help desks ask for', () => {
  it('is kept for each of their places, and replaced, in a file for this user alone', async () => {
    const { path, facts } = await open();

    await facts.keep(day, [site]);
    await facts.keep(night, [site]);
    await facts.keep(night, [{ field: 'x', label: 'X', refused: true }]);

    expect(await facts.missingAt(day)).toEqual([site]);
    expect(await facts.missingAt(night)).toEqual([{ field: 'x', label: 'X', refused: true }]);
    expect(await facts.missingAt(elsewhere)).toEqual([]);
    expect((await stat(path)).mode & 0o777).toBe(0o600);
  });

  it('in a damaged file is found out again', async () => {
    const { path, facts } = await open();
    await writeFile(path, '{"schema":1,"desks":[{"origin":', { mode: 0o600 });

    expect(await facts.missingAt(day)).toEqual([]);
    await facts.keep(day, [site]);
    expect(await facts.missingAt(day)).toEqual([site]);
  });

  it('of an older file, for a whole help desk, is found out again; the rest of the file holds', async () => {
    const { path, facts } = await open();
    const asked = '2026-11-20T10:32:00Z';
    const desks = [
      { origin: 'https://rt.example.com', asked, missing: [site] },
      { place: day, asked, missing: [site], new: 'x' },
    ];
    await writeFile(path, JSON.stringify({ schema: 1, desks }), { mode: 0o600 });

    await facts.keep(night, []);

    expect(await facts.missingAt(day)).toEqual([site]);
    expect(await facts.missingAt(night)).toEqual([]);
  });

  it('is not read from a folder that others may write to', async () => {
    const { folder, facts } = await open();
    await chmod(folder, 0o777);

    await expect(facts.missingAt(day)).rejects.toMatchObject({ code: 'state-exposed' });
  });
});
