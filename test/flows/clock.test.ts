import { describe, expect, it } from 'vitest';
import { jumpBetween, watchLocalClock } from '../../src/flows/collect/clock.ts';

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
