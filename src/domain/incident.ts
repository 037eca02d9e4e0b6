import { z } from 'zod';
import { severities } from './ticket.js';
import { stampSchema } from './watch-event.js';

const at = z.string();
/**
 * One thing at one server: what is looked at, and what of it; `blind`: that there is no answer about it; `reported`: another
 * monitor told of it, by the name of the event.
 */
const thing = z.object({
  server: z.string(),
  check: z.string(),
  instance: z.string().optional(),
  blind: z.literal(true).optional(),
  reported: z.literal(true).optional(),
});
export type Thing = z.infer<typeof thing>;

/** What is bad, as it was seen when it came to the incident. */
const member = {
  thing,
  /** What people call the event, e.g. `server silent`. */
  event: z.string(),
  severity: z.enum(severities),
  /** When it was seen bad first, and what the look gave. */
  since: z.string(),
  text: z.string(),
  /** What had suppressed it until then, e.g. `M7`. */
  suppressedBy: z.string().optional(),
};

/**
 * What became of an incident, in order. What leaves this machine is written here before it does, and what came of it after.
 * What was done about its ticket is in the journal of that, beside it.
 */
export const incidentEntrySchema = z.discriminatedUnion('type', [
  z.object({
    type: z.literal('opened'),
    schema: z.literal(1),
    at,
    stamp: stampSchema,
    /** e.g. `I42`. */
    id: z.string(),
    /**
     * `ticket`: one kind of event in one cluster. `storm`: what was too much for one ticket each. `blind`: no answer of a
     * server, or a help desk that does not let us in; it has no ticket.
     */
    kind: z.enum(['ticket', 'storm', 'blind']),
    /** By which another event is known to be of the same incident. */
    group: z.string(),
    /** What people read: the cluster and the kind of event. */
    place: z.string(),
    event: z.string(),
    /** By which its ticket is found again. */
    reference: z.string(),
  }),
  z.object({ type: z.literal('joined'), at, stamp: stampSchema, ...member }),
  /** It is well again, or is watched no more. */
  z.object({ type: z.literal('left'), at, stamp: stampSchema, thing, text: z.string() }),
  /** It comes and goes: from here on it counts as bad until it is calm, however it stands at a moment. */
  z.object({ type: z.literal('flapping'), at, stamp: stampSchema, thing }),
  /** It has stayed as it is for long enough: well, or bad. */
  z.object({ type: z.literal('calm'), at, stamp: stampSchema, thing, bad: z.literal(true).optional() }),
  /** All that is bad is suppressed, by `M7` or what else; `until`: when that ends by itself. */
  z.object({ type: z.literal('suppressed'), at, stamp: stampSchema, by: z.string(), until: z.string().optional() }),
  /** Something is bad, and not suppressed any more. */
  z.object({ type: z.literal('released'), at, stamp: stampSchema }),
  /** The child that collects is about to begin; `for`: when it happened. */
  z.object({ type: z.literal('collecting'), at, stamp: stampSchema, servers: z.array(z.string()), for: z.string() }),
  z.object({
    type: z.literal('collected'),
    at,
    servers: z.array(z.string()),
    run: z.string().optional(),
    exit: z.number().int().nullable(),
    /** Why there is no bundle at the ticket. */
    reason: z.string().optional(),
  }),
  /** It is about to be told to a person over a channel, or to an engine over its own. `n` counts pages of the incident. */
  z.object({
    type: z.literal('paging'),
    at,
    stamp: stampSchema,
    n: z.number().int().positive(),
    /** What it is sent for: a step of the policy, e.g. `2`, with its round; a copy; a reminder. */
    why: z.string(),
    person: z.string().optional(),
    channel: z.string(),
  }),
  z.object({ type: z.literal('paged'), at, stamp: stampSchema, n: z.number().int().positive(), receipt: z.string() }),
  z.object({
    type: z.literal('page-failed'),
    at,
    stamp: stampSchema,
    n: z.number().int().positive(),
    /** It may have been sent all the same. */
    maybeSent: z.boolean(),
    reason: z.string(),
  }),
  /** What the channel said later: it went out. */
  z.object({ type: z.literal('delivered'), at, n: z.number().int().positive() }),
  /** It was held back, for the person had had too many, and was told within another page, e.g. `I43.2`. */
  z.object({
    type: z.literal('bundled'),
    at,
    stamp: stampSchema,
    why: z.string(),
    person: z.string(),
    channel: z.string(),
    within: z.string(),
  }),
  /** From here on people are told by this policy, from its first step; without one nobody is. */
  z.object({
    type: z.literal('routed'),
    at,
    stamp: stampSchema,
    policy: z.string().optional(),
    severity: z.enum(severities),
    /** So soon after it was opened somebody is to answer. */
    answerMs: z.number().optional(),
    /** `opened`, or why it begins anew. */
    why: z.string(),
  }),
  /** A step of the policy had nobody to tell. */
  z.object({ type: z.literal('nobody'), at, stamp: stampSchema, why: z.string() }),
  z.object({
    type: z.literal('acknowledged'),
    at,
    stamp: stampSchema,
    by: z.string(),
    /** How it was said: `command`, `desk`, `sms`, … */
    how: z.string(),
    note: z.string().optional(),
    /** Which answer to a page says so: it counts once, however often it is read. */
    reply: z.string().optional(),
    /** So long nobody is asked again. */
    forMs: z.number(),
  }),
  z.object({ type: z.literal('unacknowledged'), at, stamp: stampSchema, by: z.string() }),
  /** All that was bad is well again. */
  z.object({ type: z.literal('cleared'), at, stamp: stampSchema }),
  /** A person says that it is repaired; `final`: its ticket cannot be opened again. */
  z.object({
    ...{ type: z.literal('resolved'), at, stamp: stampSchema, by: z.string() },
    final: z.literal(true).optional(),
  }),
  /** A person says which ticket it has. */
  z.object({ type: z.literal('named'), at, by: z.string(), ticket: z.string() }),
  /** A person asks for a new ticket, as its own is gone: what is bad goes on in another incident. */
  z.object({ type: z.literal('replaced'), at, stamp: stampSchema, by: z.string() }),
  /** Its ticket is about to be told what so many entries say, of those that tell of something; and was told. */
  z.object({ type: z.literal('telling'), at, upTo: z.number().int() }),
  z.object({ type: z.literal('told'), at, upTo: z.number().int() }),
  /** The help desk has its ticket no more, or answers with another one, into which it was merged. */
  z.object({ type: z.literal('ticket-gone'), at, stamp: stampSchema, key: z.string(), instead: z.string().optional() }),
  /** The help desk asks to be left alone for so long. */
  z.object({ type: z.literal('asked-to-wait'), at, stamp: stampSchema, forMs: z.number() }),
  z.object({
    type: z.literal('summary'),
    at,
    by: z.string(),
    hours: z.number().optional(),
    text: z.string(),
  }),
  z.object({ type: z.literal('goal-missed'), at, what: z.enum(['answer', 'summary']) }),
  z.object({ type: z.literal('closed'), at, why: z.string() }),
]);
export type IncidentEntry = z.infer<typeof incidentEntrySchema>;
type WithoutTime<E> = E extends unknown ? Omit<E, 'at'> : never;
export type NewIncidentEntry = WithoutTime<IncidentEntry>;

/** The journal of an incident. */
export type IncidentLog = { readonly entries: readonly IncidentEntry[] };

/** The newest entry of a kind. */
export function latestOf<T extends IncidentEntry['type']>(
  { entries }: IncidentLog,
  type: T,
): Extract<IncidentEntry, { type: T }> | undefined {
  return entries.findLast((entry): entry is Extract<IncidentEntry, { type: T }> => entry.type === type);
}

/** That its ticket is gone, as long as no person has said which one it has now. */
export function ticketGone({ entries }: IncidentLog): Extract<IncidentEntry, { type: 'ticket-gone' }> | undefined {
  const last = entries.findLast(({ type }) => type === 'ticket-gone' || type === 'named');
  return last?.type === 'ticket-gone' ? last : undefined;
}
