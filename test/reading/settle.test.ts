import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { offsetMinutes } from '../../src/domain/zone.ts';
import { measuredClock } from '../../src/reading/clock-offset.ts';
import { instantsIn } from '../../src/reading/instants.ts';
import { LogColumns } from '../../src/reading/log-columns.ts';
import { merge } from '../../src/reading/merge.ts';
import { settle } from '../../src/reading/settle.ts';

const noOffset = () => 0;
const times = (...list: number[]) => Float64Array.from(list);
const none = Number.NaN;

describe('one clock for the lines of a log', () => {
  it('keeps a line that is a little behind in its place (R05)', () => {
    const { at, rawOffset, runs } = settle(times(1000, 5000, 1000, 6000), noOffset, 0);

    expect([...at]).toEqual([1000, 5000, 5000, 6000]);
    expect([...rawOffset]).toEqual([0, 0, -4000, 0]);
    expect(runs).toEqual([{ from: 0, to: 4 }]);
  });

  it('begins a new run where the clock stepped back, and takes one odd time for text (R05)', () => {
    const stepped = settle(times(100_000, 110_000, 20_000, 21_000, 22_000), noOffset, 0);
    const odd = settle(times(100_000, 110_000, 20_000, 111_000), noOffset, 0);
    const ahead = settle(times(100_000, 900_000, 101_000, 102_000), noOffset, 0);

    expect(stepped.steps).toEqual([{ line: 2, byMs: 90_000 }]);
    expect(stepped.runs).toEqual([
      { from: 0, to: 2 },
      { from: 2, to: 5 },
    ]);
    expect([...odd.at]).toEqual([100_000, 110_000, 110_000, 111_000]);
    expect([...ahead.at]).toEqual([100_000, 100_000, 101_000, 102_000]);
  });

  it('gives lines without a time that of the one before, and the first ones that of the first', () => {
    const { at, isContinued } = settle(times(none, none, 7000, none, 8000), noOffset, 0);

    expect([...at]).toEqual([7000, 7000, 7000, 7000, 8000]);
    expect([...isContinued]).toEqual([0, 1, 0, 1, 0]);
  });

  it('never goes back within a run, and loses no line, whatever the log says', () => {
    const line = fc.oneof(fc.integer({ min: 0, max: 100_000 }), fc.constant(none));
    fc.assert(
      fc.property(fc.array(line, { maxLength: 60 }), fc.integer({ min: -9000, max: 9000 }), (raw, offset) => {
        const { at, rawOffset, runs } = settle(Float64Array.from(raw), () => offset, 0);
        expect(runs.map(({ from }) => from)).toEqual([0, ...runs.slice(0, -1).map(({ to }) => to)]);
        expect(runs.at(-1)?.to).toBe(raw.length);
        for (const { from, to } of runs)
          expect([...at.slice(from, to)]).toEqual([...at.slice(from, to)].sort((a, b) => a - b));
        for (const [place, own] of raw.entries())
          if (!Number.isNaN(own)) expect((at[place] ?? 0) + (rawOffset[place] ?? 0)).toBe(own);
      }),
    );
  });

  it('finds the true order of servers again, however far their clocks are off, and with ties', () => {
    const clock = fc.record({
      offset: fc.integer({ min: -4_000_000, max: 4_000_000 }),
      gaps: fc.array(fc.integer({ min: 0, max: 3 }), { maxLength: 30 }),
    });
    fc.assert(
      fc.property(fc.array(clock, { minLength: 1, maxLength: 6 }), (servers) => {
        const trueTimes = servers.map(({ gaps }) =>
          gaps.map((_gap, place) => gaps.slice(0, place + 1).reduce((sum, gap) => sum + gap, 0)),
        );
        const logs = servers.map(({ offset }, log) =>
          settle(
            Float64Array.from(trueTimes[log] ?? [], (time) => time + offset),
            () => offset,
            0,
          ),
        );
        const order = merge(logs);
        const expected = trueTimes
          .flatMap((own, log) => own.map((time, place) => ({ time, log, place })))
          .sort((a, b) => a.time - b.time || a.log - b.log || a.place - b.place);
        const found = Array.from({ length: order.count }, (_, line) => {
          return { time: order.at[line], log: order.log[line], place: order.place[line] };
        });
        expect(found).toEqual(expected);
      }),
    );
  });
});

describe('the hour that comes twice', () => {
  const zone = 'Europe/Stockholm';
  const change = Date.UTC(2026, 9, 25, 1);

  function wallColumns(instants: readonly number[]): LogColumns {
    const columns = new LogColumns();
    for (const at of instants) columns.add(at + offsetMinutes(zone, new Date(at)) * 60_000, true, 0, 0);
    return columns;
  }

  it('is told apart by the log going back, wherever it begins and ends (R05)', () => {
    const gaps = fc.array(fc.integer({ min: 1000, max: 600_000 }), { minLength: 30, maxLength: 60 });
    fc.assert(
      fc.property(gaps, fc.integer({ min: -3_500_000, max: -1_300_000 }), (steps, start) => {
        let at = change + start;
        const instants = steps.map((step) => (at += step));
        fc.pre(instants.some((time) => time >= change) && instants.some((time) => time < change));
        const { raw, isOpen } = instantsIn(wallColumns(instants), zone);
        expect(isOpen).toBe(false);
        expect([...raw]).toEqual(instants);
      }),
    );
  });

  it('says so where both readings fit, and takes the nearer one (R05)', () => {
    const second = [change + 1_800_000, change + 3_700_000];
    const first = [change - 5_000_000, change - 1_800_000];

    expect(instantsIn(wallColumns(second), zone)).toEqual({ raw: Float64Array.from(second), isOpen: true });
    expect(instantsIn(wallColumns(first), zone)).toEqual({ raw: Float64Array.from(first), isOpen: true });
  });
});

describe('the offset of a clock', () => {
  const [start, end] = [1_000_000, 2_000_000];
  const at = (offsetMs: number, errorMs = 10) => ({ offsetMs, errorMs });

  it('is linear between two measurements that differ, and goes on as they are beside them', () => {
    const clock = measuredClock({ ...at(1000), zone: 'UTC', atEnd: at(2000) }, start, end);

    expect([0, start, 1_500_000, end, 9_000_000].map((time) => clock.at(time).offsetMs)).toEqual([
      1000, 1000, 1500, 2000, 2000,
    ]);
    for (const time of [start, 1_250_000, 1_700_001, end]) {
      const raw = time + clock.at(time).offsetMs;
      expect(raw - clock.offsetAt(raw)).toBeCloseTo(time, 0);
    }
  });

  it('is the mean where they differ by no more than their errors', () => {
    expect(measuredClock({ ...at(1000), zone: 'UTC', atEnd: at(1010) }, start, end).at(start).offsetMs).toBe(1005);
  });

  it('never goes across a jump: what was logged before is as it was measured before', () => {
    const clock = measuredClock({ ...at(1000), zone: 'UTC', atEnd: at(61_000), jumpedMs: 60_000 }, start, end);

    expect([0, start, end].map((time) => clock.at(time).offsetMs)).toEqual([1000, 1000, 1000]);
  });

  it('is the less sure the further away it was measured', () => {
    const clock = measuredClock({ ...at(1000), zone: 'UTC' }, start, end);

    expect(clock.at(start).errorMs).toBe(10);
    expect(clock.at(start - 1_000_000).errorMs).toBeCloseTo(30);
    expect(clock.at(start + 1_000_000).errorMs).toBeCloseTo(30);
  });
});
