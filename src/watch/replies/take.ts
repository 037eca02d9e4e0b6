import type { Escalation } from '../../domain/escalation.js';
import { latestOf } from '../../domain/incident.js';
import { printableLine } from '../../domain/text.js';
import type { Stamp } from '../../domain/watch-event.js';
import type { IncidentStore } from '../../state/incidents.js';
import type { RefusedReply, ReplyNotes } from '../../state/replies.js';
import { sayOf } from '../incident/say.js';
import { type Heard, judged } from './judge.js';
import { withRefused } from './refusals.js';

/** What became of an answer. `told again`: it was read before. */
export type Outcome =
  | { is: 'taken' | 'told again' | 'not open'; incident: string; who: string }
  | { is: 'refused'; refused: RefusedReply }
  | { is: 'ignored'; sender: string }
  | { is: 'no answer' };

export type TakingTools = {
  escalation: Escalation;
  incidents: IncidentStore;
  replies: Pick<ReplyNotes, 'secret'>;
  stamp(): Promise<Stamp>;
};

/**
 * Takes an answer: whoever sent it has the incident then, as if they had typed that.
 * @param id by which it counts once
 * @param refused what was refused before
 * @returns what became of it, and what is refused by now
 */
export async function takeReply(
  heard: Heard & { id: string },
  refused: readonly RefusedReply[],
  { escalation, incidents, replies, stamp }: TakingTools,
): Promise<{ outcome: Outcome; refused: readonly RefusedReply[] }> {
  const now = await stamp();
  const { people, ackForMs: forMs } = escalation;
  const judgement = judged(heard, { people, secret: await replies.secret(), refused, now });
  if (judgement.is === 'refused') {
    const { why } = judgement;
    const one: RefusedReply = { by: heard.by, sender: printableLine(judgement.sender, 80), why, at: now };
    return { outcome: { is: 'refused', refused: one }, refused: withRefused(refused, one) };
  }
  if (judgement.is !== 'taken') return { outcome: judgement, refused };
  const { incident: id, who } = judgement;
  const incident = (await incidents.open()).known.find((each) => each.id === id);
  if (incident === undefined || latestOf(incident.log, 'resolved') !== undefined)
    return { outcome: { is: 'not open', incident: id, who }, refused };
  const isKnown = incident.log.entries.some((entry) => entry.type === 'acknowledged' && entry.reply === heard.id);
  if (!isKnown) await sayOf(incident, { by: who, acknowledged: { forMs, how: heard.by, reply: heard.id } }, incidents);
  return { outcome: { is: isKnown ? 'told again' : 'taken', incident: id, who }, refused };
}
