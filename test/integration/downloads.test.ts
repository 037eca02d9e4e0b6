import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  chmodSync,
  existsSync,
  linkSync,
  lstatSync,
  lutimesSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { openStaging } from '../../src/bundle/staging.ts';
import type { Finding } from '../../src/collectors/collector.ts';
import { downloadTo, maxFileBytes } from '../../src/collectors/download.ts';
import { techsupport } from '../../src/collectors/techsupport.ts';
import type { Appliance } from '../../src/domain/appliance.ts';
import { itemError } from '../../src/errors.ts';
import type { CliSession } from '../../src/ssh/cli/cli.ts';
import type { RemoteFiles } from '../../src/ssh/files/remote-files.ts';
import { toolsWith } from '../support/collector-tools.ts';
import { lacks, programPath } from '../support/requirements.ts';
import { batch, type Rig, startRig, temporaryFolder } from '../support/rig.ts';
import { applianceConfig, type RealAppliance, startRealAppliance } from '../support/sshd.ts';

type Item = { path: string; status: string; reason?: string; source?: string; bytes?: number; sha256?: string };

async function withRealServer(): Promise<{ rig: Rig; server: RealAppliance }> {
  const rig = await startRig();
  const server = await startRealAppliance(rig.folder, 'ice01');
  await rig.configure((document) => {
    document.appliances = { ice01: applianceConfig(server, 1) };
  });
  return { rig, server };
}

/** A report that lies in the window. */
function putReport({ files }: RealAppliance, name: string | Buffer, content = `${name}`): Buffer {
  const path = Buffer.concat([Buffer.from(`${files}/errors/`), Buffer.from(name)]);
  writeFileSync(path, content);
  const seconds = Date.now() / 1000 - 45 * 60;
  utimesSync(path, seconds, seconds);
  return path;
}

async function collectLogs(rig: Rig): Promise<{ code: number | null; items: Item[]; zip: string }> {
  const done = await rig.icepack(['collect', ...batch, '--only', 'logs', '--json']);
  const { servers, bundle } = done.json();
  return { code: done.code, items: servers[0].items, zip: bundle.path };
}

const reportsOf = (items: Item[]) => items.filter((item) => item.path.startsWith('Logs/errors'));

