import { icepack, placeholder, say } from '../domain/command.js';
import { defined } from '../domain/defined.js';
import { type Intent, latest } from '../domain/journal.js';
import { hasBegun, isOutcomeUnknown, type Journal } from '../domain/owed.js';
import { type Route, type Routes, routeFor, routeNamed } from '../domain/route.js';
import { usageError } from '../errors.js';
import type { DeskSettings } from '../helpdesk/desk-settings.js';
import type { HelpDesk } from '../helpdesk/help-desk.js';

/** What is known of a ticket that decides where it goes. */
type Wanted = Pick<Intent, 'route' | 'ticket' | 'severity'>;

/**
 * The help desk of a ticket: that of the route that was named, that where it was begun, `helpdesk:` for a ticket that is
 * there already, and else that of the first route that fits now.
 * @param first the settings with which the command began
 * @param journals of the runs that may have begun it, the run itself first
 * @throws UserError `no-such-route`, `other-help-desk`
 */
export async function deskFor(
  first: DeskSettings,
  wanted: Wanted,
  journals: readonly Journal[],
  now: Date,
): Promise<DeskSettings> {
  const { desks, organization, contact } = first;
  if (desks === undefined) {
    refuseElsewhere(first, wanted, journals);
    return first;
  }
  const chosen = await desks.open(routeOf(desks, wanted, journals, now));
  const home = first.home ?? first.desk?.origin;
  return { ...chosen, organization, contact, desks, ...defined({ home }) }; // of the same desks: each is opened once
}

/**
 * The routes may be gone since a request left by one of them: a ticket that may be there is not made a second time here.
 * @throws UserError `other-help-desk`
 */
function refuseElsewhere({ place }: DeskSettings, { ticket }: Wanted, journals: readonly Journal[]): void {
  const begun = journals.find(hasBegun);
  if (begun === undefined || !isOutcomeUnknown(begun) || ticket !== undefined) return;
  const routed = latest(begun, 'routed');
  if (routed !== undefined && routed.place !== place) throw elsewhere(routed.place);
}

/** @throws UserError `no-such-route`, `other-help-desk` */
export function routeOf(routes: Routes, wanted: Wanted, journals: readonly Journal[], now: Date): Route | undefined {
  const begun = journals.find(hasBegun);
  const before = begun ?? (wanted.ticket === undefined ? undefined : journals[0]) ?? { entries: [] };
  const routed = latest(before, 'routed');
  if (wanted.route !== undefined) {
    const named = routeNamed(routes.all, wanted.route);
    if (begun !== undefined && routed?.place !== named.place && wanted.ticket === undefined)
      throw elsewhere(routed?.place ?? routes.rest);
    return named;
  }
  if (routed !== undefined) {
    const mayDouble = wanted.ticket === undefined && isOutcomeUnknown(before);
    return routeBefore(routed, routes, mayDouble);
  }
  if (begun !== undefined || wanted.ticket !== undefined || wanted.severity === undefined) return undefined;
  return routeFor(routes, wanted.severity, now);
}

type Routed = { route?: string | undefined; place: string };

/**
 * Where it was begun, also where routes are called otherwise by now, or came before it.
 * @param mayDouble elsewhere a ticket that may be there would not be found
 */
function routeBefore({ route: name, place }: Routed, { all, rest }: Routes, mayDouble: boolean): Route | undefined {
  if (name === undefined && place === rest) return undefined;
  const samePlace = all.filter((route) => route.place === place);
  const found = samePlace.find((route) => route.name === name) ?? samePlace[0];
  if (found !== undefined || place === rest) return found;
  if (mayDouble) throw elsewhere(place);
  return all.find((route) => route.name === name);
}

function elsewhere(place: string) {
  return usageError(
    'other-help-desk',
    `the ticket was begun at ${place}: it is not made a second time elsewhere`,
    say`Use the route or the configuration that lead there: ${icepack('submit', placeholder('RUN'), '--route', placeholder('NAME'))}; or name its ticket with --ticket`,
  );
}

/** The desk that was chosen. @throws UserError `no-helpdesk` */
export function deskOf({ desk }: Pick<DeskSettings, 'desk'>): HelpDesk {
  if (desk !== undefined) return desk;
  throw noDesk('Add helpdesk: to the configuration');
}

/** @throws UserError `no-helpdesk` where neither the configuration nor one of its routes has one */
export function refuseWithoutDesk({ desk, desks }: DeskSettings, hint: string): void {
  if (desk === undefined && !desks?.all.some(({ hasPlace }) => hasPlace)) throw noDesk(hint);
}

function noDesk(hint: string) {
  return usageError('no-helpdesk', 'no help desk is configured', hint);
}
