import type { Ticket, TicketComment, TicketFile } from '../domain/ticket.js';
import { reasonOf } from '../errors.js';
import { HelpDeskError } from '../helpdesk/help-desk.js';
import type { RunStore } from '../state/runs.js';
import { withRetries } from '../tickets/retry.js';
import { readTicket, type TicketCall } from './ticket-call.js';

/** A file of a ticket, and the run on this machine that it came from. */
export type ShownFile = TicketFile & { run?: string };

export type ShownTicket = {
  ticket: Ticket;
  files: ShownFile[];
  /** Oldest first; undefined where the help desk does not give them. */
  comments: TicketComment[] | undefined;
};

/** All there is to know about a ticket. */
export async function showTicket(call: TicketCall): Promise<ShownTicket> {
  const ticket = await readTicket(call);
  const comments = await commentsOf(ticket, call);
  const runs = await runsAttachedTo(ticket, call.desk.origin, call.runs);
  const files = ticket.files.map((file) => {
    const run = runs.find((each) => each.name === file.name && (file.sha256 ?? each.sha256) === each.sha256)?.run;
    return run === undefined ? file : { ...file, run };
  });
  return { ticket, files, comments };
}

/** Without its comments a ticket is worth showing, too. */
async function commentsOf(
  { id }: Ticket,
  { desk, operator, signal }: TicketCall,
): Promise<TicketComment[] | undefined> {
  try {
    return await withRetries(async () => desk.comments?.(id, signal), operator, signal);
  } catch (error) {
    if (!(error instanceof HelpDeskError)) throw error;
    operator.emit({ type: 'warning', text: `the comments cannot be read: ${reasonOf(error)}` });
    return undefined;
  }
}

type FromRun = { run: string; name: string; sha256: string };

async function runsAttachedTo({ id }: Ticket, origin: string, runs: RunStore): Promise<FromRun[]> {
  const found: FromRun[] = [];
  for await (const { id: run, journal } of runs.each()) {
    const isHere = journal.entries.some((entry) => entry.type === 'registered' && entry.origin === origin);
    for (const entry of isHere ? journal.entries : [])
      if (entry.type === 'attached' && entry.id === id) found.push({ run, name: entry.name, sha256: entry.sha256 });
  }
  return found;
}
