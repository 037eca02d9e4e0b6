import { describe, expect, it } from 'vitest';
import type { CaptureOutcome } from '../../src/capture/outcome.ts';
import { standingAfter } from '../../src/capture/standing.ts';
import { isTooEarly, jitterOf } from '../../src/capture/timing.ts';
import type { Capture } from '../../src/domain/capture.ts';
import { type Kept, leaving } from '../../src/domain/capture-retention.ts';
import { noStanding } from '../../src/state/capture-standing.ts';

const [hour, day] = [3_600_000, 86_400_000];
const captured: CaptureOutcome = { kind: 'captured', id: '000001-20261120T0902Z', bytes: 1, lacks: [] };
const failed: CaptureOutcome = { kind: 'failed', exit: 5, reason: 'connection refused', hint: undefined };
const skipped: CaptureOutcome = { kind: 'skipped', reason: 'its load is 9.1 on 4 cores' };

/** What is told of a week of hourly captures, by the hour. */
function newsOf(outcomes: readonly CaptureOutcome[], start = Date.UTC(2026, 10, 20, 9, 2)) {
  let standing = noStanding;
  return outcomes.flatMap((outcome, at) => {
    const after = standingAfter(standing, outcome, new Date(start + at * hour));
    standing = after.standing;
    return after.news === undefined ? [] : [[at, after.news]];
  });
}

describe('a week of captures', () => {
  it('of a server that is down is told at the change, once a day, and when it works again (Q05)', () => {
    const week = [captured, ...Array<CaptureOutcome>(168).fill(failed), captured, captured];

    const daily = [25, 49, 73, 97, 121, 145].map((at) => [at, 'still fails']);
    expect(newsOf(week)).toEqual([[1, 'fails'], ...daily, [169, 'works again']]);
  });

  it('of a server that flaps is told at each change, and never twice (Q05)', () => {
    expect(newsOf([failed, failed, captured, captured, failed])).toEqual([
      [0, 'fails'],
      [2, 'works again'],
      [4, 'fails'],
    ]);
  });

  it('is told where the clock was set back, and where a timer is some minutes early (Q05)', () => {
    const told = (passedMs: number) => {
      const before = standingAfter(noStanding, failed, new Date(0)).standing;
      return standingAfter(before, failed, new Date(passedMs)).news;
    };

    expect([-hour, hour, day - 60_000, day].map(told)).toEqual([
      'still fails',
      undefined,
      'still fails',
      'still fails',
    ]);
  });

  it('of a server that fails first and is skipped then is told again, with the time since which it is (Q09)', () => {
    expect(newsOf([skipped, failed, skipped, skipped, skipped, failed])).toEqual([
      [1, 'fails'],
      [4, 'skips'],
      [5, 'fails'],
    ]);
    const [first, later] = [new Date(0), new Date(2 * day)];
    const failing = standingAfter(noStanding, failed, first).standing;
    expect(standingAfter(failing, failed, later).standing.since).toBe(first.toISOString());
    expect(standingAfter(failing, skipped, later).standing).toEqual({ ...failing, skips: 1 });
    expect(standingAfter(failing, { kind: 'rested', why: 'early' }, later).standing).toEqual(failing);
  });

  it('keeps which passwords were refused, also when it works again by another login (Q05)', () => {
    const refused = { 'appliances.ice01.cli': { reason: 'refused', under: '1' } };

    for (const outcome of [captured, failed, skipped])
      expect(standingAfter({ ...noStanding, refused }, outcome, new Date()).standing.refused).toEqual(refused);
  });

  it('that are skipped is told from the third in a row on, and a single skip never (Q09)', () => {
    expect(newsOf([skipped, skipped, captured, skipped, skipped, skipped, skipped, captured])).toEqual([
      [5, 'skips'],
      [7, 'works again'],
    ]);
  });

  it('has no doubles when the hour comes twice, and goes on when the clock was set back (Q10)', () => {
    const started = (at: string) => ({ record: { started: at } }) as unknown as Capture;
    const last = started('2026-10-25T00:30:00Z'); // 02:30 in Stockholm, which comes again an hour later

    expect(isTooEarly(last, hour, new Date('2026-10-25T00:31:00Z'))).toBe(true);
    expect(isTooEarly(last, hour, new Date('2026-10-25T01:30:00Z'))).toBe(false);
    expect(isTooEarly(last, hour, new Date('2026-10-18T00:30:00Z'))).toBe(false);
    expect(isTooEarly(undefined, hour, new Date())).toBe(false);
  });

  it('begins at the same moment of each hour, and not at all servers at once', () => {
    const delays = ['ice01', 'ice02', 'ice03', 'ice04'].map((server) => jitterOf('here', server, 600_000));

    expect(delays).toEqual(['ice01', 'ice02', 'ice03', 'ice04'].map((server) => jitterOf('here', server, 600_000)));
    expect(new Set(delays).size).toBe(4);
    expect(delays.every((ms) => ms >= 0 && ms < 600_000)).toBe(true);
    expect(jitterOf('here', 'ice01', 0)).toBe(0);
    expect(jitterOf('there', 'ice01', 600_000)).not.toBe(delays[0]);
  });
});

