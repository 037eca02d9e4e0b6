import { createHash } from 'node:crypto';
import { defined } from '../domain/defined.js';
import { formatDuration } from '../domain/quantities.js';
import { printable } from '../domain/text.js';
import type { Ticket } from '../domain/ticket.js';
import { HelpDeskError } from '../helpdesk/help-desk.js';
import type { Journal } from '../state/journal.js';
import { withRetries } from '../tickets/retry.js';
import { failure, type TicketCall } from './ticket-call.js';

export type Saying = {
  text: string;
  /** Say it once more where it is said already. */
  repeat?: boolean;
  /** The work it tells of, for a help desk that has a place for it. */
  minutes?: number;
  /** Is told why the help desk is not known to have them anywhere but in the words. */
  withoutHours?(why: string): void;
};

const attempts = 3;

/**
 * Comments on a ticket once: the mark of a comment is that of its words, so the same command again finds it. It is in the
 * journal before it leaves; one whose answer was lost keeps its mark, and the help desk does nothing where it has that.
 */
export async function postOnce(saying: Saying, ticket: Ticket, call: TicketCall): Promise<'posted' | 'there'> {
  const { desk, journals, operator } = call;
  const journal = await journals.of(desk.origin, ticket.id);
  const text = digestOf(ticket.id, saying.text);
  const last = lastOf(journal, text);
  const doubtful = last?.type === 'commenting' ? last : undefined;
  if (doubtful === undefined && !saying.repeat && isSaid(journal, text)) return 'there';
  if (doubtful !== undefined) await settle(Date.parse(doubtful.at), call);
  const time = saying.repeat ? operator.now().toISOString() : '';
  const marker = doubtful?.marker ?? `[comment ${time === '' ? text : digestOf(text, time)}]`;
  const entry = { id: ticket.id, text, marker, ...defined({ minutes: saying.minutes }) };
  await send({ ...saying, entry, mayBeThere: doubtful !== undefined }, ticket, journal, call);
  return 'posted';
}

/** @property mayBeThere an earlier command left it in doubt */
type Sending = Saying & {
  entry: { id: string; text: string; marker: string; minutes?: number };
  mayBeThere: boolean;
};

async function send(
  { text, minutes, withoutHours, entry, mayBeThere: mayBeBefore }: Sending,
  ticket: Ticket,
  journal: Journal,
  call: TicketCall,
) {
  const { desk, operator, signal } = call;
  const { marker } = entry;
  const hours = desk.caps.hours === 'field' && minutes !== undefined ? defined({ minutes, withoutHours }) : {};
  const comment = { body: `${printable(text)}\n\n${marker}`, public: true, marker, ...hours };
  let mayBeThere = mayBeBefore;
  for (let attempt = 1; ; attempt++) {
    await journal.write({ type: 'commenting', ...entry });
    const sent = operator.now().getTime();
    try {
      await withRetries(() => desk.comment(ticket.id, comment, signal), operator, signal);
      return journal.write({ type: 'commented', ...entry });
    } catch (error) {
      const isLost = error instanceof HelpDeskError && error.maybeApplied;
      mayBeThere ||= isLost; // a later failure proves nothing of an earlier attempt
      if (error instanceof HelpDeskError && !mayBeThere) await journal.write({ type: 'not-commented', ...entry });
      if (!isLost || attempt === attempts) throw notSaid(ticket, mayBeThere, error, call);
      operator.emit({ type: 'note', text: `${error.message}; looking whether the comment is there` });
      await settle(sent, call);
    }
  }
}

function notSaid({ key }: Ticket, mayBeThere: boolean, error: unknown, call: TicketCall): unknown {
  if (!mayBeThere) return failure(`nothing was written to ${key}`, error, call);
  const kept = 'The same words again are looked for there before they are written. ';
  return failure(`whether the comment is at ${key} is not known`, error, call, kept);
}

/** Waits until the help desk is at work no more on a comment that left then; one that knows repeated comments needs no time. */
async function settle(sentMs: number, { desk, operator, signal }: TicketCall): Promise<void> {
  if (desk.caps.knowsRepeats) return;
  const leftMs = Math.min(sentMs + desk.caps.settleMs - operator.now().getTime(), desk.caps.settleMs);
  if (leftMs <= 0) return;
  operator.emit({ type: 'note', text: `the help desk may still be at work on it; again in ${formatDuration(leftMs)}` });
  await operator.sleep(leftMs, signal);
  signal.throwIfAborted();
}

type CommentEntry = Extract<Journal['entries'][number], { type: 'commenting' | 'commented' | 'not-commented' }>;

function lastOf({ entries }: Pick<Journal, 'entries'>, text: string): CommentEntry | undefined {
  return entries.filter(isComment).findLast((entry) => entry.text === text);
}

/** Whether these words were written to the ticket, or may have been. */
export function isKnown(journal: Journal, { id }: Ticket, text: string): boolean {
  const last = lastOf(journal, digestOf(id, text));
  return last !== undefined && last.type !== 'not-commented';
}

/** Whether the ticket was told of so much work, with whatever words, since it was opened; `maybe` where nobody knows. */
export function minutesTold({ entries }: Journal, minutes: number, isClosed: boolean): 'yes' | 'maybe' | undefined {
  const begins = isClosed ? 0 : entries.findLastIndex((entry) => entry.type === 'seen' && entry.state === 'closed') + 1;
  const told = entries.slice(begins).filter(isComment);
  const same = told.filter((entry) => entry.minutes === minutes);
  const ends = new Set(same.map(({ text }) => lastOf({ entries: told }, text)?.type));
  return ends.has('commented') ? 'yes' : ends.has('commenting') ? 'maybe' : undefined;
}

function isSaid({ entries }: Journal, text: string): boolean {
  return entries.some((entry) => entry.type === 'commented' && entry.text === text);
}

function isComment(entry: Journal['entries'][number]): entry is CommentEntry {
  return entry.type === 'commenting' || entry.type === 'commented' || entry.type === 'not-commented';
}

function digestOf(...parts: readonly string[]): string {
  return createHash('sha256').update(parts.join('\n')).digest('hex').slice(0, 16);
}
