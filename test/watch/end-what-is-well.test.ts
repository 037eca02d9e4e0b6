import { describe, expect, it } from 'vitest';
import type { Appliance } from '../../src/domain/appliance.ts';
import type { Maintenance } from '../../src/domain/maintenance.ts';
import type { Seen, Stamp } from '../../src/domain/watch-event.ts';
import { endWhatIsWell } from '../../src/watch/maintenance/end-what-is-well.ts';

const now: Stamp = { wallMs: Date.parse('2026-11-20T10:00:00Z'), boot: 'a', upMs: 0 };
const well: Seen = { check: 'vms', instance: 'dc01', answer: { is: 'ok', text: '' }, at: now };
const bad: Seen = {
  ...{ ...well, answer: { is: 'bad', text: '' } },
  event: { phase: 'pending', badSince: now, watchedMs: 0, looks: 1, seenAt: now },
};
const maintenance: Maintenance = {
  ...{ schema: 1, id: 'M8', targets: ['ice01'], check: 'vms', instance: 'dc01', reason: '', by: 'lee', zone: 'UTC' },
  created: '2026-11-20T09:00:00Z',
  when: { kind: 'until-ok', from: '2026-11-20T09:00:00Z', until: '2026-11-27T09:00:00Z' },
};

/** Whether it is ended by a visit. */
async function isEnded(before: Seen[], seen: Seen[]): Promise<boolean> {
  let ended = false;
  const end = async () => {
    ended = true;
    return maintenance;
  };
  await endWhatIsWell({ name: 'ice01' } as Appliance, before, { seen, visitedAt: now }, [maintenance], { end });
  return ended;
}

describe('maintenance until something is well again (W40)', () => {
  it('ends when that was bad and is well', async () => {
    expect(await isEnded([bad], [well])).toBe(true);
    expect(await isEnded([bad], [bad])).toBe(false);
  });

  it('that is announced ahead goes on until it was bad', async () => {
    expect(await isEnded([well], [well])).toBe(false);
    expect(await isEnded([], [well])).toBe(false);
  });

  it('goes on where other things are well', async () => {
    expect(await isEnded([bad], [{ ...well, instance: 'dc02' }])).toBe(false);
    expect(await isEnded([bad], [well, { ...well, answer: { is: 'unknown', text: '' } }])).toBe(false);
  });
});
