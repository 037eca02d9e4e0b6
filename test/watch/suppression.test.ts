import { describe, expect, it } from 'vitest';
import type { Maintenance } from '../../src/domain/maintenance.ts';
import type { Answer, Seen, Stamp } from '../../src/domain/watch-event.ts';
import type { Watched } from '../../src/domain/watch-policy.ts';
import { afterVisit } from '../../src/watch/core/after-visit.ts';
import { changesOf } from '../../src/watch/core/changes.ts';
import { suppressionOf } from '../../src/watch/core/suppression.ts';
import { troublesIn } from '../../src/watch/incident/troubles.ts';

const minute = 60_000;
const start = Date.parse('2026-11-20T09:00:00Z');
const at = (minutes: number): Stamp => ({ wallMs: start + minutes * minute, boot: 'a', upMs: minutes * minute });
const ok: Answer = { is: 'ok', text: '' };
const bad: Answer = { is: 'bad', text: '' };
const stopped: Answer = { is: 'bad', text: '', onPurpose: true };
const check = {
  ...{ name: 'data', event: '', severity: 'high' as const, kind: 'volume' as const, mounts: ['/data*'] },
  ...{ everyMs: 2 * minute, forMs: 4 * minute, clearForMs: 0, abovePercent: 90, clearPercent: 87 },
};

/** What is told at which look of these, two minutes apart, each with what it is suppressed by. */
function told(...looks: [Answer, string?][]): string[] {
  return lookedAt(...looks).told;
}

function lookedAt(...looks: [Answer, string?][]): { told: string[]; seen: Seen[] } {
  let seen: Seen[] = [];
  const all = looks.flatMap(([answer, by], index) => {
    const now = at(2 * index);
    const looked = { looks: [{ check: 'data', answer }], due: [check], checks: [check], suppressed: () => by };
    const after = afterVisit(seen, looked, 30 * minute, { began: now, ended: now });
    const changes = changesOf('ice01', seen, after).map(({ what }) => `${index} ${what}`);
    seen = after;
    return changes;
  });
  return { told: all, seen };
}

const times = <T>(count: number, value: T): T[] => Array(count).fill(value);

describe('what is suppressed', () => {
  it('is told to nobody, and neither is its end', () => {
    expect(told(...times<[Answer, string]>(6, [bad, 'M7']), ...times<[Answer]>(4, [ok]))).toEqual([]);
  });

  it('is told after two more looks where it is still bad when that ends (W35)', () => {
    expect(told(...times<[Answer, string]>(6, [bad, 'M7']), ...times<[Answer]>(3, [bad]))).toEqual(['7 fires']);
  });

  it('is an incident then that says what had suppressed it', () => {
    const { seen } = lookedAt(...times<[Answer, string]>(6, [bad, 'M7']), ...times<[Answer]>(3, [bad]));
    const watched = [{ appliance: { name: 'ice01', via: [] }, checks: [check], isStaging: false }];
    const servers = { ice01: { seen, refused: {}, hung: {} } };
    const grouping = { blind: { forMs: 0, severity: 'low' as const }, groupBy: 'cluster' as const };

    const [trouble] = troublesIn(watched as unknown as Watched[], { schema: 1, servers }, grouping);

    expect(trouble).toMatchObject({ suppressedBy: 'M7', since: new Date(start).toISOString() });
  });

  it('is not told where it is well at once when that ends (W36)', () => {
    expect(told(...times<[Answer, string]>(6, [bad, 'M7']), [bad], [ok], [ok], [ok])).toEqual([]);
  });

  it('has its end told where it was told before (W34)', () => {
    expect(told(...times<[Answer]>(4, [bad]), [bad, 'M7'], [ok, 'M7'], [ok, 'M7'])).toEqual(['2 fires', '6 is over']);
  });

  it('begins from the start when a server is no longer set up (W42)', () => {
    expect(told(...times<[Answer, string]>(9, [bad, 'staging']), ...times<[Answer]>(4, [bad]))).toEqual(['11 fires']);
  });

  it('is what somebody stopped, until it runs again; then it counts as any other (W40)', () => {
    expect(told(...times<[Answer]>(9, [stopped]), [ok], [ok], ...times<[Answer]>(3, [bad]))).toEqual(['13 fires']);
  });
});

