import { icepack, say, type Text } from '../domain/command.js';
import type { OutputLine } from '../domain/line.js';
import type { PortalHelpDesk } from '../helpdesk/help-desk.js';
import type { TicketAnswer } from './ticket-call.js';

export type ByHand = {
  /** What is to be done there, behind "Open it …, and". */
  todo: string;
  /** What is to be pasted. */
  text?: string | undefined;
  /** What else is to be known. */
  note?: Text;
};

/** What a person has to do in a browser, at a help desk without an API. @param key the ticket; undefined: the list of all */
export function byHand(desk: PortalHelpDesk, key: string | undefined, { todo, text, note }: ByHand): TicketAnswer {
  const place = desk.url ?? 'the web form of the help desk';
  const what = key === undefined ? `Open ${place}, and ${todo}.` : `Open ${key} at ${place}, and ${todo}.`;
  const lines: OutputLine[] = [
    { text: what, tone: 'strong' },
    ...(text === undefined ? [] : [{ text: '' }, { text }]),
    ...(note === undefined ? [] : [{ text: '' }, { text: note }]),
  ];
  const ticket = key === undefined ? null : { id: key, key, url: desk.url ?? '', state: 'unknown', created: false };
  return { lines, fields: { ticket, byHand: { url: desk.url ?? null, todo: what, text: text ?? null } }, next: [] };
}

export const reopenByHand: ByHand = {
  todo: 'choose Reopen: it is offered for two weeks after the ticket became Fixed',
  note: say`Later only a new ticket helps: ${icepack('collect', '--new-ticket')}`,
};
