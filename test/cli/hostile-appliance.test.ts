import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdir, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { bufferFile, type MockFile, type MockTree } from '../../src/mock/files.ts';
import { lacks, programPath } from '../support/requirements.ts';
import { batch, type Rig, runProgram, startRig } from '../support/rig.ts';
import { type ScriptedFile, type SftpScript, startScriptedServer } from '../support/scripted-server.ts';
import { smallDisk } from '../support/small-disk.ts';

type Item = { path: string; status: string; reason?: string; source?: string; command?: string; bytes?: number };

const inWindowMs = () => Date.now() - 45 * 60_000;

/** Characters that are nowhere to be in what a person looks at. */
const raw = /[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]/;

const codes = (from: number, to: number) =>
  Array.from({ length: to - from + 1 }, (_, index) => String.fromCodePoint(from + index));

/** Names that a file may have on a server and none of ours may have. `/` and NUL cannot be in a name. */
const hostileNames = [
  ...[...codes(1, 0x1f), ...codes(0x7f, 0x9f)].map((control) => `a${control}b`),
  ...[...codes(0x202a, 0x202e), ...codes(0x2066, 0x2069), '\u200e', '\u200f', '\u061c', '\ufeff'].map(
    (mark) => `photo${mark}gpj.exe`,
  ),
  ...[...'!"#$%&\'()*+,-:;<=>?@[\\]^`{|}~ ._'].flatMap((sign) => [`${sign}front`, `back${sign}`]),
  ...['con', 'prn', 'aux', 'nul', 'com1', 'com9', 'lpt1', 'lpt9'].flatMap((name) => [
    name,
    name.toUpperCase(),
    `${name}.txt`,
    `${name} .txt`,
  ]),
  ...['A', 'a', '\u00e9', 'e\u0301', '\u212a', 'k', 'K', '\ufb01', 'fi', 'ß', 'ss', 'x', 'X', 'x-2', 'X-2', 'x--2'],
  ...[
    '-rf',
    '--help',
    '~',
    '~root',
    '$(reboot)',
    '`id`',
    'x;rm -rf ~',
    'a|b',
    'a&&b',
    '%2e%2e%2f',
    '..%5c',
    '&lt;b&gt;',
  ],
  ...[
    '..\\..\\x',
    'C:\\boot.ini',
    'C:evil',
    '\\\\server\\share',
    'file:///etc/passwd',
    '...',
    '....',
    '. .',
    'shortcut.lnk',
  ],
  ...[
    '\x1b[2J',
    '\x1b]0;owned\x07',
    '\x1b]52;c;b3duZWQ=\x07',
    '\r\nfake line',
    'name.',
    'name ',
    'name. . .',
    '😀',
    '💥'.repeat(40),
  ],
  ...[
    'x'.repeat(255),
    'x'.repeat(256),
    'y'.repeat(300),
    'z'.repeat(4000),
    `${'a'.repeat(89)}.${'b'.repeat(50)}`,
    '\ufffd',
    '=1+1',
  ],
].filter((name) => !/[/\0]/.test(name));

function treeOf(rig: Rig, face: 'cli' | 'hostOs' = 'cli'): MockTree {
  const tree = rig.mock.appliances[0]?.trees[face];
  if (tree === undefined) throw new Error('there is no appliance');
  return tree;
}

/** What two readers that know nothing of us find in a ZIP. */
function readersOf(zip: string): { names: string[]; contents: Record<string, string>; modes: number[] } {
  const program =
    'import zipfile,sys,json\nz=zipfile.ZipFile(sys.argv[1])\nassert z.testzip() is None\n' +
    'i=z.infolist()\nprint(json.dumps([[e.filename,z.read(e).decode("latin1") if e.file_size < 200000 else "",e.external_attr>>16,list(e.date_time)] for e in i]))';
  const found = JSON.parse(
    execFileSync(programPath('python3'), ['-c', program, zip], { maxBuffer: 64 * 1024 * 1024 }).toString(),
  ) as [string, string, number, number[]][];
  execFileSync(programPath('unzip'), ['-tq', zip]);
  const listed = execFileSync(programPath('unzip'), ['-Z1', zip]).toString().trim().split('\n');
  expect(listed.sort()).toEqual(found.map(([name]) => name).sort());
  return {
    names: found.map(([name]) => name),
    contents: Object.fromEntries(found),
    modes: found.map(([, , mode]) => mode),
  };
}

