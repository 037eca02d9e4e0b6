import { describe, expect, it } from 'vitest';
import { Clock } from '../../src/page/clock.ts';
import { zoneShifts } from '../../src/report/zone-shifts.ts';

describe('a time of day that is asked for', () => {
  const near = Date.parse('2026-10-24T23:30:00Z'); // 01:30; at 03:00 it is 02:00 again
  const clock = new Clock(zoneShifts('Europe/Stockholm', { since: near - 3_600_000, until: near + 4 * 3_600_000 }));
  const at = (text: string) => {
    const found = clock.instantOf(text, near);
    return found === undefined ? undefined : new Date(found).toISOString();
  };

  it('is the nearest to the event, behind a change of the clocks, too (R05)', () => {
    expect(at('01:40:05.5')).toBe('2026-10-24T23:40:05.500Z');
    expect(at('04:00')).toBe('2026-10-25T03:00:00.000Z');
    expect(at('23:00')).toBe('2026-10-24T21:00:00.000Z');
    expect(clock.time(Date.parse('2026-10-25T03:00:00Z'))).toBe('04:00:00.000');
  });

  it.each(['', '25:00', '10:60', 'noon', '10'])('%j is none', (text) => {
    expect(at(text)).toBeUndefined();
  });
});
