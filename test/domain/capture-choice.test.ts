import { describe, expect, it } from 'vitest';
import type { Capture } from '../../src/domain/capture.ts';
import { chosenCaptures, precaptureFolders } from '../../src/domain/capture-choice.ts';

const at = new Date('2026-11-20T10:00:00Z');
const collectedFrom = new Date('2026-11-20T11:00:00Z');

function captured(started: string, ended = started): Capture {
  const record = { started: `2026-11-${started}:00Z`, ended: `2026-11-${ended}:00Z` };
  return { id: started, record } as unknown as Capture;
}

const idsOf = (ring: Capture[], wish: 'near' | 'any' | 'none' = 'near') => {
  const { before, after, tooOldMs } = chosenCaptures(ring, { at, collectedFrom }, wish);
  return [before?.id, after?.id, tooOldMs];
};

describe('the captures of an event', () => {
  it('are the last that began before it, and the first after it that ended before the collection', () => {
    const ring = ['20T08:00', '20T09:00', '20T10:00', '20T10:30'].map((time) => captured(time));

    expect(idsOf(ring)).toEqual(['20T09:00', '20T10:00', undefined]);
  });

  it('count by their start: one that went on over the event is the one before (Q09)', () => {
    expect(idsOf([captured('20T09:59', '20T10:05')])).toEqual(['20T09:59', undefined, undefined]);
  });

  it('are none that ended after the collection began', () => {
    expect(idsOf([captured('20T10:55', '20T11:01')])).toEqual([undefined, undefined, undefined]);
  });

  it('are not older than a day, unless any is wanted', () => {
    const ring = [captured('18T10:00')];

    expect(idsOf(ring)).toEqual([undefined, undefined, 48 * 3_600_000]);
    expect(idsOf(ring, 'any')).toEqual(['18T10:00', undefined, undefined]);
    expect(idsOf(ring, 'none')).toEqual([undefined, undefined, undefined]);
  });
});

describe('the folders of captures', () => {
  it('are told apart in the hour that comes twice, and within a minute', () => {
    const record = (started: string) => ({ record: { started } }) as unknown as Capture;
    const hours = ['2026-10-25T00:30:00Z', '2026-10-25T01:30:00Z'].map(record); // 02:30, and 02:30 again
    const minute = ['2026-11-20T09:02:10Z', '2026-11-20T09:02:40Z'].map(record);

    const name = 'Techsupport/precapture_20261025_0230';
    expect(precaptureFolders(hours, 'Europe/Stockholm')).toEqual([name, `${name}_2`]);
    expect(new Set(precaptureFolders(minute, 'Europe/Stockholm')).size).toBe(2);
    expect(precaptureFolders(hours, 'UTC')[1]).toBe('Techsupport/precapture_20261025_0130');
  });
});