describe.skipIf(lacks('sshd', 'sftp-server', 'ssh-keygen', 'unzip'))('files of a real server', () => {
  it('are taken where they are files, or lead to one: folders, pipes, devices and loops are left and told (C11, C14, field-A13)', async () => {
    const { rig, server } = await withRealServer();
    const errors = join(server.files, 'errors');
    putReport(server, 'a.err');
    writeFileSync(join(rig.folder, 'mock', 'outside'), 'outside');
    symlinkSync(join(rig.folder, 'mock', 'outside'), join(errors, 'link.err'));
    symlinkSync('/dev/zero', join(errors, 'zero.err'));
    symlinkSync('nowhere', join(errors, 'dangling.err'));
    symlinkSync('.', join(errors, 'loop.err'));
    symlinkSync('../errors', join(errors, 'loop'));
    mkdirSync(join(errors, 'folder.err'));
    execFileSync('mkfifo', [join(errors, 'pipe.err'), join(server.files, 'logs', 'system.log.7.gz')]);

    const inWindow = Date.now() / 1000 - 45 * 60;
    for (const name of readdirSync(errors)) lutimesSync(join(errors, name), inWindow, inWindow);
    lutimesSync(join(rig.folder, 'mock', 'outside'), inWindow, inWindow);

    const { code, items, zip } = await collectLogs(rig);

    const reports = reportsOf(items);
    const taken = ['Logs/errors/a.err', 'Logs/errors/link.err'];
    expect(reports.filter((item) => item.status === 'ok').map((item) => item.path)).toEqual(taken);
    const told = reports.find((item) => item.path === 'Logs/errors/')?.reason ?? '';
    for (const name of ['zero.err', 'dangling.err', 'loop.err', 'folder.err', 'pipe.err']) expect(told).toContain(name);
    expect(items.find((item) => item.path === 'Logs/system.log')).toMatchObject({
      status: 'partial',
      reason: expect.stringContaining('system.log.7.gz'),
    });
    expect(code).toBe(3);
    const listed = execFileSync(programPath('unzip'), ['-Z1', zip]).toString();
    expect(listed.split('\n').filter((name) => name.includes('/errors/'))).toHaveLength(taken.length);
  });

  it('that techsupport made as a pipe or a link are not read (C11)', async () => {
    const { rig, server } = await withRealServer();
    const loop = join(server.files, '..', 'cli.sh');
    const text = readFileSync(loop, 'utf8');
    writeFileSync(loop, text.replace(/head -c 50000 \S+ > ?\S+/, `mkfifo ${server.files}/techsupport/$name`));

    const done = await rig.icepack(['collect', ...batch, '--only', 'techsupport', '--json']);

    expect(readFileSync(loop, 'utf8')).not.toBe(text);
    expect(done.code).toBe(4);
    expect(done.json().servers[0].items.find((item: Item) => item.path === 'Techsupport/')).toMatchObject({
      status: 'failed',
      reason: expect.stringContaining('made no file'),
    });
  });

  it('that may not be read cost only themselves; a name that is no UTF-8 is fetched by its bytes (C19, C09, field-B07)', async () => {
    const { rig, server } = await withRealServer();
    for (const name of ['a.err', 'z.err']) putReport(server, name);
    chmodSync(putReport(server, 'm.err'), 0o000);
    putReport(server, Buffer.from('f\xfcr.err', 'latin1'), 'latin 1');
    chmodSync(join(server.files, 'logs', 'audit.log.0.gz'), 0o000);
    runSftpAsNobody(rig, server);

    const { code, items } = await collectLogs(rig);

    const reports = reportsOf(items);
    expect(reports.filter((item) => item.status === 'ok').map((item) => item.path)).toEqual([
      'Logs/errors/a.err',
      'Logs/errors/f_r.err',
      'Logs/errors/z.err',
    ]);
    expect(reports.find((item) => item.status !== 'ok')).toMatchObject({
      path: 'Logs/errors/',
      reason: expect.stringMatching(/does not permit reading .*m\.err/),
    });
    expect(items.find((item) => item.path === 'Logs/audit.log')).toMatchObject({
      status: 'partial',
      reason: expect.stringMatching(/audit\.log\.0\.gz: .*does not permit reading/),
    });
    expect(items.find((item) => item.path === 'Logs/system.log')).toMatchObject({ status: 'ok' });
    expect(code).toBe(3);
  });

  it('have in the manifest the hash of the bytes in the ZIP: the server offers none to compare with (C23)', async () => {
    const { rig, server } = await withRealServer();
    const content = 'report '.repeat(100_000);
    putReport(server, 'a.err', content);

    const { items, zip } = await collectLogs(rig);

    const inZip = execFileSync(programPath('unzip'), ['-p', zip, '*/a.err'], { maxBuffer: 16 * 1024 * 1024 });
    const [report] = reportsOf(items);
    expect(report?.sha256).toBe(createHash('sha256').update(content).digest('hex'));
    expect(createHash('sha256').update(inZip).digest('hex')).toBe(report?.sha256);
  });

  it('are private here whatever they were there (C25)', async () => {
    const { rig, server } = await withRealServer();
    chmodSync(putReport(server, 'a.err'), 0o6777);

    const { items } = await collectLogs(rig);

    const runs = join(rig.folder, '.local', 'state', 'icepack', 'runs');
    const found = readdirSync(runs, { recursive: true, withFileTypes: true }).find((entry) => entry.name === 'a.err');
    expect(lstatSync(join(found?.parentPath ?? '', 'a.err')).mode & 0o7777).toBe(0o600);
    expect(lstatSync(found?.parentPath ?? '').mode & 0o7777).toBe(0o700);
    expect(reportsOf(items)[0]).toMatchObject({ status: 'ok' });
  });
});

