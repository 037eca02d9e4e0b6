import { z } from 'zod';
import { parseDateRange, parseWeeklyHours } from '../domain/business-hours.js';
import { routeTimes } from '../domain/route.js';
import { severities } from '../domain/ticket.js';

type Kit = { zone: z.ZodType<string>; oneLine: z.ZodType<string>; name: z.ZodType<string> };

const weeklyHours = z.string().transform((text, context) => {
  const hours = parseWeeklyHours(text);
  if (hours !== undefined) return hours;
  context.addIssue({ code: 'custom', message: 'hours such as "Mon-Fri 08:00-17:00"; a whole day is 00:00-24:00' });
  return z.NEVER;
});

const dateRange = z.string().transform((text, context) => {
  const range = parseDateRange(text);
  if (range !== undefined) return range;
  context.addIssue({ code: 'custom', message: 'a date such as 2026-12-24, or 2026-12-24..2026-12-26' });
  return z.NEVER;
});

/** `hours:` and `routes:`; what is below `helpdesk:` of a route is read by `routedDesks`. */
export const routingFields = ({ zone, oneLine, name }: Kit) => ({
  hours: z
    .strictObject({
      business: z
        .strictObject({ zone, on: z.array(weeklyHours).min(1), except: z.array(dateRange).default([]) })
        .optional(),
    })
    .default({}),
  routes: z
    .array(
      z.strictObject({
        name: name.optional(),
        when: z.enum(routeTimes).default('always'),
        severity: z
          .array(z.enum(severities))
          .min(1)
          .default([...severities]),
        helpdesk: z.record(z.string(), z.unknown()).optional(),
        say: oneLine.optional(),
      }),
    )
    .default([]),
});

/** The help desks of routes, whose missing keys are those of `helpdesk:` by now, and what routes need to be told apart. */
export function routedDesks<Desk extends z.ZodType>(desk: Desk) {
  const route = z.looseObject({
    name: z.string().optional(),
    when: z.string().optional(),
    helpdesk: desk.optional(),
  });
  return z
    .looseObject({ hours: z.looseObject({ business: z.unknown().optional() }).optional(), routes: z.array(route) })
    .superRefine(({ hours, routes }, context) => {
      const fault = (at: number, key: string, message: string) =>
        context.addIssue({ code: 'custom', path: ['routes', at, key], message });
      const names = routes.map(({ name }, at) => nameOfRoute(name, at));
      for (const [at, { name, when = 'always' }] of routes.entries()) {
        if (when !== 'always' && hours?.business === undefined)
          fault(at, 'when', 'what business hours are stands in hours.business, which is missing');
        if (names.indexOf(nameOfRoute(name, at)) !== at) fault(at, 'name', 'another route is called so');
      }
    });
}

/** @returns what `--route` calls it: its name, or its number */
export function nameOfRoute(name: string | undefined, at: number): string {
  return name ?? String(at + 1);
}
