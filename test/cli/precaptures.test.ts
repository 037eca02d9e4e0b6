import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { appendFileSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { copyFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Item } from '../../src/domain/manifest.ts';
import { lacks, programPath } from '../support/requirements.ts';
import { type Rig, startRig } from '../support/rig.ts';
import { age, capturesIn, recordOf, ringOf, timer } from '../support/ring.ts';

const minute = 60_000;
const quick = ['--batch', '--no-submit', '--skip', 'logs,config', '--json'];
const collect = ['collect', ...quick, '--at', '-20m'];
const collectAnother = ['collect', ...quick, '--at', '-15m'];
const said = ['--batch', '--summary', 'x', '--severity', 'low', '--json'];
const transcript = 'CLI/transcript.txt';

/** A server that was captured half an hour ago, in another state than now. */
async function capturedRig(): Promise<Rig> {
  const rig = await startRig({ replies: { 'log -status': 'state: ACTIVE\n' } });
  await rig.icepack(timer);
  age(rig, 30 * minute);
  rig.replies['log -status'] = 'state: PASSIVE\n';
  return rig;
}

/** A file of the only capture in the ring. */
function inRing(rig: Rig, path: string): string {
  return join(ringOf(rig), capturesIn(rig)[0] ?? '', path);
}

const hashesOf = (rig: Rig) =>
  recordOf(rig, capturesIn(rig)[0] ?? '')
    .items.map(({ sha256 }) => sha256 ?? '')
    .sort();

/** The hashes of the pre-captures in a ZIP, of their bytes. */
function hashesIn(zip: string): string[] {
  const names = execFileSync(programPath('unzip'), ['-Z1', zip], { encoding: 'utf8' }).split('\n');
  return names
    .filter((name) => name.includes('/precapture_'))
    .map((name) =>
      createHash('sha256')
        .update(execFileSync(programPath('unzip'), ['-p', zip, name]))
        .digest('hex'),
    )
    .sort();
}

describe.skipIf(lacks('unzip'))('a bundle that has captures', () => {
  it('keeps them in the ring while it is owed to its ticket, and not longer (Q06)', async () => {
    const rig = await capturedRig();
    age(rig, 40 * minute);
    const [taken = ''] = capturesIn(rig);
    let desk = '';
    await rig.configure((document) => {
      desk = document.helpdesk.url;
      document.helpdesk.url = 'http://127.0.0.1:9/api/v1';
      document.captures = { keep: 1, daily: 0, jitter: '0s' };
    });

    const { run, exitCode } = (await rig.icepack(['collect', ...said, '--skip', 'logs,config', '--at', '-20m'])).json();
    await rig.icepack(timer);
    const whileOwed = capturesIn(rig);
    await rig.configure((document) => {
      document.helpdesk.url = desk;
    });
    const submitted = (await rig.icepack(['submit', run, ...said])).json();
    age(rig, 35 * minute);
    await rig.icepack(timer);

    expect(exitCode).toBe(6);
    expect(whileOwed).toEqual([taken, expect.any(String)]);
    expect(submitted.bundle.attached).toBe(true);
    expect(capturesIn(rig)).toHaveLength(1);
    expect(capturesIn(rig)).not.toContain(taken);
  });

  it('keeps their bytes when it is submitted later, also where the ring was changed or emptied meanwhile (Q06)', async () => {
    const rig = await capturedRig();
    const hashes = hashesOf(rig);
    const first = (await rig.icepack(collect)).json();
    appendFileSync(inRing(rig, transcript), 'somebody writes into the file of the ring\n');
    const changed = await rig.icepack(['submit', first.run, ...said]);
    const second = (await rig.icepack(collectAnother)).json();
    rmSync(ringOf(rig), { recursive: true });

    const gone = await rig.icepack(['submit', second.run, ...said]);

    expect([changed.code, gone.code], changed.stderr + gone.stderr).toEqual([0, 0]);
    expect(hashes).toHaveLength(3);
    expect(hashesIn(changed.json().bundle.path)).toEqual(hashes);
    expect(hashesIn(gone.json().bundle.path)).toEqual(
      hashes.filter((hash) => hashesIn(second.bundle.path).includes(hash)),
    );
  });

  it('is whole by verify, which has nothing against their folder', async () => {
    const rig = await capturedRig();
    age(rig, 60 * minute);
    const { bundle } = (await rig.icepack(['collect', '--at', '-45m', ...said])).json();

    const looked = await rig.icepack(['verify', bundle.path]);
    const checks = (await rig.icepack(['verify', bundle.path, '--json'])).json().checks;

    expect(checks.filter(({ state }: { state: string }) => state !== 'ok')).toEqual([]);
    expect(looked).toMatchObject({ code: 0, stdout: expect.stringMatching(/✓ contents +10 of 10 SHA-256/) });
  });

  it('shows them as the state before: in the report, and not as a file more in a comparison', async () => {
    const rig = await capturedRig();
    const first = (await rig.icepack([...collect, '--no-capture'])).json();
    const second = (await rig.icepack(collectAnother)).json();

    const page = (await rig.icepack(['report', second.bundle.path, '-o', '-', '--lines', 'none'])).stdout;
    const differences = await rig.icepack(['diff', first.bundle.path, second.bundle.path]);

    const shown = page
      .slice(page.indexOf('id="before"'))
      .replaceAll(/<[^>]+>/g, ' ')
      .replaceAll(/\s+/g, ' ');
    expect(shown).toMatch(/Before and now ICE01: captured [^,]+, 15 min(?: \d+ s)? before the event/);
    expect(shown).toContain('log -status: state ACTIVE PASSIVE');
    expect(shown).toMatch(/\d+ other facts are the same/);
    expect(differences.stdout).toContain('No differences, 0 not comparable.');
  });

  it('keeps them when resume collects what is missing, also where the ring has lost one meanwhile', async () => {
    const rig = await capturedRig();
    const hashes = hashesOf(rig);
    rig.replies['log -status'] = 'cut';
    const first = await rig.icepack(['collect', '--batch', ...said.slice(1), '--skip', 'logs,config', '--at', '-20m']);
    rig.replies['log -status'] = 'state: PASSIVE\n';
    rmSync(inRing(rig, transcript));

    const done = await rig.icepack(['resume', first.json().run, '--batch', '--json']);

    const items: Item[] = done.json().servers[0].items.filter(({ path }: Item) => path.includes('/precapture_'));
    expect(items.map(({ status, fromRun }) => [status, fromRun])).toEqual(Array(3).fill(['ok', first.json().run]));
    expect(done.code, done.stderr).toBe(0);
    expect(hashesIn(done.json().bundle.path)).toEqual(hashes);
  });

  it('is submitted on another machine from its ZIP, with the same bytes', async () => {
    const rig = await capturedRig();
    const { bundle } = (await rig.icepack(collect)).json();
    const elsewhere = await startRig();
    const zip = join(elsewhere.folder, 'from-a-customer.zip');
    await copyFile(bundle.path, zip);

    const done = await elsewhere.icepack(['submit', zip, ...said]);

    expect(done.code, done.stderr).toBe(0);
    expect(hashesIn(done.json().bundle.path)).toEqual(hashesOf(rig));
    const looked = await elsewhere.icepack(['verify', done.json().bundle.path, '--json']);
    expect(looked.json().checks.filter(({ id }: { id: string }) => id.startsWith('contents'))).toMatchObject([
      { state: 'ok' },
    ]);
  });

  it('has none of another server that had this name, and no text with secrets that were not masked', async () => {
    const rig = await capturedRig();
    const path = inRing(rig, 'capture.json');
    const record = JSON.parse(readFileSync(path, 'utf8'));
    const taken = async (change: object) => {
      writeFileSync(path, JSON.stringify({ ...record, ...change }));
      const items: Item[] = (await rig.icepack(collect)).json().servers[0].items;
      return items.flatMap((item) => (item.path.includes('/precapture_') ? [`${item.collector} ${item.status}`] : []));
    };

    expect(await taken({ server: { ...record.server, address: '192.0.2.7' } })).toEqual([]);
    expect(await taken({ server: { ...record.server, ports: { cli: 1, hostOs: 1 } } })).toEqual([]);
    expect(await taken({ unredacted: true })).toEqual(['vm skipped', 'cli skipped', 'techsupport ok']);
  });

  it('has none of a file that is gone from the ring, or a link there, and says so; the rest is there', async () => {
    const rig = await capturedRig();
    rmSync(inRing(rig, transcript));
    symlinkSync('/etc/hostname', inRing(rig, transcript));

    const done = await rig.icepack(collect);

    const items: Item[] = done.json().servers[0].items.filter(({ path }: Item) => path.includes('/precapture_'));
    expect(done.code).toBe(0);
    expect(items.map(({ status }) => status).sort()).toEqual(['ok', 'ok', 'skipped']);
    expect(items.find(({ status }) => status === 'skipped')?.reason).toBe('it is gone from the ring');
    expect(hashesIn(done.json().bundle.path)).toHaveLength(2);
  });
});
