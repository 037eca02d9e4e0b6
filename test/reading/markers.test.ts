import { describe, expect, it } from 'vitest';
import { absences, type MarkedLog, nearest, withoutRepeats } from '../../src/reading/markers.ts';
import { OwnWork } from '../../src/reading/own-work.ts';
import type { Marker } from '../../src/reading/reading.ts';

const minute = 60_000;

function log(more: Partial<MarkedLog>): MarkedLog {
  const nothing = { marks: [], steps: [], silences: [], uncovered: [] };
  return {
    server: 0,
    log: 0,
    name: 'system.log',
    at: Float64Array.of(0, minute),
    own: new OwnWork(undefined),
    ...nothing,
    ...more,
  };
}

const failure = (at: number): Marker => ({ kind: 'failed-login', server: 0, log: 0, at, text: `at ${at}` });

describe('markers', () => {
  it('a hole in what was not collected is not silence', () => {
    const silences = [{ since: minute, until: 5 * minute, medianMs: 100 }];
    const gap = { since: 0, until: 2 * minute, why: 'it is gone' };

    expect(absences(log({ silences }), [], 'UTC').map(({ kind }) => kind)).toEqual(['silence']);
    expect(absences(log({ silences, uncovered: [gap] }), [], 'UTC').map(({ kind }) => kind)).toEqual(['not-collected']);
  });

  it('silence says whether other logs of the server went on', () => {
    const quiet = log({ silences: [{ since: minute, until: 5 * minute, medianMs: 100 }] });
    const going = log({ log: 1, name: 'audit.log', at: Float64Array.of(2 * minute) });
    const ended = log({ log: 2, name: 'debug.log', at: Float64Array.of(0) });
    const elsewhere = log({ server: 1, log: 3, at: Float64Array.of(2 * minute) });
    const told = (others: MarkedLog[]) => absences(quiet, [quiet, ...others], 'UTC')[0]?.text.split('; ')[1];

    expect(told([going, ended, elsewhere])).toBe('audit.log went on');
    expect(told([ended, elsewhere])).toBe('nor of its other logs');
    expect(told([elsewhere])).toBe('there is no other log of this server');
  });

  it('tells four failed logins one by one, and five within a minute once', () => {
    const four = [0, 1, 2, 3].map((at) => failure(at * 1000));

    expect(withoutRepeats(four, 'UTC')).toHaveLength(4);
    expect(withoutRepeats([...four, failure(9000)], 'UTC')).toMatchObject([
      { at: 0, until: 9000, text: '5 failed logins from 00:00:00 to 00:00:09, the first: at 0' },
    ]);
  });

  it('keeps the 200 of a kind and server that are nearest to the event', () => {
    const many = Array.from({ length: 500 }, (_, at) => failure(at * 1000));
    const kept = nearest(many, 400_000);

    expect(kept).toHaveLength(200);
    expect([kept[0]?.at, kept.at(-1)?.at]).toEqual([300_000, 499_000]);
  });

  it.each([
    ['ana logged in from 192.0.2.7', 1000, true],
    ['ana logged in', 1000, true],
    ['ana logged in from 192.0.2.9', 1000, false],
    ['anabel logged in from 192.0.2.7', 1000, false],
    ['bo logged in from 192.0.2.7', 1000, false],
    ['ana logged in from 192.0.2.7', 60_000, false],
  ])('%j at %i is own work of icepack: %s', (text, at, isOwn) => {
    const session = {
      user: 'ana',
      from: '192.0.2.7',
      since: new Date(0).toISOString(),
      until: new Date(5000).toISOString(),
    };

    expect(new OwnWork({ icepackSessions: [session] } as never).is(text, at)).toBe(isOwn);
  });
});
