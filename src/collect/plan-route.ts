import type { Intent } from '../domain/journal.js';
import type { OutputLine } from '../domain/line.js';
import { hoursTitle, type Routes, routeFor, routeNamed, routeTitle } from '../domain/route.js';
import { severities } from '../domain/ticket.js';

/** Which route a new ticket would take now, and why. @param intent what is known of it */
export function routeLines(intent: Intent, routes: Routes, now: Date): OutputLine[] {
  const { route, ticket, severity } = intent;
  if (route !== undefined) return [{ text: `Route ${route}, as named: ${routeNamed(routes.all, route).place}` }];
  if (ticket !== undefined) return [{ text: `No route, as the ticket is named: ${routes.rest}` }];
  const asked = severity === undefined ? severities : [severity];
  const ways = new Set(asked.map((each) => routeFor(routes, each, now)));
  const hours = hoursTitle(routes.hours, now);
  return [...ways].flatMap((way): OutputLine[] => {
    const taken = asked.filter((each) => routeFor(routes, each, now) === way);
    const because = `${hours}, severity ${taken.join(' or ')}`;
    if (way === undefined) return [{ text: `No route fits (${because}): ${routes.rest}` }];
    const said = way.say === undefined ? [] : [{ text: `  ${way.say}` }];
    return [{ text: `Route ${way.name}, ${routeTitle(way)} (${because}): ${way.place}` }, ...said];
  });
}
