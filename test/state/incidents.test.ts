import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { openIncidents } from '../../src/state/incidents.ts';
import { membersOf } from '../../src/watch/core/incidents.ts';
import { joined, opened, stampAt } from '../support/made-incident.ts';
import { temporaryFolder } from '../support/rig.ts';

const now = () => new Date('2026-11-20T10:00:00Z');

async function startStore() {
  const folder = await temporaryFolder();
  return { folder, store: openIncidents(folder, now), open: join(folder, 'watch', 'open') };
}

describe('incidents on the disk', () => {
  it('get the next number, also behind those that are closed', async () => {
    const { store, folder } = await startStore();
    const first = await store.create(opened, [joined('ice01')]);
    await store.close(first, 'it was resolved');
    const second = await store.create(opened, [joined('ice01')]);

    expect([first.id, second.id]).toEqual(['I1', 'I2']);
    expect(readdirSync(join(folder, 'watch', 'closed', '2026-11'))).toEqual(['I1']);
    expect((await store.open()).known.map(({ id }) => id)).toEqual(['I2']);
    expect((await store.find('I1'))?.log.entries.at(-1)).toMatchObject({ type: 'closed', why: 'it was resolved' });
  });

  it('are deleted once they were closed for more than a year, but for the newest number (W86)', async () => {
    const { store, folder } = await startStore();
    const known = await store.create(opened, [joined('ice01')]);
    const closed = join(folder, 'watch', 'closed');
    const months = Array.from({ length: 16 }, (_, month) =>
      new Date(Date.UTC(2025, 6 + month)).toISOString().slice(0, 7),
    );
    for (const [index, month] of months.entries())
      mkdirSync(join(closed, month, `I${index === 1 ? 90 : 2 + index}`), { recursive: true });
    writeFileSync(join(closed, 'notes.txt'), '');

    await store.close(known, 'it was resolved');

    const [first, newest, second, ...others] = months;
    expect([first, second]).toEqual(['2025-07', '2025-09']);
    expect(readdirSync(closed).toSorted()).toEqual([newest, ...others, '2026-11', 'notes.txt']);
    expect((await store.create(opened, [joined('ice01')])).id).toBe('I91');
  });

  it('of a newer icepack is left as it is, and the others go on (W61)', async () => {
    const { store, open } = await startStore();
    const newer = await store.create(opened, [joined('ice01')]);
    await store.create(opened, [joined('ice02')]);
    await newer.log.write({ type: 'escalated', to: 'tier 3' } as unknown as Parameters<typeof newer.log.write>[0]);
    const journal = join(open, newer.id, 'journal.jsonl');
    const before = readFileSync(journal);

    const { known, damaged } = await store.open();

    expect(known.map(({ id }) => id)).toEqual(['I2']);
    expect(damaged.map(({ code }) => code)).toEqual(['journal-newer']);
    expect(readFileSync(journal)).toEqual(before);
  });

  it('are there whole, with what is bad, or not at all', async () => {
    const { store, open } = await startStore();
    await store.create(opened, [joined('ice01'), joined('ice02')]);
    mkdirSync(join(open, '.part-I2'));

    const [known] = (await store.open()).known;
    const next = await store.create(opened, [joined('ice01')]);

    expect(known === undefined ? [] : membersOf(known.log).map(({ thing }) => thing.server)).toEqual([
      'ice01',
      'ice02',
    ]);
    expect(next.id).toBe('I2');
    expect(existsSync(join(open, '.part-I2'))).toBe(false);
  });

  it('what a person says is seen by who has the incident open, among what the watch wrote, in order of time', async () => {
    const { store } = await startStore();
    const incident = await store.create(opened, [joined('ice01', 1)]);
    await incident.log.write({ type: 'cleared', stamp: stampAt(9) });
    await store.say('I1', { type: 'acknowledged', stamp: stampAt(5), by: 'kim', how: 'command', forMs: 1000 });

    expect(incident.log.entries.map(({ type }) => type)).toEqual(['opened', 'joined', 'cleared']);
    await incident.log.refresh();

    const types = ['opened', 'joined', 'acknowledged', 'cleared'];
    expect(incident.log.entries.map(({ type }) => type)).toEqual(types);
    expect((await store.find('I1'))?.log.entries.map(({ type }) => type)).toEqual(types);
  });

  it('one that is damaged is named and left alone, and the others go on (W60)', async () => {
    const { store, open } = await startStore();
    await store.create(opened, [joined('ice01')]);
    await store.create(opened, [joined('ice02')]);
    writeFileSync(
      join(open, 'I1', 'journal.jsonl'),
      '{"at":"2026-11-20T10:00:00.000Z","type":"opened","sum":"00000000"}\n',
    );

    const { known, damaged } = await store.open();

    expect(known.map(({ id }) => id)).toEqual(['I2']);
    expect(damaged.map(({ code, message }) => [code, message])).toEqual([
      ['journal-damaged', `${join(open, 'I1', 'journal.jsonl')}:1 is damaged`],
    ]);
  });
});
