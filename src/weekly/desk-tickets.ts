import type { Ticket } from '../domain/ticket.js';
import { reasonOf, UserError } from '../errors.js';
import type { DeskSettings } from '../helpdesk/desk-settings.js';
import { type ApiHelpDesk, HelpDeskError } from '../helpdesk/help-desk.js';
import { withDeadline } from '../servers/deadline.js';
import { withRetries } from '../tickets/retry.js';
import type { Operator } from '../ui/operator.js';

/** What help desks list. */
export type DeskTickets = {
  tickets: Ticket[];
  /** There are perhaps more. */
  isCut: boolean;
  /** Why one was not asked, each in words. */
  notAsked: string[];
};

/** So many are counted. */
const mostCounted = 2000;
const limitMs = 60_000;

/** All that changed at the help desks since an instant; where one does not list them, that is said. */
export async function deskTickets(
  settings: () => Promise<DeskSettings | undefined>,
  since: Date,
  operator: Operator,
  signal: AbortSignal,
): Promise<DeskTickets> {
  const lists: Ticket[][] = [];
  const notAsked: string[] = [];
  try {
    for (const desk of await desksOf(settings, notAsked)) {
      const filter = { updatedSince: since, limit: mostCounted };
      const listed = withDeadline(limitMs, signal, (limited) =>
        withRetries(() => desk.list(filter, limited), operator, limited),
      );
      lists.push(await listed.catch((error: unknown) => without(error, notAsked, operator, signal)));
    }
  } catch (error) {
    without(error, notAsked, operator, signal);
  }
  return { tickets: lists.flat(), isCut: lists.some(({ length }) => length >= mostCounted), notAsked };
}

/** What a help desk has to mend, or a person, costs its list only. Why, is for whoever runs this, and not for all who read it. */
function without(error: unknown, notAsked: string[], { emit }: Operator, signal: AbortSignal): Ticket[] {
  signal.throwIfAborted();
  if (!(error instanceof UserError || error instanceof HelpDeskError)) throw error;
  notAsked.push('the help desk does not list its tickets');
  emit({ type: 'warning', text: `the help desk does not list its tickets: ${reasonOf(error)}` });
  return [];
}

/** Each that has an API, once. */
async function desksOf(
  settings: () => Promise<DeskSettings | undefined>,
  notAsked: string[],
): Promise<Iterable<ApiHelpDesk>> {
  const first = await settings();
  const routed = await Promise.all((first?.desks?.all ?? []).map((route) => first?.desks?.open(route)));
  const desks = new Map<string, ApiHelpDesk>();
  for (const each of [first, ...routed]) {
    const desk = each?.desk;
    if (desk?.kind === 'api') desks.set(desk.origin, desk);
    else if (desk?.kind === 'portal' && notAsked.length === 0)
      notAsked.push('the help desk has no API that lists tickets');
  }
  if (desks.size === 0 && notAsked.length === 0) notAsked.push('no help desk is configured');
  return desks.values();
}
