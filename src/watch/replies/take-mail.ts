import type { Escalation } from '../../domain/escalation.js';
import { printableLine } from '../../domain/text.js';
import { stampNow } from '../../state/boot-clock.js';
import type { IncidentStore } from '../../state/incidents.js';
import type { ReplyNotes } from '../../state/replies.js';
import { mailReplyOf } from './mail-reply.js';
import { type Outcome, takeReply } from './take.js';

export type MailOutcome = Outcome | { is: 'no answer'; why: string };

/** Takes the answer in a mail, where there is one. @throws UserError where that cannot be noted now */
export async function takeMail(
  raw: Buffer,
  escalation: Escalation,
  { incidents, replies }: { incidents: IncidentStore; replies: ReplyNotes },
): Promise<MailOutcome> {
  const reply = await mailReplyOf(raw);
  if ('why' in reply) return { is: 'no answer', why: reply.why };
  const heard = { by: 'mail' as const, channel: 'mail', ...reply };
  let outcome: MailOutcome = { is: 'no answer', why: '' };
  await replies.update(async (before) => {
    const taken = await takeReply(heard, before.refused, { escalation, incidents, replies, stamp: stampNow });
    outcome = taken.outcome;
    return { ...before, refused: [...taken.refused] };
  });
  if (outcome.is !== 'no answer') return outcome;
  return { is: 'no answer', why: `its first line is "${printableLine(reply.line, 60)}"` };
}
