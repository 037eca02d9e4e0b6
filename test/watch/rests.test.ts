import { describe, expect, it } from 'vitest';
import type { WatchCheck } from '../../src/domain/watch-check.ts';
import type { Stamp } from '../../src/domain/watch-event.ts';
import { hungAfter, restingMounts } from '../../src/watch/core/hung-mounts.ts';
import { mayGreet, stillRefused } from '../../src/watch/refused-logins.ts';

const minute = 60_000;
const at = (minutes: number, boot = 'a'): Stamp => ({ wallMs: minutes * minute, boot, upMs: minutes * minute });

describe('a mount point that does not answer', () => {
  it('is asked again after 2, 4, 8, … 60 minutes (W70)', () => {
    let hung: ReturnType<typeof hungAfter> = {};
    const rests: number[] = [];
    let now = 0;
    for (let times = 0; times < 8; times++) {
      hung = hungAfter(hung, ['/srv/share'], [], at(now));
      let rest = 1;
      while (restingMounts(hung, at(now + rest)).has('/srv/share')) rest++;
      rests.push(rest);
      now += rest;
    }

    expect(rests).toEqual([2, 4, 8, 16, 32, 60, 60, 60]);
  });

  it('is as any other once it has answered, and is asked after a boot', () => {
    const hung = hungAfter({}, ['/srv/share'], [], at(0));
    const answered = { check: 'share', instance: '/srv/share', answer: { is: 'ok' as const, text: '' } };

    expect(restingMounts(hung, at(1, 'b')).size).toBe(0);
    expect(hungAfter(hung, [], [answered], at(2))).toEqual({});
    expect(hungAfter(hung, [], [{ ...answered, answer: { is: 'unknown', text: '' } }], at(2))).toEqual(hung);
  });
});

describe('a login that was refused', () => {
  const refused = { 'appliances.ice01.cli': { reason: 'wrong', under: 'first', at: at(0) } };

  it('is not tried for six hours, also over a boot of this machine (W65)', () => {
    const isRefused = (now: Stamp, under = 'first') => Object.keys(stillRefused(refused, under, now)).length === 1;

    expect([0, 359, 360].map((minutes) => isRefused(at(minutes)))).toEqual([true, true, false]);
    expect([0, 359, 360].map((minutes) => isRefused(at(minutes, 'b')))).toEqual([true, true, false]);
  });

  it('is tried as soon as the configuration or its password has changed (W65)', () => {
    expect(stillRefused(refused, 'second', at(1))).toEqual({});
  });

  it('has the face greeted three times within the time after which the server is silent', () => {
    const check: WatchCheck = {
      ...{ name: 'silent', event: '', severity: 'high', everyMs: 2 * minute, forMs: 15 * minute, clearForMs: 0 },
      ...{ kind: 'reach', faces: ['cli'], bad: 'all' },
    };
    const may = [1, 2, 4, 5].map((minutes) => mayGreet(at(0), [check], at(minutes)));

    expect(mayGreet(undefined, [check], at(0))).toBe(true);
    expect(may).toEqual([false, false, false, true]);
  });
});
