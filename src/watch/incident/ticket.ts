import { join } from 'node:path';
import { icepack, placeholder, say } from '../../domain/command.js';
import { defined } from '../../domain/defined.js';
import type { Escalation } from '../../domain/escalation.js';
import { type IncidentEntry, latestOf, ticketGone } from '../../domain/incident.js';
import { latest } from '../../domain/journal.js';
import type { Ticket, TicketDraft, TicketState } from '../../domain/ticket.js';
import type { Stamp } from '../../domain/watch-event.js';
import { makePrivateFolder, writeDurably } from '../../fs/durable.js';
import type { DeskSettings } from '../../helpdesk/desk-settings.js';
import { type ApiHelpDesk, type HelpDesk, HelpDeskError, type PortalHelpDesk } from '../../helpdesk/help-desk.js';
import type { Workplace } from '../../servers/workplace.js';
import type { StoredIncident } from '../../state/incidents.js';
import { postOnce } from '../../ticket-desk/post-once.js';
import { aloneAt } from '../../ticket-desk/ticket-call.js';
import { deskFor } from '../../tickets/choose-desk.js';
import { register, takeGiven } from '../../tickets/register.js';
import { withRetries } from '../../tickets/retry.js';
import type { Registration } from '../../tickets/settle.js';
import { isCleared, isResolved, opening } from '../core/incidents.js';
import { draftOf } from './draft.js';
import { type About, newsIn, newsText, severityOf } from './words.js';

/** What it takes to have a ticket for an incident. */
export type TicketTools = Pick<Workplace, 'operator' | 'runs' | 'tickets'> & {
  /** The help desks of the configuration; undefined where there is none. */
  settings(): Promise<DeskSettings | undefined>;
  about: About;
  /** Who is told, where anybody is: the ticket is assigned to one of them. */
  escalation: Escalation | undefined;
  signal: AbortSignal;
  stamp(): Promise<Stamp>;
};

/** What is known of the ticket of an incident. */
export type KnownTicket = { id: string; key: string; url: string };

export function ticketOf({ ticket }: StoredIncident): KnownTicket | undefined {
  return latest(ticket, 'registered');
}

/**
 * Gets exactly one ticket for an incident: that which a person named, one that is open under the same group, or a new one.
 * Where there is no API, the texts of the form are written, once.
 * @throws HelpDeskError, or UserError of the registration
 */
export async function registerFor(incident: StoredIncident, tools: TicketTools): Promise<void> {
  const settings = await settingsFor(incident, tools);
  const desk = settings?.desk;
  if (settings === undefined || desk === undefined || isDone(incident, desk)) return;
  if (desk.kind === 'portal') return prepared(incident, desk, settings, tools);
  const registration = registrationAt(desk, incident, tools);
  const named = latestOf(incident.log, 'named')?.ticket;
  if (named !== undefined) return void (await takeGiven(desk.keys.parse(named) ?? named, registration));
  if (await adopted(incident, registration)) return;
  await register(draftFor(incident, settings, tools), registration);
}

/** Whether the help desk that counts now lets us in. @throws HelpDeskError where it does not */
export async function askDesk({ settings, operator, signal }: TicketTools): Promise<void> {
  const desk = (await settings())?.desk;
  if (desk?.kind === 'api') await withRetries(() => desk.check(signal), operator, signal);
}

function isDone(incident: StoredIncident, desk: HelpDesk): boolean {
  const named = latestOf(incident.log, 'named')?.ticket;
  const known = ticketOf(incident);
  return known !== undefined && (named === undefined || known.key === (desk.keys.parse(named) ?? named));
}

/** The help desk where it was begun, else that which counts now. */
async function settingsFor(
  { log, ticket }: StoredIncident,
  { settings, operator }: TicketTools,
): Promise<DeskSettings | undefined> {
  const first = await settings();
  if (first === undefined) return undefined;
  const chosen = await deskFor(first, { severity: severityOf(log) }, [ticket], operator.now());
  const routed = { ...defined({ route: chosen.route?.name }), place: chosen.route?.place ?? chosen.place };
  const before = latest(ticket, 'routed');
  if (first.desks !== undefined && before === undefined) await ticket.write({ type: 'routed', ...routed });
  return chosen;
}

