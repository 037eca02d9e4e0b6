import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseWeek, type Week, weekName } from '../../src/domain/week.ts';
import { dueAt, dueWeek, missedWeeks, nextDue, type SentWeeks } from '../../src/domain/weekly.ts';

const time = { day: 0, minute: 8 * 60, zone: 'Europe/Stockholm' };
const weekOf = (name: string): Week => parseWeek(name) ?? { year: 0, week: 0 };
const sent = (...names: string[]): SentWeeks => ({ sent: new Set(names), since: new Date('2026-01-01T00:00Z') });
const dueName = (known: SentWeeks, at: string) => {
  const due = dueWeek(time, known, new Date(at));
  return due && [weekName(due.week), due.isLate];
};

describe('when the weekly status is due (W82)', () => {
  it('is the morning after the week, and next week again', () => {
    expect(dueAt(weekOf('2026-W47'), time)).toEqual(new Date('2026-11-23T07:00Z'));
    expect(dueName(sent('2026-W46'), '2026-11-23T06:59Z')).toBeUndefined();
    expect(dueName(sent('2026-W46'), '2026-11-23T07:00Z')).toEqual(['2026-W47', false]);
    expect(dueName(sent('2026-W46', '2026-W47'), '2026-11-23T07:01Z')).toBeUndefined();
    expect(nextDue(time, new Date('2026-11-23T07:00Z'))).toEqual(new Date('2026-11-30T07:00Z'));
  });

  it('is sent late up to three days, and says so; later it is told of in the next one', () => {
    expect(dueName(sent('2026-W46'), '2026-11-24T07:00Z')).toEqual(['2026-W47', true]);
    expect(dueName(sent('2026-W46'), '2026-11-26T07:00Z')).toEqual(['2026-W47', true]);
    expect(dueName(sent('2026-W46'), '2026-11-26T07:00:01Z')).toBeUndefined();
    expect(missedWeeks(weekOf('2026-W48'), time, sent('2026-W45')).map(weekName)).toEqual(['2026-W46', '2026-W47']);
  });

  it('does not begin with weeks that were over before anybody wanted it', () => {
    const known = { sent: new Set<string>(), since: new Date('2026-11-24T10:00Z') };

    expect(dueName(known, '2026-11-24T10:00Z')).toBeUndefined();
    expect(dueName(known, '2026-11-30T07:00Z')).toEqual(['2026-W48', false]);
    expect(missedWeeks(weekOf('2026-W48'), time, known)).toEqual([]);
  });

  it('is sent at least once for each week in which the watch was up in time, and never twice, over restarts and clocks', () => {
    const hourMs = 3_600_000;
    const day = fc.record({
      hours: fc.integer({ min: 1, max: 200 }),
      up: fc.boolean(),
      setHours: fc.integer({ min: -50, max: 50 }),
    });
    fc.assert(
      fc.property(
        fc.array(day, { maxLength: 40 }),
        fc.integer({ min: 0, max: 6 }),
        fc.integer({ min: 0, max: 1439 }),
        (parts, weekday, minute) => {
          const at = { ...time, day: weekday, minute };
          const mails: string[] = [];
          const known = { sent: new Set<string>(), since: new Date('2026-10-01T00:00Z') };
          const wanted = new Set<string>();
          let now = new Date('2026-10-01T00:00Z').getTime();
          for (const { hours, up, setHours } of parts) {
            now += setHours * hourMs;
            for (let hour = 0; hour < hours; hour++, now += hourMs) {
              if (!up) continue;
              const due = dueWeek(at, known, new Date(now));
              if (due !== undefined) mails.push(weekName(due.week));
              if (due !== undefined) known.sent.add(weekName(due.week));
              // what a slow reference wants: any week whose time came at most three days ago
              for (let back = 0; back < 3; back++) {
                const week = weekOf(mondayName(now, back));
                const late = now - dueAt(week, at).getTime();
                if (late >= 0 && late <= 72 * hourMs && dueAt(week, at) >= known.since) wanted.add(weekName(week));
              }
            }
          }
          expect(new Set(mails).size).toBe(mails.length);
          expect([...wanted].filter((name) => !mails.includes(name))).toEqual([]);
        },
      ),
      { numRuns: 200 },
    );
  });
});

/** The name of the week so many weeks before an instant, counted by hand: from Thursday to Thursday. */
function mondayName(ms: number, back: number): string {
  const date = new Date(ms - back * 7 * 86_400_000 + 2 * 3_600_000);
  const thursday = new Date(
    Date.UTC(date.getUTCFullYear(), date.getUTCMonth(), date.getUTCDate() + 3 - ((date.getUTCDay() + 6) % 7)),
  );
  const first = Date.UTC(thursday.getUTCFullYear(), 0, 1);
  const week = 1 + Math.floor((thursday.getTime() - first) / (7 * 86_400_000));
  return `${thursday.getUTCFullYear()}-W${String(week).padStart(2, '0')}`;
}
