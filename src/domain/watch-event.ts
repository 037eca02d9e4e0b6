import { z } from 'zod';
import { tallySchema } from './watch-history.js';

export const stampSchema = z.object({
  wallMs: z.number(),
  boot: z.string(),
  upMs: z.number(),
});

/** A moment, by the clock on the wall and by the one that nobody can set: milliseconds since a boot, suspended time too. */
export type Stamp = z.infer<typeof stampSchema>;

const answerSchema = z.discriminatedUnion('is', [
  z.object({ is: z.literal('ok'), text: z.string() }),
  z.object({ is: z.literal('bad'), text: z.string(), onPurpose: z.literal(true).optional() }),
  z.object({ is: z.literal('unknown'), text: z.string(), explained: z.literal(true).optional() }),
]);

/**
 * What a look gave. Not to know is an answer of its own: it begins nothing and ends nothing. `onPurpose`: somebody stopped it.
 * `explained`: something else that is known is the reason, such as a server that is silent.
 */
export type Answer = z.infer<typeof answerSchema>;

/** An event that is coming, is there, or is ending; where all is well there is none. It goes on where it is suppressed, too. */
const eventSchema = z.object({
  phase: z.enum(['pending', 'firing', 'clearing']),
  /** When it was seen bad first. */
  badSince: stampSchema,
  /** So much of the phase was watched. */
  watchedMs: z.number().nonnegative(),
  /** So many looks gave what the phase waits for. */
  looks: z.number().int().nonnegative(),
  /** When a look gave `ok` or `bad` last. */
  seenAt: stampSchema,
  /** Somebody had stopped it when it was seen bad first. */
  onPurpose: z.literal(true).optional(),
  /** By what it was suppressed at the last look: `staging`, `stopped`, `M7`. */
  suppressed: z.string().optional(),
  /** So often it was seen bad since it is suppressed no more. */
  released: z.number().int().optional(),
  /** By what it was suppressed until then. */
  suppressedBefore: z.string().optional(),
  /** It was told, and so its end is told. */
  told: z.literal(true).optional(),
});
export type EventState = z.infer<typeof eventSchema>;

const seenSchema = z.object({
  /** The name of the check, and what of it: a mount point, a virtual machine. */
  check: z.string(),
  instance: z.string().optional(),
  answer: answerSchema,
  at: stampSchema,
  event: eventSchema.optional(),
  /** Whether there is an answer at all, as an event of its own. */
  blind: eventSchema.optional(),
});
/** What was seen of one thing. */
export type Seen = z.infer<typeof seenSchema>;

const visitSchema = z.object({
  visitedAt: stampSchema.optional(),
  /** As it is kept: `at` is left out where it is that of the visit. */
  seen: z.array(seenSchema.extend({ at: stampSchema.optional() })).default([]),
  /** Logins that were refused, by their key in the configuration: why, under which configuration, when. */
  refused: z.record(z.string(), z.object({ reason: z.string(), under: z.string(), at: stampSchema })).default({}),
  /** When it was only asked for its greeting last. */
  greetedAt: stampSchema.optional(),
  /** A mount point that is not on its own disks, and did not answer: how often in a row, and when last. */
  hung: z.record(z.string(), z.object({ times: z.number().int(), at: stampSchema })).default({}),
  /** When it did not answer first, of the visits since it answered last. */
  lost: stampSchema.optional(),
  /** The last visit came more than a whole round late. */
  late: z.literal(true).optional(),
});
const serverSeenSchema = visitSchema.transform(({ seen, ...server }) => ({
  ...server,
  seen: seen.flatMap((each): Seen[] => {
    const at = each.at ?? server.visitedAt;
    return at === undefined ? [] : [{ ...each, at }];
  }),
}));
/** What was seen of one server. */
export type ServerSeen = z.infer<typeof serverSeenSchema>;

const selfSchema = z.object({
  /** Since when neither servers nor canaries answer: the own network is down. */
  blind: z.object({ since: stampSchema }).optional(),
  canaries: z.array(z.object({ name: z.string(), failed: z.string().optional() })).optional(),
  canariesAt: stampSchema.optional(),
  /** When the dead man's switch was pinged last, and why that failed. */
  pinged: z.object({ at: stampSchema, failed: z.string().optional() }).optional(),
  /** Why the configuration as it is now is not the one that is used. */
  configuration: z.string().optional(),
  /** Why the page of the status could not be written last. */
  page: z.string().optional(),
  /** The rounds that the history does not count yet. */
  tally: tallySchema.optional(),
  /** The servers that are being set up, and since when that is known. */
  staged: z.record(z.string(), z.string()).optional(),
  /** Why the journals of incidents cannot be written. */
  unwritten: z.string().optional(),
});
/** What the watch knows of itself. */
export type SelfSeen = z.infer<typeof selfSchema>;

/** What was seen last of all servers. Losing it costs a restart of each `for:`, and nothing else. */
export const sightingSchema = z.object({
  schema: z.literal(1),
  /** When the last round of looks ended, and how long it took. */
  round: z.object({ at: stampSchema, tookMs: z.number() }).optional(),
  servers: z.record(z.string(), serverSeenSchema).default({}),
  self: selfSchema.optional(),
  /** What was seen of the jump hosts on the ways to servers. */
  jumpHosts: z.record(z.string(), seenSchema).optional(),
});
export type Sighting = z.infer<typeof sightingSchema>;

/** A sighting as it is kept. Most of what is seen was seen at the visit, and needs no time of its own. */
export function keptSighting(sighting: Sighting): z.input<typeof sightingSchema> {
  const servers = Object.entries(sighting.servers).map(([name, { seen, ...server }]) => {
    const kept = seen.map(({ at, ...each }) => (isSameStamp(at, server.visitedAt) ? each : { ...each, at }));
    return [name, { ...server, seen: kept }];
  });
  return { ...sighting, servers: Object.fromEntries(servers) };
}

function isSameStamp(at: Stamp, other: Stamp | undefined): boolean {
  return at.wallMs === other?.wallMs && at.upMs === other.upMs && at.boot === other.boot;
}
