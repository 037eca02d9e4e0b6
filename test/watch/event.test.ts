import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Answer, EventState, Stamp } from '../../src/domain/watch-event.ts';
import { fires, type Rule, step as stepAt } from '../../src/watch/core/event.ts';

const minute = 60_000;
const rule: Rule = { forMs: 15 * minute, clearForMs: 2 * minute, everyMs: 2 * minute };
const ok: Answer = { is: 'ok', text: '' };
const bad: Answer = { is: 'bad', text: 'refused' };
const unknown: Answer = { is: 'unknown', text: 'not asked' };

/** A moment so many minutes after a start; the clock on the wall may say something else. */
function at(minutes: number, { boot = 'a', wallMs = minutes * minute } = {}): Stamp {
  return { wallMs, boot, upMs: minutes * minute };
}

/** A look that takes no time. */
function step(state: EventState | undefined, answer: Answer, rule: Rule, now: Stamp): EventState | undefined {
  return stepAt(state, answer, rule, { began: now, ended: now });
}

/** The phases after each of these looks, one every two minutes. */
function phasesOf(answers: readonly Answer[], everyMinutes = 2): string[] {
  let state: EventState | undefined;
  return answers.map((answer, index) => {
    state = step(state, answer, rule, at(index * everyMinutes));
    return state?.phase ?? 'ok';
  });
}

describe('an event', () => {
  it('fires when it was bad for so long, and not before', () => {
    const phases = phasesOf(Array(9).fill(bad));

    expect(phases).toEqual([...Array(8).fill('pending'), 'firing']); // 16 minutes
  });

  it('that is well once on the way begins from the start', () => {
    const phases = phasesOf([...Array(7).fill(bad), ok, ...Array(8).fill(bad)]);

    expect(phases.at(-1)).toBe('pending');
  });

  it('needs three looks, however long it is bad', () => {
    const quick = { ...rule, forMs: 0 };
    const one = step(undefined, bad, quick, at(0));
    const two = step(one, bad, quick, at(2));

    expect([one?.phase, two?.phase, step(two, bad, quick, at(4))?.phase]).toEqual(['pending', 'pending', 'firing']);
  });

  it('is over when it is well twice, for so long', () => {
    const firing = Array(9).fill(bad);

    expect(phasesOf([...firing, ok]).at(-1)).toBe('clearing');
    expect(phasesOf([...firing, ok, ok]).at(-1)).toBe('ok');
    expect(phasesOf([...firing, ok, bad]).at(-1)).toBe('firing');
  });

  it('neither begins nor ends where there is no answer', () => {
    expect(phasesOf(Array(30).fill(unknown))).toEqual(Array(30).fill('ok'));
    expect(phasesOf([...Array(9).fill(bad), ...Array(30).fill(unknown)]).at(-1)).toBe('firing');
    expect(phasesOf([...Array(9).fill(bad), ok, ...Array(30).fill(unknown)]).at(-1)).toBe('clearing');
  });

  it('does not count the time in which nobody looked (W54, W55)', () => {
    const before = step(step(undefined, bad, rule, at(0)), bad, rule, at(2));
    const after = step(before, bad, rule, at(8 * 60));

    expect(after).toMatchObject({ phase: 'pending', watchedMs: 0, looks: 1, badSince: at(8 * 60) });
  });

  it('begins from the start after a boot, also where it was seen shortly before (W53)', () => {
    const before = step(step(undefined, bad, rule, at(0)), bad, rule, at(2));
    const after = step(before, bad, rule, at(4, { boot: 'b' }));

    expect(after).toMatchObject({ phase: 'pending', watchedMs: 0, looks: 1 });
  });

  it('that fires goes on firing over a boot and a gap', () => {
    const firing = Array.from({ length: 9 }, (_, index) => index * 2).reduce<EventState | undefined>(
      (state, minutes) => step(state, bad, rule, at(minutes)),
      undefined,
    );

    const later = step(firing, bad, rule, at(900, { boot: 'b' }));

    expect(later?.phase).toBe('firing');
    expect(later?.badSince).toEqual(at(0));
  });

  it('counts a late look as two looks would have been, and no more', () => {
    const before = step(undefined, bad, rule, at(0));
    const after = step(before, bad, rule, at(5.9));

    expect(after?.watchedMs).toBe(4 * minute);
  });

  it('fires also where each look takes longer than the time between looks (W77)', () => {
    const looks = Array.from({ length: 6 }, (_, index) => ({ began: at(index * 10), ended: at(index * 10 + 9) }));
    const phases: (string | undefined)[] = [];
    let state: EventState | undefined;
    for (const moment of looks) {
      state = stepAt(state, bad, rule, moment);
      phases.push(state?.phase);
    }

    expect(phases).toEqual(['pending', 'pending', 'pending', 'pending', 'firing', 'firing']);
  });
});

