import { icepack, spelled } from '../../domain/command.js';
import { printableLine } from '../../domain/text.js';
import { oneSms } from '../../notify/gsm7.js';
import { answerText } from '../replies/acknowledgement.js';
import type { Kind } from './order.js';
import { shortTime } from './outlook.js';
import { membersOf, type PageParts, serversText, shortened, sinceOf } from './page-facts.js';

const longest = 160;

const words: Partial<Record<Kind, string>> = {
  reminder: 'NOT ANSWERED YET: ',
  missed: 'NOT ANSWERED IN TIME: ',
  expired: 'STILL: ',
  over: 'OVER: ',
  summary: 'SUMMARY IS MISSING: ',
};

/** What fits into one SMS: what is wrong is cut first; its number, ticket and what to type never are. */
export function shortText(parts: PageParts): string {
  const { one, due, n, facts, bundled } = parts;
  const { opened } = one.standing;
  const none = opened.kind === 'blind' ? 'No ticket.' : 'No ticket yet.';
  const ticket = facts.ticket === undefined ? none : `${printableLine(facts.ticket.key, 30)}.`;
  const others = bundled.length === 0 ? '' : `+${bundled.length}: ${shortened(bundled.join(', '), 24)}. `;
  const late = due.lateMs > 0 ? 'Late: watch was off. ' : '';
  const tail = plain(`${late}${others}${ticket}${askText(parts)} (${n})`);
  const names = [facts.organization ?? '', opened.place.replace(/^cluster /, '')].filter((each) => each !== '');
  const where = [opened.id, ...names.map((name) => shortened(plain(name), 24))].join(' ');
  const head = `${where}: ${words[due.kind] ?? ''}${whatText(parts)}`;
  return fitted(plain(head), tail);
}

/** In the characters of an SMS, without the spaces that some leave. */
function plain(text: string): string {
  return oneSms(text).replace(/ +/g, ' ').trim();
}

/** As much of a head as fits before a tail. */
function fitted(head: string, tail: string): string {
  for (let length = Math.min(head.length, longest - tail.length); length > 0; length--) {
    const text = `${shortened(head, length)} ${tail}`;
    if (oneSms(text) === text) return text; // some characters take the room of two
  }
  return tail;
}

function whatText(parts: PageParts): string {
  const { one, facts } = parts;
  const members = membersOf(parts);
  if (members.length === 0) return `${one.standing.opened.event}.`;
  const since = shortTime(sinceOf(members), new Date(one.now.wallMs), facts.zone);
  return `${one.standing.opened.event} ${serversText(members, facts)} since ${since}.`;
}

function askText({ due: { kind }, one, answer }: PageParts): string {
  const { id } = one.standing.opened;
  if (answer?.by === 'sms') return ` Reply: ${answerText(id, answer.token)}`;
  if (kind === 'summary') return ` ${spelled(icepack('resolved', id))}`;
  return kind === 'over' || kind === 'copy' ? '' : ` ${spelled(icepack('ack', id))}`;
}
