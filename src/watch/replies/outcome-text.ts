import type { Escalation } from '../../domain/escalation.js';
import type { OutputLine } from '../../domain/line.js';
import type { ReplyWay } from '../../notify/channel.js';
import type { RefusedReply } from '../../state/replies.js';
import type { Outcome } from './take.js';

export const wayWords: Record<ReplyWay, string> = { sms: 'SMS', mail: 'mail', push: 'button' };

/** What is told of an answer; nothing of what is none, or was told before. */
export function outcomeLine(
  outcome: Outcome,
  by: ReplyWay,
  { people }: Pick<Escalation, 'people'>,
): OutputLine | undefined {
  const nameOf = (key: string) => people.get(key)?.name ?? key;
  if (outcome.is === 'taken')
    return { text: `${nameOf(outcome.who)} has ${outcome.incident}, by ${wayWords[by]}.`, tone: 'good' };
  if (outcome.is === 'not open')
    return { text: `${nameOf(outcome.who)} would have ${outcome.incident}, which is not open, by ${wayWords[by]}` };
  if (outcome.is === 'refused')
    return { text: `an answer by ${wayWords[by]} does not count: ${whyText(outcome.refused, nameOf)}`, tone: 'warn' };
  if (outcome.is === 'ignored')
    return {
      text: `an answer by ${wayWords[by]} does not count: ${nameOf(outcome.sender)} sent too many wrong tokens`,
      tone: 'warn',
    };
  return undefined;
}

/** e.g. `wrong token of Kim Doe` */
export function whyText({ why, sender }: RefusedReply, nameOf: (key: string) => string): string {
  return why === 'token' ? `wrong token of ${nameOf(sender)}` : `nobody in people: is ${sender || 'its sender'}`;
}
