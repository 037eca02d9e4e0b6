import { givenFile } from '../bundle/given-file.js';
import type { Bundle } from '../domain/bundle-layout.js';
import { icepack, placeholder, say } from '../domain/command.js';
import { formatSize } from '../domain/quantities.js';
import { bundleMarker, type Ticket } from '../domain/ticket.js';
import { exitCode, UserError } from '../errors.js';
import { HelpDeskError, type PortalHelpDesk } from '../helpdesk/help-desk.js';
import { attachOnce } from '../tickets/attach.js';
import { checkDesk } from '../tickets/check-desk.js';
import { withRetries } from '../tickets/retry.js';
import { byHand } from './by-hand.js';
import { nameAt } from './name-at.js';
import { aloneAt, failure, readTicket, resultOf, type TicketAnswer, type TicketCall } from './ticket-call.js';

export type FileToAttach = {
  /** Where it lies, as it was typed. */
  path: string;
  /** The largest file that is attached. */
  limit: number;
  /** Attach without asking. */
  yes: boolean;
};

/** Attaches any file to a ticket, once: where an answer was lost, the ticket is read before anything is sent again. */
export async function attachFile(given: FileToAttach, call: TicketCall): Promise<TicketAnswer> {
  const { desk, operator, signal } = call;
  const whole = await givenFile(given.path, signal);
  const ticket = await readTicket(call);
  const account = await checkDesk(desk, operator, signal);
  const limit = Math.min(given.limit, account?.maxFileBytes ?? Number.POSITIVE_INFINITY);
  if (whole.bytes > limit) throw overLimit(whole, ticket, `over the limit of ${formatSize(limit)}`);
  if (!(await isConfirmed(whole, given.yes, ticket, call))) return answerOf(ticket, whole, false);
  return aloneAt(ticket, call, async () => {
    const file = await attached(whole, call).catch((error: unknown) => {
      if (error instanceof HelpDeskError && error.kind === 'too-large')
        throw overLimit(whole, ticket, 'more than this help desk takes');
      throw failure(`nothing was attached to ${ticket.key}`, error, call);
    });
    return answerOf(ticket, file, true);
  });
}

async function attached(file: Bundle, call: TicketCall, isSecond = false): Promise<Bundle> {
  const { desk, journals, operator, signal, again, key } = call;
  const ticket = await withRetries(() => desk.get(key, signal), operator, signal); // what was attached while we waited
  const journal = await journals.of(desk.origin, ticket.id);
  const { name, isThere } = nameAt(ticket.files, file, journal);
  if (name !== file.name) operator.emit({ type: 'note', text: `${file.name} is attached as ${name}` });
  const named = { ...file, name };
  if (isThere) {
    operator.emit({ type: 'note', text: `it is at ${ticket.key} already` });
    return named;
  }
  const body = `${name} attached (${formatSize(file.bytes)}).\nSHA-256 ${file.sha256}\n${bundleMarker(file.sha256)}`;
  try {
    await attachOnce({ journal, again }, ticket, named, body, desk, operator, signal);
    return named;
  } catch (error) {
    if (error instanceof UserError && error.code === 'bundle-changed') throw changed(file, call);
    // Somebody attached another file under this name meanwhile: ours gets the next one.
    if (error instanceof HelpDeskError && error.kind === 'conflict' && !isSecond) return attached(file, call, true);
    throw error;
  }
}

async function isConfirmed(
  file: Bundle,
  yes: boolean,
  { key }: Ticket,
  { desk, operator }: TicketCall,
): Promise<boolean> {
  const asked = yes || operator.ask === undefined ? {} : { asked: true as const };
  const what = `${file.name}, ${formatSize(file.bytes)}, goes to ${key} at ${desk.origin}`;
  operator.emit({ type: 'note', text: `${what}. It is sent as it is: nothing in it is masked`, ...asked });
  return yes || operator.ask === undefined || operator.ask.confirm(`Attach it to ${key} now?`, true);
}

/** @throws UserError `bad-file`, `over-limit` */
export async function attachByHand(
  { path, limit }: FileToAttach,
  desk: PortalHelpDesk,
  key: string,
  signal: AbortSignal,
): Promise<TicketAnswer> {
  const file = await givenFile(path, signal);
  if (file.bytes > limit) throw overLimit(file, { key }, `over the limit of ${formatSize(limit)}`);
  const todo = `drop the file into its attachment box: ${file.path}`;
  const { lines, fields, next } = byHand(desk, key, { todo, note: 'It is sent as it is: nothing in it is masked.' });
  return { lines, fields: { ...fields, file: { ...file, attached: false } }, next };
}

function answerOf(ticket: Ticket, { path, name, bytes, sha256 }: Bundle, isAttached: boolean): TicketAnswer {
  const text = isAttached
    ? `${name}  ${formatSize(bytes)}, attached to ${ticket.key} and read back  ${ticket.url}`
    : `${name} is not attached.`;
  return {
    lines: [{ text, ...(isAttached ? { tone: 'good' as const } : {}) }],
    fields: { ticket: resultOf(ticket), file: { path, name, bytes, sha256, attached: isAttached } },
    next: [],
  };
}

function overLimit({ name, bytes }: Bundle, { key }: Pick<Ticket, 'key'>, why: string): UserError {
  return new UserError('over-limit', `${name} has ${formatSize(bytes)}, ${why}; it is not attached`, {
    exit: exitCode.overLimit,
    hint: say`Ask where to upload it: ${icepack('ticket', 'comment', key, placeholder('TEXT'))}`,
  });
}

function changed({ path }: Bundle, { again }: TicketCall): UserError {
  return new UserError('bundle-changed', `"${path}" changed while it was read; it is not attached`, {
    exit: exitCode.local,
    hint: say`When nobody writes to it any more: ${again}`,
  });
}
