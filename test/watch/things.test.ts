import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Thing } from '../../src/domain/incident.ts';
import { isSame, keyOf } from '../../src/watch/core/things.ts';

const name = fc.constantFrom('', 'a', 'b', '["a"]');
const flag = fc.constantFrom(undefined, true as const);
const thing = fc.record({
  server: name,
  check: name,
  instance: fc.option(name, { nil: undefined }),
  blind: flag,
  reported: flag,
});

describe('things that are bad', () => {
  it('are the same where their keys are', () => {
    fc.assert(
      fc.property(thing, thing, (one, other) => {
        expect(isSame(one as Thing, other as Thing)).toBe(keyOf(one as Thing) === keyOf(other as Thing));
      }),
      { numRuns: 2000 },
    );
  });
});
