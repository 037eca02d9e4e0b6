import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { openWatchHistory } from '../../src/state/watch-history.ts';
import { openWeeklyJournal } from '../../src/state/weekly-journal.ts';
import { temporaryFolder } from '../support/rig.ts';

const rounds = { type: 'rounds' as const, from: 1, until: 2, whole: 3, others: 0 };

async function historyRig() {
  const state = await temporaryFolder();
  let now = new Date('2026-11-20T10:00:00Z');
  const history = openWatchHistory(state, () => now);
  const at = (text: string) => {
    now = new Date(text);
  };
  return { state, history, at, folder: join(state, 'watch', 'history') };
}

describe('the history of a watch', () => {
  it('is a file for each month, and gives what was written since a time, also to another process', async () => {
    const { state, history, at, folder } = await historyRig();
    await history.write(rounds);
    at('2026-12-01T00:10:00Z');
    await history.write({ ...rounds, from: 5 });

    const other = openWatchHistory(state, () => new Date());
    const { entries, unread } = await other.read(new Date('2026-11-30T00:00:00Z'));

    expect(readdirSync(folder).toSorted()).toEqual(['2026-11.jsonl', '2026-12.jsonl']);
    expect([entries.map((each) => 'from' in each && each.from), unread]).toEqual([[5], []]);
    expect((await other.read(new Date(0))).entries).toHaveLength(2);
  });

  it('loses only the month that is damaged, and keeps that beside', async () => {
    const { history, at, folder } = await historyRig();
    await history.write(rounds);
    at('2026-12-01T00:10:00Z');
    writeFileSync(join(folder, '2026-12.jsonl'), 'no journal\n');
    const before = await history.read(new Date(0));
    await history.write({ ...rounds, from: 5 });
    const after = await history.read(new Date(0));

    expect(before.unread).toEqual([expect.stringContaining('2026-12.jsonl')]);
    expect(after.entries).toHaveLength(2);
    expect(after.unread).toEqual([expect.stringMatching(/2026-12\.jsonl\.damaged-\d+ is damaged$/)]);
  });

  it('is pruned after a year, and touches nothing else in its folder', async () => {
    const { history, folder } = await historyRig();
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    const year = Array.from({ length: 14 }, (_, month) =>
      new Date(Date.UTC(2025, 9 + month)).toISOString().slice(0, 7),
    );
    for (const name of [
      '2025-08.jsonl',
      '2025-09.jsonl.damaged-1',
      ...year.map((month) => `${month}.jsonl`),
      'notes.txt',
    ])
      writeFileSync(join(folder, name), '');
    await history.write(rounds);

    expect(readdirSync(folder).toSorted()).toEqual([...year.map((month) => `${month}.jsonl`), 'notes.txt']);
  });

  it('outlives a clock that is years ahead for a while', async () => {
    const { history, at, folder } = await historyRig();
    for (const day of ['2026-09-20', '2026-10-20', '2031-01-01', '2026-11-20']) {
      at(`${day}T10:00:00Z`);
      await history.write(rounds);
    }

    expect(readdirSync(folder)).toHaveLength(4);
  });
});

describe('which weekly status was sent (W82)', () => {
  const open = (state: string) => openWeeklyJournal(state, () => new Date('2026-11-23T07:00:00Z'));

  it('is noted before it leaves: what was cut is sent again, what was sent is not', async () => {
    const state = await temporaryFolder();
    await open(state).begin();
    const cut = open(state).sendOnce('2026-W47', false, () => Promise.reject(new Error('killed')));
    await expect(cut).rejects.toThrow('killed');

    const sent: boolean[] = [];
    const send = async (wasSent: boolean) => void sent.push(wasSent);
    const results = [
      await open(state).sendOnce('2026-W47', false, send),
      await open(state).sendOnce('2026-W47', false, send),
      await open(state).sendOnce('2026-W47', true, send),
    ];

    expect([results, sent]).toEqual([
      [true, false, true],
      [false, true],
    ]);
    expect(await open(state).read()).toEqual({ sent: new Set(['2026-W47']), since: new Date('2026-11-23T07:00:00Z') });
  });

  it('is sent by one process at a time', async () => {
    const state = await temporaryFolder();
    const first = open(state).sendOnce('2026-W47', false, () =>
      expect(open(state).sendOnce('2026-W47', false, async () => undefined)).rejects.toMatchObject({ code: 'busy' }),
    );

    expect(await first).toBe(true);
  });
});
