import { describe, expect, it } from 'vitest';
import type { WatchCheck } from '../../src/domain/watch-check.ts';
import type { Answer, Seen, Stamp } from '../../src/domain/watch-event.ts';
import { afterVisit } from '../../src/watch/core/after-visit.ts';
import { type Change, changesOf } from '../../src/watch/core/changes.ts';
import { dueChecks, isLate, visitInMs } from '../../src/watch/core/due.ts';

const minute = 60_000;
const at = (minutes: number): Stamp => ({ wallMs: minutes * minute, boot: 'a', upMs: minutes * minute });
const ok: Answer = { is: 'ok', text: 'well' };
const bad: Answer = { is: 'bad', text: 'full' };
const unknown: Answer = { is: 'unknown', text: 'no login' };
const explained: Answer = { is: 'unknown', text: 'silent', explained: true };

const terms = { event: '', severity: 'high' as const, everyMs: 2 * minute, forMs: 0, clearForMs: 0 };
const silent: WatchCheck = { ...terms, name: 'silent', kind: 'reach', faces: ['cli'], bad: 'all' };
const data: WatchCheck = {
  ...{ ...terms, name: 'data', kind: 'volume', mounts: ['/data*'], everyMs: 10 * minute },
  ...{ abovePercent: 90, clearPercent: 87 },
};
const checks = [silent, data];

type Answers = Record<string, Answer>;

/** Visits, so many minutes apart; each answers what its keys name: a check, or a mount point. */
function visited(every: number, ...visits: Answers[]): { seen: Seen[]; told: Change['what'][] } {
  let seen: Seen[] = [];
  const told: Change['what'][] = [];
  for (const [index, answers] of visits.entries()) {
    const now = at(index * every);
    const looks = Object.entries(answers).map(([key, answer]) =>
      key.startsWith('/') ? { check: 'data', instance: key, answer } : { check: key, answer },
    );
    const after = afterVisit(seen, { looks, due: checks, checks }, 30 * minute, { began: now, ended: now });
    told.push(...changesOf('ice01', seen, after).map(({ what }) => what));
    seen = after;
  }
  return { seen, told };
}

describe('a visit', () => {
  it('tells an event once when it fires and once when it is over', () => {
    const full = { silent: ok, data: ok, '/data': bad };
    const well = { silent: ok, data: ok, '/data': ok };

    expect(visited(2, full, full, full, full, well, well, well).told).toEqual(['fires', 'is over']);
  });

  it('tells that there is no answer after half an hour, and when there is one again', () => {
    const none = { silent: ok, data: unknown };

    expect(visited(2, ...Array(15).fill(none)).told).toEqual([]);
    expect(visited(2, ...Array(17).fill(none), { silent: ok, data: ok }, { silent: ok, data: ok }).told).toEqual([
      'has no answer',
      'has an answer again',
    ]);
  });

  it('tells nothing of what has no answer for a known reason, however long that lasts', () => {
    expect(visited(2, ...Array(100).fill({ silent: ok, data: explained })).told).toEqual([]);
  });

  it('forgets a mount point that is gone and was well, and keeps one that was full', () => {
    const two = { silent: ok, data: ok, '/data': ok, '/data2': bad };
    const { seen } = visited(2, two, two, two, { silent: ok, data: ok });

    expect(seen.map(({ check, instance }) => instance ?? check)).toEqual(['silent', 'data', '/data2']);
    expect(seen.at(-1)).toMatchObject({
      answer: { is: 'unknown', text: 'it is not there any more' },
      event: { phase: 'firing' },
    });
  });

  it('keeps what it knew of mount points while df gives no answer', () => {
    const { seen } = visited(2, { silent: ok, data: ok, '/data': ok }, { silent: ok, data: unknown });

    expect(seen.find(({ instance }) => instance === '/data')?.answer).toMatchObject({
      is: 'unknown',
      text: 'no login',
    });
  });
});

describe('when a server is visited', () => {
  const serverAfter = (answers: Answers) => ({
    ...{ visitedAt: at(0), refused: {}, hung: {} },
    seen: visited(2, answers).seen,
  });
  const due = (answers: Answers, minutes: number) => {
    const server = serverAfter(answers);
    const isDue = visitInMs(server, checks, minute, at(minutes)) <= 0;
    return isDue ? dueChecks(server, checks, minute, at(minutes)).map(({ name }) => name) : [];
  };

  it('each check is looked at in its time, and whether it answers at each visit', () => {
    const well = { silent: ok, data: ok, '/data': ok };

    expect([1, 2, 10].map((minutes) => due(well, minutes))).toEqual([[], ['silent'], ['silent', 'data']]);
  });

  it('what may become an event is looked at sooner', () => {
    expect(due({ silent: ok, data: ok, '/data': bad }, 1)).toEqual(['silent', 'data']);
  });

  it('a server that was never visited is visited at once', () => {
    expect(visitInMs(undefined, checks, minute, at(0))).toBe(0);
  });
});

describe('a visit that is late', () => {
  it('comes more than a whole round after the one before, in the same boot (W77)', () => {
    const server = { seen: [], refused: {}, hung: {}, visitedAt: at(10) };

    expect([14, 14.1].map((minutes) => isLate(server, 2 * minute, at(minutes)))).toEqual([false, true]);
    expect(isLate(server, 2 * minute, { ...at(60), boot: 'b' })).toBe(false);
  });
});
