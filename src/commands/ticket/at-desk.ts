import type { Context } from '../../context.js';
import { icepack } from '../../domain/command.js';
import type { VerbOutcome } from '../../domain/line.js';
import { exitCode, usageError } from '../../errors.js';
import type { DeskSettings } from '../../helpdesk/desk-settings.js';
import type { HelpDesk, PortalHelpDesk } from '../../helpdesk/help-desk.js';
import type { DeskCall, TicketAnswer, TicketCall } from '../../ticket-desk/ticket-call.js';

/** The words of the command that was typed, behind `icepack ticket`; the first one names the part. */
export type Typed = readonly [part: string, ...words: string[]];

/** What a part of the verb does at each kind of help desk. */
export type Ways<Call, Key> = {
  byApi(call: Call, settings: DeskSettings): Promise<TicketAnswer>;
  byHand(desk: PortalHelpDesk, key: Key, settings: DeskSettings): Promise<TicketAnswer>;
};

/** @throws UserError `no-helpdesk`, `no-such-route` */
export async function deskOf(context: Context): Promise<{ desk: HelpDesk; settings: DeskSettings }> {
  const settings = await context.deskSettings(true, context.options.route);
  const { desk } = settings;
  if (desk === undefined)
    throw usageError('no-helpdesk', 'no help desk is configured', 'Add helpdesk: to the configuration');
  return { desk, settings };
}

/** Lists the tickets of the help desk. */
export async function atDesk(context: Context, typed: Typed, ways: Ways<DeskCall, undefined>): Promise<VerbOutcome> {
  const { desk, settings } = await deskOf(context);
  if (desk.kind === 'portal') return outcomeOf('list', await ways.byHand(desk, undefined, settings));
  const { operator } = await context.workplace();
  const call = { desk, operator, signal: context.signal, again: icepack('ticket', ...typed) };
  return outcomeOf('list', await ways.byApi(call, settings));
}

/** Works on one ticket. @param part of the verb, in the document @throws UserError `bad-ticket` */
export async function atTicket(
  context: Context,
  name: string,
  part: string,
  typed: Typed,
  ways: Ways<TicketCall, string>,
): Promise<VerbOutcome> {
  const { keyAt } = await import('../../tickets/key-at.js');
  const { desk, settings } = await deskOf(context);
  const key = keyAt(desk, name);
  if (desk.kind === 'portal') return outcomeOf(part, await ways.byHand(desk, key, settings));
  const { operator, runs, tickets: journals } = await context.workplace();
  const again = icepack('ticket', ...typed);
  const call = { desk, key, operator, runs, journals, signal: context.signal, again };
  return outcomeOf(part, await ways.byApi(call, settings));
}

async function outcomeOf(part: string, { lines, fields, next }: TicketAnswer): Promise<VerbOutcome> {
  const { document, nextDocument } = await import('../../domain/result.js');
  const json = document(`ticket ${part}`, exitCode.ok, { ...fields, ...nextDocument(next) });
  return { exitCode: exitCode.ok, lines, json };
}
