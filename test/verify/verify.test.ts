import { mkdir, symlink, truncate, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { UserError } from '../../src/errors.ts';
import { type LayoutOptions, layoutOf } from '../../src/reading/layout.ts';
import { openBundle } from '../../src/reading/open-bundle.ts';
import { type Check, exitOf } from '../../src/verify/check.ts';
import { verify } from '../../src/verify/verify.ts';
import { badZips } from '../support/bad-zips.ts';
import {
  backup,
  bundleFiles,
  folderOf,
  type MadeBundle,
  madeBundle,
  minutesOfLog,
  techsupportText,
  usualItems,
  writtenZip,
  zipOf,
} from '../support/made-bundle.ts';
import { madeZip } from '../support/made-zip.ts';
import { temporaryFolder } from '../support/rig.ts';

const noRuns = () => Promise.reject(new Error('no run was asked for'));
const now = new Date('2026-11-21T12:00:00Z');

async function checked(path: string, options: LayoutOptions = {}): Promise<Check[]> {
  const bundle = await openBundle(path, noRuns);
  try {
    const layout = layoutOf(bundle, { assumed: 'Europe/Stockholm', ...options });
    return await verify({ bundle, layout, run: undefined, now, signal: new AbortController().signal });
  } finally {
    await bundle.close();
  }
}

const madeChecks = async (given: MadeBundle): Promise<Check[]> => checked(await madeBundle(given));
const handMade = async (files: Record<string, string | Buffer>, options?: LayoutOptions): Promise<Check[]> =>
  checked(await writtenZip(zipOf(files)), options);
const bad = (checks: readonly Check[]): Check[] => checks.filter(({ state }) => !['ok', 'unknown'].includes(state));
const stateOf = (checks: readonly Check[], id: string): string | undefined =>
  checks.find((each) => each.id === id)?.state;

const guide = {
  'TIC-12/Event1_ICE01_20261120_1032/Config/backup.tar.gz': backup,
  'TIC-12/Event1_ICE01_20261120_1032/Techsupport/ts.tsf': techsupportText,
  'TIC-12/Event1_ICE01_20261120_1032/Logs/system.log': minutesOfLog('2026-11-20T10:00:00Z', 65),
  'TIC-12/Event1_ICE01_20261120_1032/CLI/show.txt': 'state: ACTIVE\n',
  'TIC-12/Event1_ICE01_20261120_1032/VM/vm.txt': 'KVM 8\n',
};
const inGuide = (path: string): string => `TIC-12/Event1_ICE01_20261120_1032/${path}`;

const withoutItem = (path: string) =>
  Object.fromEntries(Object.entries(usualItems()).filter(([name]) => !name.startsWith(path)));
const twice = (manifest: Record<string, unknown>): void => {
  const servers = manifest['servers'] as unknown[];
  manifest['servers'] = [...servers, ...servers];
};

describe('a bundle that icepack made', () => {
  it('is as it should be, and what cannot be known is not called so', async () => {
    const checks = await madeChecks({});

    expect(bad(checks)).toEqual([]);
    expect(checks.map(({ id, state }) => `${state} ${id}`)).toEqual([
      ...['ok safe.archive', 'ok layout.folders', 'ok contents.hashes'],
      'unknown zip.sha256',
    ]);
    expect(exitOf(checks)).toBe(0);
  });

  it.each([
    ['a file is changed', { [`TIC-1234/${folderOf(1)}/Logs/system.log`]: 'other words' }, 'contents.changed', 10],
    ['a file is missing', { [`TIC-1234/${folderOf(1)}/VM/virtual-machine.txt`]: undefined }, 'contents.not-there', 10],
    ['a file was added', { [`TIC-1234/${folderOf(1)}/VM/more.txt`]: 'x' }, 'contents.not-in-manifest', 3],
    ['its README is changed', { 'TIC-1234/README.txt': 'Another.\n' }, 'contents.changed', 10],
    ['its README is missing', { 'TIC-1234/README.txt': undefined }, 'contents.not-there', 10],
    ['a page was added', { 'TIC-1234/report.html': '<p>' }, 'contents.not-in-manifest', 3],
    ['a note was added', { [`TIC-1234/${folderOf(1)}/NOT-COLLECTED.txt`]: 'nothing' }, 'contents.not-in-manifest', 3],
    ['the manifest is cut', { 'TIC-1234/manifest.json': '{"schema": 1, ' }, 'manifest.valid', 10],
    ['the manifest is odd', { 'TIC-1234/manifest.json': '{"schema": 1}' }, 'manifest.valid', 10],
  ])('is told apart when %s (V04 V05)', async (_what, files, id, exit) => {
    const checks = await madeChecks({ files });

    expect(bad(checks).map((each) => each.id)).toContain(id);
    expect(exitOf(checks)).toBe(exit);
    if (id.startsWith('contents.') && exit === 10) expect(stateOf(checks, 'contents.hashes')).toBeUndefined();
  });

  it('of an earlier icepack, whose manifest has no hashes of texts, does not call them good (V04)', async () => {
    const earlier = (manifest: Record<string, unknown>) => {
      delete manifest['texts'];
    };
    const files = { 'TIC-1234/report.html': '<p>', [`TIC-1234/${folderOf(1)}/NOT-COLLECTED.txt`]: 'nothing' };

    const checks = await madeChecks({ manifest: earlier, files });

    expect(bad(checks)).toEqual([]);
    expect(checks.find(({ id }) => id === 'contents.hashes')?.text).toMatch(/^5 of 5 /);
    expect(checks.find(({ id }) => id === 'contents.no-hash')).toMatchObject({
      state: 'unknown',
      text: expect.stringMatching(
        /"README\.txt", "report\.html", .*NOT-COLLECTED\.txt": the manifest has no SHA-256 of them$/,
      ),
    });
  });

  it('with evidence that the manifest has no hash of does not call it good (V04)', async () => {
    const name = 'Logs/system.log';
    const items = { ...usualItems(), [name]: { ...usualItems()[name], sha256: undefined } };

    const checks = await madeChecks({ servers: [{ id: 1, items }] });

    expect(checks.find(({ id }) => id === 'contents.no-hash')?.text).toContain(name);
  });

  it('says no more than "as in manifest" where hashes were changed with what they are of (V04)', async () => {
    const items = { ...usualItems(), 'Logs/system.log': { content: 'forged' } };

    const checks = await madeChecks({ servers: [{ id: 1, items }] });

    expect(checks.find(({ id }) => id === 'contents.hashes')?.text).toBe(
      '6 of 6 SHA-256 as in manifest.json; manifest.json itself has none',
    );
    expect(stateOf(checks, 'zip.sha256')).toBe('unknown');
  });

  it('is incomplete without techsupport, with its reason, and partial with a log that is not whole', async () => {
    const failed = { status: 'failed', reason: 'timed out after 20 min' };
    const { 'Techsupport/techsupport.tsf': _without, ...items } = usualItems();
    const coverage = { first: null, last: null, complete: false, gaps: ['rotated-away'] };
    const partial = { content: 'x', status: 'partial', reason: 'begins 10:14', coverage };

    const checks = await madeChecks({
      servers: [{ id: 2, items: { ...items, 'Techsupport/': failed, 'Logs/debug.log': partial } }],
    });

    expect(bad(checks)).toEqual([
      expect.objectContaining({
        state: 'missing',
        where: 'ICE02 Techsupport',
        text: 'missing: timed out after 20 min',
      }),
      expect.objectContaining({
        state: 'objection',
        id: 'coverage.log',
        text: 'ICE02 Logs/debug.log is not whole: begins 10:14',
      }),
    ]);
    expect(exitOf(checks)).toBe(4);
  });

  it('of a newer icepack is read as far as it is known, one of an older icepack is not called good (V10)', async () => {
    const newer = await madeChecks({ manifest: (manifest) => Object.assign(manifest, { schema: 7, more: true }) });
    const older = await madeChecks({ manifest: (manifest) => Object.assign(manifest, { schema: 0 }) });

    expect([stateOf(newer, 'contents.hashes'), stateOf(newer, 'manifest.schema')]).toEqual(['ok', 'unknown']);
    expect([stateOf(older, 'contents.hashes'), stateOf(older, 'manifest.schema')]).toEqual(['unknown', 'unknown']);
    expect(newer.find(({ id }) => id === 'manifest.schema')?.text).toContain('newer icepack');
  });

  it('without a measured clock says so and is not called good for that (V13)', async () => {
    const checks = await madeChecks({ servers: [{ id: 1, clock: null, items: usualItems() }] });

    expect(stateOf(checks, 'clock.offset')).toBe('unknown');
  });

  it.each([
    ['names no server', { servers: [] }, 'missing evidence.config', 4],
    ['says nothing of a backup', { servers: [{ id: 1, items: withoutItem('Config/') }] }, 'missing evidence.config', 4],
    [
      'says nothing of techsupport',
      { servers: [{ id: 1, items: withoutItem('Tech') }] },
      'missing evidence.techsupport',
      4,
    ],
    [
      'says that the backup was not asked for',
      {
        servers: [
          { id: 1, items: { ...withoutItem('Config/'), 'Config/': { status: 'skipped', reason: '--only cli' } } },
        ],
      },
      'objection evidence.config',
      3,
    ],
    ['has a server twice', { manifest: twice }, 'unsafe manifest.twice', 10],
  ])('whose manifest %s is not called whole', async (_what, made: MadeBundle, expected, exit) => {
    const checks = await madeChecks(made);

    expect(bad(checks).map(({ state, id }) => `${state} ${id}`)).toContain(expected);
    expect(exitOf(checks)).toBe(exit);
  });

  it('is not called good for what is not in it', async () => {
    const items = { 'Techsupport/': { status: 'failed' }, 'Config/': { status: 'failed' } };
    const manifest = (made: Record<string, unknown>) => Object.assign(made, { texts: [] });

    const checks = await madeChecks({ servers: [{ id: 1, items }], manifest });
    const half = await madeChecks({
      servers: [
        { id: 1, items: usualItems() },
        { id: 2, items },
      ],
    });

    expect(checks.filter(({ state }) => state === 'ok').map(({ id }) => id)).toEqual(['safe.archive']);
    expect(half.find(({ id }) => id === 'layout.folders')?.text).toBe(folderOf(1));
  });

  it('of a zone that there is not says so, and makes no time of it', async () => {
    const zone = { name: 'Mars/Base', source: 'host OS' };

    const checks = await madeChecks({ servers: [{ id: 1, items: usualItems(), zone }] });

    expect(stateOf(checks, 'manifest.zone')).toBe('unknown');
    expect(bad(checks)).toEqual([]);
    expect(JSON.stringify(checks)).not.toContain('NaN');
  });

  it('under another ticket number, or none, is told', async () => {
    const files = Object.fromEntries(
      Object.entries(bundleFiles()).map(([name, content]) => [name.replace('TIC-1234/', 'TIC-pending/'), content]),
    );

    expect(bad(await handMade(files)).map(({ id }) => id)).toEqual(['layout.top']);
  });
});

describe('a bundle that somebody made by hand', () => {
  it('is as the guide wants it', async () => {
    const checks = await handMade(guide);

    expect(bad(checks)).toEqual([]);
    expect(checks.filter(({ state }) => state === 'unknown').map(({ id }) => id)).toEqual([
      ...['contents.no-manifest', 'clock.offset'],
      'zip.sha256',
    ]);
  });

  const without = (part: string) =>
    Object.fromEntries(Object.entries(guide).filter(([path]) => !path.includes(`/${part}/`)));
  const renamed = (from: string | RegExp, to: string) =>
    Object.fromEntries(Object.entries(guide).map(([path, content]) => [path.replace(from, to), content]));
  const withMore = (files: Record<string, string | Buffer>) => ({ ...guide, ...files });

  it.each([
    ['no backup', without('Config'), 'missing evidence.config', 4],
    ['an empty backup', withMore({ [inGuide('Config/backup.tar.gz')]: '' }), 'missing evidence.config', 4],
    [
      'a backup that is a text',
      withMore({ [inGuide('Config/backup.tar.gz')]: 'permission denied' }),
      'missing evidence.config',
      4,
    ],
    [
      'a backup that is cut',
      withMore({ [inGuide('Config/backup.tar.gz')]: backup.subarray(0, 60) }),
      'missing evidence.config',
      4,
    ],
    ['no techsupport', without('Techsupport'), 'missing evidence.techsupport', 4],
    [
      'techsupport of a capture alone',
      renamed('/Techsupport/', '/Techsupport/precapture_20261120_1002/'),
      'missing evidence.techsupport',
      4,
    ],
    [
      'a techsupport that is a web page',
      withMore({ [inGuide('Techsupport/ts.tsf')]: '<html>404</html>' }),
      'missing evidence.techsupport',
      4,
    ],
    [
      'a techsupport that is cut',
      withMore({ [inGuide('Techsupport/ts.tsf')]: gzipSync(techsupportText).subarray(0, 40) }),
      'missing evidence.techsupport',
      4,
    ],
    ['another ZIP in it', withMore({ 'TIC-12/all.zip': zipOf(guide) }), 'objection layout.packed-twice', 3],
    ['no folder of an event', renamed('TIC-12/Event1_ICE01_20261120_1032/', ''), 'objection layout.folder-name', 3],
    ['no VM', without('VM'), 'objection evidence.optional', 3],
    ['no folder on top', renamed('TIC-12/', ''), 'objection layout.top', 3],
    ['no zero padding', renamed('ICE01', 'ICE1'), 'objection layout.folder-name', 3],
    ['small letters', renamed('Event1', 'event1'), 'objection layout.folder-name', 3],
    ['blanks', renamed('Event1_ICE01_20261120_1032', 'event 1 ICE1'), 'objection layout.folder-name', 3],
    ['no event', renamed('Event1_ICE01_20261120_1032', 'my files'), 'objection layout.folder-name', 3],
    ['a time that there is not', renamed('20261120_1032', '20261320_1032'), 'objection layout.time', 3],
    ['a folder called logs', renamed('/Logs/', '/logs/'), 'objection layout.part-name', 3],
    ['a file beside the folders', withMore({ [inGuide('more.bin')]: 'x' }), 'objection layout.place', 3],
    [
      'a log unpacked twice',
      withMore({ [inGuide('Logs/system (1).log')]: minutesOfLog('2026-11-20T10:00:00Z', 65) }),
      'objection contents.twice',
      3,
    ],
    ['what a Mac leaves', withMore({ '__MACOSX/TIC-12/._x': 'x' }), 'objection layout.junk', 3],
    ['what Windows leaves', withMore({ [inGuide('Logs/Thumbs.db')]: 'x' }), 'objection layout.junk', 3],
    ['letters of its own', withMore({ [inGuide('VM/Händelse.txt')]: 'x' }), 'objection layout.letters', 3],
    [
      'short logs',
      withMore({ [inGuide('Logs/system.log')]: minutesOfLog('2026-11-20T10:20:00Z', 22) }),
      'objection coverage.logs',
      3,
    ],
    [
      'a log that had stopped beside one that goes on',
      withMore({ [inGuide('Logs/audit.log')]: minutesOfLog('2026-11-20T09:30:00Z', 55) }),
      'objection coverage.logs',
      3,
    ],
    [
      'a log without its middle',
      withMore({
        [inGuide('Logs/system.log')]:
          `${minutesOfLog('2026-11-20T09:10:00Z', 60)}${minutesOfLog('2026-11-20T10:50:00Z', 60)}`,
      }),
      'objection coverage.logs',
      3,
    ],
    [
      'rotated files of which one is missing',
      withMore({
        [inGuide('Logs/system.log.1.gz')]: gzipSync(minutesOfLog('2026-11-20T09:10:00Z', 60)),
        [inGuide('Logs/system.log')]: minutesOfLog('2026-11-20T10:50:00Z', 60),
      }),
      'objection coverage.logs',
      3,
    ],
    ['empty logs', withMore({ [inGuide('Logs/system.log')]: '' }), 'objection coverage.logs', 3],
    [
      'a log whose gzip is cut',
      withMore({
        [inGuide('Logs/audit.log.gz')]: gzipSync(minutesOfLog('2026-11-20T10:00:00Z', 65, 'x')).subarray(0, -40),
      }),
      'objection inside.damaged',
      3,
    ],
    [
      'a second backup that is cut',
      withMore({ [inGuide('Config/older.tar.gz')]: backup.subarray(0, 60) }),
      'objection inside.damaged',
      3,
    ],
    ['nothing like an event', { 'a.txt': 'x' }, 'missing evidence.config', 4],
    [
      'a later event with a lower number',
      withMore({ 'TIC-12/Event2_ICE01_20261119_1032/Config/backup.tar.gz': backup }),
      'objection layout.order',
      4,
    ],
  ])('with %s is objected to (V10)', async (_what, files, expected, exit) => {
    const checks = await handMade(files);

    expect(bad(checks).map(({ state, id }) => `${state} ${id}`)).toContain(expected);
    expect(exitOf(checks)).toBe(exit);
  });

  it('names what was expected (V10)', async () => {
    const checks = await handMade(renamed('Event1_ICE01_20261120_1032', 'event 1 ICE1'), {
      event: new Date('2026-11-20T09:32:00Z'),
    });

    expect(checks.find(({ id }) => id === 'layout.folder-name')?.text).toBe(
      '"event 1 ICE1/": expected Event1_ICE01_20261120_1032 (number, server, time of the event)',
    );
  });

  it('has logs that are judged by the zone that is said', async () => {
    const files = withMore({ [inGuide('Logs/system.log')]: minutesOfLog('2026-11-20T10:20:00Z', 22) });

    const text = (await handMade(files, { zone: 'Europe/Berlin' })).find(({ id }) => id === 'coverage.logs')?.text;

    expect(text).toBe(
      'read as Europe/Berlin (given: no manifest); 10:20 to 10:41 – only 12 min before, only 9 min after the event 10:32: 30 min on each side are asked for',
    );
  });

  it.each([
    [
      'rotated',
      {
        'Logs/system.log': minutesOfLog('2026-11-20T10:30:00Z', 60),
        'Logs/system.log.1': minutesOfLog('2026-11-20T09:30:00Z', 60),
      },
    ],
    ['of Windows', { 'Logs/system.log': Buffer.from(`\ufeff${minutesOfLog('2026-11-20T10:00:00Z', 65)}`, 'utf16le') }],
    ['with CR LF', { 'Logs/system.log': minutesOfLog('2026-11-20T10:00:00Z', 65).replaceAll('\n', '\r\n') }],
  ])('has logs that reach far enough, also where they are %s', async (_what, logs) => {
    const files = Object.fromEntries(Object.entries(logs).map(([path, content]) => [inGuide(path), content]));

    expect((await handMade(withMore(files))).filter(({ id }) => id === 'coverage.logs')).toEqual([
      expect.objectContaining({ state: 'ok', text: expect.stringMatching(/^read as /) }),
    ]);
  });

  it('is not covered by logs of which one says nothing, and that one is named', async () => {
    const quiet = '2026-11-20 10:20:00 login\n2026-11-20 10:40:00 logout\n';
    const files = withMore({ [inGuide('Logs/audit.log')]: quiet, [inGuide('Logs/debug.log')]: '' });

    const told = (await handMade(files)).filter(({ id }) => id === 'coverage.logs');

    expect(told.map(({ state, text }) => `${state} ${text.split(':')[0]}`)).toEqual([
      ...['ok system.log', 'unknown audit.log', 'unknown debug.log'],
    ]);
  });

  it('whose event nobody knows is not called covered', async () => {
    const checks = await handMade(renamed('_20261120_1032', ''));

    expect(stateOf(checks, 'coverage.logs')).toBe('unknown');
  });
});

describe('a bundle that is not safe', () => {
  it.each([
    'a way out',
    'twins',
    'a symbolic link',
    'overlapping bombs',
    'an escape in a name',
    'two manifests',
  ])('with %s is not opened (V01 V02 V03 V06 V08)', async (what) => {
    const checks = await checked(await writtenZip(badZips[what]?.[1] ?? Buffer.alloc(0)));

    expect(exitOf(checks)).toBe(10);
    expect(checks.some(({ state }) => state === 'ok')).toBe(false);
  });

  it('with a bomb inside a gzip is told which (V02)', async () => {
    const bomb = gzipSync(Buffer.alloc(100_000_000));

    const checks = await handMade({ ...guide, [inGuide('Logs/system.log.1.gz')]: bomb });

    expect(bad(checks)).toEqual([
      expect.objectContaining({ id: 'safe.bomb-inside', text: expect.stringContaining('system.log.1.gz') }),
    ]);
    expect(exitOf(checks)).toBe(10);
  });

  it('as a folder with a link is told, and the link is not followed (V06)', async () => {
    const folder = await temporaryFolder();
    for (const [name, content] of Object.entries(guide)) {
      await mkdir(dirname(join(folder, name)), { recursive: true });
      await writeFile(join(folder, name), content);
    }
    expect(bad(await checked(folder))).toEqual([]);
    await symlink('/etc/passwd', join(folder, inGuide('VM/link.txt')));

    expect(bad(await checked(folder)).map(({ id }) => id)).toEqual(['safe.link']);
  });
});

describe('a folder that a bundle was unpacked in', () => {
  async function unpacked(more: Record<string, string> = {}): Promise<string> {
    const folder = join(await temporaryFolder(), 'TIC-1234');
    const files = bundleFiles({ files: more });
    for (const [name, content] of Object.entries(files)) {
      const path = join(dirname(folder), name);
      await mkdir(dirname(path), { recursive: true });
      await writeFile(path, content);
    }
    return folder;
  }

  it('is as it should be, but nothing proves its manifest', async () => {
    const checks = await checked(await unpacked());

    expect(bad(checks)).toEqual([]);
    expect(checks.filter(({ state }) => state === 'unknown').map(({ id }) => id)).toEqual(['manifest.hash']);
  });

  it('has twins where it could not be unpacked on another machine (V03)', async () => {
    const checks = await checked(await unpacked({ [`TIC-1234/${folderOf(1)}/logs/SYSTEM.log`]: 'x' }));

    expect(bad(checks).map(({ id }) => id)).toEqual(['safe.twins']);
  });

  it('with more in it than any bundle has is not read (V02)', async () => {
    const folder = await unpacked();
    await writeFile(join(folder, 'huge.log'), '');
    await truncate(join(folder, 'huge.log'), 9 * 1024 ** 3);

    expect(bad(await checked(folder)).map(({ id }) => id)).toEqual(['safe.too-large']);
  });
});

describe('the limit of an attachment', () => {
  it.each([
    [25_000_000, undefined],
    [25_000_001, 'objection'],
  ])('of %d bytes is kept or not (V07)', async (bytes, state) => {
    const name = `TIC-1234/${folderOf(1)}/VM/large.bin`;
    const holding = (count: number) => madeZip({ entries: [{ name, method: 0, content: Buffer.alloc(count, 'x') }] });
    const zip = holding(bytes - holding(0).length);

    const checks = await checked(await writtenZip(zip));

    expect(zip.length).toBe(bytes);
    expect(stateOf(checks, 'size.limit')).toBe(state);
  });
});

describe('a good bundle of which a byte was changed', () => {
  it('is never called whole where its content is another one, and never breaks (V04)', {
    timeout: 120_000,
  }, async () => {
    const whole = zipOf(bundleFiles());
    const path = await writtenZip(whole);
    const change = fc.record({ place: fc.nat(whole.length - 1), bit: fc.nat(7) });
    await fc.assert(
      fc.asyncProperty(fc.array(change, { minLength: 1, maxLength: 3 }), async (changes) => {
        const bytes = Buffer.from(whole);
        for (const { place, bit } of changes) bytes[place] = (bytes[place] ?? 0) ^ (1 << bit);
        await writeFile(path, bytes);
        const checks = await checked(path).catch((error: unknown) => {
          if (!(error instanceof UserError)) throw error;
          return undefined;
        });
        if (checks === undefined || stateOf(checks, 'safe.archive') !== 'ok') return;
        expect(await contentsOf(path)).toEqual(await contentsOf(await writtenZip(whole)));
      }),
      { numRuns: 300 },
    );
  });
});

async function contentsOf(path: string): Promise<string[]> {
  const bundle = await openBundle(path, noRuns);
  const texts: string[] = [];
  for (const file of bundle.files) {
    const chunks: Buffer[] = [];
    for await (const chunk of file.read()) chunks.push(chunk);
    texts.push(`${file.path} ${Buffer.concat(chunks).toString('hex')}`);
  }
  await bundle.close();
  return texts;
}