describe('what somebody stopped and nobody starts', () => {
  it('is told after 30 days, with what had suppressed it, by a clock that nobody can set (W41)', () => {
    const day = 24 * 60;
    const seenAt = (minutes: number[], clockMs = 0): Seen[] =>
      minutes.reduce<Seen[]>((seen, minute) => {
        const now = { ...at(minute), wallMs: at(minute).wallMs + (minute > 100 ? clockMs : 0) };
        const looked = { looks: [{ check: 'data', answer: stopped }], due: [check], checks: [check] };
        return afterVisit(seen, looked, 30 * 60_000, { began: now, ended: now });
      }, []);
    const early = [0, 2, 4, 6];

    expect(seenAt([...early, 30 * day - 2])[0]?.event).toMatchObject({ suppressed: 'stopped' });
    expect(seenAt([...early, 200], 90 * day * minute)[0]?.event).toMatchObject({ suppressed: 'stopped' });
    const [later] = seenAt([...early, 30 * day - 2, 30 * day, 30 * day + 2]);
    expect(later?.event).toMatchObject({ told: true, suppressedBefore: 'stopped' });
    expect(later?.event).not.toHaveProperty('suppressed');
  });
});

describe('maintenance', () => {
  const watched = {
    appliance: { name: 'ice01', cluster: 'east' },
    checks: [],
    isStaging: false,
  } as unknown as Watched;
  const maintenance = (more: Partial<Maintenance>): Maintenance => ({
    ...{ schema: 1, id: 'M7', targets: [], reason: '', by: 'kim', created: '2026-11-20T08:00:00Z', zone: 'UTC' },
    when: { kind: 'once', from: '2026-11-20T09:00:00Z', until: '2026-11-20T11:00:00Z' },
    ...more,
  });
  const by = (more: Partial<Maintenance>, time = '2026-11-20T10:00:00Z', instance?: string) =>
    suppressionOf(watched, { check: 'data', instance }, [maintenance(more)], new Date(time));

  it('means servers, clusters or all, and a check or one thing of it', () => {
    expect([[], ['ice01'], ['east'], ['ice02', 'west']].map((targets) => by({ targets }))).toEqual([
      'M7',
      'M7',
      'M7',
      undefined,
    ]);
    expect([by({ check: 'data' }), by({ check: 'share' })]).toEqual(['M7', undefined]);
    expect([by({ instance: '/data' }, undefined, '/data'), by({ instance: '/data' }, undefined, '/data2')]).toEqual([
      'M7',
      undefined,
    ]);
  });

  it('holds from its first minute to its last, and not when it was ended', () => {
    const hours = ['08:59:59', '09:00:00', '10:59:59', '11:00:00'].map((time) => `2026-11-20T${time}Z`);

    expect(hours.map((time) => by({}, time))).toEqual([undefined, 'M7', 'M7', undefined]);
    expect(by({ ended: { at: '2026-11-20T09:30:00Z', by: 'kim' } })).toBeUndefined();
    expect(by({ ended: { at: '2026-11-20T10:30:00Z', by: 'kim' } })).toBe('M7');
  });

  it('comes again at its hours, but for the dates that are left out', () => {
    const when = { kind: 'recurring' as const, hours: 'Fri 09:00-11:00', skip: ['2026-11-27'] };

    expect([
      by({ when }),
      by({ when }, '2026-11-27T10:00:00Z'),
      by({ when }, '2026-12-04T10:00:00Z'),
      by({ when }, '2026-11-21T10:00:00Z'),
    ]).toEqual(['M7', undefined, 'M7', undefined]);
  });

  it('is that which ends last where several hold', () => {
    const later = maintenance({
      id: 'M8',
      when: { kind: 'once', from: '2026-11-20T09:30:00Z', until: '2026-11-20T12:00:00Z' },
    });

    expect(suppressionOf(watched, { check: 'data' }, [maintenance({}), later], new Date('2026-11-20T10:00:00Z'))).toBe(
      'M8',
    );
  });

  it('is nothing beside staging', () => {
    expect(suppressionOf({ ...watched, isStaging: true }, { check: 'data' }, [], new Date(start))).toBe('staging');
  });
});
