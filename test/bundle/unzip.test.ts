import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readdir, readFile, stat, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { extractBundle, listBundle, readBundleManifest } from '../../src/bundle/unzip.ts';
import { writeZip } from '../../src/bundle/zip.ts';
import { lacks, programPath } from '../support/requirements.ts';
import { temporaryFolder } from '../support/rig.ts';

const at = new Date('2026-11-20T09:32:00Z');
const manifest = '{"schema":1}\n';
const event = 'TIC-1/Event1_ICE01_20261120_1032';

async function bundle(): Promise<{ folder: string; path: string }> {
  const folder = await temporaryFolder();
  const { path } = await writeZip(join(folder, 'bundle.zip'), [
    { name: `${event}/Config/backup.tar.gz`, at, content: 'backup' },
    { name: `${event}/Logs/system.log`, at, content: 'a line\n'.repeat(5000) },
    { name: 'TIC-1/manifest.json', at, content: manifest },
  ]);
  return { folder, path };
}

/** A ZIP that Python writes: `lines` fill the ZipFile `z`. */
async function made(lines: string): Promise<{ folder: string; path: string }> {
  const folder = await temporaryFolder();
  const path = join(folder, 'made.zip');
  const script = `
import sys, warnings, zipfile
warnings.simplefilter('ignore')
def info(name, mode=0o100644):
    i = zipfile.ZipInfo('x')
    i.filename = name
    i.external_attr = mode << 16
    i.create_system = 3
    return i
with zipfile.ZipFile(sys.argv[1], 'w', zipfile.ZIP_DEFLATED) as z:
${lines
  .split('\n')
  .map((line) => `    ${line}`)
  .join('\n')}
`;
  execFileSync(programPath('python3'), ['-c', script, path]);
  return { folder, path };
}

const manifestLine = `z.writestr('TIC-1/manifest.json', '{}')`;
const notABundle = { code: 'not-a-bundle', exit: 2 };
const notAZip = { code: 'not-a-zip', exit: 2 };
const unsafe = { code: 'archive-unsafe', exit: 10 };
const damaged = { code: 'archive-damaged', exit: 10 };
const anyRefusal = { code: expect.stringMatching(/^(?:not-a-bundle|not-a-zip|archive-unsafe|archive-damaged)$/) };