/** What may not be read on the server may not be read by whoever serves the files: nobody, where we are root. */
function runSftpAsNobody(rig: Rig, { files }: RealAppliance): void {
  if (process.getuid?.() !== 0) return;
  const loop = join(files, '..', 'cli.sh');
  const text = readFileSync(loop, 'utf8');
  writeFileSync(loop, text.replace('exec /', 'exec setpriv --reuid 65534 --regid 65534 --clear-groups /'));
  for (const path of [rig.folder, join(files, '..')]) chmodSync(path, 0o711);
}

async function* bytes(text: string): AsyncGenerator<Buffer> {
  yield Buffer.from(text);
}

describe('the place where evidence gathers', () => {
  const plants: [string, (target: string, outside: string) => void][] = [
    ['a link to a file', (target, outside) => symlinkSync(outside, target)],
    ['a link to nothing', (target, outside) => symlinkSync(`${outside}-not-there`, target)],
    ['another name of a file', (target, outside) => linkSync(outside, target)],
    ['a folder', (target) => mkdirSync(target)],
  ];

  it.each(plants)('refuses to write where %s lies already (C12)', async (_what, plant) => {
    const own = await temporaryFolder();
    const outside = join(own, 'outside');
    writeFileSync(outside, 'untouched');
    const staging = await openStaging(join(own, 'staging'));
    mkdirSync(join(own, 'staging', 'Logs'), { mode: 0o700 });
    plant(join(own, 'staging', 'Logs', 'system.log'), outside);

    const keeping = staging.store('Logs', 'system.log', bytes('evidence'));

    await expect(keeping).rejects.toMatchObject({ name: 'UserError', exit: 8 });
    expect(readFileSync(outside, 'utf8')).toBe('untouched');
    expect(existsSync(`${outside}-not-there`)).toBe(false);
    expect(readdirSync(join(own, 'staging', 'Logs'))).toEqual(['system.log']);
  });

  it.each(plants)('refuses to write where %s is put while it is written (C12)', async (_what, plant) => {
    const own = await temporaryFolder();
    const outside = join(own, 'outside');
    writeFileSync(outside, 'untouched');
    const staging = await openStaging(join(own, 'staging'));
    async function* planting(): AsyncGenerator<Buffer> {
      yield Buffer.from('evidence');
      plant(join(own, 'staging', 'Logs', 'system.log'), outside);
      yield Buffer.from('evidence');
    }

    const keeping = staging.store('Logs', 'system.log', planting());

    await expect(keeping).rejects.toMatchObject({ name: 'UserError', exit: 8 });
    expect(readFileSync(outside, 'utf8')).toBe('untouched');
    expect(existsSync(`${outside}-not-there`)).toBe(false);
  });

  it.each([
    ['a folder of it', 'staging/Logs', undefined],
    ['a folder in a folder of it', 'staging/Logs/errors', 'errors'],
    ['itself', 'staging', undefined],
  ])('refuses to write where %s is a link to another folder (C12)', async (_what, planted, subfolder) => {
    const own = await temporaryFolder();
    mkdirSync(join(own, 'outside'));
    mkdirSync(join(own, planted, '..'), { recursive: true, mode: 0o700 });
    symlinkSync(join(own, 'outside'), join(own, planted));

    const keeping = openStaging(join(own, 'staging')).then((staging) =>
      staging.store('Logs', 'system.log', bytes('evidence'), subfolder === undefined ? {} : { subfolder }),
    );

    await expect(keeping).rejects.toMatchObject({ name: 'UserError', exit: 8 });
    expect(readdirSync(join(own, 'outside'))).toEqual([]);
  });

  it('replaces a link that was put in the place of a file, and not what the link leads to (C12)', async () => {
    const own = await temporaryFolder();
    writeFileSync(join(own, 'outside'), 'untouched');
    const staging = await openStaging(join(own, 'staging'));
    const path = 'Logs/swapped.log';
    mkdirSync(join(own, 'staging', 'Logs'));
    symlinkSync(join(own, 'outside'), join(own, 'staging', path));

    await staging.store('Logs', 'swapped.log', bytes('evidence'), { replaces: { path } });

    expect(readFileSync(join(own, 'outside'), 'utf8')).toBe('untouched');
    expect(lstatSync(join(own, 'staging', path)).isFile()).toBe(true);
    expect(readFileSync(join(own, 'staging', path), 'utf8')).toBe('evidence');
  });
});

