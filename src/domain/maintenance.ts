import { z } from 'zod';
import { nextSpans, parseRecurrence, type Span, spanAt } from './recurrence.js';
import { formatLocal } from './zone.js';
import { isZone } from './zone-name.js';

const instant = z.iso.datetime();

export const maintenanceSchema = z.object({
  schema: z.literal(1),
  /** e.g. `M7`. */
  id: z.string().regex(/^M[1-9]\d{0,6}$/),
  /** Servers and clusters by name; empty: all there are. */
  targets: z.array(z.string()),
  /** One check of them, and one thing of it, by name. */
  check: z.string().optional(),
  instance: z.string().optional(),
  reason: z.string(),
  by: z.string(),
  created: instant,
  /** In which its hours were said, and are shown; another machine may not know it. */
  zone: z.string().refine(isZone),
  /** Whether the servers are expected to be down. */
  downtime: z.literal(true).optional(),
  when: z.discriminatedUnion('kind', [
    z.object({ kind: z.literal('once'), from: instant, until: instant }),
    /** As it was written: `Sun 02:00-04:00`; `skip`: dates on which it does not begin. */
    z.object({
      kind: z.literal('recurring'),
      hours: z.string().refine((text) => parseRecurrence(text) !== undefined),
      skip: z.array(z.string()).default([]),
    }),
    /** Until the check is well again, and not longer than `until`. */
    z.object({ kind: z.literal('until-ok'), from: instant, until: instant }),
  ]),
  ended: z.object({ at: instant, by: z.string() }).optional(),
});

/** What is said of the file of one that cannot be read. */
export const notCounted = 'is damaged, or its time zone is unknown here, and counts for nothing';

/** So long at most nobody is told of something, but where it comes again and again. */
export const longestSilenceMs = 30 * 86_400_000;

/** Hours in which events of servers are seen and shown, and nobody is told of them. */
export type Maintenance = z.infer<typeof maintenanceSchema>;

/** When it holds at an instant; undefined where it does not. */
export function holdsAt({ when, zone, ended }: Maintenance, at: Date): Span | undefined {
  if (ended !== undefined && new Date(ended.at) <= at) return undefined;
  if (when.kind !== 'recurring') {
    const span = { from: new Date(when.from), until: new Date(when.until) };
    return span.from <= at && at < span.until ? span : undefined;
  }
  const recurrence = parseRecurrence(when.hours);
  const span = recurrence && spanAt(recurrence, zone, at);
  return span !== undefined && !isSkipped(span, when.skip, zone) ? span : undefined;
}

/** When it holds next, in order, that which holds now first; not more than so many. */
export function spansAhead({ when, zone, ended }: Maintenance, now: Date, count: number): Span[] {
  if (ended !== undefined) return [];
  if (when.kind !== 'recurring') {
    const span = { from: new Date(when.from), until: new Date(when.until) };
    return span.until > now ? [span] : [];
  }
  const recurrence = parseRecurrence(when.hours);
  if (recurrence === undefined) return [];
  const spans = nextSpans(recurrence, zone, now, count + when.skip.length);
  return spans.filter((span) => !isSkipped(span, when.skip, zone)).slice(0, count);
}

/** Whether it begins on a date, by the clocks of its zone, that is left out. */
function isSkipped({ from }: Span, skip: readonly string[], zone: string): boolean {
  return skip.includes(formatLocal(from, zone).slice(0, 10));
}

/** Whether something of a server is meant. */
export function isMeant(
  { targets, check, instance }: Maintenance,
  thing: { server: string; cluster: string | undefined; check: string; instance: string | undefined },
): boolean {
  const isServer = targets.length === 0 || targets.some((name) => name === thing.server || name === thing.cluster);
  if (!isServer || (check !== undefined && check !== thing.check)) return false;
  return instance === undefined || instance === thing.instance;
}
