import { execFileSync } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, it, onTestFinished } from 'vitest';
import { hashFile, writeZip, type ZipEntry } from '../../src/bundle/zip.ts';
import { lacks, programPath } from '../support/requirements.ts';
import { projectRoot, temporaryFolder } from '../support/rig.ts';

const at = new Date('2026-07-20T09:32:04Z');
const log = 'a line of a log\n'.repeat(1000);
const backup = gzipSync(log);

function sha256(content: string | Buffer): string {
  return createHash('sha256').update(content).digest('hex');
}

/** A folder with evidence, and the entries of a bundle of it. */
async function evidence(): Promise<{ folder: string; entries: ZipEntry[] }> {
  const folder = await temporaryFolder();
  await mkdir(join(folder, 'zips'));
  const files: [string, Buffer][] = [
    ['Config/backup.tar.gz', backup],
    ['Logs/system.log', Buffer.from(log)],
    ['Logs/audit.log', Buffer.alloc(0)],
  ];
  const entries: ZipEntry[] = [];
  for (const [name, content] of files) {
    const path = join(folder, name.replace('/', '-'));
    await writeFile(path, content);
    entries.push({ name: `TIC-1/Event1_ICE01_20260720_1132/${name}`, at, file: { path, sha256: sha256(content) } });
  }
  entries.push({ name: 'TIC-1/manifest.json', at, content: '{"schema":1}\n' });
  return { folder: join(folder, 'zips'), entries };
}

/** What Python sees: name, size, method, date, mode. */
function listedByPython(path: string): [string, number, number, number[], string][] {
  const script = `
import json, sys, zipfile
z = zipfile.ZipFile(sys.argv[1])
assert z.testzip() is None
print(json.dumps([[i.filename, i.file_size, i.compress_type, i.date_time, oct(i.external_attr >> 16)] for i in z.infolist()]))
`;
  return JSON.parse(execFileSync(programPath('python3'), ['-c', script, path]).toString());
}

