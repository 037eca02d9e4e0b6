import { describe, expect, it } from 'vitest';
import { announced, type Typed } from '../../src/watch/maintenance/announce.ts';

const dayMs = 86_400_000;
const typed: Typed = {
  ...{ targets: ['ice01'], reason: 'upgrade', zone: 'UTC', by: 'lee', now: new Date('2026-11-20T10:00:00Z') },
};

describe('maintenance that is announced', () => {
  const refused: [string, Partial<Typed>, string, string][] = [
    ['without an end', {}, '--for or --until says when', 'at most 7 days, with --long 30'],
    ['for 400 days', { for: 400 * dayMs }, 'longer than 7 days', '--long: up to 30 days'],
    ['for a day too long', { for: 8 * dayMs }, 'longer than 7 days', '--long: up to 30 days'],
    ['for 400 days that are meant', { for: 400 * dayMs, long: true }, 'longer than 30 days', 'Announce it again then'],
    ['until a day in a year', { until: '2027-12-25 10:00' }, 'longer than 7 days', '--long: up to 30 days'],
    ['until it is well, for 400 days', { untilOk: true, check: 'data', for: 400 * dayMs }, 'longer than 30 days', ''],
  ];

  it.each(refused)('%s is refused, with the longest that is allowed (W39)', (_, more, message, hint) => {
    const announce = () => announced({ ...typed, ...more });

    expect(announce).toThrow(message);
    expect(announce).toThrow(expect.objectContaining({ hint: expect.stringContaining(hint) }));
  });

  it('may last as long as that (W39)', () => {
    const lasts = (more: Partial<Typed>) => announced({ ...typed, ...more }).when;

    expect(lasts({ for: 7 * dayMs })).toMatchObject({ until: '2026-11-27T10:00:00.000Z' });
    expect(lasts({ for: 30 * dayMs, long: true })).toMatchObject({ until: '2026-12-20T10:00:00.000Z' });
    expect(lasts({ untilOk: true, check: 'data' })).toMatchObject({ until: '2026-12-20T10:00:00.000Z' });
  });
});
