import { execFileSync, spawnSync } from 'node:child_process';
import { readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Archive } from '../../src/bundle/archive/archive.ts';
import { shownName } from '../../src/bundle/archive/names.ts';
import { openArchive } from '../../src/bundle/archive/open-archive.ts';
import { badZips, damagedZips, good, goodZips, otherFiles } from '../support/bad-zips.ts';
import { descriptorBit, longSizes, madeZip } from '../support/made-zip.ts';
import { lacks, programPath } from '../support/requirements.ts';
import { temporaryFolder } from '../support/rig.ts';

async function opened<T>(zip: Buffer, work: (archive: Archive) => Promise<T>): Promise<T> {
  const path = join(await temporaryFolder(), 'given.zip');
  await writeFile(path, zip);
  const archive = await openArchive(path);
  return work(archive).finally(() => archive.close());
}

async function contentsOf(archive: Archive): Promise<[name: string, content: string][]> {
  const contents: [string, string][] = [];
  for (const entry of archive.entries) {
    const chunks: Buffer[] = [];
    for await (const chunk of archive.content(entry)) chunks.push(chunk);
    contents.push([entry.name, Buffer.concat(chunks).toString()]);
  }
  return contents;
}

const damaged = { code: 'archive-damaged', exit: 10 };

describe('an archive', () => {
  it.each(Object.entries(goodZips))('with %s has no flaw, and gives its content', async (_what, zip) => {
    await opened(zip, async (archive) => {
      expect(archive.flaws).toEqual([]);
      expect((await contentsOf(archive)).length).toBe(archive.entries.length);
    });
  });

  it('gives names as they were typed, by UTF-8 or code page 437 (V10)', async () => {
    for (const what of ['a name in UTF-8', 'a name in code page 437'])
      await opened(goodZips[what] ?? Buffer.alloc(0), async ({ entries }) => {
        expect(entries.at(-1)?.name).toMatch(/\/Händelse\.txt$/);
      });
  });

  it('of sizes in ZIP64 is read as others read it', async () => {
    const says = { bytes: 0xffffffff, packedBytes: 0xffffffff };
    const entry = { name: 'TIC-1/a.log', method: 0, content: 'words', says, extra: longSizes(5, 5) };

    await opened(madeZip({ entries: [entry] }), async (archive) => {
      expect(archive.flaws).toEqual([]);
      expect(await contentsOf(archive)).toEqual([['TIC-1/a.log', 'words']]);
    });
  });

  it.each(Object.entries(badZips))('with %s is told to be unsafe (V01 V02 V03 V06 V07 V08)', async (_what, [
    id,
    zip,
  ]) => {
    await opened(zip, async ({ flaws }) => {
      expect(flaws.map((flaw) => flaw.id)).toContain(id);
      for (const { text } of flaws) expect(text).toMatch(/^[^\p{C}]+$/u);
      expect(flaws.length).toBeLessThan(100);
    });
  });

  it.each(Object.entries(damagedZips))('with %s gives no more than is sure (V02 V04)', async (_what, zip) => {
    await opened(zip, async (archive) => {
      expect(archive.flaws).toEqual([]);
      await expect(contentsOf(archive)).rejects.toMatchObject(damaged);
      const declared = archive.entries.reduce((sum, { bytes }) => sum + bytes, 0);
      expect(archive.cost.inflated).toBeLessThanOrEqual(declared);
    });
  });

  it.each(Object.entries(otherFiles))('is no ZIP: %s (V07)', async (what, bytes) => {
    const opening = opened(bytes, async () => undefined);

    await expect(opening).rejects.toMatchObject({ code: 'not-a-zip', exit: 2, message: expect.stringContaining(what) });
  });

  it.each(['', 'missing.zip'])('is a file that can be read, not "%s"', async (name) => {
    const path = join(await temporaryFolder(), name);

    await expect(openArchive(path)).rejects.toMatchObject({ code: 'bad-file', exit: 2 });
  });

  it('is refused in words wherever it was cut (V07)', async () => {
    const whole = goodZips['the end of ZIP64'] ?? Buffer.alloc(0);
    for (let length = 0; length < whole.length; length++) {
      const opening = opened(whole.subarray(0, length), async () => undefined);
      await expect(opening, `cut at ${length}`).rejects.toMatchObject({ code: 'not-a-zip' });
    }
  });

  it('is read in proportion: directory and headers, not content (V02)', async () => {
    const entries = Array.from({ length: 20_000 }, (_, index) => ({
      name: `TIC-1/${index}.log`,
      method: 0,
      content: '',
    }));
    const zip = madeZip({ entries });

    await opened(zip, async ({ cost, flaws }) => {
      expect(flaws).toEqual([]);
      expect(cost.read).toBeLessThan(2 * zip.length);
    });
    const large = madeZip({ entries: [{ ...good, method: 0, content: Buffer.alloc(5_000_000, 'x') }] });
    await opened(large, async ({ cost }) => expect(cost.read).toBeLessThan(200_000));
  });

  it('of bombs over each other costs no more than its size to be refused (V02)', async () => {
    const [, zip] = badZips['overlapping bombs'] ?? ['', Buffer.alloc(0)];

    await opened(zip, async ({ cost }) => {
      expect(cost).toMatchObject({ inflated: 0 });
      expect(cost.read).toBeLessThan(2 * zip.length);
    });
  });

  it('writes nothing, whatever is in it (V01)', async () => {
    const folder = await temporaryFolder();
    for (const [, zip] of Object.values(badZips)) {
      await writeFile(join(folder, 'given.zip'), zip);
      await (await openArchive(join(folder, 'given.zip'))).close();
    }

    expect(await readdir(folder)).toEqual(['given.zip']);
  });

  it('whose name is shown has nothing in it that steers a terminal (V08)', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 300 }), (name) => {
        const shown = shownName(name);
        expect(shown).not.toMatch(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/u);
        expect(shown.length).toBeLessThan(105);
      }),
    );
  });
});

