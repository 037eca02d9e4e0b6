import { describe, expect, it } from 'vitest';
import { readBundle } from '../../src/reading/read-bundle.ts';
import { toldMarkers } from '../../src/reading/told-markers.ts';
import { pageDataOf } from '../../src/report/page-data-of.ts';
import { eventAt, memoryBundle, oneServer, stamped, system } from './memory-bundle.ts';

const nothingPacked = { blocks: [], bytes: 0, texts: new Map<number, string>(), columns: [], keep: undefined, here: 0 };

describe('a routine', () => {
  const routine = Array.from({ length: 3500 }, (_, at) =>
    at === 10 ? 'configuration activated by admin from 192.0.2.9' : `node ${at % 40} committed version ${at}`,
  );

  it('is told with how often its log has it, as grep counts it, however often that is', async () => {
    const reading = await readBundle(memoryBundle({ [system]: stamped(routine) }), { layout: oneServer });
    const { told } = toldMarkers(reading, { kinds: ['change'], most: 9 });

    expect(told.map(({ times }) => times)).toEqual([1, 3499]);
  });

  it('has one mark in the lanes, nearest to the event, and does not hide what happened once', async () => {
    const reading = await readBundle(memoryBundle({ [system]: stamped(routine) }), { layout: oneServer });
    const { markers } = pageDataOf(reading, nothingPacked);
    const changes = markers.filter(({ kind }) => kind === 'change');

    expect(changes.map(({ at }) => at)).toEqual([eventAt - 1_790_000, eventAt]);
    expect(changes[1]?.text).toMatch(/^node \d+ committed version 1800 \(3\u202f499 times in all\)$/);
  });
});