describe('a bundle that icepack made', () => {
  it('gives its manifest', async () => {
    const { path } = await bundle();

    expect(await readBundleManifest(path)).toBe(manifest);
  });

  it('says what is in it', async () => {
    const { path } = await bundle();

    expect(await listBundle(path)).toEqual([
      { name: `${event}/Config/backup.tar.gz`, bytes: 6 },
      { name: `${event}/Logs/system.log`, bytes: 35_000 },
      { name: 'TIC-1/manifest.json', bytes: manifest.length },
    ]);
  });

  it('gives its evidence back where it is asked to, privately, with its hash', async () => {
    const { folder, path } = await bundle();

    const files = await extractBundle(path, (name) => join(folder, 'out', name.replace(/^[^/]*\//, '')));

    expect(files.map(({ name }) => name)).toEqual([
      'Event1_ICE01_20261120_1032/Config/backup.tar.gz',
      'Event1_ICE01_20261120_1032/Logs/system.log',
    ]);
    for (const file of files) {
      const content = await readFile(file.path);
      expect(file.sha256).toBe(createHash('sha256').update(content).digest('hex'));
      expect((await stat(file.path)).mode & 0o777).toBe(0o600);
    }
    expect(await readFile(join(folder, 'out/Config/backup.tar.gz'), 'utf8')).toBe('backup');
  });

  it('is refused when it holds a file that its manifest does not know', async () => {
    const { folder, path } = await bundle();

    const extracting = extractBundle(path, (name) => (name.endsWith('.log') ? undefined : join(folder, 'out', name)));

    await expect(extracting).rejects.toMatchObject(notABundle);
  });

  it('is refused in words, wherever it was cut off', async () => {
    const { folder, path } = await bundle();
    const { size } = await stat(path);

    for (const length of [size - 1, size - 23, Math.floor(size / 2), 10, 1, 0]) {
      await truncate(path, length);

      await expect(readBundleManifest(path), `cut at ${length}`).rejects.toMatchObject(notAZip);
    }
    expect(await readdir(folder)).toEqual(['bundle.zip']);
  });

  it('is refused in words when its bytes were damaged, and no half file is left', async () => {
    const { folder, path } = await bundle();
    const bytes = await readFile(path);
    const start = bytes.indexOf('system.log') + 'system.log'.length;
    await writeFile(path, bytes.fill(0xff, start, start + 20));

    const extracting = extractBundle(path, (name) => join(folder, 'out', name));

    await expect(extracting).rejects.toMatchObject(damaged);
    expect(await readdir(join(folder, 'out', 'Event1_ICE01_20261120_1032', 'Logs'))).toEqual([]);
  });
});

describe('a bundle that was damaged on its way', () => {
  it('is refused, or gives the very same evidence, whichever byte of it is flipped (E12)', {
    timeout: 120_000,
  }, async () => {
    const folder = await temporaryFolder();
    const whole = await smallBundle(folder);
    const bytes = await readFile(whole.path);
    const taken: number[] = [];
    let refused = 0;

    for (let place = 0; place < bytes.length; place++) {
      const path = join(folder, 'flipped.zip');
      await writeFile(
        path,
        Buffer.from(bytes.map((byte, index) => (index === place ? byte ^ (1 << (place % 8)) : byte))),
      );
      const found = await whole.contentOf(path).catch((error: unknown) => {
        expect(error, `byte ${place}`).toMatchObject(anyRefusal);
        refused++;
      });
      if (found === undefined) continue;
      taken.push(place);
      expect(found, `byte ${place}`).toEqual(await whole.contentOf(whole.path));
    }

    expect(refused).toBeGreaterThan(100);
    expect(taken.length).toBeGreaterThan(0); // times, modes, and what stands in a ZIP twice
  });
});

/** A bundle of few bytes, and what is in a ZIP that should be it. */
async function smallBundle(folder: string) {
  const entries = [
    { name: 'TIC-1/E/a.log', at, content: 'a line of a log\n' },
    { name: 'TIC-1/manifest.json', at, content: manifest },
  ];
  const { path } = await writeZip(join(folder, 'small.zip'), entries);
  const known = entries.slice(0, -1).map(({ name }) => name.replace('TIC-1/', ''));
  const contentOf = async (zip: string) => {
    const text = await readBundleManifest(zip);
    const files = await extractBundle(zip, (name) => (known.includes(name) ? join(folder, 'out', name) : undefined));
    if (files.length !== known.length) throw Object.assign(new Error('a file is missing'), notABundle); // as runs/stored-run.ts does
    return { text, files };
  };
  return { path, contentOf };
}

describe.skipIf(lacks('python3'))('a ZIP that someone else made', () => {
  it.each([
    ['has no manifest', `z.writestr('TIC-1/readme.txt', 'x')`],
    ['is empty', 'pass'],
    ['has its manifest too deep', `z.writestr('a/b/manifest.json', '{}')`],
    ['has its manifest at the top', `z.writestr('manifest.json', '{}')`],
    ['has no folder in it but a folder', `z.writestr(info('TIC-1/', 0o040755), '')`],
  ])('is no bundle when it %s', async (_what, lines) => {
    const { path } = await made(lines);

    await expect(readBundleManifest(path)).rejects.toMatchObject(notABundle);
  });

  const names: [what: string, entry: string, refusal: object][] = [
    ['leaves the folder', `info('../x')`, unsafe],
    ['leaves the folder further down', `info('TIC-1/../../x')`, unsafe],
    ['is absolute', `info('/tmp/x')`, unsafe],
    ['has a drive', `info('C:/x')`, unsafe],
    ['has a backslash', `info('TIC-1\\\\..\\\\x')`, unsafe],
    ['is hidden', `info('TIC-1/.ssh/authorized_keys')`, notABundle],
    ['has a line feed', `info('TIC-1/a\\nb')`, unsafe],
    ['has an escape', `info('TIC-1/\\x1b[2J')`, unsafe],
    ['has an empty part', `info('TIC-1//x')`, unsafe],
    ['is a dot', `info('TIC-1/./x')`, unsafe],
    ['is a folder', `info('TIC-1/folder/', 0o040755)`, unsafe],
    ['is too long', `info('TIC-1/' + 'a' * 500)`, unsafe],
    ['is no ASCII', `info('TIC-1/é')`, notABundle],
    ['is that of a link', `info('TIC-1/link', 0o120777)`, unsafe],
    ['is that of something to run as another user', `info('TIC-1/run', 0o104755)`, unsafe],
  ];

  it.each(names)('is refused before anything is written when a name %s (V01 V06)', async (_what, entry, refusal) => {
    const { folder, path } = await made(`z.writestr(${entry}, 'evil')\n${manifestLine}`);

    const placed: string[] = [];
    const extracting = extractBundle(path, (name) => {
      placed.push(name);
      return join(folder, 'out', name);
    });

    await expect(extracting).rejects.toMatchObject(refusal);
    expect(placed).toEqual([]);
    expect(await readdir(folder)).toEqual(['made.zip']);
    await expect(readBundleManifest(path)).rejects.toMatchObject(refusal);
    await expect(listBundle(path)).rejects.toMatchObject(refusal);
  });

  it('is refused when an entry says that it is smaller than it is', async () => {
    const { folder, path } = await made(`z.writestr('TIC-1/bomb', 'x' * 5000000)\n${manifestLine}`);
    const bytes = await readFile(path);
    const size = Buffer.alloc(4);
    size.writeUInt32LE(5_000_000);
    for (let found = bytes.indexOf(size); found >= 0; found = bytes.indexOf(size)) bytes.writeUInt32LE(10, found);
    await writeFile(path, bytes);

    const extracting = extractBundle(path, (name) => join(folder, 'out', name));

    await expect(extracting).rejects.toMatchObject(damaged);
    expect(await readdir(join(folder, 'out'))).toEqual([]);
  });

  it('is refused when it claims more than any bundle holds', async () => {
    const { path } = await made(`for n in range(20001): z.writestr(f'TIC-1/{n}', '')\n${manifestLine}`);

    await expect(readBundleManifest(path)).rejects.toMatchObject(unsafe);
  });

  it('is refused when it is encrypted', async () => {
    const { path } = await made(manifestLine);
    const bytes = await readFile(path);
    for (const [signature, offset] of [
      ['PK\x03\x04', 6],
      ['PK\x01\x02', 8],
    ] as const) {
      const flags = bytes.indexOf(signature) + offset;
      bytes.writeUInt16LE(bytes.readUInt16LE(flags) | 1, flags);
    }
    await writeFile(path, bytes);

    await expect(readBundleManifest(path)).rejects.toMatchObject(unsafe);
  });

  it('is refused in words when it is no ZIP, or is not there', async () => {
    const folder = await temporaryFolder();
    await writeFile(join(folder, 'text.zip'), 'this is no ZIP\n'.repeat(100));

    for (const path of [join(folder, 'text.zip'), join(folder, 'missing.zip'), folder]) {
      await expect(readBundleManifest(path), path).rejects.toMatchObject({ exit: 2 });
    }
  });
});
