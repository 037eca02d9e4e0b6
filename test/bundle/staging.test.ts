import { createHash } from 'node:crypto';
import { readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it, onTestFinished } from 'vitest';
import { openStaging } from '../../src/bundle/staging.ts';
import { temporaryFolder } from '../support/rig.ts';

async function* source(...chunks: (Buffer | string | Error)[]): AsyncGenerator<Buffer> {
  for (const chunk of chunks) {
    if (chunk instanceof Error) throw chunk;
    yield Buffer.from(chunk);
  }
}

function sha256(content: string | Buffer): string {
  return createHash('sha256').update(content).digest('hex');
}

async function filesIn(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true, recursive: true });
  return entries
    .filter((entry) => !entry.isDirectory())
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1))
    .sort();
}

describe('evidence', () => {
  it('is kept as it came, with its size and hash', async () => {
    const root = join(await temporaryFolder(), 'staging', 'ice01');
    const staging = await openStaging(root);
    const bytes = Buffer.from([0, 255, 10, 13, 26]);

    const stored = await staging.store('Config', 'backup.tar.gz', source(bytes, 'more'));

    const whole = Buffer.concat([bytes, Buffer.from('more')]);
    expect(stored).toEqual({ path: 'Config/backup.tar.gz', bytes: 9, sha256: sha256(whole) });
    expect(await readFile(join(root, stored.path))).toEqual(whole);
    expect(await filesIn(root)).toEqual(['Config/backup.tar.gz']);
  });

  it('may be empty', async () => {
    const root = await temporaryFolder();
    const staging = await openStaging(root);

    const stored = await staging.store('Logs', 'system.log', source());

    expect(stored).toEqual({ path: 'Logs/system.log', bytes: 0, sha256: sha256('') });
    expect(await filesIn(root)).toEqual(['Logs/system.log']);
  });

  it('may lie in a folder below', async () => {
    const root = await temporaryFolder();
    const staging = await openStaging(root);

    const stored = await staging.store('Logs', 'a.err', source('x'), { subfolder: 'errors' });

    expect(stored.path).toBe('Logs/errors/a.err');
    expect(await filesIn(root)).toEqual(['Logs/errors/a.err']);
  });

  it('tells how much of it is there while it comes', async () => {
    const staging = await openStaging(await temporaryFolder());
    const seen: number[] = [];

    await staging.store('Logs', 'a', source('12', '345', '6'), { onProgress: (bytes) => seen.push(bytes) });

    expect(seen).toEqual([2, 5, 6]);
  });

  it('that breaks off half-way is kept as far as it came, and says why', async () => {
    const root = await temporaryFolder();
    const staging = await openStaging(root);
    const reason = new Error('connection lost');

    const stored = await staging.store('Techsupport', 'file.tsf', source('half', reason));

    expect(stored).toEqual({ path: 'Techsupport/file.tsf', bytes: 4, sha256: sha256('half'), cutBy: reason });
    expect(await readFile(join(root, stored.path), 'utf8')).toBe('half');
    expect(await filesIn(root)).toEqual(['Techsupport/file.tsf']);
  });

  it('that never began leaves nothing behind', async () => {
    const root = await temporaryFolder();
    const staging = await openStaging(root);
    const reason = new Error('no such file');

    const stored = await staging.store('Techsupport', 'file.tsf', source(reason));

    expect(stored).toMatchObject({ bytes: 0, cutBy: reason });
    expect(await filesIn(root)).toEqual([]);
  });

  it('is private, whatever the umask', async () => {
    const root = join(await temporaryFolder(), 'staging');
    const before = process.umask(0);
    onTestFinished(() => void process.umask(before));
    const staging = await openStaging(root);

    const { path } = await staging.store('Logs', 'a.err', source('x'), { subfolder: 'errors' });

    expect((await stat(join(root, path))).mode & 0o777).toBe(0o600);
    for (const folder of ['', 'Logs', 'Logs/errors']) {
      expect((await stat(join(root, folder))).mode & 0o777, folder).toBe(0o700);
    }
  });

  it('stays inside its folder under names of its own, whatever the server calls its files', async () => {
    const corpus = ['../../escaped', '/etc/passwd', '..', '.', '', 'a\0b', 'CON', 'A', 'a', '..\\..\\x', '-rf', 'é'];
    const names = fc.array(fc.oneof(fc.constantFrom(...corpus), fc.string({ unit: 'binary' })), { maxLength: 8 });

    await fc.assert(
      fc.asyncProperty(names, async (remoteNames) => {
        const outside = await temporaryFolder();
        const root = join(outside, 'a', 'b', 'staging');
        const staging = await openStaging(root);

        const kept = await Promise.all(
          remoteNames.map((name, index) => staging.store('Logs', name, source(`${index}`))),
        );

        expect(await filesIn(outside)).toEqual(kept.map(({ path }) => join('a/b/staging', path)).sort());
        const contents = await Promise.all(kept.map(({ path }) => readFile(join(root, path), 'utf8')));
        expect(contents).toEqual(remoteNames.map((_name, index) => `${index}`));
      }),
      { numRuns: 40 },
    );
  });

  it('never replaces what is there', async () => {
    const root = await temporaryFolder();
    await (await openStaging(root)).store('Logs', 'system.log', source('first'));

    const again = (await openStaging(root)).store('Logs', 'system.log', source('second'));

    await expect(again).rejects.toMatchObject({ code: 'target-exists', exit: 8 });
    expect(await readFile(join(root, 'Logs/system.log'), 'utf8')).toBe('first');
    expect(await filesIn(root)).toEqual(['Logs/system.log']);
  });

  it('that this machine cannot write is our failure, not that of its source', async () => {
    const root = await temporaryFolder();
    const staging = await openStaging(root);
    await writeFile(join(root, 'Logs'), 'in the way');

    const keeping = staging.store('Logs', 'system.log', source('x'));

    await expect(keeping).rejects.toMatchObject({ code: 'local-write', exit: 8 });
  });
});
