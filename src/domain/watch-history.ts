import { z } from 'zod';

const at = z.string();

/** Something at a server that began or ended, as the watch saw it; also where nobody was told. */
const thing = {
  server: z.string(),
  check: z.string(),
  instance: z.string().optional(),
  /** `down`: the server does not answer, from the first look on. `event`: something lasts. */
  what: z.enum(['down', 'event']),
  /** When it was seen bad first. */
  since: z.string(),
};
const begun = z.object({
  ...thing,
  /** What people call it. */
  event: z.string(),
  /** By what nobody was told of it: `staging`, `stopped`, `M7`. */
  suppressed: z.string().optional(),
});
/** `unclear`: it is not known what it was, as when the own network was down. */
const ended = z.object({ ...thing, unclear: z.literal(true).optional() });

export const tallySchema = z.object({
  from: z.number(),
  until: z.number(),
  whole: z.number().int().nonnegative(),
  others: z.number().int().nonnegative(),
});

/** How many rounds there were in a time in which the watch was at work, and whether these were whole. */
export type Tally = z.infer<typeof tallySchema>;

/** What the watch knows beside incidents and maintenance, for the weekly status. */
export const historyEntrySchema = z.discriminatedUnion('type', [
  /** What is otherwise than it was a moment before. */
  z.object({
    type: z.literal('seen'),
    at,
    began: z.array(begun).optional(),
    ended: z.array(ended).optional(),
    /** Servers that are being set up from now on, and those that are no more. */
    staged: z.array(z.string()).optional(),
    unstaged: z.array(z.string()).optional(),
    /** Neither servers nor canaries answer, since when; and that this is over. */
    blind: z.string().optional(),
    seesAgain: z.string().optional(),
  }),
  /** Counted once an hour. */
  z.object({ type: z.literal('rounds'), at, ...tallySchema.shape }),
]);
export type HistoryEntry = z.infer<typeof historyEntrySchema>;
type WithoutTime<E> = E extends unknown ? Omit<E, 'at'> : never;
export type NewHistoryEntry = WithoutTime<HistoryEntry>;
export type SeenEntry = Extract<HistoryEntry, { type: 'seen' }>;
export type Begun = z.infer<typeof begun>;
export type Ended = z.infer<typeof ended>;
