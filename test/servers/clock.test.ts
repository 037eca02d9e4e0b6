import { describe, expect, it } from 'vitest';
import { folderTime } from '../../src/domain/zone.ts';
import {
  jumpBetween,
  readClock,
  type ServerClock,
  watchLocalClock,
  zoneContradiction,
} from '../../src/servers/clock.ts';

describe('the clock of this machine', () => {
  function watched() {
    const time = { wall: Date.parse('2026-11-20T09:32:00Z'), elapsed: 0 };
    const moved = watchLocalClock(
      () => new Date(time.wall),
      () => time.elapsed,
    );
    return { time, moved };
  }

  it('that only goes on was not set (D24)', () => {
    const { time, moved } = watched();
    time.wall += 3_600_000 + 1_900;
    time.elapsed += 3_600_000;

    expect(moved()).toBeUndefined();
  });

  it.each([90_000, -7_200_000])('that was set by %i ms during the run is told by just that (D24)', (ms) => {
    const { time, moved } = watched();
    time.wall += 60_000 + ms;
    time.elapsed += 60_000;

    expect(moved()).toBe(ms);
  });
});

describe('the clock of a server between two measurements', () => {
  it.each([
    ['drifts within what is not known', { offsetMs: 0, errorMs: 500 }, { offsetMs: 2_900, errorMs: 500 }, undefined],
    ['is set forward', { offsetMs: 0, errorMs: 20 }, { offsetMs: 480_000, errorMs: 20 }, 480_000],
    ['is set back', { offsetMs: 480_000, errorMs: 20 }, { offsetMs: 0, errorMs: 20 }, -480_000],
  ])('%s (D01)', (_what, start, end, moved) => {
    expect(jumpBetween(start, end)).toBe(moved);
  });
});

describe('the zone of a server', () => {
  const at = new Date('2026-11-28T12:00:00Z');
  const printed = (offset: string, ...names: string[]) =>
    readClock([`icepack-clock ${at.getTime() / 1000}.5 ${offset}`, ...names, ''].join('\n'));

  it('is called by its name where the clock shows its offset', () => {
    expect(printed('+0100', '/usr/share/zoneinfo/Europe/Stockholm', 'Europe/Stockholm')).toEqual({
      ms: at.getTime() + 500,
      resolutionMs: 1,
      zone: 'Europe/Stockholm',
      offsetMinutes: 60,
    });
  });

  it('comes with when the host was started, by its own clock, and from where it sees us', () => {
    const read = printed('+0100', 'Europe/Stockholm', 'icepack-up 3600.50 7200.00', 'icepack-from 2001:db8::7');

    expect(read).toMatchObject({ boot: new Date(at.getTime() + 500 - 3_600_500), from: '2001:db8::7' });
  });

  it.each([
    ['nothing behind the words', 'icepack-up ', 'icepack-from '],
    ['a login script that says something else', 'icepack-up since yesterday', 'icepack-from $(id)'],
  ])('says nothing of its start where there is %s', (_what, up, from) => {
    const read = printed('+0100', 'Europe/Stockholm', up, from);

    expect(read).not.toHaveProperty('boot');
    expect(read).not.toHaveProperty('from');
  });

  it.each([
    ['-0500', 'UTC', 'Etc/GMT+5', '20261128_0700'],
    ['+0000', 'Europe/Stockholm', 'UTC', '20261128_1200'],
    ['+0200', 'Europe/Stockholm', 'Etc/GMT-2', '20261128_1400'],
    ['+0530', 'Europe/Stockholm', '+05:30', '20261128_1730'],
    ['+0545', 'Asia/Kolkata', '+05:45', '20261128_1745'],
    ['-0330', 'UTC', '-03:30', '20261128_0830'],
  ])('is that of its clock, %s, where its name %s says something else (field-A07)', (offset, name, zone, folder) => {
    const read = printed(offset, `/usr/share/zoneinfo/${name}`, name);

    expect(read).toMatchObject({ zone, contradiction: name });
    expect(folderTime(at, read?.zone ?? '')).toBe(folder);
  });

  it.each([
    ['+0530', '+05:30'],
    ['-0500', 'Etc/GMT+5'],
    ['+0000', 'UTC'],
    ['+1400', 'Etc/GMT-14'],
    ['+1300', 'Etc/GMT-13'],
    ['-1200', 'Etc/GMT+12'],
    ['+9900', undefined],
  ])('without a name is that of its clock: %s (field-A07)', (offset, zone) => {
    expect(printed(offset)).toMatchObject({ zone });
    expect(printed(offset)).not.toHaveProperty('contradiction');
  });

  it('is by the time of year that its clock shows (field-A07)', () => {
    const summer = new Date('2026-07-01T12:00:00Z').getTime() / 1000;

    expect(readClock(`icepack-clock ${summer} +0200\nEurope/Stockholm\n`)).toMatchObject({ zone: 'Europe/Stockholm' });
    expect(readClock(`icepack-clock ${summer} +0100\nEurope/Stockholm\n`)).toMatchObject({
      contradiction: 'Europe/Stockholm',
    });
  });

  const clock: ServerClock = { offsetMs: 0, errorMs: 1, at, zone: 'Europe/Stockholm', offsetMinutes: 60 };

  it.each([
    ['nothing where name and clock agree', clock, undefined, undefined],
    ['nothing where the configuration has another name for the same offset', clock, 'Europe/Berlin', undefined],
    [
      'that the configuration is another one',
      clock,
      'UTC',
      /clock shows \+01:00, but the zone of the configuration is UTC/,
    ],
    [
      'that the name is another one',
      { ...clock, zone: '-03:30', offsetMinutes: -210, contradiction: 'UTC' },
      undefined,
      /zone is called UTC, but its clock shows -03:30/,
    ],
    [
      'nothing where the configuration says what the clock shows',
      { ...clock, contradiction: 'UTC' },
      'Europe/Stockholm',
      undefined,
    ],
  ])('is told against %s (field-A07)', (_what, measured, configured, text) => {
    const told = zoneContradiction(measured, configured);

    if (text === undefined) expect(told).toBeUndefined();
    else expect(told).toMatch(text);
  });
});