/** One file that a server has; `bytes` says how large it is now. */
function oneFile(name: string, sizeBytes: () => number, content: () => AsyncIterable<Buffer>): RemoteFiles {
  const entry = () => ({ name, kind: 'file' as const, sizeBytes: sizeBytes() });
  return {
    title: 'ICE01 CLI',
    abilities: async () => ({ peeks: true, skips: true }),
    list: async () => [entry()],
    find: async (path) => (path.endsWith('techsupport') ? { name: 'techsupport', kind: 'folder' } : entry()),
    read: (_path, { maxBytes }) => ({
      chunks: content(),
      verdict: () => (maxBytes < 1024 ** 4 ? { kind: 'capped', bytes: maxBytes } : { kind: 'whole' }),
    }),
    remove: async () => {
      throw itemError('transfer-failed', 'it is not to be removed');
    },
    close: () => undefined,
  };
}

describe('a file that does not end', () => {
  it('is taken up to the limit of all files, as partial, and says so (C07)', async () => {
    const staging = await openStaging(join(await temporaryFolder(), 'staging'));
    const tools = toolsWith({ evidence: { keep: staging.store } });
    const files = oneFile(
      'big',
      () => 0,
      () => bytes('the first bytes'),
    );

    const finding = await downloadTo(tools, files, 'big', { folder: 'Techsupport', name: 'big' });

    expect(maxFileBytes).toBe(4 * 1024 ** 3);
    expect(finding).toMatchObject({ status: 'partial', bytes: 15, reason: expect.stringContaining('cut at') });
  });

  it('because techsupport goes on writing it is taken as partial, says so, and stays on the server (C27)', async () => {
    const staging = await openStaging(join(await temporaryFolder(), 'staging'));
    let size = 0;
    let pauses = 0;
    const found: Finding[] = [];
    const warnings: string[] = [];
    const files = oneFile(
      'growing.tsf',
      () => ++size,
      () => bytes('x'.repeat(size)),
    );
    const session = {
      run: async () => ({ text: 'Technical Support file created:\ngrowing.tsf\n' }),
      printed: () => '',
      close: () => undefined,
    };
    const tools = toolsWith({
      server: {
        appliance: { cli: { user: 'admin' } } as Appliance,
        noteRemoteFile: async () => undefined,
        forgetRemoteFile: async () => undefined,
      },
      cli: {
        open: async () => session as unknown as CliSession,
        files: async () => ({
          ...files,
          read: () => ({ ...files.read('', { signal: new AbortController().signal, maxBytes: 1024 ** 5 }) }),
        }),
      },
      evidence: { keep: staging.store, record: (finding) => void found.push(finding) },
      pause: async () => void pauses++,
      warn: (text) => void warnings.push(text),
    });

    await techsupport.collect(tools);

    expect(found).toEqual([
      expect.objectContaining({ status: 'partial', reason: expect.stringContaining('still writing') }),
    ]);
    expect(found[0]?.bytes).toBeGreaterThan(1);
    expect(warnings.join()).toContain('left on the server');
    expect(pauses).toBeGreaterThan(10);
    expect(pauses).toBeLessThan(1000);
  });
});