function expectSafeNames(names: readonly string[]): void {
  expect(
    names.filter((name) => !/^[A-Za-z0-9][A-Za-z0-9._-]{0,99}(\/[A-Za-z0-9][A-Za-z0-9._-]{0,99})*$/.test(name)),
  ).toEqual([]);
  const parts = names.flatMap((name) => name.split('/'));
  expect(parts.filter((part) => /^(con|prn|aux|nul|com\d|lpt\d)(\.|$)|[. ]$/i.test(part))).toEqual([]);
  expect(new Set(names.map((name) => name.toLowerCase())).size).toBe(names.length);
}

/** The CLI of the only appliance is served by a script from now on. */
async function withScriptedCli(sftp: SftpScript, commands: Record<string, string[]> = {}): Promise<Rig> {
  const rig = await startRig();
  const server = await startScriptedServer({
    password: 'cli-canary-pw-1',
    shell: { prompt: 'admin@InCenter:/> ', echo: 'program', commands },
    sftp,
  });
  await rig.configure((document) => {
    Object.assign(document.appliances.ice01.cli, { port: server.port, hostKey: server.hostKey });
  });
  return rig;
}

function scripted(content: Buffer, statBytes: number | undefined = content.length, mode?: number): ScriptedFile {
  const read = (offset: number, length: number) => content.subarray(offset, offset + length);
  return mode === undefined ? { statBytes, read } : { statBytes, mode, read };
}

const logText = (lines: number) =>
  Buffer.from(
    Array.from(
      { length: lines },
      (_, index) => `${new Date(Date.now() - (lines - index) * 60_000).toISOString()} line ${index}\n`,
    ).join(''),
  );

