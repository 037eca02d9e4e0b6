import { describe, expect, it } from 'vitest';
import { timeRange } from '../../src/inspect/time-range.ts';

const zone = 'Europe/Stockholm';
const event = Date.UTC(2026, 10, 20, 9, 32);
const range = (text: string, near = event) => {
  const { since, until } = timeRange(text, zone, near);
  return [since, until].map((at) => (Number.isFinite(at) ? new Date(at).toISOString().slice(0, -1) : null));
};

describe('a span of time', () => {
  it.each([
    ['10:31..10:33', '2026-11-20T09:31:00.000', '2026-11-20T09:33:59.999'],
    ['10:31:58.5..', '2026-11-20T09:31:58.500', null],
    ['..10:31:58', null, '2026-11-20T09:31:58.999'],
    ['10:31', '2026-11-20T09:31:00.000', '2026-11-20T09:31:59.999'],
    ['10:31:58.25', '2026-11-20T09:31:58.250', '2026-11-20T09:31:58.259'],
    ['2026-11-19 23:59..00:01', '2026-11-19T22:59:00.000', '2026-11-19T23:01:59.999'],
  ])('%s is understood', (text, since, until) => {
    expect(range(text)).toEqual([since, until]);
  });

  it('without a day is on the day that is nearest to the event', () => {
    const midnight = Date.UTC(2026, 10, 20, 23, 10); // 0:10 on the 21st
    expect(range('23:50..00:20', midnight)).toEqual(['2026-11-20T22:50:00.000', '2026-11-20T23:20:59.999']);
  });

  it.each(['', '..', 'noon', '25:00', '10:33..10:31', '10:31..10:32..10:33'])('%j is refused', (text) => {
    expect(() => timeRange(text, zone, event)).toThrow(/is no span of time|ends before it begins/);
  });
});
