import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { appendFileSync, closeSync, openSync, rmSync, truncateSync, writeSync } from 'node:fs';
import { mkdir, open, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { writeZip, type ZipEntry } from '../../src/bundle/zip.ts';
import { safeName } from '../../src/domain/bundle-layout.ts';
import { lacks, programPath } from '../support/requirements.ts';
import { projectRoot, temporaryFolder } from '../support/rig.ts';

const at = new Date('2026-07-20T09:32:04Z');

function sha256(content: string | Buffer): string {
  return createHash('sha256').update(content).digest('hex');
}

type Listed = { name: string; size: number; crc: number; time: number[]; sha256: string };

/** What Python and unzip, which know nothing of us, find in a ZIP. */
function readBack(path: string): Listed[] {
  const script = `
import hashlib, json, sys, zipfile
z = zipfile.ZipFile(sys.argv[1])
assert z.testzip() is None
print(json.dumps([dict(name=i.filename, size=i.file_size, crc=i.CRC, time=i.date_time, sha256=hashlib.sha256(z.read(i)).hexdigest()) for i in z.infolist()]))`;
  const listed: Listed[] = JSON.parse(execFileSync(programPath('python3'), ['-c', script, path]).toString());
  execFileSync(programPath('unzip'), ['-tq', path]);
  const names = execFileSync(programPath('unzip'), ['-Z1', path]).toString().trim().split('\n');
  expect(names).toEqual(listed.map(({ name }) => name));
  return listed;
}

describe.skipIf(lacks('unzip', 'python3'))('a bundle of whatever a server names its files', () => {
  const files = fc.array(fc.tuple(fc.string({ unit: 'binary', maxLength: 130 }), fc.uint8Array({ maxLength: 3000 })), {
    minLength: 1,
    maxLength: 30,
  });

  it('holds each of them once, under a harmless name, for readers that know nothing of us (E08, E09)', async () => {
    const folder = await temporaryFolder();
    const path = join(folder, 'bundle.zip');

    await fc.assert(
      fc.asyncProperty(files, async (named) => {
        const used = new Set<string>();
        const entries: ZipEntry[] = [];
        for (const [index, [remoteName, content]] of named.entries()) {
          const file = join(folder, String(index));
          await writeFile(file, content);
          const name = `TIC-1/Logs/${safeName(remoteName, used)}`;
          entries.push({ name, at, file: { path: file, sha256: sha256(Buffer.from(content)) } });
        }

        await writeZip(path, entries);

        const listed = readBack(path);
        expect(listed.map(({ name, sha256 }) => [name, sha256])).toEqual(
          entries.map(({ name, file }) => [name, file?.sha256]),
        );
        expect(listed.filter(({ name }) => !/^TIC-1\/Logs\/[A-Za-z0-9][A-Za-z0-9._-]*$/.test(name))).toEqual([]);
        expect(new Set(listed.map(({ name }) => name.toLowerCase())).size).toBe(named.length);
      }),
      { numRuns: 15 },
    );
  });

  it('has the same entries, order, times and checksums whatever compressed it (E10)', async () => {
    const folder = await temporaryFolder();
    const log = Array.from({ length: 5000 }, (_, line) => `${line} a line, ${(line * 7919) % 10_007}\n`).join('');
    await writeFile(join(folder, 'log'), log);
    const file = { path: join(folder, 'log'), sha256: sha256(log) };
    const entries = [
      { name: 'TIC-1/Logs/system.log', at, file },
      { name: 'TIC-1/manifest.json', at, content: '{}' },
    ];

    const [fast, strong] = [1, 9].map((level) => writeZip(join(folder, `${level}.zip`), entries, undefined, level));

    expect((await fast)?.bytes).toBeGreaterThan((await strong)?.bytes ?? 0);
    expect(readBack(join(folder, '1.zip'))).toEqual(readBack(join(folder, '9.zip')));
  });
});

describe('evidence that changes while it is zipped', () => {
  const size = 3_000_000;

  it.each([
    ['grows', (path: string) => appendFileSync(path, 'x')],
    ['shrinks', (path: string) => truncateSync(path, size - 1)],
    ['is changed in its last byte', (path: string) => overwrite(path, size - 1)],
    ['is removed', (path: string) => rmSync(path)],
  ])('and %s, never gets into a bundle (E11)', async (_how, change) => {
    const folder = await temporaryFolder();
    const zips = join(folder, 'zips');
    await mkdir(zips);
    const content = Buffer.alloc(size, 'a line of a log\n');
    const entries: ZipEntry[] = ['first', 'second'].map((name) => ({
      name,
      at,
      file: { path: join(folder, name), sha256: sha256(content) },
    }));
    for (const { file } of entries) await writeFile(file?.path ?? '', content);
    let changed = false;

    const writing = writeZip(join(zips, 'bundle.zip'), entries, () => {
      if (!changed) change(join(folder, 'second')); // the first is in, the second comes
      changed = true;
    });

    await expect(writing).rejects.toMatchObject({
      exit: 8,
      code: expect.stringMatching(/^(evidence-changed|local-write)$/),
    });
    expect(await readdir(zips)).toEqual([]);
  });
});

function overwrite(path: string, place: number): void {
  const file = openSync(path, 'r+');
  writeSync(file, '!', place);
  closeSync(file);
}

describe.skipIf(lacks('python3'))('a bundle of more than 4 GiB', () => {
  it('is written in little memory, and other programs read its size (E07, E16)', { timeout: 300_000 }, async () => {
    const folder = await temporaryFolder();
    const bytes = 4 * 1024 ** 3 + 1;
    const handle = await open(join(folder, 'log'), 'w'); // all of it a hole: it takes no room
    await handle.truncate(bytes);
    await handle.close();
    const zipper = `
      import { writeZip } from ${JSON.stringify(join(projectRoot, 'dist/bundle/zip.js'))};
      const [, folder, sha256] = process.argv;
      const file = { path: folder + '/log', sha256 };
      await writeZip(folder + '/bundle.zip', [{ name: 'TIC-1/Logs/system.log', at: new Date(), file }]);
      console.log(Math.round(process.resourceUsage().maxRSS / 1024));`;
    const zeros = 'fbb82f7b353676bb562eb82157fcf0ea42c36492ca13ee56dbf82c08b6802c5c';

    const peakMb = execFileSync(process.execPath, ['--input-type=module', '-e', zipper, folder, zeros]).toString();

    expect(Number(peakMb)).toBeLessThan(256);
    const sizes = 'import sys, zipfile; print([i.file_size for i in zipfile.ZipFile(sys.argv[1]).infolist()])';
    const seen = execFileSync(programPath('python3'), ['-c', sizes, join(folder, 'bundle.zip')]).toString();
    expect(seen.trim()).toBe(`[${bytes}]`);
  });
});
