import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseEventTime } from '../../src/domain/event-time.ts';
import { formatLocal, instantsOf, type LocalTime, localTime, offsetMinutes } from '../../src/domain/zone.ts';
import { UserError } from '../../src/errors.ts';
import { hintOf } from '../support/hint.ts';

const zones = Intl.supportedValuesOf('timeZone');
const now = new Date('2031-01-01T00:00:00Z');
const dayMs = 86_400_000;

/** A moment at which the clocks of a zone are set, and how far local time is ahead of UTC before and after. */
type Change = { zone: string; at: Date; beforeMs: number; afterMs: number };

const changesOf = new Map<string, Change[]>();

/** The changes of a zone in some years, found by looking at its offset every three weeks and halving. */
function changesIn(zone: string): Change[] {
  const known = changesOf.get(zone);
  if (known !== undefined) return known;
  const changes: Change[] = [];
  const offset = (ms: number) => offsetMinutes(zone, new Date(ms)) * 60_000;
  const end = Date.UTC(2029, 0, 1);
  for (let from = Date.UTC(2025, 0, 1); from < end; from += 21 * dayMs) {
    let [before, after] = [from, from + 21 * dayMs];
    if (offset(before) === offset(after)) continue;
    while (after - before > 1000) {
      const middle = before + Math.floor((after - before) / 2000) * 1000;
      if (offset(middle) === offset(before)) before = middle;
      else after = middle;
    }
    changes.push({ zone, at: new Date(after), beforeMs: offset(before), afterMs: offset(after) });
  }
  changesOf.set(zone, changes);
  return changes;
}

/** A wall clock read as if it were UTC, as the parts of a local time. */
function localAt(wallMs: number): LocalTime {
  return localTime(new Date(wallMs), 'UTC');
}

function countAt(zone: string, wallMs: number): number {
  return instantsOf(localAt(wallMs), zone).length;
}

function read(text: string, zone: string): Date | UserError {
  try {
    return parseEventTime(text, zone, now);
  } catch (error) {
    if (error instanceof UserError) return error;
    throw error;
  }
}

function refusal(text: string, zone: string): UserError {
  const answer = read(text, zone);
  if (answer instanceof UserError) return answer;
  throw new Error(`"${text}" was taken`);
}

/** The instants that a refusal proposes to write instead. */
function proposals(text: string, zone: string): string[] {
  return hintOf(refusal(text, zone)).match(/\d{4}-\d\d-\d\dT[\d:]+(?:[+-]\d\d:\d\d|Z)/g) ?? [];
}

describe('the clocks of every zone', () => {
  it('show each instant as a local time that leads back to it (PT16)', () => {
    const range = { min: Date.UTC(1975, 0, 1) / 1000, max: Date.UTC(2037, 11, 31) / 1000 };

    fc.assert(
      fc.property(fc.constantFrom(...zones), fc.integer(range), (zone, seconds) => {
        const at = new Date(seconds * 1000);
        const instants = instantsOf(localTime(at, zone), zone);

        expect(instants).toContainEqual(at);
        expect(instants.length).toBeLessThanOrEqual(2);
      }),
      { numRuns: 3000 },
    );
  });

  it('show a local time twice when they are set back, never when they are set forward, and else once (PT16)', () => {
    let folds = 0;
    let gaps = 0;
    for (const { zone, at, beforeMs, afterMs } of zones.flatMap(changesIn)) {
      const begin = at.getTime() + Math.min(beforeMs, afterMs);
      const end = at.getTime() + Math.max(beforeMs, afterMs);
      const isBack = afterMs < beforeMs;
      if (isBack) folds++;
      else gaps++;

      const inside = [begin, Math.floor((begin + end) / 2000) * 1000, end - 1000].map((ms) => countAt(zone, ms));
      const beside = [begin - 1000, end].map((ms) => countAt(zone, ms));

      expect([inside, beside], `${zone} ${at.toISOString()}`).toEqual([isBack ? [2, 2, 2] : [0, 0, 0], [1, 1]]);
    }
    expect(folds).toBeGreaterThan(300);
    expect(gaps).toBeGreaterThan(300);
  });

  it('give the two instants of a local time apart by what they were set back, the earlier one first (PT16)', () => {
    for (const { zone, at, beforeMs, afterMs } of zones.flatMap(changesIn)) {
      if (afterMs > beforeMs) continue;

      const [first, second] = instantsOf(localAt(at.getTime() + afterMs), zone);

      expect(second, zone).toEqual(at);
      expect(at.getTime() - (first?.getTime() ?? 0), zone).toBe(beforeMs - afterMs);
    }
  });
});