describe.skipIf(lacks('unzip', 'python3'))('a hostile appliance', () => {
  it(`cannot name a file of ours: ${hostileNames.length} hostile names of error reports (C09, C10, E08, E09, E15)`, async () => {
    const rig = await startRig();
    const tree = treeOf(rig);
    const names = hostileNames.map((name) => `${name}.err`);
    for (const [index, name] of names.entries())
      tree.files.set(`errors/${name}`, bufferFile(Buffer.from(`report ${index}`), inWindowMs()));

    const done = await rig.icepack(['collect', ...batch, '--only', 'logs', '--json']);

    const { bundle, servers } = done.json();
    const reports = (servers[0].items as Item[]).filter((item) => item.path.startsWith('Logs/errors/'));
    expect(names.length).toBeGreaterThan(200);
    expect(done.code).toBe(0);
    expect(reports.map((item) => item.source).sort()).toEqual(names.map((name) => `errors/${name}`).sort());
    const { names: inZip, contents } = readersOf(bundle.path);
    expectSafeNames(inZip);
    for (const { path, source = '' } of reports) {
      const [name = ''] = inZip.filter((each) => each.endsWith(`/${path}`));
      expect(contents[name]).toBe(`report ${names.indexOf(source.slice('errors/'.length))}`);
    }
    const manifest = contents['TIC-1001/manifest.json'] ?? '';
    expect(Buffer.from(manifest, 'latin1').toString().match(raw)?.[0]).toBeUndefined();
  });

  it('cannot name a file of ours by twins that become one name (C10)', async () => {
    const rig = await startRig();
    const twins = [
      'A.err',
      'a.err',
      'é.err',
      'e\u0301.err',
      'ü.err',
      '_.err',
      'a:b.err',
      'a_b.err',
      'A_B.err',
      'a-2.err',
    ];
    for (const name of twins) treeOf(rig).files.set(`errors/${name}`, bufferFile(Buffer.from(name), inWindowMs()));

    const { bundle, servers } = (await rig.icepack(['collect', ...batch, '--only', 'logs', '--json'])).json();

    const { names, contents } = readersOf(bundle.path);
    expectSafeNames(names);
    const kept = names
      .filter((name) => name.includes('/errors/'))
      .map((name) => Buffer.from(contents[name] ?? '', 'latin1').toString());
    expect(kept.sort()).toEqual([...twins].sort());
    expect(servers[0].items.filter((item: Item) => item.source?.startsWith('errors/'))).toHaveLength(twins.length);
  });

  it.each([
    ['an escape sequence', '\x1b]0;owned\x07\x1b[2J.tsf', 'Done.\n'],
    ['a reserved name', 'CON', 'Technical Support file created:\n../../../../etc/passwd\n'],
    ['a name turned around', 'a\u202efst.exe', 'Technical Support file created:\n/etc/shadow\n'],
    ['a path of Windows', '..\\..\\evil.tsf', 'Technical Support file created:\n..\\..\\evil.tsf\n'],
  ])('that makes a techsupport file with %s as its name gives its content and no more (C09)', async (_what, name, said) => {
    let make = () => {};
    const replies = {
      get techsupport() {
        make();
        return said;
      },
    };
    const rig = await startRig({ replies });
    make = () => void treeOf(rig).files.set(`techsupport/${name}`, bufferFile(Buffer.from('evidence'), Date.now()));

    const done = await rig.icepack(['collect', ...batch, '--only', 'techsupport', '--json']);

    const { bundle, servers } = done.json();
    const item = (servers[0].items as Item[]).find((each) => each.path.startsWith('Techsupport/'));
    expect(item).toMatchObject({ status: 'ok', source: `techsupport/${name}`, bytes: 8 });
    const { names, contents } = readersOf(bundle.path);
    expectSafeNames(names);
    expect(contents[names.find((each) => each.includes('/Techsupport/')) ?? '']).toBe('evidence');
    expect([...treeOf(rig).files.keys()].filter((path) => path.startsWith('techsupport/'))).toEqual([]);
  });

  it.each([
    '../../../../etc/passwd',
    '-rf',
    '$(reboot)',
  ])('that announces %s as its techsupport file, and makes none, gives none (C09)', async (announced) => {
    const rig = await startRig({ replies: { techsupport: `Technical Support file created:\n${announced}\n` } });

    const done = await rig.icepack(['collect', ...batch, '--only', 'techsupport', '--no-submit', '--json']);

    const item = (done.json().servers[0].items as Item[]).find((each) => each.path === 'Techsupport/');
    expect(done.code).toBe(4);
    expect(item).toMatchObject({ status: 'failed', reason: expect.stringContaining('made no file') });
  });

  it('cannot have anything run by how it names its scripts (C09)', async () => {
    const rig = await startRig();
    const scripts = hostileNames.map((name) => `/home/administrator/scripts/${name} backup.sh`);
    for (const path of scripts)
      treeOf(rig, 'hostOs').files.set(path, bufferFile(Buffer.from('#!/bin/sh\n'), Date.now()));

    const first = await rig.icepack(['collect', ...batch, '--only', 'config', '--no-submit', '--json']);
    treeOf(rig, 'hostOs').files.delete('/home/administrator/scripts/backup.sh');
    const second = await rig.icepack(['collect', ...batch, '--only', 'config', '--no-submit', '--json']);

    expect(first.json().servers[0].items[0]).toMatchObject({
      status: 'ok',
      command: expect.stringMatching(/^\.\/backup\.sh icepack-[A-Za-z0-9.-]+$/),
    });
    expect(second.json().servers[0].items[0]).toMatchObject({
      status: 'failed',
      reason: expect.stringContaining('no backup script'),
    });
  });

  it('with folders that never end, or hold 100,000 files, costs what is in them, and says where they were cut (C13)', async () => {
    const many = Array.from({ length: 100_000 }, (_, index) => `file-${index}`);
    const rig = await withScriptedCli({
      files: { 'logs/system.log': scripted(logText(90)), 'logs/audit.log': scripted(logText(90)) },
      folders: {
        logs: { names: ['system.log', 'audit.log'] },
        errors: { names: many.slice(0, 500), endless: true },
        techsupport: { names: many, perAnswer: 500 },
      },
    });

    const done = await rig.icepack(['collect', ...batch, '--only', 'logs,techsupport', '--json']);

    const items = done.json().servers[0].items as Item[];
    const item = (start: string) => items.find((each) => each.path.startsWith(start));
    expect(done.code).toBe(3);
    expect(item('Logs/errors/')).toMatchObject({
      status: 'failed',
      reason: expect.stringContaining('more than 20000 files'),
    });
    expect(item('Techsupport/')).toMatchObject({
      status: 'ok',
      reason: expect.stringContaining('more than 20000 files'),
    });
    expect([item('Logs/system.log')?.status, item('Logs/audit.log')?.status]).toEqual(['ok', 'ok']);
  });

  it('that lies about sizes has its files read to the end, and what is short is said (C05)', async () => {
    const tsf = Buffer.alloc(50_000, 'x');
    const rig = await withScriptedCli(
      {
        files: {
          'logs/system.log': scripted(logText(90), 2 ** 40),
          'logs/audit.log': scripted(logText(90), 0),
          'techsupport/tsf.bin': scripted(tsf, 60_000),
        },
        folders: {
          logs: { names: ['system.log', 'audit.log'] },
          errors: { names: [] },
          techsupport: { names: ['tsf.bin'] },
        },
      },
      { techsupport: ['Technical Support file created:\r\ntsf.bin\r\n'] },
    );

    const done = await rig.icepack(['collect', ...batch, '--only', 'logs,techsupport', '--json']);

    const items = done.json().servers[0].items as Item[];
    expect(done.code).toBe(4);
    expect(items.find((each) => each.path === 'Techsupport/tsf.bin')).toMatchObject({
      status: 'partial',
      bytes: 50_000,
      reason: expect.stringMatching(/50000 of 60000 bytes|still writing/),
    });
    expect(items.find((each) => each.path === 'Logs/system.log')).toMatchObject({
      status: 'partial',
      reason: expect.stringContaining('bytes came'),
    });
    expect(items.find((each) => each.path === 'Logs/audit.log')).toMatchObject({ status: 'ok' });
    expect(items.find((each) => each.path === 'Logs/system.log')?.bytes).toBe(
      items.find((each) => each.path === 'Logs/audit.log')?.bytes,
    );
  });

  it('that breaks the protocol over one log loses that log, and the others come (C08)', async () => {
    const broken = { statBytes: 5000, read: () => Buffer.alloc(300_000, 'x') }; // a packet larger than any may be
    const rig = await withScriptedCli(
      {
        files: {
          'logs/system.log': broken,
          'logs/audit.log': scripted(logText(90)),
          'techsupport/tsf.bin': scripted(Buffer.alloc(1000, 'x')),
        },
        folders: {
          logs: { names: ['system.log', 'audit.log'] },
          errors: { names: [] },
          techsupport: { names: ['tsf.bin'] },
        },
      },
      { techsupport: ['Technical Support file created:\r\ntsf.bin\r\n'] },
    );

    const done = await rig.icepack(['collect', ...batch, '--only', 'logs,techsupport', '--json']);

    const items = done.json().servers[0].items as Item[];
    expect(done.code).toBe(3);
    expect(items.find((each) => each.path === 'Logs/system.log')).toMatchObject({
      status: 'failed',
      reason: expect.stringMatching(/broke off/),
    });
    expect(items.find((each) => each.path === 'Logs/audit.log')).toMatchObject({ status: 'ok' });
    expect(items.find((each) => each.path === 'Techsupport/tsf.bin')).toMatchObject({ status: 'ok', bytes: 1000 });
  });

  it('with 150 MB without a line end in a log costs no memory (C07, C24, D14, E16)', async () => {
    const block = Buffer.concat([Buffer.alloc(65_000, 'x'), randomBytes(500)]);
    const rig = await startRig();
    treeOf(rig).files.delete('logs/system.log.1.gz');
    treeOf(rig).files.set(
      'logs/system.log.0.gz',
      bufferFile(
        gzipSync(
          Buffer.alloc(
            300_000_000,
            block.map((byte) => (byte === 10 ? 11 : byte)),
          ),
        ),
        inWindowMs(),
      ),
    );

    const done = await rig.icepack(['collect', ...batch, '--only', 'logs', '--no-submit', '--json']);

    expect(done.peakMb).toBeLessThan(256);
    expect(done.json().servers[0].items.find((each: Item) => each.path === 'Logs/system.log').bytes).toBeGreaterThan(
      60_000_000,
    );
  });

  it('whose report is gone between the listing and the reading has the gap told, and the others taken (C01, C19)', async () => {
    const rig = await startRig();
    const tree = treeOf(rig);
    for (const name of ['a.err', 'z.err'])
      tree.files.set(`errors/${name}`, bufferFile(Buffer.from(name), inWindowMs()));
    const vanishing: MockFile = {
      modifiedMs: inWindowMs(),
      read: () => Buffer.alloc(0),
      get bytes() {
        tree.files.delete('errors/m.err');
        return 100;
      },
    };
    tree.files.set('errors/m.err', vanishing);

    const done = await rig.icepack(['collect', ...batch, '--only', 'logs', '--json']);

    const items = (done.json().servers[0].items as Item[]).filter((item) => item.path.startsWith('Logs/errors'));
    expect(done.code).toBe(3);
    expect(items.filter((item) => item.status === 'ok').map((item) => item.path)).toEqual([
      'Logs/errors/a.err',
      'Logs/errors/z.err',
    ]);
    expect(items.filter((item) => item.status !== 'ok')).toEqual([
      expect.objectContaining({ reason: expect.stringMatching(/m\.err.*vanished/) }),
    ]);
  });

  it('with a log that unpacks without end has it cut, the rest taken and the packed file handed over (C24)', async () => {
    const rig = await startRig();
    const bomb = gzipSync(Buffer.alloc(200_000_000));
    treeOf(rig).files.set('logs/system.log.0.gz', bufferFile(bomb, inWindowMs()));

    const done = await rig.icepack(['collect', ...batch, '--only', 'logs', '--json']);

    const items = done.json().servers[0].items as Item[];
    expect(bomb.length).toBeLessThan(250_000);
    expect(done.code).toBe(3);
    expect(items.find((each) => each.path === 'Logs/system.log')).toMatchObject({
      status: 'partial',
      reason: expect.stringMatching(/system\.log\.0\.gz: it unpacks to more than \d+ times its size/),
    });
    expect(items.find((each) => each.path === 'Logs/system.log')?.bytes).toBeLessThan(100_000_000);
    expect(items.find((each) => each.path === 'Logs/system.log.0.gz')).toMatchObject({
      status: 'partial',
      bytes: bomb.length,
    });
    expect(items.find((each) => each.path === 'Logs/audit.log')).toMatchObject({ status: 'ok' });
  });

  it('with archives inside archives has them unpacked once and no further (C24)', async () => {
    const rig = await startRig();
    const inner = gzipSync(Buffer.from('inner text\n'.repeat(100)));
    const zip = Buffer.concat([Buffer.from('PK\x03\x04'), Buffer.alloc(100, 'z')]);
    treeOf(rig).files.set('logs/system.log.1.gz', bufferFile(gzipSync(inner), inWindowMs() - 60_000));
    treeOf(rig).files.set('logs/system.log.0.gz', bufferFile(gzipSync(zip), inWindowMs()));
    treeOf(rig).files.set('logs/system.log', bufferFile(Buffer.from('no time in it\n'), Date.now()));

    const { bundle } = (await rig.icepack(['collect', ...batch, '--only', 'logs', '--json'])).json();

    const log = execFileSync(programPath('unzip'), ['-p', bundle.path, '*/Logs/system.log']);
    expect(log.includes(inner)).toBe(true);
    expect(log.includes(zip)).toBe(true);
    expect(log.includes('inner text')).toBe(false);
  });

  it.each([
    ['1601', -11_644_473_600_000],
    ['2106', 0xffff_ffff * 1000],
  ])('with files of the year %s, for everybody and set-uid, has nothing of it in the bundle (C25)', async (_year, modifiedMs) => {
    const rig = await startRig({ replies: { techsupport: 'Technical Support file created:\ntsf.bin\n' } });
    treeOf(rig).files.set('techsupport/tsf.bin', bufferFile(Buffer.from('evidence'), modifiedMs));

    const done = await rig.icepack(['collect', ...batch, '--only', 'techsupport', '--json']);

    const { bundle, servers, run } = done.json();
    expect(servers[0].items.find((each: Item) => each.path === 'Techsupport/tsf.bin')).toMatchObject({ status: 'ok' });
    const { modes, names } = readersOf(bundle.path);
    expect(names.filter((name) => name.endsWith('tsf.bin'))).toHaveLength(1);
    expect(modes.filter((mode) => (mode & 0o7133) !== 0)).toEqual([]);
    const dated = execFileSync(programPath('unzip'), ['-Z', '-T', bundle.path]).toString();
    expect([...dated.matchAll(/ (\d{4})\d{4}\.\d{6} /g)].map((match) => Number(match[1]))).toEqual(
      names.map(() => expect.closeTo(new Date().getFullYear(), -1)),
    );
    const manifest = await readFile(join(rig.folder, '.local/state/icepack/runs', run, 'manifest.json'), 'utf8');
    expect(manifest).toContain('techsupport/tsf.bin');
  });

  it('that says it made its techsupport file and still writes it has it taken whole (C27)', async () => {
    const pieces = 4;
    const pieceBytes = 10_000;
    let asked: number | undefined;
    const rig = await startRig({ replies: { techsupport: 'Technical Support file created:\ngrowing.tsf\n' } });
    const content = Buffer.from(Array.from({ length: pieces * pieceBytes }, (_, index) => index % 251));
    const written = () => {
      asked ??= performance.now();
      return Math.min(pieces, 1 + Math.floor((performance.now() - asked) / 350)) * pieceBytes;
    };
    treeOf(rig).files.set('techsupport/growing.tsf', {
      modifiedMs: Date.now(),
      get bytes() {
        return written();
      },
      read: (offset, length) => content.subarray(0, written()).subarray(offset, offset + length),
    });

    const done = await rig.icepack(['collect', ...batch, '--only', 'techsupport', '--json']);

    const { bundle, servers } = done.json();
    expect(servers[0].items.find((each: Item) => each.path === 'Techsupport/growing.tsf')).toMatchObject({
      status: 'ok',
      bytes: content.length,
    });
    expect(execFileSync(programPath('unzip'), ['-p', bundle.path, '*/growing.tsf']).equals(content)).toBe(true);
  });
});

