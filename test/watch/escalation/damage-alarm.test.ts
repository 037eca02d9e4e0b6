import { describe, expect, it } from 'vitest';
import { NotifyError } from '../../../src/notify/channel.ts';
import type { DamageNote } from '../../../src/state/watch-notes.ts';
import { tellOfDamage } from '../../../src/watch/escalation/damage-alarm.ts';
import { settingOf } from '../../../src/watch/escalation/setting-of.ts';
import { PagerRig } from './pager-rig.ts';
import { escalation, minute, night } from './simulated.ts';

const { signal } = new AbortController();
const hour = 60 * minute;
const damaged = '/state/watch/open/I1/journal.jsonl:3 is damaged';

/** An alarm in a world of its own; each telling is that of another process. */
function alarmRig(given = escalation()) {
  const rig = new PagerRig();
  let noted: Awaited<ReturnType<DamageNote['read']>>;
  const note: DamageNote = {
    read: async () => noted,
    write: async (told) => {
      noted = told;
    },
  };
  const ways = () => ({ setting: settingOf(given, [], rig.configured, minute), channels: rig.configured });
  return { rig, tell: (...what: string[]) => tellOfDamage(what, note, ways(), rig.stamp, signal) };
}

describe('that an incident is left alone', () => {
  it('is told to the primary contact, with what is damaged and the command that shows it (W60)', async () => {
    const { rig, tell } = alarmRig();

    expect(await tell(damaged)).toMatch(/^told of that: kim doe/);

    const [{ page, person } = { page: undefined, person: '' }] = rig.sent;
    expect([rig.sent.length, person]).toEqual([1, 'kim']);
    expect(page?.text).toContain(`  ${damaged}\n`);
    expect(page?.text).toContain('icepack watch status');
    expect(page?.short).toMatch(/1 incident is left alone.*icepack watch status$/);
    expect(page?.short.length).toBeLessThanOrEqual(160);
  });

  it('is told once a day, by whichever process, and another one at once (W60)', async () => {
    const { rig, tell } = alarmRig();

    for (let passed = 0; passed < 50; passed++) {
      await tell(damaged);
      rig.pass(hour);
    }
    expect(rig.sent).toHaveLength(3); // at once, after a day, and after two
    await tell(damaged, 'another');

    expect(rig.sent).toHaveLength(4);
  });

  it('is tried again after a minute where nobody can be told (W60)', async () => {
    const { rig, tell } = alarmRig();
    for (const way of rig.ways.values())
      way.answer = async () => {
        throw new NotifyError('refused', 'the gateway refuses');
      };

    const told = [await tell(damaged), await tell(damaged)];
    rig.pass(minute);
    told.push(await tell(damaged));

    expect(told).toEqual([expect.stringMatching(/^nobody could be told/), undefined, expect.stringMatching(/^nobody/)]);
  });

  it('is told to the primary contact first, whoever else the first step names (W60)', async () => {
    const steps = [{ atMs: 0, to: ['management'], by: ['sms'] }];
    const { rig, tell } = alarmRig(escalation({ policies: new Map([['night', { ...night, steps }]]) }));

    await tell(damaged);

    expect(rig.sent.map(({ person }) => person)).toEqual(['kim']);
  });
});
