import { execFileSync } from 'node:child_process';
import {
  appendFileSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  statSync,
  watch,
  writeFileSync,
} from 'node:fs';
import { constants } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { type Incident, makeIncident } from '../support/incident-maker.ts';
import { zipOf } from '../support/made-bundle.ts';
import { lacks, programPath } from '../support/requirements.ts';
import { binary, runProgram, temporaryFolder } from '../support/rig.ts';
import { smallDisk } from '../support/small-disk.ts';

async function made(options: Parameters<typeof makeIncident>[1] = {}): Promise<{ folder: string; incident: Incident }> {
  const folder = await temporaryFolder();
  return { folder, incident: await makeIncident(folder, { lines: 1500, ...options }) };
}

describe('icepack report', () => {
  it('writes one private page with the name of the bundle, and says where', async () => {
    const { folder, incident } = await made();

    const done = await runProgram(['report', incident.zip], { cwd: folder });

    const page = join(folder, 'TIC-1234_Event1_20261120_1032.html');
    expect(done.code).toBe(0);
    expect(done.stdout).toContain('The page: TIC-1234_Event1_20261120_1032.html');
    expect(statSync(page).mode & 0o777).toBe(0o600);
    expect(readFileSync(page, 'utf8')).toMatch(/^<!doctype html>[\s\S]*<\/html>\n$/);
    expect(readdirSync(folder).filter((name) => name.includes('partial'))).toEqual([]);
  });

  it('says that there is no folder for it, before anything is read', async () => {
    const { folder, incident } = await made();

    const done = await runProgram(['report', incident.zip, '-o', 'pages/a.html'], { cwd: folder });

    expect(done.code).toBe(2);
    expect(done.stderr).toBe(
      `there is no folder "${join(folder, 'pages')}"\n  → Make it, or name another place with -o\n`,
    );
  });

  it('the same ZIP gives the same bytes in another zone, locale and umask (R08)', async () => {
    const { folder, incident } = await made({ isHostile: true });

    await runProgram(['report', incident.zip, '-o', 'a.html'], { cwd: folder });
    await runProgram(['report', incident.zip, '-o', 'b.html'], {
      cwd: folder,
      env: { TZ: 'Asia/Kathmandu', LANG: 'de_DE.UTF-8', LC_ALL: 'tr_TR.UTF-8' },
      under: ['bash', '-c', 'umask 000; exec "$@"', 'bash'],
    });

    expect(readFileSync(join(folder, 'b.html')).equals(readFileSync(join(folder, 'a.html')))).toBe(true);
  });

  it.each(['node22', 'node24'] as const)('and in %s (R08)', async (name) => {
    if (lacks(name)) return;
    const { folder, incident } = await made();

    await runProgram(['report', incident.zip, '-o', 'a.html'], { cwd: folder });
    execFileSync(programPath(name), [binary, 'report', incident.zip, '-o', 'b.html'], { cwd: folder, stdio: 'ignore' });

    expect(readFileSync(join(folder, 'b.html')).equals(readFileSync(join(folder, 'a.html')))).toBe(true);
  });

  it('overwrites nothing without --force, and makes nothing of a bundle it is in (R14)', async () => {
    const { folder, incident } = await made();
    writeFileSync(join(folder, 'mine.html'), 'mine');

    const refused = await runProgram(['report', incident.zip, '-o', 'mine.html'], { cwd: folder });
    const inside = await runProgram(['report', incident.folder, '-o', join(incident.folder, 'x.html')], {
      cwd: folder,
    });
    expect([refused.code, inside.code]).toEqual([8, 2]);
    expect(refused.stderr).toContain('--force');
    expect(readFileSync(join(folder, 'mine.html'), 'utf8')).toBe('mine');

    const forced = await runProgram(['report', incident.zip, '-o', 'mine.html', '--force'], { cwd: folder });
    expect(forced.code).toBe(0);
    expect(readFileSync(join(folder, 'mine.html'), 'utf8')).toContain('<!doctype html>');
  });

  it.skipIf(lacks('unshare'))('is there whole or not at all when the disk is full (R14)', async () => {
    const { folder, incident } = await made();
    const empty = join(folder, 'empty');
    mkdirSync(empty);
    const disk = smallDisk(join(folder, 'mock'), empty, 64);

    const page = join(folder, 'mock', 'disk', 'page.html');
    const done = await runProgram(['report', incident.zip, '-o', page], { cwd: folder, ...disk.options });

    expect(disk.first().code).toBe(8);
    expect(disk.first().stderr).toContain('page.html');
    expect(readdirSync(disk.full)).toEqual([]);
    expect(done.code).toBe(0);
    expect(readdirSync(disk.after)).toEqual(['page.html']);
  });

  it.each([
    ['SIGINT', 'reads', 'traces'],
    ['SIGTERM', 'writes', 'pages'],
    ['SIGHUP', 'writes', 'pages'],
  ] as const)('leaves nothing when it gets a %s while it %s (R14)', async (signal, _, watched) => {
    const { folder, incident } = await made({ lines: 200_000 });
    for (const name of ['traces', 'pages']) mkdirSync(join(folder, name));
    const page = join(folder, 'pages', 'page.html');

    const done = await runProgram(['report', incident.zip, '-o', page, '--log-file', join(folder, 'traces', 'all')], {
      cwd: folder,
      onStart: (kill) => {
        const watcher = watch(join(folder, watched)).once('change', () => kill(signal));
        onTestFinished(() => watcher.close());
      },
    });

    expect([0, 128 + constants.signals[signal]]).toContain(done.code); // it may have been done by then
    const left = readdirSync(join(folder, 'pages'));
    for (const name of left) expect(readFileSync(join(folder, 'pages', name), 'utf8').slice(-9)).toBe('\n</html>\n');
  });

  it('a command that the page names works from where it was made', async () => {
    const { folder, incident } = await made({ isHostile: true });
    mkdirSync(join(folder, 'else where'));
    renameSync(incident.zip, join(folder, 'else where', 'x.zip'));

    await runProgram(['report', 'else where/x.zip', '-o', 'page.html'], { cwd: folder });
    const named = /In a terminal: <code>icepack inspect &#39;(.+?)&#39;<\/code>/.exec(
      readFileSync(join(folder, 'page.html'), 'utf8'),
    );

    expect((await runProgram(['inspect', named?.[1] ?? ''], { cwd: folder })).code).toBe(0);
  });

  it('goes to standard output whole, into a folder under its own name, and takes an unpacked folder (R14)', async () => {
    const { folder, incident } = await made();
    mkdirSync(join(folder, 'pages'));

    const printed = await runProgram(['report', incident.zip, '-o', '-'], { cwd: folder });
    await runProgram(['report', incident.zip, '-o', 'pages'], { cwd: folder });
    const unpacked = await runProgram(['report', incident.folder, '-o', 'unpacked.html'], { cwd: folder });

    expect(readdirSync(join(folder, 'pages'))).toEqual(['TIC-1234_Event1_20261120_1032.html']);
    expect(readFileSync(join(folder, 'pages', 'TIC-1234_Event1_20261120_1032.html'), 'utf8')).toBe(printed.stdout);
    expect(unpacked.code).toBe(0);
  });

  it('stays within --max: what tells least is left out, and the page says so (R13)', async () => {
    const { folder, incident } = await made({ lines: 30_000 });

    const done = await runProgram(['report', incident.zip, '-o', 'small.html', '--max', '500kB', '--json'], {
      cwd: folder,
    });

    const { page, lines, findings } = JSON.parse(done.stdout);
    expect(statSync(join(folder, 'small.html')).size).toBeLessThanOrEqual(500_000);
    expect(page.lines).toBeGreaterThan(1000);
    expect(page.lines).toBeLessThan(lines);
    expect(findings.length).toBeGreaterThan(0);
    expect(readFileSync(join(folder, 'small.html'), 'utf8')).toContain('debug was left out first');
  });

  it('--lines near keeps the event, what stands out, and warnings, within 1 MB', async () => {
    const { folder, incident } = await made({ lines: 30_000 });

    const done = await runProgram(['report', incident.zip, '-o', 'near.html', '--lines', 'near', '--json'], {
      cwd: folder,
    });

    const { page, lines } = JSON.parse(done.stdout);
    expect(page.bytes).toBeLessThanOrEqual(1_000_000);
    expect(page.lines).toBeGreaterThan(100);
    expect(page.lines).toBeLessThan(lines / 2);
  });

  it('--json without a file is the reading as one document, and writes nothing', async () => {
    const { folder, incident } = await made();
    const before = readdirSync(folder);

    const done = await runProgram(['report', incident.zip, '--json'], { cwd: folder });

    const document = JSON.parse(done.stdout);
    expect(document).toMatchObject({ verb: 'report', exitCode: 0, of: { ticket: 'TIC-1234', number: 1 } });
    expect(document.servers.map(({ label }: { label: string }) => label)).toEqual(['ICE01', 'ICE02', 'ICE03', 'ICE04']);
    expect(document.missing.length).toBeGreaterThan(0);
    expect(document.findings.length).toBeGreaterThan(0);
    expect(document.markers.length).toBeGreaterThan(0);
    expect(readdirSync(folder)).toEqual(before);
  });

  it('a bundle without manifest, and one without any log, says so in its first lines (R07)', async () => {
    const { folder, incident } = await made({ isByHand: true });
    mkdirSync(join(folder, 'bare', 'TIC-9', 'Event1_ICE01_20261120_1032', 'VM'), { recursive: true });
    writeFileSync(join(folder, 'bare', 'TIC-9', 'Event1_ICE01_20261120_1032', 'VM', 'virtual-machine.txt'), 'x');

    await runProgram(['report', incident.zip, '-o', 'hand.html'], { cwd: folder });
    const bare = await runProgram(['report', join(folder, 'bare', 'TIC-9'), '-o', 'bare.html'], { cwd: folder });

    const [hand, none] = ['hand.html', 'bare.html'].map((name) => readFileSync(join(folder, name), 'utf8'));
    expect(hand).toContain('No manifest: what else may be missing cannot be told.');
    expect(bare.code).toBe(0);
    expect(none).toContain('so nothing could be counted');
    expect(`${hand}${none}`).not.toMatch(/manifest lists are here and whole/);
  });

  it('what is not as it was collected is said, and all is not called whole', async () => {
    const { folder, incident } = await made({ isWhole: true });
    const [server] = incident.servers;
    appendFileSync(join(incident.folder, server?.folder ?? '', 'Logs', 'system.log'), 'one more line\n');
    const names = readdirSync(incident.folder, { recursive: true, encoding: 'utf8' });
    const files = names.filter((name) => statSync(join(incident.folder, name)).isFile());
    const entries = files.map((name) => [`TIC-1234/${name}`, readFileSync(join(incident.folder, name))]);
    writeFileSync(join(folder, 'changed.zip'), zipOf(Object.fromEntries(entries)));

    await runProgram(['report', incident.zip, '-o', 'before.html'], { cwd: folder });
    const done = await runProgram(['report', 'changed.zip', '-o', 'page.html'], { cwd: folder });

    const [before, page] = ['before.html', 'page.html'].map((name) => readFileSync(join(folder, name), 'utf8'));
    const said = 'is not as it was collected: its SHA-256 is another than in manifest.json';
    expect(done.code).toBe(0);
    expect([before?.includes(said), page?.includes(said)]).toEqual([false, true]);
    expect([before, page].map((text) => text?.includes('are here and whole'))).toEqual([true, false]);
  });

  it('a ZIP that is not safe to unpack is refused, and looked at only on request (R07)', async () => {
    const { folder, incident } = await made();
    const twin = readFileSync(incident.zip);
    writeFileSync(join(folder, 'junk.zip'), Buffer.concat([Buffer.from('junk before it'), twin]));

    const refused = await runProgram(['report', 'junk.zip'], { cwd: folder });

    expect(refused.code).toBe(10);
    expect(refused.stderr).toContain('icepack report junk.zip --untrusted');
    expect(readdirSync(folder)).not.toContain('junk.html');
  });
});