describe.skipIf(lacks('unshare'))('a server with a file that would fill the disk of this machine', () => {
  it('gets it cut while there is room for what else is to come, and that is said (C07)', async () => {
    const rig = await startRig({ techsupport: { durationMs: 0, bytes: 60_000_000 } });
    const empty = join(rig.folder, 'mock', 'empty');
    await mkdir(empty, { mode: 0o700 });
    const disk = smallDisk(join(rig.folder, 'mock', 'disk'), empty, 50_000);

    await runProgram(['collect', ...batch, '--no-submit', '--json'], {
      cwd: rig.folder,
      ...disk.options,
      env: { ...rig.env, ...disk.options.env },
    });

    const runs = join(disk.full, 'icepack', 'runs');
    const [run = ''] = await readdir(runs);
    const { servers } = JSON.parse(await readFile(join(runs, run, 'manifest.json'), 'utf8'));
    const status = Object.fromEntries(
      servers[0].items.map(({ collector, status, reason }: Record<string, string>) => [collector, reason ?? status]),
    );
    expect(status).toMatchObject({
      techsupport: expect.stringMatching(/^cut after \d\d\.\d MB: the disk of this machine is nearly full/),
      config: 'ok',
      cli: 'ok',
      vm: 'ok',
    });
  });
});