describe('a bundle', () => {
  it('spends no time on what is compressed already, and still deflates what comes after it', async () => {
    const { folder } = await evidence();
    const random = randomBytes(1_000_000);
    const text = Buffer.from(log);
    const entries: ZipEntry[] = [];
    for (const [name, content] of [
      ['techsupport.tgz', random],
      ['system.log', text],
    ] as const) {
      await writeFile(join(folder, name), content);
      entries.push({ name, at, file: { path: join(folder, name), sha256: sha256(content) } });
    }

    const zip = await writeZip(join(folder, 'bundle.zip'), entries);

    // Level 0 adds 5 bytes to each 64 KiB; any other level more than three times as much.
    expect(zip.bytes).toBeLessThan(random.length * 1.0002 + text.length / 5 + 500);
    expect(listedByPython(zip.path).map(([, , method]) => method)).toEqual([8, 8]);
  });

  it('says its size and hash as they are on the disk, and is private', async () => {
    const { folder, entries } = await evidence();
    const path = join(folder, 'bundle.zip');

    const zip = await writeZip(path, entries);

    expect(zip).toMatchObject({ path, ...(await hashFile(path)) });
    expect(zip.bytes).toBe((await stat(path)).size);
    expect(zip.sha256).toBe(sha256(await readFile(path)));
    expect((await stat(path)).mode & 0o777).toBe(0o600);
    expect(await readdir(folder)).toEqual(['bundle.zip']);
  });

  it('tells how much of the evidence is in it', async () => {
    const { folder, entries } = await evidence();
    const seen: number[] = [];

    await writeZip(join(folder, 'bundle.zip'), entries, (bytes) => seen.push(bytes));

    const sizes = [backup.length, log.length, 0, 13];
    expect(seen).toEqual(sizes.map((_size, index) => sizes.slice(0, index + 1).reduce((a, b) => a + b, 0)));
  });

  it('has the same bytes for the same entries, in whatever zone and with whatever umask (E10)', async () => {
    const { folder, entries } = await evidence();
    const [zone, umask] = [process.env['TZ'], process.umask()];
    onTestFinished(() => {
      process.env['TZ'] = zone;
      process.umask(umask);
    });

    const hashes = new Set<string>();
    const offsets = new Set<number>();
    for (const [name, mask] of [
      ['UTC', 0o022],
      ['Asia/Kolkata', 0o077],
      ['America/New_York', 0],
    ] as const) {
      process.env['TZ'] = name;
      process.umask(mask);
      offsets.add(at.getTimezoneOffset());
      hashes.add((await writeZip(join(folder, 'bundle.zip'), entries)).sha256);
    }

    expect(offsets.size).toBe(3);
    expect(hashes.size).toBe(1);
  });

  it('has other bytes when its evidence is other', async () => {
    const { folder, entries } = await evidence();

    const first = await writeZip(join(folder, 'a.zip'), entries);
    const second = await writeZip(join(folder, 'b.zip'), [...entries.slice(0, -1), { name: 'x', at, content: '{}' }]);

    expect(first.sha256).not.toBe(second.sha256);
  });

  it('replaces an older one of its name', async () => {
    const { folder, entries } = await evidence();
    const path = join(folder, 'bundle.zip');
    await writeFile(path, 'older');

    const zip = await writeZip(path, entries);

    expect(sha256(await readFile(path))).toBe(zip.sha256);
    expect(await readdir(folder)).toEqual(['bundle.zip']);
  });

  describe.skipIf(lacks('unzip', 'python3'))('read by other programs', () => {
    it('is whole for unzip, and gives the evidence back', async () => {
      const { folder, entries } = await evidence();
      const { path } = await writeZip(join(folder, 'bundle.zip'), entries);

      execFileSync(programPath('unzip'), ['-tq', path]);
      execFileSync(programPath('unzip'), ['-q', path, '-d', folder]);

      for (const { name, file, content } of entries) {
        const expected = file === undefined ? Buffer.from(content ?? '') : await readFile(file.path);
        expect(await readFile(join(folder, name))).toEqual(expected);
      }
    });

    it('shows Python names, sizes, times in UTC and ordinary modes', async () => {
      const { folder, entries } = await evidence();
      const { path } = await writeZip(join(folder, 'bundle.zip'), entries);

      const listing = listedByPython(path);

      const deflated = 8;
      const event = 'TIC-1/Event1_ICE01_20260720_1132';
      const time = [2026, 7, 20, 9, 32, 4];
      expect(listing.slice(0, 2)).toEqual([
        [`${event}/Config/backup.tar.gz`, backup.length, deflated, time, '0o100644'],
        [`${event}/Logs/system.log`, log.length, deflated, time, '0o100644'],
      ]);
      expect(listing.map(([name]) => name)).toEqual(entries.map(({ name }) => name));
    });

    it('can be read as a stream: nothing is stored without its size, also what is compressed already', async () => {
      const { folder, entries } = await evidence();
      const { path } = await writeZip(join(folder, 'bundle.zip'), entries);

      const listing = listedByPython(path);

      const deflated = 8;
      expect(listing.map(([, , method]) => method)).toEqual(entries.map(() => deflated));
    });

    it('is whole with very many small entries', async () => {
      const path = join(await temporaryFolder(), 'bundle.zip');
      const many = Array.from({ length: 500 }, (_, index) => ({ name: `TIC-1/${index}.txt`, at, content: `${index}` }));

      await writeZip(path, many);

      expect(listedByPython(path)).toHaveLength(500);
    });
  });
});