describe('the time of an event, in every zone', () => {
  it('is refused when it happened twice; what is proposed is taken, and is both of them (D03)', () => {
    for (const { zone, at, beforeMs, afterMs } of zones.flatMap(changesIn)) {
      if (afterMs > beforeMs) continue;
      const text = formatLocal(at, zone, true);

      const proposed = proposals(text, zone).map((choice) => read(choice, zone));

      expect(proposed, `${zone} ${text}`).toEqual([new Date(at.getTime() - (beforeMs - afterMs)), at]);
    }
  });

  it('is refused when the clocks skipped it, and taken right before and after (D04)', () => {
    for (const { zone, at, beforeMs, afterMs } of zones.flatMap(changesIn)) {
      if (afterMs < beforeMs) continue;
      const [first, last] = [at.getTime() + beforeMs, at.getTime() + afterMs - 1000].map((ms) =>
        formatLocal(new Date(ms), 'UTC', true),
      );

      expect(refusal(first ?? '', zone), zone).toMatchObject({
        code: 'bad-time',
        message: expect.stringContaining('skipped'),
      });
      expect(refusal(last ?? '', zone), zone).toMatchObject({ code: 'bad-time' });
      expect(read(formatLocal(at, zone, true), zone), zone).toEqual(at);
      const before = new Date(at.getTime() - 1000);
      expect(read(formatLocal(before, zone, true), zone), zone).toEqual(before);
    }
  });
});

const skipped = [
  ['America/New_York', '2026-03-08T02:30', '2026-03-08T07:00:00Z'],
  ['Europe/Stockholm', '2026-03-29T02:00', '2026-03-29T01:00:00Z'],
  ['Australia/Lord_Howe', '2026-10-04T02:15', '2026-10-03T15:30:00Z'],
  ['Pacific/Apia', '2011-12-30T12:00', '2011-12-30T10:00:00Z'],
] as const;

describe('a local time that does not exist', () => {
  it.each(skipped)('in %s is refused and never shifted: %s (D04)', (zone, text) => {
    expect(refusal(text, zone)).toMatchObject({ code: 'bad-time', exit: 2, message: expect.stringContaining(zone) });
  });

  it.each(skipped)('in %s is refused with both neighbours, which are taken: %s (D04)', (zone, text, change) => {
    const [before, after] = proposals(text, zone).map((choice) => read(choice, zone));

    expect(before).toBeInstanceOf(Date);
    expect(after).toBeInstanceOf(Date);
    expect(Number(before)).toBeLessThan(Date.parse(change));
    expect(Number(after)).toBeGreaterThanOrEqual(Date.parse(change));
    expect(Number(after) - Number(before)).toBeLessThanOrEqual(dayMs);
  });
});

describe('the zone of this machine', () => {
  const servers = [
    ...['Europe/Stockholm', 'America/New_York', 'Australia/Lord_Howe', 'Europe/Dublin'],
    ...['Pacific/Apia', 'Asia/Kathmandu', 'America/St_Johns', 'UTC'],
  ];
  const texts = [
    '2026-11-20 10:32',
    '2026-07-01T00:00:30',
    '2024-02-29 12:00',
    '2026-11-20T10:32+01:00',
    '10:32',
    '-45m',
  ];

  it.each(servers)('changes nothing of a time in %s (D02)', (zone) => {
    const shown = (operator: string) =>
      withZone(operator, () => texts.map((text) => formatLocal(read(text, zone) as Date, zone, true)));

    const expected = shown('UTC');

    expect(expected.slice(0, 3)).toEqual(['2026-11-20 10:32:00', '2026-07-01 00:00:30', '2024-02-29 12:00:00']);
    for (const operator of ['America/Los_Angeles', 'Asia/Kolkata', 'Pacific/Apia'])
      expect(shown(operator), operator).toEqual(expected);
  });

  it('does not take away the day that it skipped itself (D02)', () => {
    const at = withZone('Pacific/Apia', () => read('2011-12-30 12:00', 'Europe/Stockholm'));

    expect(at).toEqual(new Date('2011-12-30T11:00:00Z'));
  });
});

/** Node takes the zone from the environment whenever it changes. */
function withZone<T>(zone: string, work: () => T): T {
  const own = process.env['TZ'];
  process.env['TZ'] = zone;
  try {
    return work();
  } finally {
    process.env['TZ'] = own;
  }
}
