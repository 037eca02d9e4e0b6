import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { folderTime, formatLocal, formatOffset, instantsOf, type LocalTime, localTime } from '../../src/domain/zone.ts';
import { isZone, zoneTitle } from '../../src/domain/zone-name.ts';

const zones = Intl.supportedValuesOf('timeZone');
const range = { min: Date.UTC(2000, 0, 1) / 1000, max: Date.UTC(2038, 0, 1) / 1000 };

describe('local time', () => {
  it('of every zone leads back to its instant to the second (PT16)', () => {
    for (const zone of zones) {
      fc.assert(
        fc.property(fc.integer(range), (seconds) => {
          const at = new Date(seconds * 1000);

          const back = instantsOf(localTime(at, zone), zone).map((instant) => instant.getTime());

          expect(back, zone).toContain(at.getTime());
          expect(back.length, zone).toBeLessThanOrEqual(2);
        }),
        { numRuns: 20 },
      );
    }
  });

  it('leads back to its instant to the second around changes of the clocks (PT16)', () => {
    const changes: [string, string][] = [
      ['Europe/Stockholm', '2026-03-29T01:00:00Z'],
      ['Europe/Stockholm', '2026-10-25T01:00:00Z'],
      ['America/New_York', '2026-03-08T07:00:00Z'],
      ['America/New_York', '2026-11-01T06:00:00Z'],
      ['Australia/Lord_Howe', '2026-04-04T15:00:00Z'],
      ['Australia/Lord_Howe', '2026-10-03T15:30:00Z'],
      ['Antarctica/Troll', '2026-03-29T01:00:00Z'],
      ['Antarctica/Troll', '2026-10-25T01:00:00Z'],
      ['Africa/Casablanca', '2026-02-15T02:00:00Z'],
      ['Pacific/Apia', '2011-12-30T10:00:00Z'],
      ['America/Caracas', '2016-05-01T07:00:00Z'],
    ];
    const near = fc.integer({ min: -3 * 3600, max: 3 * 3600 });

    fc.assert(
      fc.property(fc.constantFrom(...changes), near, ([zone, change], seconds) => {
        const at = new Date(Date.parse(change) + seconds * 1000);

        const back = instantsOf(localTime(at, zone), zone).map((instant) => instant.getTime());

        expect(back).toContain(at.getTime());
      }),
      { numRuns: 2000 },
    );
  });

  it('is what Intl shows', () => {
    fc.assert(
      fc.property(fc.constantFrom(...zones), fc.integer(range), (zone, seconds) => {
        const at = new Date(seconds * 1000);

        const shown = new Intl.DateTimeFormat('sv-SE', {
          timeZone: zone,
          dateStyle: 'short',
          timeStyle: 'medium',
        }).format(at);
        expect(formatLocal(at, zone, true)).toBe(shown);
      }),
      { numRuns: 500 },
    );
  });

  it.each([
    ['Europe/Stockholm', '2026-10-25 02:30', ['2026-10-25T00:30:00Z', '2026-10-25T01:30:00Z']],
    ['America/New_York', '2026-11-01 01:00', ['2026-11-01T05:00:00Z', '2026-11-01T06:00:00Z']],
    ['Australia/Lord_Howe', '2026-04-05 01:30', ['2026-04-04T14:30:00Z', '2026-04-04T15:00:00Z']],
    ['Antarctica/Troll', '2026-10-25 01:30', ['2026-10-24T23:30:00Z', '2026-10-25T01:30:00Z']],
  ])('of %s that comes twice has two instants, the earlier one first: %s (D03, PT16)', (zone, text, expected) => {
    const found = instantsOf(local(text), zone);

    expect(found.map((at) => at.toISOString().replace('.000', ''))).toEqual(expected);
  });

  it.each([
    ['Europe/Stockholm', '2026-03-29 02:30'],
    ['America/New_York', '2026-03-08 02:00'],
    ['Australia/Lord_Howe', '2026-10-04 02:29'],
    ['Antarctica/Troll', '2026-03-29 02:59'],
    ['Pacific/Apia', '2011-12-30 00:00'],
    ['Pacific/Apia', '2011-12-30 23:59'],
  ])('of %s that the clocks skip has no instant: %s (D04, PT16)', (zone, text) => {
    const found = instantsOf(local(text), zone);

    expect(found).toEqual([]);
  });
});

describe('the texts of an instant', () => {
  const at = new Date('2026-03-05T23:04:09Z');

  it('show the day and time of the zone in folder names', () => {
    const names = ['UTC', 'Europe/Stockholm', 'America/New_York'].map((zone) => folderTime(at, zone));

    expect(names).toEqual(['20260305_2304', '20260306_0004', '20260305_1804']);
  });

  it.each([
    ['UTC', '+00:00'],
    ['Europe/Stockholm', '+01:00'],
    ['America/St_Johns', '-03:30'],
    ['Asia/Kathmandu', '+05:45'],
    ['Pacific/Marquesas', '-09:30'],
  ])('show the offset of %s as %s', (zone, offset) => {
    const shown = formatOffset(at, zone);

    expect(shown).toBe(offset);
  });
});

describe('the name of a zone', () => {
  it.each(['Europe/Stockholm', 'UTC', 'Etc/UTC', 'America/Argentina/Buenos_Aires'])('can be %s', (name) => {
    expect(isZone(name)).toBe(true);
  });

  it.each(['', 'Mars/Olympus', 'Europe/Stockholm\n', '../etc', 'local'])('cannot be %j', (name) => {
    expect(isZone(name)).toBe(false);
  });
});

function local(text: string): LocalTime {
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0] = text.split(/[- :]/).map(Number);
  return { year, month, day, hour, minute, second: 0 };
}

describe('the title of a zone', () => {
  it.each([
    ['Etc/GMT-1', '+01:00'],
    ['Etc/GMT+5', '-05:00'],
    ['Etc/GMT', 'Etc/GMT'],
    ['Europe/Stockholm', 'Europe/Stockholm'],
  ])('of %s is %s', (zone, title) => {
    expect(zoneTitle(zone)).toBe(title);
  });
});