describe('a bundle that cannot be made', () => {
  it.each([
    ['was changed', (path: string) => writeFile(path, 'changed'), 'evidence-changed'],
    ['was changed in one byte', (path: string) => writeFile(path, log.replace('a', 'b')), 'evidence-changed'],
    ['grew', (path: string) => writeFile(path, `${log}more`), 'evidence-changed'],
    ['is empty now', (path: string) => writeFile(path, ''), 'evidence-changed'],
  ])('because evidence %s never has its name (E11)', async (_how, change, code) => {
    const { folder, entries } = await evidence();
    const { path, sha256 } = entries[1]?.file ?? { path: '', sha256: '' };
    expect((await hashFile(path)).sha256).toBe(sha256);
    await change(path);

    const writing = writeZip(join(folder, 'bundle.zip'), entries);

    await expect(writing).rejects.toMatchObject({ code, exit: 8, message: expect.stringContaining(path) });
    expect(await readdir(folder)).toEqual([]);
  });

  it('because evidence is gone never has its name, and leaves the older one (E11)', async () => {
    const { folder, entries } = await evidence();
    await writeFile(join(folder, 'bundle.zip'), 'older');
    const gone: ZipEntry = { name: 'TIC-1/gone', at, file: { path: join(folder, 'gone'), sha256: '' } };

    const writing = writeZip(join(folder, 'bundle.zip'), [...entries, gone]);

    await expect(writing).rejects.toMatchObject({ code: 'local-write', exit: 8 });
    expect(await readdir(folder)).toEqual(['bundle.zip']);
    expect(await readFile(join(folder, 'bundle.zip'), 'utf8')).toBe('older');
  });

  it('because its folder is gone says so', async () => {
    const { folder, entries } = await evidence();

    const writing = writeZip(join(folder, 'missing', 'bundle.zip'), entries);

    await expect(writing).rejects.toMatchObject({ code: 'local-write', exit: 8 });
  });

  it.each([
    ['two of one name', ['TIC-1/a', 'TIC-1/a']],
    ['two that differ in case alone', ['TIC-1/a', 'TIC-1/A']],
    ['one that leaves the folder', ['../a']],
    ['an absolute one', ['/a']],
    ['a hidden one', ['TIC-1/.a']],
    ['one with a backslash', ['TIC-1\\a']],
    ['one with a line feed', ['TIC-1/a\n']],
    ['an empty one', ['']],
  ])('because of its names – %s – is our bug (E08, E09)', async (_what, names) => {
    const folder = await temporaryFolder();

    const writing = writeZip(
      join(folder, 'bundle.zip'),
      names.map((name) => ({ name, at, content: 'x' })),
    );

    await expect(writing).rejects.toThrow(/name/);
    expect(await readdir(folder)).toEqual([]);
  });

  it('because the disk takes only a part of it never has its name (E02)', async () => {
    const folder = await temporaryFolder();
    const zipper = join(folder, 'zipper.mjs');
    await writeFile(
      zipper,
      `import { createHash } from 'node:crypto';
      import { writeFile } from 'node:fs/promises';
      import { hashFile, writeZip } from ${JSON.stringify(join(projectRoot, 'dist/bundle/zip.js'))};
      const [, , path, length] = process.argv;
      const noise = Array.from({ length: length / 64 + 1 }, (_, n) => createHash('sha512').update(String(n)).digest());
      await writeFile(path + '.in', Buffer.concat(noise).subarray(0, length));
      const file = { path: path + '.in', sha256: (await hashFile(path + '.in')).sha256 };
      await writeZip(path, [{ name: 'TIC-1/a.bin', at: new Date(), file }]).then(
        (zip) => console.log(zip.bytes),
        (error) => console.log(error.code),
      );`,
    );
    const zipped = (name: string, length: number, limitKib: string) =>
      execFileSync('bash', [
        '-c',
        `ulimit -f ${limitKib}; exec "$@"`,
        'bash',
        process.execPath,
        zipper,
        join(folder, name),
        String(length),
      ])
        .toString()
        .trim();
    const around = Number(zipped('free.zip', 8192, 'unlimited')) - 8192;
    const length = 16 * 1024 - around + 1; // the last byte of the ZIP is over the limit

    const said = zipped('full.zip', length, '16');

    expect(said).toBe('local-write');
    expect(await readdir(folder)).not.toContain('full.zip');
  });
});
