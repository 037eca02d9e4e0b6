import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { badZips, goodZips, otherFiles } from '../support/bad-zips.ts';
import { madeBundle, writtenZip, zipOf } from '../support/made-bundle.ts';
import { lacks } from '../support/requirements.ts';
import { runProgram, startRig, temporaryFolder } from '../support/rig.ts';
import { openTerminal } from '../support/terminal.ts';

/** A home with nothing in it, and no configuration. */
async function alone() {
  const home = await temporaryFolder();
  const env = { PATH: process.env['PATH'] ?? '', HOME: home, TZ: 'Europe/Stockholm' };
  return { home, env, verify: (...args: string[]) => runProgram(['verify', ...args], { env, cwd: home }) };
}

type Check = { id: string; state: string };
const idsOf = (checks: Check[], state: string) => checks.filter((each) => each.state === state).map(({ id }) => id);

describe('icepack verify', () => {
  it('says of a good bundle that there is nothing to object to, without a configuration, and writes nothing (V01)', async () => {
    const { home, verify } = await alone();
    const zip = await madeBundle();
    const before = readFileSync(zip);

    const done = await verify(zip);

    expect(done.code).toBe(0);
    expect(done.stdout).toContain('✓ contents            6 of 6 SHA-256 as in manifest.json');
    expect(done.stdout).toContain('made by icepack 0.3.0, 2026-11-20 11:10 (+01:00)');
    expect(await readdir(home)).toEqual([]);
    expect(readFileSync(zip)).toEqual(before);
  });

  it('keeps to 80 columns, also in a pipe', async () => {
    const { verify } = await alone();
    const reason =
      'timed out after 20 min, as the CLI gave no answer to the command in all that time, and no script was there';
    const items = {
      'Techsupport/': { status: 'failed', reason },
      'Logs/debug.log': { status: 'partial', content: 'x', reason },
    };
    const files = { [`TIC-1234/${'a-long-name'.repeat(8)}`]: 'x', [`TIC-1234/VM/${'b'.repeat(55)}`]: 'x' };

    const { stdout } = await verify(await madeBundle({ servers: [{ id: 1, items }], files }));

    expect(stdout.split('\n').filter((line) => line.length > 80)).toEqual([]);
    expect(stdout).toContain(
      `✗ ICE01 Techsupport   missing: timed out after 20 min, as the CLI gave no answer\n${' '.repeat(22)}to the`,
    );
  });

  it.each([
    'a way out',
    'a device of Windows',
    'twins',
    'overlapping bombs',
    'a symbolic link',
    'two manifests',
  ])('ends with 10 for a ZIP with %s, and shows nothing that steers a terminal (V01 V02 V03 V06)', async (what) => {
    const { home, verify } = await alone();

    const done = await verify(await writtenZip(badZips[what]?.[1] ?? Buffer.alloc(0)), '--json');

    expect(done.code).toBe(10);
    expect(done.json()).toMatchObject({ exitCode: 10, outcome: 'not-as-it-should-be' });
    expect(idsOf(done.json().checks, 'unsafe')).toContain(badZips[what]?.[0]);
    expect(idsOf(done.json().checks, 'ok')).toEqual([]);
    expect(await readdir(home)).toEqual([]);
    expect(done.peakMb ?? 0).toBeLessThan(150);
  });

  it.each([
    'it is empty',
    'it is a gzip',
    'it is a web page',
    'its end is missing',
  ])('ends with 2 for what is no ZIP, and says what it is: %s (V07)', async (what) => {
    const { verify } = await alone();

    const done = await verify(await writtenZip(otherFiles[what] ?? Buffer.alloc(0)));

    expect(done.code).toBe(2);
    expect(done.stderr).toContain(what);
  });

  it('compares the ZIP with the journal of the run that wrote it, and says what that run owes (V04)', async () => {
    const rig = await startRig();
    const { run, bundle } = (
      await rig.icepack(['collect', '--batch', '--at', '-45m', '--no-submit', '--ticket', '1234', '--json'])
    ).json();
    const forged = join(rig.folder, 'mock', 'forged.zip');
    const names = (await rig.icepack(['verify', run, '--json'])).json();
    const manifest = JSON.stringify({ ...JSON.parse(readFileSync(join(bundle.path, '..', 'manifest.json'), 'utf8')) });
    await writeFile(forged, zipOf({ 'TIC-1234/manifest.json': manifest }));

    const whole = (await rig.icepack(['verify', bundle.path, '--json'])).json();
    const changed = (await rig.icepack(['verify', forged, '--json'])).json();

    expect(names.verified.kind).toBe('run');
    expect(names.next[0]).toBe(`icepack submit ${run} --ticket TIC-1234`);
    expect(whole.next[0]).toBe(names.next[0]);
    expect(idsOf(whole.checks, 'ok')).toContain('zip.sha256');
    expect(idsOf(changed.checks, 'unsafe')).toContain('zip.sha256');
    expect(changed.exitCode).toBe(10);
  });

  it('takes the word of whoever knows when the event was', async () => {
    const { verify } = await alone();
    const zip = await writtenZip(
      zipOf({ 'event 1 ICE1/Logs/system.log': '2026-11-20 10:20:00 a\n2026-11-20 10:41:00 b\n' }),
    );

    const unknown = await verify(zip);
    const told = await verify(zip, '--event', '2026-11-20 10:32', '--zone', 'Europe/Stockholm');

    expect(unknown.stdout).toContain(`→ icepack verify ${zip} --event TIME --zone ZONE`);
    expect(told.stdout).toContain('expected Event1_ICE01_20261120_1032');
    expect(told.stdout).toContain('only 12 min before');
    expect([unknown.code, told.code]).toEqual([4, 4]);
  });

  it('and inspect refuse a time by the option that gave it', async () => {
    const { env, home, verify } = await alone();
    const zip = await madeBundle();

    const refused = [
      await verify(zip, '--event', '10:99'),
      await runProgram(['inspect', zip, '--event', '10:99'], { env, cwd: home }),
    ];

    for (const { code, stderr } of refused) {
      expect(code).toBe(2);
      expect(stderr).toContain('--event "10:99" is not a time');
      expect(stderr).not.toContain('--at');
    }
  });

  it('says with --quiet what is not well, and nothing where all is', async () => {
    const { verify } = await alone();

    expect((await verify(await madeBundle(), '--quiet')).stderr).toBe('');
    const said = await verify(await writtenZip(badZips['twins']?.[1] ?? Buffer.alloc(0)), '--quiet');
    expect(said.stderr).toContain('are one file on some machine');
  });

  it('judges the bad archives of the field (V01 V02 V03 V06 V07)', { timeout: 120_000 }, async () => {
    const folder = join(import.meta.dirname, '..', 'fixtures', 'zips');
    const { verify } = await alone();
    const codes: Record<string, number | null> = {};
    for (const name of readdirSync(folder)) codes[name] = (await verify(join(folder, name))).code;

    const expected = Object.keys(codes).map((name) => [
      name,
      ['cut.zip', 'empty.zip'].includes(name) ? 2 : name === 'plain.zip' ? 4 : 10,
    ]);
    expect(codes).toEqual(Object.fromEntries(expected));
  });

  it('and no other verb shows a byte of those that are not as they should be, or writes one', {
    timeout: 180_000,
  }, async () => {
    const rig = await startRig();
    const folder = join(import.meta.dirname, '..', 'fixtures', 'zips');
    const bad = readdirSync(folder).filter((name) => name !== 'plain.zip');
    const page = join(rig.folder, 'page.html');
    const faults: string[] = [];

    for (const name of bad) {
      const zip = join(folder, name);
      const expected = ['cut.zip', 'empty.zip'].includes(name) ? 2 : 10;
      const calls = [
        ['inspect', zip],
        ['report', zip, '-o', page],
        ['diff', zip, zip],
        ['submit', zip, '--batch'],
      ];
      const ended = await Promise.all(calls.map((call) => runProgram(call, { env: rig.env, cwd: rig.folder })));
      for (const [index, { code, stdout }] of ended.entries())
        if (code !== expected || (index > 0 && stdout !== '')) faults.push(`${calls[index]?.[0]} ${name}: ${code}`);
    }

    expect(faults).toEqual([]);
    expect(existsSync(page)).toBe(false);
    expect(await rig.runs().catch(() => [])).toEqual([]);
  });
});

