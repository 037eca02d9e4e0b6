import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { folderTime } from '../../src/domain/zone.ts';
import { bufferFile } from '../../src/mock/files.ts';
import { programPath } from '../support/requirements.ts';
import { batch, type Rig, startRig } from '../support/rig.ts';
import { age, capturesIn, recordOf, timer } from '../support/ring.ts';

type Item = { path: string; status: string; reason?: string; sha256?: string; bytes?: number };

/** A server whose mandatory files take 30 kB, and whose logs take about as much as is said, packed. */
async function largeRig(packedKb: { system: number; audit: number }, limit: string): Promise<Rig> {
  const rig = await startRig();
  await rig.configure((document) => {
    document.attachmentLimit = limit;
  });
  const files = rig.mock.appliances[0]?.trees.cli.files;
  for (const [type, kilobytes] of Object.entries(packedKb)) {
    for (const path of [...(files?.keys() ?? [])]) if (path.startsWith(`logs/${type}.log`)) files?.delete(path);
    const lines = kilobytes * 5;
    const text = Array.from({ length: lines }, (_, index) => {
      const at = new Date(Date.now() - 3 * 3_600_000 + (index / lines) * 3 * 3_600_000).toISOString();
      return `${at} ${type} ${randomBytes(300).toString('hex')}\n`; // hex packs to half
    });
    files?.set(`logs/${type}.log`, bufferFile(Buffer.from(text.join('')), Date.now()));
  }
  return rig;
}

function names(path: string): string[] {
  return execFileSync(programPath('unzip'), ['-Z1', path])
    .toString()
    .trim()
    .split('\n')
    .map((name) => name.split('/').slice(2).join('/'));
}

function manifestIn(path: string): { servers: { items: Item[] }[] } {
  return JSON.parse(execFileSync(programPath('unzip'), ['-p', path, '*/manifest.json']).toString());
}

/** The folder of a capture, in the zone of the server. */
function folderOf(started: string): string {
  return `precapture_${folderTime(new Date(started), 'Europe/Stockholm')}`;
}

