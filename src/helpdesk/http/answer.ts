import { z } from 'zod';
import { formatDuration } from '../../domain/quantities.js';
import { printableLine } from '../../domain/text.js';
import { HelpDeskError } from '../help-desk.js';
import type { HttpAnswer, HttpCall } from './call.js';
import { dateIn } from './failure.js';

/** Words of a help desk that are only shown. */
export const shown = z.string().transform((text) => printableLine(text, 500));

/** @throws HelpDeskError when an answer is not what the contract says */
export function agreed<T extends z.ZodType>(schema: T, call: HttpCall, { status, body }: HttpAnswer): z.output<T> {
  const parsed = schema.safeParse(body);
  if (parsed.success) return parsed.data;
  const where = parsed.error.issues[0]?.path.join('.') || 'the whole';
  const message = `${call.url.origin} answered ${status}, but not as agreed (${where})`;
  throw new HelpDeskError('outcome-unknown', message, { status, maybeApplied: !call.safe });
}

const toleratedSkewMs = 5 * 60_000;

/** What is wrong with a clock: that of this machine is what those of the servers are compared with. */
export function clockProblem({ headers }: HttpAnswer): string[] {
  const there = dateIn(headers['date']);
  const aheadMs = there === undefined ? 0 : Date.now() - there;
  if (Math.abs(aheadMs) <= toleratedSkewMs) return [];
  const how = `${formatDuration(aheadMs)} ${aheadMs > 0 ? 'ahead of' : 'behind'}`;
  return [`the clock of this machine is ${how} the help desk's; one of them is wrong, and times may be misread`];
}

/** A cache between may answer with what it was asked before: nothing is written to a ticket that nobody asked for. */
export function anotherTicket(origin: string, asked: string | number, got: string | number): HelpDeskError {
  return new HelpDeskError('unavailable', `${origin} was asked for ticket ${asked} and answered with ${got}`);
}