describe('what leaves the ring', () => {
  const limits = { keep: 24, daily: 7, maxAgeMs: 14 * day, maxBytes: 5e9 };
  const now = new Date('2026-11-20T10:02:00Z');
  /** Hourly captures, the newest at `now`. */
  const hourly = (count: number, more: Partial<Kept> = {}): Kept[] =>
    Array.from({ length: count }, (_, at) => ({
      ...{ id: `${String(at + 1).padStart(6, '0')}-20261120T0902Z`, bytes: 1e6, server: 'ice01', isOwed: false },
      ...{ startedMs: now.getTime() - (count - 1 - at) * hour, ...more },
    }));

  it('after ten days: all but the newest 24, and the newest of each of seven days', () => {
    const ring = hourly(240);

    const left = new Set(leaving([ring], limits, now, 0));

    const kept = ring.filter((capture) => !left.has(capture));
    expect(kept.slice(-24)).toEqual(ring.slice(-24));
    const days = kept.map(({ startedMs }) => Math.floor(startedMs / day));
    expect(new Set(days).size).toBe(7);
    expect(kept).toHaveLength(24 + 5);
  });

  it('is the oldest by number, whatever the clock was set to, and never the last (Q06)', () => {
    const ring = hourly(5).map((capture, at) => ({
      ...capture,
      startedMs: now.getTime() + (at === 0 ? 400 : -at) * day,
    }));

    const left = leaving([ring], { ...limits, keep: 1, daily: 0, maxAgeMs: 1 }, now, 0);

    expect(left).toEqual(ring.slice(0, 4));
  });

  /** What a ring has after these hours: at each a capture comes, unless there are none any more, and what is to leave goes. */
  function keptAfter(hours: readonly number[], from: readonly Kept[], captures = true): Kept[] {
    let ring = [...from];
    for (const [at, startedMs] of hours.entries()) {
      const id = `${String(100 + at).padStart(6, '0')}-20261120T0902Z`;
      if (captures) ring.push({ id, bytes: 1e6, server: 'ice01', isOwed: false, startedMs });
      const left = leaving([ring], limits, new Date(startedMs), 0);
      ring = ring.filter((capture) => !left.includes(capture));
    }
    return ring;
  }

  it('is little where the clock was set a year ahead for some hours: two for their age at a time (Q06)', () => {
    const ring = hourly(24);
    const from = now.getTime();
    const ahead = [1, 2, 3].map((at) => from + 365 * day + at * hour);
    const backAgain = Array.from({ length: 20 }, (_, at) => from + (at + 4) * hour);

    const wrong = keptAfter(ahead, ring);
    const right = keptAfter(backAgain, wrong);

    expect(wrong.filter((capture) => ring.includes(capture))).toEqual(ring.slice(6));
    expect(right.length).toBeGreaterThanOrEqual(24);
    expect(right.slice(-20).map(({ startedMs }) => startedMs)).toEqual(backAgain);
  });

  it('is all but the last of a server that is captured no more, when it is old, a few at a time (Q06)', () => {
    const ring = hourly(24);
    const later = Array.from({ length: 12 }, (_, at) => now.getTime() + 15 * day + at * hour);

    expect(keptAfter(later.slice(0, 1), ring, false)).toEqual(ring.slice(2));
    expect(keptAfter(later, ring, false)).toEqual(ring.slice(-1));
  });

  it('is as much as is over the size of all rings, and what the disk lacks; never what is owed, or the last of a server (Q06)', () => {
    const [one, other] = [hourly(4, { bytes: 1e9 }), hourly(4, { bytes: 1e9, server: 'ice02' })];
    const owed = one.map((capture, at) => ({ ...capture, isOwed: at === 0 }));

    const overSize = leaving([owed, other], limits, now, 0);
    const fullDisk = leaving([owed, other], limits, now, 1e12);

    expect(overSize).toHaveLength(3);
    expect(fullDisk).toHaveLength(5);
    expect([...overSize, ...fullDisk]).not.toContain(owed[0]);
    for (const last of [owed.at(-1), other.at(-1)]) expect(fullDisk).not.toContain(last);
  });

  it('is the oldest of all rings first; what leaves for its number makes room, too (Q06)', () => {
    const old = hourly(3, { bytes: 1e9, server: 'ice02' }).map((capture) => ({
      ...capture,
      startedMs: capture.startedMs - 12 * hour,
    }));
    const ring = hourly(4, { bytes: 1e9 });

    expect(leaving([ring, old], limits, now, 3e9)).toEqual([...old.slice(0, 2), ring[0]]);
    expect(leaving([ring], { ...limits, keep: 2, daily: 0 }, now, 2e9)).toEqual(ring.slice(0, 2));
  });
});