describe('a bundle over the limit, with --fit', () => {
  it("leaves out captures before anything else, the oldest first, and the event's own techsupport never", async () => {
    const rig = await startRig({ techsupport: { durationMs: 0, bytes: 60_000 } });
    for (const ago of [90, 30]) {
      await rig.icepack(timer);
      age(rig, ago * 60_000);
    }
    await rig.configure((document) => {
      document.attachmentLimit = '170kB';
    });

    const call = ['collect', '--batch', '--at', '-60m', '--summary', 'x', '--severity', 'low', '--fit', '--json'];
    const done = await rig.icepack(call);

    const { bundle, exitCode } = done.json();
    const captures = names(bundle.path).filter((name) => name.includes('/precapture_'));
    const own = names(bundle.path).filter((name) => /^Techsupport\/[^/]+\.tsf$/.test(name));
    const left = manifestIn(bundle.path).servers[0]?.items.filter(({ reason }) =>
      reason?.startsWith('left out to fit'),
    );
    const [older = '', newer = ''] = capturesIn(rig).map((id) => recordOf(rig, id).started);
    expect(exitCode, done.stderr).toBe(0); // nothing that was asked for is missing
    expect(bundle).toMatchObject({ attached: true });
    expect(own).toHaveLength(1);
    expect(new Set(captures.map((name) => name.split('/')[1]))).toEqual(new Set([folderOf(newer)]));
    expect(new Set(left?.map(({ path }) => path.split('/')[1]))).toEqual(new Set([folderOf(older)]));
    expect(left?.every(({ status }) => status === 'skipped')).toBe(true);
  });

  it('leaves out audit logs before anything of the system log, says so, and is attached (E06)', async () => {
    const rig = await largeRig({ system: 30, audit: 300 }, '100kB');

    const done = await rig.icepack(['collect', ...batch, '--fit', '--json']);

    const { bundle, exitCode, run } = done.json();
    const items = manifestIn(bundle.path).servers[0]?.items ?? [];
    expect(exitCode).toBe(3);
    expect(bundle).toMatchObject({ attached: true });
    expect(bundle.bytes).toBeLessThanOrEqual(100_000);
    expect(done.stderr).toMatch(/to fit 100 kB: left out: .*Logs\/audit\.log \(\d+ kB\)/);
    expect(names(bundle.path)).toContain('Logs/system.log');
    expect(names(bundle.path)).not.toContain('Logs/audit.log');
    expect(items.find(({ path }) => path === 'Logs/audit.log')).toMatchObject({
      status: 'partial',
      reason: expect.stringContaining(`kept in run ${run}`),
    });
    expect(rig.mock.helpdesk?.tickets[0]?.files.map(({ sha256 }) => sha256)).toEqual([bundle.sha256]);
    const page = (await rig.icepack(['runs', run])).stdout.replace(/\s+/g, ' ');
    expect(page).toContain('made to fit the limit');
    expect(page).toMatch(/ICE01 ice01 partial.* left out to fit the limit \(\d+ kB\).* missing: Logs\/audit\.log/);
    expect(page.trim()).toMatch(/ Nothing to do\.$/);
  });

  it('then narrows the system log towards the event, and keeps what is mandatory (E06)', async () => {
    const rig = await largeRig({ system: 600, audit: 60 }, '100kB');

    const done = await rig.icepack(['collect', ...batch, '--fit', '--json']);

    const { bundle, exitCode } = done.json();
    const items = manifestIn(bundle.path).servers[0]?.items ?? [];
    const log = items.find(({ path }) => path === 'Logs/system.log');
    const lines = execFileSync(programPath('unzip'), ['-p', bundle.path, '*/Logs/system.log'])
      .toString()
      .trim()
      .split('\n');
    const [first = 0, last = 0] = [lines[0], lines.at(-1)].map((line) => Date.parse(line?.slice(0, 24) ?? ''));
    const event = Date.now() - 45 * 60_000;
    expect(exitCode).toBe(3);
    expect(bundle).toMatchObject({ attached: true });
    expect(done.stderr).toMatch(/Logs\/system\.log narrowed to \d+ min on each side \(\d+ kB to \d+ kB\)/);
    expect(log).toMatchObject({ status: 'partial', reason: expect.stringMatching(/narrowed to (20|10|5) min/) });
    expect(Math.max(event - first, last - event)).toBeLessThan(21 * 60_000);
    expect(first).toBeLessThan(event);
    expect(last).toBeGreaterThan(event - 60_000);
    expect(names(bundle.path).filter((name) => /^(Config|Techsupport)\//.test(name))).toHaveLength(2);
  });

  it('leaves nothing out where that does not help: 7, and the run is fitted no more (E06)', async () => {
    const rig = await largeRig({ system: 30, audit: 30 }, '20kB');

    const done = await rig.icepack(['collect', ...batch, '--fit', '--json']);

    const { bundle, error, exitCode } = done.json();
    expect(exitCode).toBe(7);
    expect(error).toMatchObject({ code: 'over-limit', hint: expect.stringContaining('The largest in it: ICE01 ') });
    expect(names(bundle.path)).toContain('Logs/audit.log');
    expect(rig.mock.helpdesk?.tickets[0]?.files).toEqual([]);
  });

  it('that cannot fit is said with sum and limit, in the result too; nothing is offered or written again (field-F04)', async () => {
    const rig = await largeRig({ system: 30, audit: 30 }, '20kB');

    const asked = await rig.icepack(['collect', ...batch, '--fit', '--json']);
    const plain = await rig.icepack(['collect', ...batch, '--json']);
    const kept = await rig.icepack(['collect', ...batch, '--fit', '--no-submit', '--json']);

    const why =
      /cannot be made to fit: with configuration backup, techsupport and the texts of icepack it has at least \d+ bytes, the limit is 20000 bytes/;
    for (const { stderr } of [asked, plain]) expect(stderr.match(/writing TIC/g)).toHaveLength(1);
    for (const { stderr } of [asked, plain, kept]) expect(stderr).toMatch(why);
    for (const done of [asked, plain]) expect(done.json().error.hint).toMatch(why);
    for (const done of [asked, plain]) expect(done.json().error.hint).not.toContain('--fit');
    expect(kept.json()).toMatchObject({ exitCode: 7, error: { message: expect.stringMatching(why) } });
  });

  it('is told what leaves and what comes of it before it is written, once (field-F04)', async () => {
    const rig = await largeRig({ system: 30, audit: 300 }, '100kB');

    const { stderr } = await rig.icepack(['collect', ...batch, '--fit', '--json']);

    expect(stderr).toMatch(/left out: Logs\/audit\.log .*that makes about \d+ kB of \d+ kB/);
    expect(stderr.match(/writing TIC/g)).toHaveLength(2);
    expect(stderr.indexOf('that makes about')).toBeLessThan(stderr.lastIndexOf('writing TIC'));
  });

  it('is made to fit where a person attaches it, too; without --fit that is offered', async () => {
    const rig = await largeRig({ system: 30, audit: 300 }, '100kB');
    await rig.configure((document) => {
      document.helpdesk = { provider: 'portal', url: 'https://portal.example.com/' };
    });

    const whole = (await rig.icepack(['collect', ...batch, '--ticket', '7', '--json'])).json();
    const fitted = (await rig.icepack(['submit', whole.run, '--fit', '--batch', '--json'])).json();

    expect(whole).toMatchObject({ exitCode: 7, error: { hint: expect.stringContaining(`submit ${whole.run} --fit`) } });
    expect(fitted).toMatchObject({ exitCode: 3, ticket: { key: 'TIC-7' } });
    expect(fitted.bundle.bytes).toBeLessThanOrEqual(100_000);
    expect(names(fitted.bundle.path)).not.toContain('Logs/audit.log');
  });

  it('is made to fit by resume, too, and put where it was wanted', async () => {
    const rig = await largeRig({ system: 30, audit: 300 }, '100kB');
    let url = '';
    await rig.configure((document) => {
      url = document.helpdesk.url;
      document.helpdesk.url = 'http://127.0.0.1:1/api/v1';
    });
    const dead = await rig.icepack(['collect', ...batch, '--fit', '-o', 'output', '--json']);
    await rig.configure((document) => {
      document.helpdesk.url = url;
    });

    const { bundle } = (await rig.icepack(['resume', '--batch', '--json'], { cwd: '/' })).json();

    expect(dead.code).toBe(6);
    expect(bundle).toMatchObject({ attached: true, path: join(rig.folder, 'output', bundle.name) });
    expect(bundle.bytes).toBeLessThanOrEqual(100_000);
    expect(names(bundle.path)).not.toContain('Logs/audit.log');
  });

  it('is made to fit later, with submit, and attached once', async () => {
    const rig = await largeRig({ system: 30, audit: 300 }, '100kB');
    const first = (await rig.icepack(['collect', ...batch, '--json'])).json();

    const second = (await rig.icepack(['submit', first.run, '--fit', '--batch', '--json'])).json();
    const third = (await rig.icepack(['submit', first.run, '--batch', '--json'])).json();

    expect(first).toMatchObject({
      exitCode: 7,
      error: { hint: expect.stringContaining(`icepack submit ${first.run} --fit`) },
    });
    expect(second).toMatchObject({ exitCode: 3, bundle: { attached: true } });
    expect(third.bundle).toEqual(second.bundle);
    expect(rig.mock.helpdesk?.tickets[0]?.files).toHaveLength(1);
  });
});
