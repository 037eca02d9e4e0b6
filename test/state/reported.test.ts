import { chmodSync, mkdirSync, readdirSync, statSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Saying } from '../../src/domain/reported.ts';
import { openReported } from '../../src/state/reported.ts';
import { temporaryFolder } from '../support/rig.ts';

const day = 86_400_000;
const saying = (more: Partial<Saying> = {}): Saying => ({
  ...{ server: 'ice01', event: 'VM outage', key: 'dc01', is: 'bad', severity: 'high', text: 'shut off', by: 'zabbix' },
  ...{ since: '2026-11-20T10:00:00.000Z', at: '2026-11-20T10:00:00.000Z', ...more },
});

async function store(atFirst = 0) {
  let later = atFirst;
  const pass = (ms: number) => {
    later += ms;
  };
  const state = await temporaryFolder();
  const now = () => new Date(Date.now() + later);
  const folder = join(state, 'watch', 'reported');
  return { state, folder, reported: openReported(state, now), again: () => openReported(state, now), pass };
}

describe('what other monitors said', () => {
  it('is a private file for each thing, whose name says nothing of it', async () => {
    const { folder, reported, again } = await store();
    const hostile = { event: '../../x\u0000', key: '/etc/passwd', server: '..' };

    await reported.keep(saying());
    await reported.keep(saying({ text: 'again' }));
    await reported.keep(saying(hostile));

    const names = readdirSync(folder);
    expect(names).toHaveLength(2);
    expect(names.every((name) => /^[0-9a-f]{32}\.json$/.test(name))).toBe(true);
    expect(statSync(join(folder, names[0] ?? '')).mode & 0o777).toBe(0o600);
    expect((await again().list()).known).toHaveLength(2);
  });

  it('is said from many places at once, and nothing of it is lost', async () => {
    const { reported, again } = await store();
    const keys = Array.from({ length: 12 }, (_, index) => `dc${index % 4}`);

    await Promise.all(keys.map((key) => again().keep(saying({ key }))));

    expect((await reported.list()).known.map(({ key }) => key).sort()).toEqual(['dc0', 'dc1', 'dc2', 'dc3']);
  });

  it('is seen at once, however fast it changes, and the list is the same one as long as nothing does', async () => {
    const { folder, reported, again } = await store(5000); // all of it happened long ago, by its clock
    for (let index = 0; index < 20; index++) {
      await again().keep(saying({ text: String(index) }));
      utimesSync(folder, new Date(), new Date()); // a coarse clock
      expect((await reported.list()).known[0]?.text).toBe(String(index));
    }

    expect(await reported.list()).toBe(await reported.list());
  });

  it('is seen within ten seconds where the clock of the file system is another one', async () => {
    const { folder, reported, again, pass } = await store();
    const texts: (string | undefined)[] = [];
    for (const text of ['one', 'two']) {
      await again().keep(saying({ text }));
      utimesSync(folder, 1e9, 1e9); // years ago, and its tick is as long
      texts.push((await reported.list()).known[0]?.text);
    }
    pass(10_000);
    texts.push((await reported.list()).known[0]?.text);

    expect(texts).toEqual(['one', 'one', 'two']);
  });

  it('changes within one tick of the clock are seen', async () => {
    const { folder, reported, again } = await store();
    const tick = new Date();
    for (const text of ['one', 'two']) {
      await again().keep(saying({ text }));
      utimesSync(folder, tick, tick);
      expect((await reported.list()).known[0]?.text).toBe(text);
    }
  });

  it('names what is damaged, a link, or of another name, and goes on without it', async () => {
    const { folder, reported } = await store();
    await reported.keep(saying());
    const [name = ''] = readdirSync(folder);
    writeFileSync(join(folder, `${'0'.repeat(32)}.json`), '{"schema":1');
    symlinkSync(join(folder, name), join(folder, `${'1'.repeat(32)}.json`));
    writeFileSync(join(folder, 'notes.txt'), '');

    const { known, damaged } = await reported.list();

    expect(known).toHaveLength(1);
    expect(damaged.map((path) => path.slice(-6, -5)).sort()).toEqual(['0', '1']);
  });

  it('is forgotten after a week where it is well or its server is gone, and never else', async () => {
    const { reported, again } = await store(8 * day);
    await reported.keep(saying({ key: 'well', is: 'ok' }));
    await reported.keep(saying({ key: 'bad' }));
    await reported.keep(saying({ server: 'ice09' }));

    await reported.prune((name) => name === 'ice01');

    expect((await again().list()).known.map(({ key }) => key)).toEqual(['bad']);
    const { reported: young } = await store();
    await young.keep(saying({ is: 'ok' }));
    await young.prune(() => false);
    expect((await young.list()).known).toHaveLength(1);
  });

  it('is kept in no folder that others may write', async () => {
    const { state, reported } = await store();
    mkdirSync(join(state, 'watch'), { mode: 0o700 });
    chmodSync(state, 0o777);

    await expect(reported.keep(saying())).rejects.toMatchObject({ code: 'state-exposed' });
  });
});
