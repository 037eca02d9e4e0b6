import type { Person } from '../../domain/person.js';
import type { Stamp } from '../../domain/watch-event.js';
import type { ReplyWay } from '../../notify/channel.js';
import type { RefusedReply } from '../../state/replies.js';
import { type Acknowledgement, parseAcknowledgement } from './acknowledgement.js';
import { ignoredForMs } from './refusals.js';
import { isToken, whoOf } from './token.js';

/** An answer as it came: over which channel, from whom, and the line that counts. */
export type Heard = { by: ReplyWay; channel: string; from: string | undefined; line: string };

/** `taken`: by whom, as the configuration calls them. `ignored`: they guessed too often. */
export type Judgement =
  | { is: 'taken'; incident: string; who: string }
  | { is: 'no answer' }
  | { is: 'refused'; why: RefusedReply['why']; sender: string }
  | { is: 'ignored'; sender: string };

export type Judging = {
  people: ReadonlyMap<string, Person>;
  secret: Buffer;
  refused: readonly RefusedReply[];
  now: Stamp;
};

/** Whether an answer counts: it is of somebody who has the number or address, and knows the token that they were sent. */
export function judged(heard: Heard, judging: Judging): Judgement {
  const said = parseAcknowledgement(heard.line);
  if (said === undefined) return { is: 'no answer' };
  const senders = sendersOf(heard, judging.people);
  const [sender] = senders;
  if (sender === undefined) return { is: 'refused', why: 'nobody', sender: heard.from ?? '' };
  if (ignoredForMs(judging.refused, { by: heard.by, sender: sender.key }, judging.now) !== undefined)
    return { is: 'ignored', sender: sender.key };
  const who = senders.find(({ told }) => isRight(said, told, judging.secret));
  if (who === undefined) return { is: 'refused', why: 'token', sender: sender.key };
  return { is: 'taken', incident: said.incident, who: who.key };
}

function isRight({ incident, token }: Acknowledgement, told: string, secret: Buffer): boolean {
  return isToken(token, secret, incident, told);
}

/** Who may have sent it; several people may have one telephone. A button is whoever reads the topic. */
function sendersOf({ by, channel, from = '' }: Heard, people: Judging['people']): { key: string; told: string }[] {
  if (by === 'push') return [{ key: channel, told: whoOf(undefined, channel) }];
  const isTheirs = (person: Person) =>
    by === 'sms' ? isSameNumber(person.phone, from) : isSameAddress(person.email, from);
  return [...people.values()].filter(isTheirs).map(({ key }) => ({ key, told: whoOf(key, channel) }));
}

function isSameNumber(known: string | undefined, from: string): boolean {
  return known !== undefined && digitsOf(from) !== '' && digitsOf(known) === digitsOf(from);
}

function digitsOf(number: string): string {
  return number.replace(/\D/g, '').replace(/^00/, '');
}

function isSameAddress(known: string | undefined, from: string): boolean {
  return known !== undefined && known.toLowerCase() === from.toLowerCase();
}
