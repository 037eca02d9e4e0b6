import { execFile } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Incident, makeIncident } from '../support/incident-maker.ts';
import { madeZip } from '../support/made-zip.ts';
import { lacks } from '../support/requirements.ts';
import { binary, runProgram, startRig } from '../support/rig.ts';
import { openTerminal } from '../support/terminal.ts';

const folder = mkdtempSync(join(tmpdir(), 'icepack-inspect-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

let incident: Incident;
const styles = ['level behind the time'];
beforeAll(async () => {
  incident = await makeIncident(folder, { lines: 20_000, isHostile: true, styles });
});

const env = { HOME: '/nonexistent', XDG_STATE_HOME: join(folder, 'state') };
const inspect = (...words: string[]) => runProgram(['inspect', ...words], { env, cwd: folder });

describe('icepack inspect of a run', () => {
  it('is the page of its evidence, as of its ZIP, and leaves nothing open', async () => {
    const rig = await startRig({ appliances: 1 });
    const { run, bundle } = (
      await rig.icepack(['collect', '--batch', '--at', '-45m', '--no-submit', '--report', '--json'])
    ).json();

    const ofRun = await rig.icepack(['inspect', run]);
    const ofZip = await rig.icepack(['inspect', bundle.path]);

    expect({ code: ofRun.code, stderr: ofRun.stderr }).toEqual({ code: 0, stderr: '' });
    expect(ofRun.stdout).toContain(`  → icepack report ${run}     the same, to look at`);
    const table = (text: string) => text.split('\n').filter((line) => /^(?:SERVER|ICE|\d\d:\d\d [▁-█])/.test(line));
    expect(table(ofRun.stdout)).toEqual(table(ofZip.stdout));
    expect(ofZip.stdout).not.toContain('report.html'); // which is no evidence
    expect((await rig.icepack(['inspect', bundle.path, 'report.html'])).stdout).toMatch(/^<!doctype html>/i);
  });
});

describe('icepack inspect', () => {
  it('says on one page what is missing, stands out and happened, without a configuration, and writes nothing', async () => {
    const before = readdirSync(folder, { recursive: true });
    const { code, stdout, stderr } = await inspect(incident.zip);

    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    const lines = stdout.split('\n');
    expect(lines[0]).toBe('TIC-1234 · Event 1 · 2026-11-20 10:32 Europe/Stockholm (+01:00)');
    expect(lines.slice(1, 3)).toEqual([
      'VPN tunnels of site 3 dropped · high · InCenter 2.2.5, 2.2.4 ·',
      'icepack-4b357478c61f',
    ]);
    expect(stdout).toMatch(/^ICE02 {3}73\.0 s ahead {2}UTC +\d+ +\d+ {2}–$/m);
    expect(stdout).toMatch(/^10:02 [▁▂▃▄▅▆▇█]{30} 11:02 {3}errors per 2 min, all servers$/m);
    expect(lines).toContain('✗ ICE04 Techsupport/: timed out after 20 min');
    expect(stdout).toMatch(/^10:31:30 ICE02 200× \(new\) ERROR connection to peer # lost: timeout after # ms$/m);
    expect(stdout).toMatch(/^10:33:05 ICE02 restart: InCenter starting, version 2\.2\.5$/m);
    expect(stdout).toMatch(
      / {2}→ icepack inspect \S+\.zip --lines 10:30\.\.10:32\n {2}→ icepack report \S+\.zip {5}the same, to look at\n$/,
    );
    expect(lines.filter((line) => [...line].length > 80 && !/ {2}→/.test(line))).toEqual([]);
    expect(readdirSync(folder, { recursive: true })).toEqual(before);
  });

  it('says the same of the folder a ZIP was unpacked in', async () => {
    const [zip, unpacked] = await Promise.all([inspect(incident.zip, '--json'), inspect(incident.folder, '--json')]);

    const { bundle: _zip, contents: zipContents, ...ofZip } = zip.json();
    const { bundle: _folder, contents, ...ofFolder } = unpacked.json();
    expect(ofFolder).toEqual(ofZip);
    expect(contents).toEqual(zipContents);
  });

  it('shows the lines of all servers on one clock, as they are wanted', async () => {
    const { stdout, code } = await inspect(
      incident.zip,
      '--lines',
      '10:31:00..10:31:59',
      '--min',
      'error',
      '--grep',
      'PEER',
    );
    const lines = stdout.trim().split('\n');
    const only = await inspect(incident.zip, '--lines', '10:31:12', '--server', 'ice02', '--min', 'critical');

    expect(code).toBe(0);
    expect(lines.map((line) => line.slice(0, 12))).toEqual(lines.map((line) => line.slice(0, 12)).sort());
    expect(new Set(lines.map((line) => line.slice(13, 18)))).toEqual(new Set(['ICE01', 'ICE02']));
    expect(lines.every((line) => /peer/i.test(line))).toBe(true);
    expect(only.stdout.split('\n')[0]).toMatch(
      /^10:31:12\.000 ICE02 system\.log:\d+ {2}2026-11-20 09:32:25\.000 CRITICAL system\[\d+\]: System exception occurred, report 4711\.err$/,
    );
  });

  it('says of what is not to be seen there that it was not collected, or silent', async () => {
    const { stdout, stderr } = await inspect(
      incident.zip,
      '--lines',
      '10:05..10:06',
      '--server',
      'ICE04',
      '--grep',
      'txn',
    );

    expect(stdout).toBe('');
    expect(stderr).toContain('debug.log was not collected from 10:02:00 to 10:17:00');
    expect(stderr).toContain('no line is as wanted');
  });

  it('of a span without a line says from when to when there are some, and in which zone', async () => {
    const { stderr } = await inspect(incident.zip, '--lines', '08:00..08:01');

    expect(stderr).toMatch(
      /no line is as wanted; those here go from 2026-11-20 10:0\d:\d\d to 1[01]:\d\d:\d\d Europe\/Stockholm/,
    );
  });

  it('goes on with what was said of the bundle', async () => {
    const said = ['--event', '2026-11-20 10:32', '--zone', 'Europe/Stockholm'];
    const { stdout } = await inspect(incident.zip, ...said);
    const { stderr } = await inspect(incident.zip, '--lines', '08:00..08:01', ...said);

    const again = "--event '2026-11-20 10:32' --zone Europe/Stockholm";
    expect(stdout).toMatch(new RegExp(`^  → icepack inspect .* --lines \\S+ ${again}$`, 'm'));
    expect(stderr).toMatch(new RegExp(`See what there is: icepack inspect .* ${again}$`, 'm'));
  });

  it('gives a file to a pipe as it is, and lines of it', async () => {
    const path = `${incident.servers[0]?.folder}/Logs/system.log`;
    const content = readFileSync(join(incident.folder, path));
    const whole = await promisify(execFile)(process.execPath, [binary, 'inspect', incident.zip, path], {
      ...{ encoding: 'buffer', maxBuffer: 1e9, env },
    });
    const some = await inspect(incident.zip, `TIC-1234/${path}:3-4`);

    expect(whole.stdout.equals(content)).toBe(true);
    expect(some.stdout.split('\n')).toEqual([...content.toString('latin1').split('\n').slice(2, 4), '']);
  });

  it('ends quietly when nobody reads on (V13)', async () => {
    const command = `"${process.execPath}" "${binary}" inspect "${incident.zip}" --lines 10:02.. | head -n 1; echo "code \${PIPESTATUS[0]}"`;
    const path = `"${process.execPath}" "${binary}" inspect "${incident.zip}" "${incident.servers[1]?.folder}/Logs/debug.log" | head -c 9; echo "code \${PIPESTATUS[0]}"`;
    for (const line of [command, path]) {
      const { stdout, stderr } = await promisify(execFile)('bash', ['-c', line], {
        env: { ...env, PATH: process.env['PATH'] },
      });
      expect(stderr).toBe('');
      expect(stdout).toMatch(/code 0\n$/);
    }
  });

  it.skipIf(lacks('tmux'))('shows nothing at a terminal that could drive it', async () => {
    const log = incident.logs.find(({ shown }) => shown.size > 0);
    const number =
      [...(log?.shown ?? [])].find(
        ([, shown]) => shown.startsWith('a \u2400') || shown.includes('behind a title'),
      )?.[0] ?? 0;
    const terminal = openTerminal(['inspect', incident.zip, `${log?.path}:${number - 1}-${number + 3}`], {
      ...env,
      PATH: process.env['PATH'] ?? '',
      LANG: 'C.UTF-8',
    });
    await terminal.shows('behind a title');
    await terminal.shows('a\u2400b\u2401c');

    expect(terminal.tmux('display-message', '-p', '#{pane_title}')).not.toContain('title');
  });

  it('lists names only, escaped, of an archive that is not safe, and ends with 10 (V01, V08)', async () => {
    const zip = join(folder, 'evil.zip');
    writeFileSync(
      zip,
      madeZip({
        entries: [
          { name: '../../etc/cron.d/x', content: 'x' },
          { name: 'a\x1b[2Jb.txt', content: 'secret content' },
        ],
      }),
    );
    const { code, stdout } = await inspect(zip);
    const file = await inspect(zip, '../../etc/cron.d/x');

    expect([code, file.code]).toEqual([10, 10]);
    expect(stdout).toContain('evil.zip is not safe: nothing of it is read but the names of its files.');
    expect(stdout).toContain('  a\\u001b[2Jb.txt');
    expect(stdout + file.stdout).not.toMatch(/\x1b|secret content/);
  });

  it('refuses what contradicts itself or is not there, with what to do', async () => {
    const calls = [
      [incident.zip, 'Logs/x.log'],
      [incident.zip, '--grep', 'x'],
      [incident.zip, '--tree', '--lines', '10:31..'],
      [incident.zip, '--lines', 'noon'],
      [incident.zip, '--lines', '10:33..10:31'],
      [incident.zip, '--lines', '10:31..', '--server', 'ice09'],
      [join(folder, 'none.zip')],
    ];
    const ended = await Promise.all(calls.map((words) => inspect(...words)));

    expect(ended.map(({ code }) => code)).toEqual(calls.map(() => 2));
    expect(ended[5]?.stderr).toContain('It has ICE01, ICE02, ICE03, ICE04');
  });

  it('prints one document of whatever was asked for', async () => {
    const path = `${incident.servers[0]?.folder}/VM/virtual-machine.txt`;
    const [lines, tree, file] = await Promise.all([
      inspect(incident.zip, '--lines', '10:31:12..10:31:13', '--min', 'critical', '--json'),
      inspect(incident.zip, '--tree', '--json'),
      inspect(incident.zip, path, '--json'),
    ]);

    expect(lines.json()).toMatchObject({ verb: 'inspect', more: 0, absent: [] });
    expect(lines.json().lines[0]).toMatchObject({ server: 'ICE02', severity: 'critical', isOwnTime: false });
    expect(tree.json().contents.some((each: { path: string }) => each.path === path)).toBe(true);
    expect(file.json()).toMatchObject({ path, lines: ['hypervisor: VMware ESXi 8', 'memory: 16 GB'] });
  });
});
