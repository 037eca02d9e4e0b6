import { execFileSync } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { deflateRawSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { collectedRun, zipsIn } from '../support/collected-run.ts';
import { lacks, programPath } from '../support/requirements.ts';
import { batch, startRig } from '../support/rig.ts';

const newTicket = ['--summary', 'VPN down', '--severity', 'high'];
const _fault = (route: string, fault: string, status?: number) => ({ route, fault, status }) as never;

describe('the same run', () => {
  const zones = ['UTC', 'Asia/Kathmandu', 'America/St_Johns', 'Pacific/Apia'];
  const places = zones.flatMap((TZ) =>
    ['C', 'tr_TR.UTF-8'].flatMap((LC_ALL) => ['000', '077'].map((umask) => ({ TZ, LC_ALL, umask }))),
  );

  it('gives the same ZIP, byte for byte, in every zone, locale and umask (E10)', async () => {
    const { copy } = await collectedRun();
    const made = new Set<string>();

    for (const [index, { TZ, LC_ALL, umask }] of places.entries()) {
      const mine = copy(`place-${index}`);
      const under = ['bash', '-c', `umask ${umask}; exec "$@"`, 'bash'];
      const { code } = await mine.zip([], { env: { TZ, LC_ALL, LANG: LC_ALL }, under });
      expect(code).toBe(0);
      made.add(JSON.stringify(zipsIn(mine.folder)));
    }

    expect(places).toHaveLength(16);
    expect([...made]).toEqual([expect.stringMatching(/^\{"TIC-7_Event1_\w+\.zip":"[0-9a-f]{64}"\}$/)]);
  });

  it.skipIf(lacks('node22', 'node24'))(
    'gives the same ZIP, byte for byte, in other versions of Node (E10)',
    async () => {
      const log = Array.from({ length: 20_000 }, (_, line) => `${line} a line, ${(line * 7919) % 10_007}\n`);
      const { copy } = await collectedRun({ 'Logs/system.log': Buffer.from(log.join('')) });
      const made = new Set<string>();

      for (const [index, node] of [process.execPath, programPath('node22'), programPath('node24')].entries()) {
        const mine = copy(`node-${index}`);
        const { code } = await mine.zip([], { node });
        expect(code).toBe(0);
        made.add(JSON.stringify(zipsIn(mine.folder)));
      }

      expect(made.size).toBe(1);
    },
  );

  it('is submitted by one of many that try at the same time; the others say so, and nothing is mixed (E04)', async () => {
    const { rig, copy, withApi } = await collectedRun();
    await withApi();
    const mine = copy('many');

    const all = await Promise.all(Array.from({ length: 8 }, () => mine.submit(newTicket)));

    const codes = all.map(({ code }) => code);
    expect(new Set(codes)).toEqual(new Set([0, 9]));
    const busy = all.filter(({ code }) => code === 9).map((each) => each.json().error);
    expect(busy.map(({ code, hint }) => `${code}: ${hint}`)).toEqual(
      busy.map(() => expect.stringMatching(/^busy: What was collected is kept\. .* icepack resume /)),
    );
    expect(rig.mock.helpdesk?.tickets.map(({ files }) => files.length)).toEqual([1]);
    expect(rig.mock.helpdesk?.tickets[0]?.files[0]?.sha256).toBe(Object.values(zipsIn(mine.folder))[0]);
  });
});

describe('the limit of 25 MB', () => {
  it('lets 24 999 999 and 25 000 000 bytes be attached, and 25 000 001 not (E05)', { timeout: 120_000 }, async () => {
    const { rig, copy, withApi } = await collectedRun({ Techsupport: randomBytes(24_950_000) });
    const cases = [24_999_999, 25_000_000, 25_000_001].map((bytes, index) => ({ bytes, key: `TIC-${1001 + index}` }));
    const calibrated = [];
    for (const { bytes, key } of cases) {
      const calibrating = copy(`calibrating-${bytes}`);
      withReference(calibrating.folder, `icepack-0000000${bytes}`);
      calibrated.push((await calibrating.submit(['--ticket', key, ...newTicket])).json().bundle);
    }
    await withApi();
    const seen = [];

    for (const [index, { bytes }] of cases.entries()) {
      const mine = copy(`of-${bytes}`);
      const { path, bytes: than } = calibrated[index];
      const manifest = manifestIn(path);
      const argv = wordsOfSize(manifest, bytes - than, deflated(manifest));
      writeFileSync(join(mine.folder, 'manifest.json'), JSON.stringify({ ...manifest, argv }), { mode: 0o600 });
      const done = await mine.submit(newTicket);
      const said = done.json();
      const closed = readFileSync(said.bundle.path).length;
      seen.push([done.code, said.bundle.bytes, closed, said.bundle.attached, said.error?.code ?? null]);
    }

    expect(seen).toEqual([
      [0, 24_999_999, 24_999_999, true, null],
      [0, 25_000_000, 25_000_000, true, null],
      [7, 25_000_001, 25_000_001, false, 'over-limit'],
    ]);
    expect(rig.mock.helpdesk?.tickets.map(({ files }) => files.map(({ bytes }) => bytes))).toEqual([
      [24_999_999],
      [25_000_000],
      [],
    ]);
    expect(rig.mock.helpdesk?.tickets[2]?.comments.map(({ body }) => body)).toEqual([
      expect.stringMatching(/25 ?000 ?001[\s\S]*instructions/),
    ]);
  });
});

describe('a bundle of a cluster', () => {
  it('of which one server is out of reach has its folder too, and says what is missing (E17, E18, field-F11)', async () => {
    const rig = await startRig({ appliances: 3, cluster: 'east' });
    await rig.mock.appliances[1]?.close();

    const first = await rig.icepack(['collect', 'east', ...batch, '--json']);
    const { exitCode, bundle, servers, ticket } = first.json();

    expect(exitCode).toBe(4);
    expect(bundle.attached).toBe(true);
    expect(foldersIn(bundle.path)).toEqual([
      expect.stringMatching(/^Event1_ICE01_/),
      expect.stringMatching(/^Event1_ICE03_/),
      expect.stringMatching(/^Event1_ICE02_/),
      'README.txt',
      'manifest.json',
    ]);
    expect(namesIn(bundle.path).filter((name) => name.includes('ICE02'))).toEqual([
      expect.stringMatching(/\/Event1_ICE02_[^/]+\/NOT-COLLECTED\.txt$/),
    ]);
    const missing = manifestIn(bundle.path) as { servers: { name: string; items: { status: string }[] }[] };
    expect(missing.servers.map(({ name, items }) => [name, ...new Set(items.map(({ status }) => status))])).toEqual([
      ['ice01', 'ok', 'skipped'],
      ['ice02', 'failed'],
      ['ice03', 'ok', 'skipped'],
    ]);
    const texts = manifestIn(bundle.path)['texts'] as { path: string; bytes: number; sha256: string }[];
    expect(texts.map(({ path }) => path)).toEqual([
      expect.stringMatching(/^Event1_ICE02_[^/]+\/NOT-COLLECTED\.txt$/),
      'README.txt',
    ]);
    for (const { path, bytes, sha256 } of texts) {
      const written = execFileSync(programPath('unzip'), ['-p', bundle.path, `*/${path}`]);
      expect([bytes, sha256]).toEqual([written.length, createHash('sha256').update(written).digest('hex')]);
    }
    expect(servers[1].items.every(({ reason }: { reason?: string }) => reason)).toBe(true);
    expect(rig.mock.helpdesk?.tickets[0]?.body).toContain('ICE02');
    expect(first.json().next).toContain(
      `icepack collect ice02 --at ${first.json().event.at} --ticket ${ticket.key} --event 1`,
    );
  });

  it('is the next event of its ticket when it happened later (E17)', async () => {
    const rig = await startRig({ appliances: 2, cluster: 'east' });
    const collect = async (at: string, ...words: string[]) =>
      (await rig.icepack(['collect', 'east', '--batch', '--at', at, '--only', 'vm', '--json', ...words])).json();

    const earlier = await collect('-90m', ...newTicket);
    const later = await collect('-45m', '--ticket', '1001');

    expect(foldersIn(earlier.bundle.path).map((name) => name.slice(0, 12))).toEqual([
      'Event1_ICE01',
      'Event1_ICE02',
      'README.txt',
      'manifest.jso',
    ]);
    expect(foldersIn(later.bundle.path).map((name) => name.slice(0, 12))).toEqual([
      'Event2_ICE01',
      'Event2_ICE02',
      'README.txt',
      'manifest.jso',
    ]);
    expect(earlier.bundle.name < later.bundle.name).toBe(true);
  });
});

type Json = Record<string, unknown>;

function namesIn(zip: string): string[] {
  return execFileSync(programPath('unzip'), ['-Z1', zip]).toString().trim().split('\n');
}

/** What lies in the top folder of a ZIP, in its order. */
function foldersIn(zip: string): string[] {
  return [...new Set(namesIn(zip).map((name) => name.split('/')[1] ?? ''))];
}

function manifestIn(zip: string): Json {
  return JSON.parse(execFileSync(programPath('unzip'), ['-p', zip, '*/manifest.json']).toString());
}

/** What a manifest takes in a ZIP. */
function deflated(manifest: Json): number {
  return deflateRawSync(`${JSON.stringify(manifest, null, 2)}\n`, { level: 6, memLevel: 9 }).length;
}

function withReference(folder: string, reference: string): void {
  const path = join(folder, 'manifest.json');
  writeFileSync(path, JSON.stringify({ ...JSON.parse(readFileSync(path, 'utf8')), reference }), { mode: 0o600 });
}

/** Words for a manifest that make it take so many bytes more than another. */
function wordsOfSize(manifest: Json, more: number, than: number): string[] {
  const words = (bytes: number) => ['collect', randomBytes(bytes).toString('base64')];
  for (let bytes = more, tries = 0; tries < 2000; tries++) {
    const argv = words(bytes);
    const missing = than + more - deflated({ ...manifest, argv });
    if (missing === 0) return argv;
    bytes = Math.max(1, bytes + Math.sign(missing) * Math.ceil(Math.abs(missing) / 2));
  }
  throw new Error('no manifest of that size was found');
}
