import { defined } from '../../domain/defined.js';
import type { Answer, Seen } from '../../domain/watch-event.js';
import { type Moment, type Rule, step } from './event.js';

/** An answer, and to what. */
export type Look = { check: string; instance?: string; answer: Answer };

/** When something is an event, and when it is one that there is no answer. */
export type Rules = { rule: Rule; blind: Rule };

/** What is known of a thing after one more look at it. @param suppressed by what nobody is told of it now */
export function observe(
  before: Seen | undefined,
  look: Look,
  { rule, blind }: Rules,
  moment: Moment,
  suppressed?: string,
): Seen {
  const { check, instance, answer } = look;
  return {
    ...{ check, answer, at: moment.ended },
    ...defined({
      instance,
      event: step(before?.event, answer, rule, moment, suppressed),
      blind: step(before?.blind, blindness(answer), blind, moment, suppressed),
    }),
  };
}

/** To have no answer is bad, to have one is well; where something else explains it, it is neither. */
function blindness(answer: Answer): Answer {
  if (answer.is !== 'unknown') return { is: 'ok', text: '' };
  return answer.explained ? answer : { is: 'bad', text: answer.text };
}

/** A check, and what of it where it looks at several. */
type Thing = { check: string; instance?: string | undefined };

/** Whether two looks are at the same thing. */
export function isSameThing(a: Thing, b: Thing): boolean {
  return a.check === b.check && a.instance === b.instance;
}
