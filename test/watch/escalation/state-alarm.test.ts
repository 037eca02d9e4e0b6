import { describe, expect, it } from 'vitest';
import type { Stamp } from '../../../src/domain/watch-event.ts';
import { NotifyError } from '../../../src/notify/channel.ts';
import { settingOf } from '../../../src/watch/escalation/setting-of.ts';
import { StateAlarm } from '../../../src/watch/escalation/state-alarm.ts';
import { PagerRig } from './pager-rig.ts';
import { escalation, minute, night } from './simulated.ts';

const about = { watched: [], organization: undefined, zone: 'UTC', mask: (text: string) => text };
const { signal } = new AbortController();
const refused = async () => {
  throw new NotifyError('refused', 'the gateway refuses');
};

/** An alarm in a world of its own. @param keepsNote whether the time of the file can be set */
function alarmRig(keepsNote = true, given = escalation()) {
  const rig = new PagerRig();
  let noted: Date | undefined;
  const note = {
    toldAt: async () => noted,
    note: async (at: Date | undefined) => {
      if (keepsNote) noted = at;
    },
  };
  const stamp = async (): Promise<Stamp> => rig.stamp;
  const ways = () => ({ setting: settingOf(given, [], rig.configured, minute), channels: rig.configured });
  let alarm = new StateAlarm(note, stamp);
  const unwritten = { why: '"/state/watch/open": the disk is full', bad: [], about };
  return {
    rig,
    raise: () => alarm.raise(unwritten, ways(), signal),
    over: () => alarm.over(unwritten, ways(), signal),
    restart: () => {
      alarm = new StateAlarm(note, stamp);
    },
  };
}

describe('an alarm that nothing can be written (W59)', () => {
  it('goes to each of the first step, by the first way that works', async () => {
    const { rig, raise } = alarmRig();
    Object.assign(rig.ways.get('sms') ?? {}, { answer: refused });

    const told = await raise();

    expect(rig.sent.map(({ channel, person }) => `${person} ${channel}`)).toEqual(['kim call']);
    expect(told).toBe('told of that: kim doe (call)');
    const [{ page } = { page: undefined }] = rig.sent;
    expect(page?.short).toMatch(
      /^icepack on .*: state cannot be written: the disk is full - incidents are not followed/,
    );
    expect(page?.short.length).toBeLessThanOrEqual(160);
  });

  it('goes once an hour, also over a restart', async () => {
    const { rig, raise, restart } = alarmRig();

    for (let passed = 0; passed < 150; passed++) {
      await raise();
      if (passed % 7 === 0) restart();
      rig.pass(minute);
    }

    expect(rig.sent).toHaveLength(3); // at once, after one hour, and after two
  });

  it('where that cannot be noted either, is remembered by the process alone', async () => {
    const { rig, raise, restart } = alarmRig(false);

    for (let round = 0; round < 5; round++) await raise();
    const before = rig.sent.length;
    restart();
    await raise();

    expect([before, rig.sent.length]).toEqual([1, 2]);
  });

  it('goes to those of the next step where nobody of the first can be told, and to nobody else', async () => {
    const only = [
      { atMs: 0, to: ['primary'], by: ['sms'] },
      { atMs: minute, to: ['secondary'], by: ['mail'] },
      { atMs: 2 * minute, to: ['management'], by: ['mail'] },
    ];
    const { rig, raise } = alarmRig(true, escalation({ policies: new Map([['night', { ...night, steps: only }]]) }));
    for (const name of ['sms', 'call']) Object.assign(rig.ways.get(name) ?? {}, { answer: refused });

    await raise();

    expect(rig.sent.map(({ person }) => person)).toEqual(['lee']);
  });

  it('is tried again after a minute where nobody at all can be told', async () => {
    const { rig, raise } = alarmRig();
    for (const way of rig.ways.values()) way.answer = refused;

    const told = [await raise(), await raise()];
    rig.pass(minute);
    told.push(await raise());

    expect(told).toEqual([expect.stringMatching(/^nobody could be told/), undefined, expect.stringMatching(/^nobody/)]);
  });

  it('is over at an engine that has it, also for a process that did not raise it', async () => {
    const steps = [{ atMs: 0, to: ['primary'], by: ['pd'] }];
    const { rig, raise, restart, over } = alarmRig(
      true,
      escalation({ policies: new Map([['night', { ...night, steps }]]) }),
    );
    rig.way('pd', 'nothing');

    await over();
    await raise();
    restart();
    await over();
    await over();

    expect(rig.sent.map(({ channel, status }) => `${channel} ${status}`)).toEqual(['pd firing', 'pd resolved']);
    expect(new Set(rig.sent.map(({ page }) => page.incident.reference)).size).toBe(1);
  });
});
