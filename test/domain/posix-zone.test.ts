import { execFileSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { zoneOfRule } from '../../src/domain/posix-zone.ts';
import { formatOffset } from '../../src/domain/zone.ts';

const now = new Date('2026-11-28T12:00:00Z');

describe('a rule of POSIX in TZ', () => {
  it.each([
    ['CET-1CEST,M3.5.0,M10.5.0/3', 'Europe/Stockholm'],
    ['CET-1CEST-2,M3.5.0/02:00:00,M10.5.0/03:00:00', 'Europe/Stockholm'],
    ['GMT0BST,M3.5.0/1,M10.5.0', 'Europe/London'],
    ['EET-2EEST,M3.5.0/3,M10.5.0/4', 'Europe/Helsinki'],
    ['EST5EDT,M3.2.0,M11.1.0', 'America/New_York'],
    ['AEST-10AEDT,M10.1.0,M4.1.0/3', 'Australia/Sydney'],
    ['NZST-12NZDT,M9.5.0,M4.1.0/3', 'Pacific/Auckland'],
    ['NST3:30NDT,M3.2.0,M11.1.0', 'America/St_Johns'],
    ['UTC0', 'UTC'],
    ['JST-9', 'Etc/GMT-9'],
    ['EST5', 'Etc/GMT+5'],
    ['<+0530>-5:30', '+05:30'],
    ['<-03>3', 'Etc/GMT+3'],
  ])('%s is the zone whose clocks go by it (field-C08)', (rule, zone) => {
    expect(zoneOfRule(rule, now)).toBe(zone);
  });

  it.each([
    'CET-1CEST,M3.5.0,M10.5.0/3',
    'EST5EDT,M3.2.0,M11.1.0',
    'AEST-10AEDT,M10.1.0,M4.1.0/3',
    '<+0530>-5:30',
    'EST5',
  ])('%s shows what the C library shows, all through the year (field-C08)', (rule) => {
    const zone = zoneOfRule(rule, now) ?? '';
    const days = Array.from({ length: 27 }, (_, index) => new Date(now.getTime() + index * 14 * 86_400_000));

    const shown = days.map((at) =>
      execFileSync('date', ['-d', `@${at.getTime() / 1000}`, '+%:z'], { env: { TZ: rule }, encoding: 'utf8' }).trim(),
    );

    expect(days.map((at) => formatOffset(at, zone))).toEqual(shown);
  });

  it.each([
    ['has no dates for summer time', 'CET-1CEST'],
    ['is the rule of no zone', 'XYZ-1XYY,M3.1.0,M10.1.0'],
    ['is the rule of no zone, by days of the year', 'XYZ-1XYY,J60,J300'],
    ['is no rule', 'foo'],
    ['is no rule at all', 'Mars/Olympus'],
    ['has an offset beyond all zones', 'ABC-99'],
    ['is empty', ''],
  ])('is not taken for any zone where it %s (field-C08)', (_what, rule) => {
    expect(zoneOfRule(rule, now)).toBeUndefined();
  });
});
