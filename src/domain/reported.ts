import { z } from 'zod';
import type { Thing } from './incident.js';
import { severities } from './ticket.js';

const instant = z.iso.datetime();

export const reportedSchema = z.object({
  schema: z.literal(1),
  /** The name of the server, what people call the event, and of what there: together they are one thing. */
  server: z.string().min(1),
  event: z.string().min(1),
  key: z.string().min(1).optional(),
  is: z.enum(['bad', 'ok']),
  severity: z.enum(severities),
  text: z.string(),
  /** Since when it is bad, or was last; not there where it was never said to be. */
  since: instant.optional(),
  /** When this was said, and by whom. */
  at: instant,
  by: z.string(),
});

/** What another monitor said last of one thing at a server. It has decided that it lasts; it never ends by itself. */
export type Reported = z.infer<typeof reportedSchema>;

/** What of a report says of which thing it is. */
export type ReportedThing = Pick<Reported, 'server' | 'event' | 'key'>;

/** What is said of a thing, when it is said. */
export type Saying = Omit<Reported, 'schema'>;

/** The same thing, as it comes to an incident. */
export function thingOf({ server, event, key }: ReportedThing): Thing {
  return { server, check: event, ...(key === undefined ? {} : { instance: key }), reported: true };
}

/** What is known of a thing after it was spoken of again: repeated, it is bad since it was said to be first. */
export function saidAgain(before: Reported | undefined, said: Saying): Reported {
  const { since: saidSince, ...rest } = said;
  const began = said.is === 'ok' || before?.is === 'bad' ? before?.since : undefined;
  const since = began ?? (said.is === 'bad' ? (saidSince ?? said.at) : undefined);
  return { schema: 1, ...rest, ...(since === undefined ? {} : { since }) };
}