describe.skipIf(lacks('tmux'))('icepack verify at a real terminal', () => {
  it('leaves it as it was, whatever names and comments hold (V08)', async () => {
    const { env } = await alone();
    const names = ['TIC-1/\x1b]0;title\x07x', 'TIC-1/\x1b[31m\x1b[2J\x1b(0', 'TIC-1/\u009b5m', 'TIC-1/\u202egol.exe'];
    const zip = await writtenZip(zipOf(Object.fromEntries(names.map((name) => [name, 'x']))), 'odd.zip');

    const terminal = openTerminal(['verify', zip], env);
    await terminal.shows('ended with 10');

    expect(terminal.screen()).toContain('\\u{1b}[2J');
    expect(terminal.screen()).toContain('Not what it should be');
    expect(terminal.screen()).not.toMatch(/[\u2500-\u257f]/); // the line drawing that an escape would switch to
  });

  it('shows a manifest that holds escapes as text (V08)', async () => {
    const { env } = await alone();
    const zip = await madeBundle({
      manifest: (manifest) =>
        Object.assign(manifest, { tool: { name: '\x1b[2Jicepack', version: '\x1b[31m1', node: '' } }),
    });

    const done = await runProgram(['verify', zip], { env });

    expect(done.stdout).not.toMatch(/[\x00-\x09\x0b-\x1f\x7f-\x9f]/);
    expect(done.code).toBe(0);
  });

  it('reads what ordinary programs write', async () => {
    const { verify } = await alone();

    const done = await verify(await writtenZip(goodZips['a descriptor'] ?? Buffer.alloc(0)), '--json');

    expect(idsOf(done.json().checks, 'ok')).toContain('safe.archive');
  });
});
