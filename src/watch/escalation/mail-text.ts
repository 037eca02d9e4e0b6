import { icepack, placeholder, spelled } from '../../domain/command.js';
import { formatDuration } from '../../domain/quantities.js';
import { printableLine } from '../../domain/text.js';
import { formatLocal } from '../../domain/zone.js';
import { answerText } from '../replies/acknowledgement.js';
import { thingName } from '../standing.js';
import { unansweredMs } from './goal-orders.js';
import type { Kind } from './order.js';
import { outlookOf, outlookText } from './outlook.js';
import { type Member, membersOf, type PageParts, sinceOf, titleOf } from './page-facts.js';
import { stepOrders } from './step-orders.js';
import { summaryLeftMs } from './summary-orders.js';

const prefixes: Partial<Record<Kind, string>> = {
  reminder: 'Not answered yet: ',
  missed: 'Not answered in time: ',
  expired: 'Still: ',
  summary: 'Summary is missing: ',
};

export function subjectOf(parts: PageParts): string {
  const { due, one } = parts;
  const prefix = isOver(parts) ? 'Over: ' : (prefixes[due.kind] ?? '');
  return `[${one.standing.opened.id}] ${prefix}${titleOf(parts)}`;
}

/** Whether it tells of the end. */
export function isOver({ due, one }: Pick<PageParts, 'due' | 'one'>): boolean {
  return due.kind === 'over' || (due.kind === 'copy' && one.standing.phase !== 'firing');
}

/** What a mail says: what is wrong, its ticket, who else is told, what comes next, and what to type. */
export function mailText(parts: PageParts): string {
  const { one, due, n, facts } = parts;
  const { opened, severity } = one.standing;
  const members = membersOf(parts);
  const at = members.length === 0 ? new Date(opened.stamp.wallMs) : sinceOf(members);
  const since = `since ${formatLocal(at, facts.zone)} ${facts.zone}`;
  const paragraphs = [
    [titleOf(parts), `Incident ${opened.id}, ${severity ?? 'of unknown severity'}, ${since}. Page ${n}.`],
    reasonLines(parts),
    members.flatMap((member) => memberLines(member, parts)),
    [ticketLine(parts)],
    due.kind === 'copy' ? [] : aroundLines(parts),
    askLines(parts),
  ];
  return `${paragraphs
    .filter((lines) => lines.length > 0)
    .map((lines) => lines.join('\n'))
    .join('\n\n')}\n`;
}

/** Why it comes, where that is not plain. */
function reasonLines(parts: PageParts): string[] {
  const { one, due, bundled } = parts;
  const left = unansweredMs(one);
  const late = due.lateMs > 0 ? [`This page is late by ${formatDuration(due.lateMs)}: the watch was off.`] : [];
  const others =
    bundled.length === 0
      ? []
      : [`${bundled.length} more: ${bundled.join(', ')}. See: ${spelled(icepack('watch', 'status'))}`];
  return [...reasonText(parts, left), ...late, ...others];
}

const endText = {
  firing: '',
  clear: 'All of it is well again.',
  resolved: 'It is resolved.',
  replaced: 'It goes on as another incident, with a new ticket.',
};

function reasonText({ one, due }: PageParts, left: ReturnType<typeof unansweredMs>): string[] {
  if (isOver({ one, due })) return [endText[one.standing.phase]];
  if (due.kind === 'reminder' && left !== undefined)
    return [`Nobody has answered; ${formatDuration(left.goal - left.waited)} are left.`];
  if (due.kind === 'missed' && left !== undefined) return [`Nobody has answered within ${formatDuration(left.goal)}.`];
  if (due.kind === 'expired') return ['Your acknowledgement is over, and it is still so.'];
  if (due.kind !== 'summary') return [];
  const summary = summaryLeftMs(one) ?? 0;
  return [summary > 0 ? `The summary is due in ${formatDuration(summary)}.` : 'The summary is late.'];
}

function memberLines({ thing, event, since, text, suppressedBy }: Member, { facts }: PageParts): string[] {
  const what = printableLine(thingName(thing));
  const until = suppressedBy === undefined ? '' : `, suppressed by ${printableLine(suppressedBy, 60)} at first`;
  const from = formatLocal(new Date(since), facts.zone);
  const head = `  ${printableLine(facts.titleOf(thing.server), 40)} ${what}: ${printableLine(event)} since ${from}${until}`;
  return [head, `      ${printableLine(text, 400)}`];
}

function ticketLine({ one, facts }: PageParts): string {
  if (one.standing.opened.kind === 'blind') return 'No ticket is opened for this.';
  const { ticket, ticketTrouble = 'it is being registered' } = facts;
  if (ticket === undefined) return `No ticket yet: ${printableLine(ticketTrouble, 300)}`;
  return `Ticket: ${printableLine(ticket.key, 60)}  ${printableLine(ticket.url, 300)}`;
}

/** Who else is told, and what comes next. */
function aroundLines({ one, due, facts }: PageParts): string[] {
  const { orders } = one.standing.phase === 'firing' ? stepOrders(one) : { orders: [] };
  const targets = orders.filter(({ why }) => why === due.why).flatMap(({ to }) => to);
  const others = targets.flatMap(({ person }) => (person === undefined || person === due.person ? [] : [person]));
  const names = [...new Set(others)].map((key) => one.setting.escalation.people.get(key)?.name ?? key);
  const outlook = outlookOf(one);
  const now = new Date(one.now.wallMs);
  const next = outlook && outlookText(outlook, one.standing.opened.id, now, facts.zone);
  return [
    ...(names.length === 0 ? [] : [`Told, too: ${names.map((name) => printableLine(name, 60)).join(', ')}`]),
    ...(next === undefined ? [] : [`Next: ${next}`]),
  ];
}

function askLines(parts: PageParts): string[] {
  const { due, one, answer } = parts;
  const { id } = one.standing.opened;
  if (due.kind === 'summary')
    return [`Say what was done: ${spelled(icepack('resolved', id, '--hours', 1.5, '--summary', placeholder('"…"')))}`];
  if (isOver(parts) || due.kind === 'copy') return [];
  if (answer?.by !== 'mail') return [`You have it? Then nobody else is told: ${spelled(icepack('ack', id))}`];
  const line = answerText(id, answer.token);
  return [
    'You have it? Then nobody else is told:',
    `Answer with "${line}" in the first line, or type: ${spelled(icepack('ack', id))}`,
  ];
}