function registrationAt(desk: ApiHelpDesk, { id, ticket }: StoredIncident, tools: TicketTools): Registration {
  const { operator, signal } = tools;
  const number = placeholder('NUMBER');
  const owner = {
    journal: ticket,
    take: (key: string | typeof number) => icepack('ack', id, '--ticket', key),
    settled: say`${icepack('ack', id, '--ticket', number)}`,
    kept: '',
  };
  return { owner, desk, operator, signal };
}

/** What was asked for in a request that left is asked for again in the same words. */
function draftFor({ log, ticket }: StoredIncident, settings: DeskSettings, tools: TicketTools): TicketDraft {
  const drafted = latest(ticket, 'drafted');
  const hasLeft = latest(ticket, 'registering') !== undefined;
  return hasLeft && drafted !== undefined
    ? (defined(drafted.draft) as TicketDraft)
    : draftOf(log, settings, tools.about, onDuty(tools));
}

function onDuty({ escalation, operator }: TicketTools) {
  return { escalation, now: operator.now() };
}

const openStates: TicketState[] = ['open', 'awaiting-information'];
/** So many of the tickets that are open are looked through, the newest change first. */
const listed = 500;

/** A ticket of the same group that is open: of a watch that lost what it knew, or of another one of the same servers. */
async function adopted({ log, ticket }: StoredIncident, registration: Registration): Promise<boolean> {
  const { desk, operator, signal } = registration;
  if (latest(ticket, 'registering') !== undefined || latest(ticket, 'created') !== undefined) return false;
  const { reference } = opening(log);
  const prefix = reference.slice(0, reference.lastIndexOf('-') + 1);
  const open = await withRetries(() => desk.list({ state: openStates, limit: listed }, signal), operator, signal);
  const found = open.find(
    (each) => each.reference?.startsWith(prefix) && openStates.some((state) => state === each.state),
  );
  if (found === undefined) return false;
  const { id, key, url } = found;
  await ticket.write({ type: 'registered', origin: desk.origin, id, key, url, created: false });
  return true;
}

/** The texts of the form, in files; the number comes from a person. */
async function prepared(
  incident: StoredIncident,
  desk: PortalHelpDesk,
  settings: DeskSettings,
  tools: TicketTools,
): Promise<void> {
  const { log, ticket, folder } = incident;
  const named = latestOf(log, 'named')?.ticket;
  const key = named === undefined ? undefined : desk.keys.parse(named);
  if (key !== undefined) {
    const how = { created: false, given: true, byHand: true as const };
    return ticket.write({ type: 'registered', origin: desk.origin, id: key, key, url: desk.url ?? '', ...how });
  }
  if (latest(ticket, 'drafted') !== undefined) return;
  const draft = draftOf(log, settings, tools.about, onDuty(tools));
  const form = join(folder, 'form');
  await makePrivateFolder(form);
  for (const { field, text = '(choose it in the form)' } of desk.form(draft))
    await writeDurably(join(form, `${field.toLowerCase()}.txt`), `${text}\n`);
  await ticket.write({ type: 'drafted', origin: desk.origin, draft, byHand: true });
}

/** How much of the news its ticket knows. */
function knownNews({ log, ticket }: StoredIncident): number {
  const told = latestOf(log, 'told')?.upTo;
  if (told !== undefined) return told;
  const drafted = latest(ticket, 'registered')?.created ? latest(ticket, 'drafted')?.at : undefined; // else it has heard of nothing
  return drafted === undefined ? 0 : newsIn(log).filter(({ at }) => at <= drafted).length;
}

/** What its ticket was not told yet. */
export function untold(incident: StoredIncident): IncidentEntry[] {
  return newsIn(incident.log).slice(knownNews(incident));
}

