import type { WatchCheck } from '../../domain/watch-check.js';
import type { Seen, Stamp } from '../../domain/watch-event.js';
import type { Moment } from './event.js';
import { isSameThing, type Look, observe } from './observe.js';

/** What was looked at in a visit, of all that is looked at there. */
export type Looked = {
  looks: readonly Look[];
  due: readonly WatchCheck[];
  checks: readonly WatchCheck[];
  /** By what nobody is told of something now. */
  suppressed?: (look: Look) => string | undefined;
};

/** What is known of a server after a visit. @param blindForMs how long there may be no answer */
export function afterVisit(before: readonly Seen[], looked: Looked, blindForMs: number, moment: Moment): Seen[] {
  const { looks, due, checks, suppressed = () => undefined } = looked;
  const after = looks.flatMap((look) => {
    const check = checks.find(({ name }) => name === look.check);
    if (check === undefined) return [];
    const rules = { rule: check, blind: { forMs: blindForMs, clearForMs: 0, everyMs: check.everyMs } };
    return [
      observe(
        before.find((each) => isSameThing(each, look)),
        look,
        rules,
        moment,
        suppressed(look),
      ),
    ];
  });
  const others = before.filter((each) => !looks.some((look) => isSameThing(look, each)));
  const isDue = (each: Seen) => due.some(({ name }) => name === each.check);
  return [...after, ...others.flatMap((each) => (isDue(each) ? withoutLook(each, after, moment.ended) : [each]))];
}

/** Something of a check that was looked at, and about which the visit says nothing: as long as it is an event, it stays known. */
function withoutLook(seen: Seen, after: readonly Seen[], now: Stamp): Seen[] {
  if (seen.instance === undefined) return [seen];
  const whole = after.find(({ check, instance }) => check === seen.check && instance === undefined);
  const isGone = whole === undefined || whole.answer.is === 'ok';
  if (isGone && seen.event === undefined) return [];
  const text = isGone ? 'it is not there any more' : whole.answer.text;
  return [{ ...seen, answer: { is: 'unknown', text, explained: true }, at: now }];
}
