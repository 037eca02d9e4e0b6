import { readdir } from 'node:fs/promises';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { badZips } from '../support/bad-zips.ts';
import {
  type MadeItem,
  type MadeServer,
  madeBundle,
  minutesOfLog,
  usualItems,
  wholeLog,
  writtenZip,
} from '../support/made-bundle.ts';
import { tarOf } from '../support/made-tar.ts';
import { runProgram, temporaryFolder } from '../support/rig.ts';

async function diff(...args: string[]) {
  const home = await temporaryFolder();
  const env = { PATH: process.env['PATH'] ?? '', HOME: home, TZ: 'Europe/Stockholm' };
  const done = await runProgram(['diff', ...args], { env, cwd: home });
  expect(await readdir(home)).toEqual([]);
  return done;
}

const server = (id: number, more: Record<string, MadeItem> = {}): MadeServer => ({
  id,
  items: { ...usualItems(), ...more },
});
const other: Record<string, MadeItem> = {
  'VM/virtual-machine.txt': { content: 'hypervisor: KVM\nkernel: 6.1.0-28-amd64\nmemory: 8 GB\n' },
  'CLI/show-ha.txt': { content: 'state: PASSIVE\nuptime: 9 days\n' },
  'Config/backup.tar.gz': {
    content: gzipSync(
      tarOf({ 'etc/incenter.conf': 'name = ICE01 secret\n', 'pki/ca.pem': 'a certificate\n', 'pki/ca2.pem': 'x' }),
    ),
  },
};