/** What Python's own reader makes of ZIPs: all names and contents, or null where it refuses one. */
function pythonReads(paths: readonly string[]): ([string, string][] | null)[] {
  const script = `
import json, sys, zipfile
def read(path):
    try:
        with zipfile.ZipFile(path) as z:
            return [[n, z.read(n).decode('latin1')] for n in z.namelist()]
    except Exception:
        return None
print(json.dumps([read(path) for path in json.load(sys.stdin)]))`;
  return JSON.parse(execFileSync(programPath('python3'), ['-c', script], { input: JSON.stringify(paths) }).toString());
}

describe.skipIf(lacks('python3', 'unzip', 'bsdtar'))('an archive that is found to be sound', () => {
  const isRefusedBy = (path: string): string[] =>
    [
      ['unzip', '-tqq', path],
      ['bsdtar', '-tf', path],
    ]
      .filter(([tool = '', ...args]) => spawnSync(tool, args).status !== 0)
      .map(([tool = '']) => tool);

  it('is sound for unzip, Python and bsdtar, too (V02 V03 V06 V07)', async () => {
    const folder = await temporaryFolder();
    const paths = Object.keys(goodZips).map((_, index) => join(folder, `${index}.zip`));
    for (const [index, zip] of Object.values(goodZips).entries()) await writeFile(paths[index] ?? '', zip);

    expect(paths.flatMap(isRefusedBy)).toEqual([]);
    expect(pythonReads(paths)).not.toContain(null);
  });

  it('gives what they give, whichever bit of it was turned (V04)', { timeout: 120_000 }, async () => {
    const folder = await temporaryFolder();
    const whole = madeZip({
      entries: [
        { name: 'TIC-1/a.log', flags: descriptorBit },
        { name: 'TIC-1/b', method: 0, content: 'b' },
      ],
    });
    const sound: { path: string; contents: [string, string][]; what: string }[] = [];
    for (let bit = 0; bit < whole.length * 8; bit++) {
      const bytes = Buffer.from(whole);
      bytes[bit >> 3] = (bytes[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      const path = join(folder, `${bit}.zip`);
      await writeFile(path, bytes);
      const contents = await readAll(path);
      if (contents !== undefined) sound.push({ path, contents, what: `bit ${bit & 7} of byte ${bit >> 3}` });
    }

    const theirs = pythonReads(sound.map(({ path }) => path));
    expect(sound.length).toBeGreaterThan(50); // times, versions, and rights
    for (const [index, { path, contents, what }] of sound.entries()) {
      expect(theirs[index], what).toEqual(contents);
      expect(isRefusedBy(path), what).toEqual([]);
    }
  });
});

/** Names and contents; undefined where the archive is refused. */
async function readAll(path: string): Promise<[string, string][] | undefined> {
  const archive = await openArchive(path).catch((error: unknown) => {
    expect(error).toMatchObject({ code: 'not-a-zip' });
  });
  if (archive === undefined) return undefined;
  try {
    return archive.flaws.length > 0 ? undefined : await contentsOf(archive);
  } catch (error) {
    expect(error).toMatchObject(damaged);
    return undefined;
  } finally {
    await archive.close();
  }
}
