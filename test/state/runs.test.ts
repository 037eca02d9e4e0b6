import { chmod, mkdir, readdir, stat, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { Manifest } from '../../src/domain/manifest.ts';
import { inspectStateFolder } from '../../src/state/machine.ts';
import { openRunStore, parseManifest } from '../../src/state/runs.ts';
import { temporaryFolder } from '../support/rig.ts';

const at = new Date('2026-11-20T09:32:00Z');
const stockholm = 'Europe/Stockholm';
const now = () => new Date('2026-11-20T10:00:00Z');

const manifest: Manifest = {
  schema: 1,
  tool: { name: 'icepack', version: '0.1.0', node: 'v20.0.0' },
  run: '20261120-1032-east-abcd',
  argv: ['collect', 'east'],
  created: '2026-11-20T10:00:00.000Z',
  reference: 'ref-1',
  ticket: null,
  event: {
    number: 1,
    at: '2026-11-20T09:32:00.000Z',
    window: { since: '2026-11-20T09:02:00.000Z', until: '2026-11-20T10:02:00.000Z' },
  },
  servers: [
    {
      name: 'ice01',
      id: 1,
      address: '192.0.2.10',
      folder: 'Event1_ICE01_20261120_1032',
      zone: { name: stockholm, source: 'host OS' },
      faces: {
        cli: { address: '192.0.2.10', port: 22, status: 'up' },
        hostOs: { address: '192.0.2.10', port: 2222, status: 'down', reason: 'no route' },
      },
      clock: null,
      versions: {},
      items: [{ path: 'Logs/system.log', collector: 'logs', status: 'ok', bytes: 3, sha256: 'a'.repeat(64) }],
    },
  ],
};

async function stateFolder(): Promise<string> {
  return join(await temporaryFolder(), 'state');
}

async function modeOf(path: string): Promise<string> {
  return ((await stat(path)).mode & 0o777).toString(8);
}

describe('a run', () => {
  it('is named after the time of its event in the zone of the server and what was collected', async () => {
    const store = openRunStore(await stateFolder(), now);

    const run = await store.create('east', at, stockholm);

    expect(run.id).toMatch(/^20261120-1032-east-[a-z2-9]{4}$/);
  });

  it.each([
    '../../etc',
    'a/b',
    'ice01 and\nice02',
    '..',
    '',
    'Ö',
    '$(id)',
    'x'.repeat(63),
  ])('is named safely when %j was collected, and found again', async (label) => {
    const folder = await stateFolder();
    const store = openRunStore(folder, now);

    const { id } = await store.create(label, at, stockholm);

    expect(id).toMatch(/^20261120-1032-[A-Za-z0-9-]*-[a-z2-9]{4}$/);
    expect((await store.find(id))?.folder).toBe(join(folder, 'runs', id));
    expect(await readdir(join(folder, 'runs'))).toEqual([id]);
  });

  it('never shares its folder with another one', async () => {
    const store = openRunStore(await stateFolder(), now);

    const runs = await Promise.all(Array.from({ length: 20 }, () => store.create('east', at, stockholm)));

    expect(new Set(runs.map((run) => run.folder)).size).toBe(20);
    expect(await store.ids()).toHaveLength(20);
  });

  it('is private, whatever the umask', async () => {
    const folder = await stateFolder();
    const before = process.umask(0);
    onTestFinished(() => void process.umask(before));
    const store = openRunStore(folder, now);

    const run = await store.create('east', at, stockholm);
    await run.journal.write({ type: 'collected' });
    await run.writeManifest(manifest);

    expect(await Promise.all([folder, join(folder, 'runs'), run.folder].map(modeOf))).toEqual(['700', '700', '700']);
    const files = ['journal.jsonl', 'manifest.json'].map((name) => join(run.folder, name));
    expect(await Promise.all(files.map(modeOf))).toEqual(['600', '600']);
  });

  it('has a place for the evidence of each server inside its folder', async () => {
    const run = await openRunStore(await stateFolder(), now).create('east', at, stockholm);

    expect(run.stagingOf('ice01')).toBe(join(run.folder, 'staging', 'ice01'));
  });

  it('has its journal and manifest again when it is found', async () => {
    const store = openRunStore(await stateFolder(), now);
    const run = await store.create('east', at, stockholm);
    await run.journal.write({ type: 'collected' });
    await run.writeManifest(manifest);

    const found = await store.find(run.id);

    expect(found?.journal.entries).toEqual([{ type: 'collected', at: '2026-11-20T10:00:00.000Z' }]);
    expect(await found?.readManifest()).toEqual(manifest);
  });

  it('leaves no other file behind when its manifest is written twice', async () => {
    const run = await openRunStore(await stateFolder(), now).create('east', at, stockholm);

    await run.writeManifest({ ...manifest, ticket: 'TIC-1' });
    await run.writeManifest(manifest);

    expect(await run.readManifest()).toEqual(manifest);
    expect((await readdir(run.folder)).sort()).toEqual(['manifest.json', 'process.json']);
  });

  it('says that it is unfinished when it has no manifest', async () => {
    const run = await openRunStore(await stateFolder(), now).create('east', at, stockholm);

    await expect(run.readManifest()).rejects.toMatchObject({
      code: 'run-unfinished',
      exit: 2,
      message: expect.stringContaining(run.id),
    });
  });
});

describe('the runs on this machine', () => {
  it('are none before the first', async () => {
    const store = openRunStore(await stateFolder(), now);

    expect(await store.ids()).toEqual([]);
    expect(await store.find('20261120-1032-east-abcd')).toBeUndefined();
  });

  it('are listed oldest first; what is no run is left out', async () => {
    const folder = await stateFolder();
    const store = openRunStore(folder, now);
    const later = await store.create('a', new Date('2026-11-21T09:32:00Z'), stockholm);
    const earlier = await store.create('z', at, stockholm);
    await mkdir(join(folder, 'runs', 'something'));
    await writeFile(join(folder, 'runs', '20261120-1032-file-abcd'), '');

    expect(await store.ids()).toEqual([earlier.id, later.id]);
  });

  it.each(['..', '../runs', '.', '', 'a/b', '20261120-1032-east-abcd/..', '\0'])('never include %j', async (id) => {
    const store = openRunStore(await stateFolder(), now);
    await store.create('east', at, stockholm);

    expect(await store.find(id)).toBeUndefined();
  });
});

describe('each of the runs on this machine', () => {
  async function threeOfWhichOneIsDamaged() {
    const folder = await stateFolder();
    const store = openRunStore(folder, now);
    const runs = [];
    for (const hour of [7, 8, 9])
      runs.push(await store.create('east', new Date(Date.UTC(2026, 10, 20, hour)), stockholm));
    const [first, damaged, last] = runs.map(({ id }) => id) as [string, string, string];
    await writeFile(join(folder, 'runs', damaged, 'journal.jsonl'), 'nothing of ours\n{}\n');
    await expect(store.find(damaged)).rejects.toThrow();
    return { store, first, damaged, last };
  }

  async function idsOf(runs: AsyncIterable<{ id: string }>): Promise<string[]> {
    const ids: string[] = [];
    for await (const { id } of runs) ids.push(id);
    return ids;
  }

  it('comes oldest first; one that is damaged does not keep back the others', async () => {
    const { store, first, last } = await threeOfWhichOneIsDamaged();

    const ids = await idsOf(store.each());

    expect(ids).toEqual([first, last]);
  });

  it('comes in the order it is asked for, and nothing else', async () => {
    const { store, first, damaged, last } = await threeOfWhichOneIsDamaged();

    const ids = await idsOf(store.each([last, damaged, 'no-run', first]));

    expect(ids).toEqual([last, first]);
  });
});

describe('a state folder', () => {
  it.each([0o755, 0o750, 0o701, 0o777])('that is open to others is refused: mode %o (G03)', async (mode) => {
    const folder = await stateFolder();
    await mkdir(folder);
    await chmod(folder, mode);

    const creating = openRunStore(folder, now).create('east', at, stockholm);

    await expect(creating).rejects.toMatchObject({
      code: 'state-exposed',
      exit: 8,
      message: expect.stringContaining(folder),
      hint: expect.stringContaining(`chmod 700 ${folder}`),
    });
  });

  it('that is a link to another folder is refused (G03)', async () => {
    const folder = await stateFolder();
    await mkdir(`${folder}-target`, { mode: 0o700 });
    await symlink(`${folder}-target`, folder);

    const creating = openRunStore(folder, now).create('east', at, stockholm);

    await expect(creating).rejects.toMatchObject({ code: 'state-exposed' });
  });

  it('that belongs to somebody else is told (G03)', async () => {
    const folder = await stateFolder();
    await mkdir(folder, { mode: 0o700 });
    const { uid } = await stat(folder);

    expect(await inspectStateFolder(folder, uid)).not.toHaveProperty('problem');
    expect((await inspectStateFolder(folder, uid + 1)).problem).toContain('belongs to another user');
  });

  it('that is a file is said to be one', async () => {
    const folder = await stateFolder();
    await writeFile(folder, '');

    const creating = openRunStore(folder, now).create('east', at, stockholm);

    await expect(creating).rejects.toMatchObject({ code: 'local-write', exit: 8 });
  });
});

describe('a manifest', () => {
  it.each([
    ['no JSON', '{'],
    ['another schema', JSON.stringify({ ...manifest, schema: 2 })],
    ['a path that leaves the bundle', JSON.stringify(manifest).replace('Logs/system.log', '../system.log')],
    ['an absolute path', JSON.stringify(manifest).replace('Logs/system.log', '/etc/passwd')],
    ['a server named like a path', JSON.stringify(manifest).replace('"ice01"', '"../ice01"')],
    ['no servers', JSON.stringify({ ...manifest, servers: undefined })],
  ])('is refused when it is damaged: %s', (_what, text) => {
    expect(() => parseManifest(text, '/run/manifest.json')).toThrow(
      expect.objectContaining({
        code: 'manifest-damaged',
        exit: 8,
        message: expect.stringContaining('/run/manifest.json'),
      }),
    );
  });
});