describe('icepack diff', () => {
  it('tells two events apart by facts alone', async () => {
    const [left, right] = [
      await madeBundle({ servers: [server(1)] }),
      await madeBundle({ servers: [server(1, other)], number: 2 }),
    ];

    const done = await diff(left, right);

    expect(done.code).toBe(0);
    expect(done.stdout.split('\n').map((line) => line.trimEnd())).toEqual([
      '                       Event 1, 11-20 10:32        Event 2, 11-20 10:32',
      'ICE01 kernel           6.1.0-25-amd64              6.1.0-28-amd64',
      'ICE01 show-ha          state: ACTIVE               state: PASSIVE',
      '    - state: ACTIVE',
      '    + state: PASSIVE',
      '      uptime: 9 days',
      'ICE01 Config           2 files                     3 files',
      '      ~ etc/incenter.conf (13 → 20 bytes)',
      '    + pki/ca2.pem',
      '3 differences, 0 not comparable.',
      '',
    ]);
  });

  it('tells two servers of one event apart', async () => {
    const zip = await madeBundle({ servers: [server(1), server(2, other)] });

    const done = await diff(zip, 'ICE01', 'ice02', '--json');

    expect(done.json().outcome).toBe('different');
    expect(done.json().differences.map(({ where }: { where: string }) => where.trim())).toEqual([
      'kernel',
      'show-ha',
      'Config',
    ]);
  });

  const usualLog = minutesOfLog('2026-11-20T10:00:00Z', 65);
  const expired = Array.from({ length: 30 }, (_, at) => {
    const time = new Date(Date.parse('2026-11-20T10:31:00Z') + at * 1000).toISOString().slice(0, 19).replace('T', ' ');
    return `${time} ERROR lease of node ${at} expired\n`;
  }).join('');
  const logged = (more: string, start = usualLog): Record<string, MadeItem> => ({
    'Logs/system.log': wholeLog(more < start ? more + start : start + more),
  });

  it('names warnings and worse that only one event has, with counts of each server', async () => {
    const retry = '2026-11-20 10:30:00 WARNING retry 7 of peer ICE02\n';
    const left = await madeBundle({ servers: [server(1, logged(retry)), server(2)] });
    const right = await madeBundle({ servers: [server(1, logged(expired)), server(2, logged(expired))], number: 2 });

    const done = await diff(left, right);
    const back = await diff(right, left, '--json');

    expect(done.stdout.split('\n').map((line) => line.trimEnd())).toEqual([
      '                       Event 1, 11-20 10:32        Event 2, 11-20 10:32',
      'new messages           –                           1 message',
      '    + ICE01 30×, ICE02 30×: ERROR lease of node # expired',
      'not seen again         1 message                   –',
      '    - ICE01 1×: WARNING retry # of peer #',
      '2 differences, 0 not comparable.',
      '',
    ]);
    expect(back.json().differences[0].lines).toEqual([{ mark: '+', text: 'ICE01 1×: WARNING retry # of peer #' }]);
  });

  it('does not say of a message that it is new where the other log is not whole (V13)', async () => {
    const cut = {
      ...wholeLog(usualLog),
      status: 'partial',
      reason: 'begins 10:30',
      coverage: { first: null, last: null, complete: false },
    };
    const left = await madeBundle({ servers: [server(1, { 'Logs/system.log': cut })] });
    const right = await madeBundle({ servers: [server(1, logged(expired))], number: 2 });

    const done = await diff(left, right);

    expect(done.stdout).not.toContain('lease');
    expect(done.stdout).toContain('not comparable ICE01 Logs/system.log: partial in Event 1');
    expect(done.stdout).toContain('No differences, 1 not comparable.');
  });

  it('shows a dozen messages and counts the rest, what stands out and is graver first', async () => {
    const words = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'i', 'j', 'k', 'l', 'm', 'n', 'o', 'p', 'q', 'r', 's', 't'];
    const many = words.map((word) => `2026-11-20 11:03:00 WARNING ${word}${word} is odd\n`).join('');
    const right = await madeBundle({ servers: [server(1, logged(`${expired}${many}`))], number: 2 });

    const done = await diff(await madeBundle(), right);

    expect(done.stdout).toContain('21 messages\n    + ICE01 30×: ERROR lease of node # expired\n');
    expect(done.stdout).toContain('    … 9 more\n');
  });

  it('tells when a server was started, how long before the event', async () => {
    const old = { boot: '2026-11-03T08:00:00.000Z' };
    const fresh = { boot: '2026-11-20T09:18:00.000Z' };
    const made = (more: object, number = 1) => madeBundle({ servers: [{ ...server(1), ...more }], number });
    const left = await made(old);

    const restarted = (await diff(left, await made(fresh, 2))).stdout;
    const unknown = await diff(
      await madeBundle({ servers: [{ ...server(1, { 'Logs/system.log': { content: usualLog } }) }] }),
      await made(fresh, 2),
    );

    expect(restarted).toContain('ICE01 restarted        –                           10:18 (14 min before)\n');
    expect((await diff(left, await made({ boot: '2026-11-10T08:00:00.000Z' }, 2))).stdout).toContain('No differences');
    expect(unknown.stdout.replace(/\n +/g, ' ')).toContain(
      'not comparable ICE01 restarted: 10:18 (14 min before) in Event 2, 11-20 10:32, not known in Event 1',
    );
    expect(unknown.stdout).toContain('No differences');
  });

  it('tells two servers apart by what their logs say, and by how much', async () => {
    const starting = '2026-11-20 10:20:00 INFO InCenter starting, version 2.2.5\n';
    const zip = await madeBundle({
      servers: [
        server(1),
        server(2, logged(`${expired}${minutesOfLog('2026-11-20T10:32:00Z', 30).repeat(5)}`, starting + usualLog)),
      ],
    });

    const { stdout } = await diff(zip, 'ICE01', 'ICE02');

    expect(stdout).toMatch(/^system.log {13}65 lines {20}2\d\d lines$/m);
    expect(stdout).toContain('messages               –                           1 message\n');
    expect(stdout).toContain('    + 30×: ERROR lease of node # expired\n');
  });

  it('names the tools that collected them where they differ (V13)', async () => {
    const older = (manifest: Record<string, unknown>) =>
      Object.assign(manifest, { tool: { name: 'icepack', version: '0.1.0', node: '20' } });

    const done = await diff(await madeBundle({ manifest: older }), await madeBundle({ number: 2 }));

    expect(done.stdout).toContain('collected by           icepack 0.1.0               icepack 0.3.0\n');
    expect(done.stdout).toContain('No differences, 0 not comparable.');
  });

  it('calls what one side does not have not comparable, never removed (V13)', async () => {
    const without = usualItems();
    delete without['CLI/show-ha.txt'];
    delete without['VM/virtual-machine.txt'];
    without['Techsupport/techsupport.tsf'] = { status: 'failed', reason: 'timed out' };
    const older = (manifest: Record<string, unknown>) =>
      Object.assign(manifest, { tool: { name: 'icepack', version: '0.1.0', node: '20' } });
    const left = await madeBundle({ servers: [server(1), server(2)] });
    const right = await madeBundle({ servers: [{ id: 1, items: without }], number: 2, manifest: older });

    const done = await diff(left, right, '--exit-code');

    expect(done.code).toBe(0);
    expect(done.stdout).toContain('0 differences'.replace('0', 'No'));
    const told = done.stdout.replace(/\n {4}/g, ' ');
    expect(told).toMatch(/^not comparable ICE01 hypervisor, .*ICE01 show-ha, ICE02: not in Event 2, 11-20 10:32$/m);
    expect(done.stdout).toContain('not comparable ICE01 techsupport: failed in Event 2');
    expect(done.stdout).not.toMatch(/removed|improved|better/i);
  });

  it('does not call a zone another one that nobody knows (V13)', async () => {
    const made = await madeBundle();
    const byHand = await madeBundle({ files: { 'TIC-1234/manifest.json': undefined } });

    for (const zips of [
      [made, byHand],
      [byHand, made],
    ]) {
      const { stdout } = await diff(...zips, '--all');
      expect(stdout).toMatch(/^not comparable ICE01 zone: only assumed in /m);
      expect(stdout).not.toMatch(/^ICE01 zone/m);
    }
  });

  it('compares logs of bundles made by hand where their lines tell the window, else says why not (V13)', async () => {
    const log = (from: string, minutes: number, text?: string) => ({
      'TIC-1234/manifest.json': undefined,
      'TIC-1234/Event1_ICE01_20261120_1032/Logs/system.log': minutesOfLog(from, minutes, text),
    });
    const left = await madeBundle({ files: log('2026-11-20T10:00:00Z', 65) });
    const others = await madeBundle({ files: log('2026-11-20T10:00:00Z', 65, 'ERROR disk is full') });
    const longer = await madeBundle({ files: log('2026-11-20T08:00:00Z', 240) });
    const before = await madeBundle({ files: log('2026-11-20T09:00:00Z', 65) });

    expect((await diff(left, others)).stdout).toContain('+ ICE01 65×: ERROR disk is full');
    const apart = (await diff(left, longer)).stdout.replace(/\n {4}/g, ' ');
    expect(apart).toMatch(/^not comparable ICE01 Logs\/system\.log: its window is .* in .*, .* in /m);
    const outside = (await diff(left, before)).stdout.replace(/\n {4}/g, ' ');
    expect(outside).toMatch(/^not comparable ICE01 Logs\/system\.log: its lines and messages are not known/m);
  });

  it('passes over what changes by itself, unless all is wanted', async () => {
    const later = { 'CLI/show-ha.txt': { content: 'state: ACTIVE\nuptime: 5 days\n' } };
    const zips = [await madeBundle(), await madeBundle({ servers: [server(1, later)], number: 2 })];

    expect((await diff(...zips)).stdout).toContain('No differences, 0 not comparable.');
    expect((await diff(...zips, '--all')).stdout).toContain('uptime: 5 days');
  });

  it('ends with 10 where they differ and that was asked', async () => {
    const [left, right] = [await madeBundle(), await madeBundle({ servers: [server(1, other)], number: 2 })];

    expect((await diff(left, right, '--exit-code')).code).toBe(10);
    expect((await diff(left, left, '--exit-code')).code).toBe(0);
  });

  it('keeps to 80 columns and to printable text, and shows nothing of a backup (V08)', async () => {
    const long = { 'CLI/show-ha.txt': { content: `state: ${'x'.repeat(200)}\x1b[2J\nmore: \u202etext\n` } };
    const done = await diff(
      await madeBundle(),
      await madeBundle({ servers: [server(1, { ...other, ...long })], number: 2 }),
    );

    for (const line of done.stdout.split('\n')) expect(line.length).toBeLessThanOrEqual(80);
    expect(done.stdout).not.toMatch(/[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e]/);
    expect(done.stdout).not.toMatch(/certificate|secret/);
  });

  it('refuses what is not safe, and a server that is not there', async () => {
    const twins = await writtenZip(badZips['twins']?.[1] ?? Buffer.alloc(0));
    const zip = await madeBundle();

    expect((await diff(zip, twins)).code).toBe(10);
    const unknown = await diff(zip, 'ICE01', 'ICE9');
    expect(unknown.code).toBe(2);
    expect(unknown.stderr).toContain('there is no server "ICE9" in it');
  });

  it('says what is missing where one server of a bundle is named', async () => {
    const zip = await madeBundle();

    const one = await diff(zip, 'ice01');
    const none = await diff(zip, 'ice09');

    expect([one.code, none.code]).toEqual([2, 2]);
    expect(one.stderr).toContain('"ice01" is a server of ');
    expect(one.stderr).toContain(`icepack diff ${zip} ice01 SERVER`);
    expect(none.stderr).toContain('there is no file ');
  });
});