type Look = { answer: Answer; gapMs: number; newBoot: boolean; wallMs: number };

const looks = fc.array(
  fc.record({
    answer: fc.constantFrom(ok, bad, bad, unknown),
    gapMs: fc.constantFrom(30_000, minute, 2 * minute, 3 * minute, 5 * minute, 7 * minute, 400 * minute),
    newBoot: fc.integer({ min: 0, max: 30 }).map((number) => number === 0),
    wallMs: fc.integer({ min: 0, max: 4e12 }),
  }),
  { maxLength: 80 },
);

/** The stamps and answers of such looks. */
function historyOf(all: readonly Look[], wall: (look: Look, upMs: number) => number) {
  let upMs = 0;
  let boot = 0;
  return all.map((look) => {
    if (look.newBoot) boot++;
    upMs = look.newBoot ? 1000 : upMs + look.gapMs;
    return { answer: look.answer, stamp: { wallMs: wall(look, upMs), boot: `${boot}`, upMs } };
  });
}

function play(history: readonly { answer: Answer; stamp: Stamp }[]): (EventState | undefined)[] {
  let state: EventState | undefined;
  return history.map(({ answer, stamp }) => {
    state = step(state, answer, rule, stamp);
    return state;
  });
}

/** The same, found slowly: by looking back over the whole history, each time anew. */
function isFiringSlowly(history: readonly { answer: Answer; stamp: Stamp }[]): boolean {
  const definite = history.filter(({ answer }) => answer.is !== 'unknown');
  const isEnough = (is: 'ok' | 'bad', end: number, least: number, forMs: number): boolean => {
    let watched = 0;
    let count = 1;
    for (let index = end; index > 0; index--) {
      const [before, here] = [definite[index - 1], definite[index]];
      if (count >= least && watched >= forMs) return true;
      if (before === undefined || here === undefined || before.answer.is !== is) break;
      const gap = here.stamp.upMs - before.stamp.upMs;
      if (here.stamp.boot !== before.stamp.boot || gap < 0 || gap > 3 * rule.everyMs) break;
      watched += Math.min(gap, 2 * rule.everyMs);
      count++;
    }
    return count >= least && watched >= forMs;
  };
  let firing = false;
  for (const [index, { answer }] of definite.entries()) {
    if (!firing && answer.is === 'bad') firing = isEnough('bad', index, 3, rule.forMs);
    else if (firing && answer.is === 'ok') firing = !isEnough('ok', index, 2, rule.clearForMs);
  }
  return firing;
}

const runs = Number(process.env['ICEPACK_KILLS'] ?? 0) >= 200 ? 100_000 : 3000;

describe('an event of any history', () => {
  it('fires where looking back over all of it says so', () => {
    fc.assert(
      fc.property(looks, (all) => {
        const history = historyOf(all, (_, upMs) => upMs);
        expect(fires(play(history).at(-1))).toBe(isFiringSlowly(history));
      }),
      { numRuns: runs },
    );
  });

  it('is the same whatever the clock on the wall says (W52)', () => {
    fc.assert(
      fc.property(looks, (all) => {
        const phases = (states: readonly (EventState | undefined)[]) =>
          states.map((state) => [state?.phase, state?.watchedMs, state?.looks]);
        const right = play(historyOf(all, (_, upMs) => upMs));
        const wrong = play(historyOf(all, ({ wallMs }) => wallMs));
        expect(phases(wrong)).toEqual(phases(right));
      }),
      { numRuns: runs },
    );
  });

  it('is not changed by looks that gave no answer, but for the time they took (I6)', () => {
    fc.assert(
      fc.property(looks, (all) => {
        const history = historyOf(all, (_, upMs) => upMs);
        const without = history.filter(({ answer }) => answer.is !== 'unknown');
        expect(play(history).at(-1)).toEqual(play(without).at(-1));
      }),
      { numRuns: runs },
    );
  });
});