/**
 * Tells the ticket what has become of the incident since, in one comment, once; where something is bad again after the ticket
 * was Fixed, it is opened again.
 * @throws HelpDeskError, or UserError of the comment
 */
export async function tellTicket(incident: StoredIncident, tools: TicketTools): Promise<void> {
  const { log } = incident;
  const at = await deskOfTicket(incident, tools);
  if (at === undefined) return;
  const { known, desk } = at;
  const from = knownNews(incident);
  const news = newsIn(log);
  const telling = latestOf(log, 'telling')?.upTo ?? 0;
  const upTo = telling > from ? telling : news.length; // what was about to be told, in the same words
  if (upTo === from) return;
  const text = newsText(news.slice(0, from), news.slice(from, upTo), tools.about);
  const again = icepack('watch', 'status');
  const call = { ...tools, desk, key: known.key, journals: tools.tickets, again };
  const ticket = await readTicket(incident, at, tools);
  if (ticket === undefined) return;
  await log.write({ type: 'telling', upTo });
  await aloneAt(ticket, call, async () => {
    await reopened(ticket, incident, desk, tools);
    await postOnce({ text }, ticket, call);
  });
  await log.write({ type: 'told', upTo });
}

async function reopened(
  { id, state }: Ticket,
  { log }: StoredIncident,
  desk: ApiHelpDesk,
  { operator, signal }: TicketTools,
): Promise<void> {
  const mayReopen = desk.caps.reopenFrom.some((each) => each === state);
  const isBadAgain = !isResolved(log) && latestOf(log, 'resolved') !== undefined;
  if (mayReopen && isBadAgain) await withRetries(() => desk.setState(id, 'open', {}, signal), operator, signal);
}

async function deskOfTicket(
  incident: StoredIncident,
  tools: TicketTools,
): Promise<{ known: KnownTicket; desk: ApiHelpDesk } | undefined> {
  const known = ticketOf(incident);
  if (known === undefined || ticketGone(incident.log) !== undefined) return undefined;
  const desk = (await settingsFor(incident, tools))?.desk;
  return desk?.kind === 'api' && desk.origin === latest(incident.ticket, 'registered')?.origin
    ? { known, desk }
    : undefined;
}

/** Its ticket as it is now; undefined where it was deleted or merged, which is written down once. @throws HelpDeskError */
async function readTicket(
  { log }: StoredIncident,
  { known: { id, key }, desk }: { known: KnownTicket; desk: ApiHelpDesk },
  { operator, signal, stamp }: TicketTools,
): Promise<Ticket | undefined> {
  const ticket = await withRetries(() => desk.get(id, signal), operator, signal).catch((error: unknown) => {
    if (error instanceof HelpDeskError && error.kind === 'not-found') return undefined;
    throw error;
  });
  if (ticket?.key.toLowerCase() === key.toLowerCase()) return ticket;
  await log.write({ type: 'ticket-gone', stamp: await stamp(), key, ...defined({ instead: ticket?.key }) });
  return undefined;
}

/** Looks at the ticket: what a person did there, they said of the incident. @throws HelpDeskError */
export async function lookAtTicket(
  incident: StoredIncident,
  tools: TicketTools,
): Promise<{ is: 'resolved'; final: boolean } | { is: 'taken' } | undefined> {
  const at = await deskOfTicket(incident, tools);
  if (at === undefined || isResolved(incident.log)) return undefined;
  const ticket = await readTicket(incident, at, tools);
  if (ticket === undefined) return undefined;
  const { state } = ticket;
  if (state === 'fixed' || state === 'closed')
    return { is: 'resolved', final: !at.desk.caps.reopenFrom.some((each) => each === state) };
  const isTaken = state === 'awaiting-information' && latestOf(incident.log, 'acknowledged') === undefined;
  return isTaken && !isCleared(incident.log) ? { is: 'taken' } : undefined;
}
