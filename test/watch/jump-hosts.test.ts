import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { WatchCheck } from '../../src/domain/watch-check.ts';
import type { Answer, Sighting, Stamp } from '../../src/domain/watch-event.ts';
import { afterWay, jumpHostCheck } from '../../src/watch/core/jump-hosts.ts';

const minute = 60_000;
const at = (minutes: number): Stamp => ({ wallMs: minutes * minute, boot: 'a', upMs: minutes * minute });
const ok: Answer = { is: 'ok', text: 'answers' };
const bad: Answer = { is: 'bad', text: 'refused' };
const terms = { event: 'server silent', severity: 'emergency' as const, everyMs: minute, clearForMs: 0 };
const silent: WatchCheck = { ...terms, name: 'alive', forMs: 15 * minute, kind: 'reach', faces: ['cli'], bad: 'all' };
const check = jumpHostCheck({ checks: [silent] }, 2 * minute);

type Visit = { began: number; ended: number; answer: Answer };

/** What is told of a jump host by visits behind it, in the order in which they end. */
function told(visits: readonly Visit[]): string[] {
  const sighting: Sighting = { schema: 1, servers: {} };
  return visits
    .toSorted((a, b) => a.ended - b.ended)
    .flatMap(({ began, ended, answer }) => {
      const moment = { began: at(began), ended: at(ended) };
      const changes = afterWay(sighting, [{ jumpHost: 'bastion', answer }], check, moment, undefined);
      return changes.map(({ what, isJumpHost }) => `${isJumpHost ? 'jump host' : ''} ${what} ${Math.floor(ended)}`);
    });
}

/** Visits of so many servers, each every two minutes. */
const visits = (servers: number, minutes: number, answer: (when: number) => Answer, takes = 0.5): Visit[] =>
  Array.from({ length: servers }, (_, server) =>
    Array.from({ length: minutes / 2 }, (_, round) => {
      const began = 2 * round + (2 * server) / servers;
      return { began, ended: began + takes, answer: answer(began) };
    }),
  ).flat();

describe('a jump host', () => {
  it('is silent when the check of the servers behind it says so, once, and until it answers (W47)', () => {
    const answer = (when: number) => (when >= 10 && when < 40 ? bad : ok);

    expect(told(visits(1, 60, answer))).toEqual(['jump host fires 26', 'jump host is over 42']);
    expect(told(visits(50, 60, answer))).toEqual([
      expect.stringMatching(/^jump host fires 2[56]$/),
      expect.stringMatching(/^jump host is over 4[01]$/),
    ]);
  });

  it('is judged by visits that follow each other, however many overlap', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 40 }), fc.double({ min: 0, max: 1.9, noNaN: true }), (servers, takes) => {
        expect(told(visits(servers, 30, () => bad, takes))).toHaveLength(1);
        expect(told(visits(servers, 14, () => bad, takes))).toHaveLength(0);
      }),
    );
  });
});
