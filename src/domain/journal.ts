import { z } from 'zod';
import { collectorIds } from './collector-id.js';
import { issueTypes } from './questions.js';
import { severities, ticketStates } from './ticket.js';

const at = z.string();
const draft = z.object({
  reference: z.string(),
  subject: z.string(),
  body: z.string(),
  severity: z.enum(severities),
  product: z.string().optional(),
  version: z.string().optional(),
  license: z.string().optional(),
  requester: z.string().optional(),
  assignee: z.string().optional(),
  fields: z.record(z.string(), z.string()).optional(),
  issueType: z.enum(issueTypes).optional(),
  ownReference: z.string().optional(),
});

/** What the operator asked for, so that a run can be submitted later as it was meant. */
export const intentSchema = z.object({
  ticket: z.string().optional(),
  event: z.number().int().positive().optional(),
  /** The route that was named. */
  route: z.string().optional(),
  summary: z.string().optional(),
  description: z.string().optional(),
  severity: z.enum(severities).optional(),
  /** By the keys of `questions.ts`. */
  answers: z.record(z.string(), z.string()).optional(),
  /** Fields that the help desk asks for, by their name or id there. */
  fields: z.record(z.string(), z.string()).optional(),
  /** Whom support asks, where it is not whom the configuration names. */
  contact: z
    .object({ name: z.string().optional(), email: z.string().optional(), phone: z.string().optional() })
    .optional(),
  /** Over the limit, the ZIP is made to fit by leaving out what is needed least. */
  fit: z.literal(true).optional(),
  /** The bundle has a page to look at. */
  report: z.literal(true).optional(),
  /** A further folder for the ZIP, absolute. */
  output: z.string().optional(),
});
export type Intent = z.infer<typeof intentSchema>;

const collector = z.enum(collectorIds);

/** What was to be collected, as options, configuration and recipe said it. */
const wanted = z.object({
  cliCommands: z.array(z.string()),
  hostCommands: z.array(z.string()),
  paths: z.array(z.object({ face: z.enum(['cli', 'hostOs']), path: z.string() })),
  window: z.object({ beforeMs: z.number(), afterMs: z.number() }),
  /** Kinds to leave out, and why. */
  skipped: z.partialRecord(collector, z.string()),
  timeouts: z.object({ commandMs: z.number().optional(), collectorMs: z.partialRecord(collector, z.number()) }),
  keepRemote: z.boolean(),
  jobs: z.number(),
  /** Which captures are taken along. */
  captures: z.enum(['near', 'any', 'none']).optional(),
});

/** A comment on a ticket: `text` is the mark of what is said, `marker` that of this time it is said. */
const comment = {
  ...{ at, id: z.string(), text: z.string(), marker: z.string() },
  /** The work it tells of. */
  minutes: z.number().optional(),
};

/** What happened in a run, or at a ticket, in order. A step that cannot be taken back is written here before it is taken. */
export const journalEntrySchema = z.discriminatedUnion('type', [
  z.object({
    type: z.literal('started'),
    schema: z.literal(1),
    at,
    tool: z.string(),
    argv: z.array(z.string()),
    intent: intentSchema,
    /** No ticket was asked for. */
    noSubmit: z.literal(true).optional(),
    /** What was to be collected, so that a run that was cut can be begun again. */
    servers: z.array(z.string()).optional(),
    label: z.string().optional(),
    event: z.string().optional(),
    reference: z.string().optional(),
    wanted: wanted.optional(),
    /** The run whose missing evidence this one collects. */
    continues: z.string().optional(),
  }),
  z.object({ type: z.literal('collected'), at }),
  /** The first half of an event was brought to its ticket; the bundle with the later logs is owed. */
  z.object({ type: z.literal('first-half'), at }),
  /** Something is about to appear on a server because of us: this name, or what is new against `before`. */
  z.object({
    type: z.literal('making'),
    at,
    server: z.string(),
    face: z.enum(['cli', 'hostOs']),
    folder: z.string(),
    name: z.string().optional(),
    before: z.array(z.string()).optional(),
  }),
  /** A thing that was noted on a server is gone again, or is meant to stay; `run` names the run that left it. */
  z.object({
    type: z.literal('gone'),
    at,
    run: z.string().optional(),
    server: z.string(),
    face: z.enum(['cli', 'hostOs']),
    folder: z.string(),
  }),
  /** Another run took it up, with its evidence. */
  z.object({ type: z.literal('continued'), at, by: z.string() }),
  /** Run `by` asked again for what is missing, and nothing came that is not here; `answered`: each server was heard. */
  z.object({ type: z.literal('nothing-new'), at, by: z.string(), answered: z.boolean() }),
  /** What was said when it was submitted later. */
  z.object({ type: z.literal('meant'), at, intent: intentSchema }),
  /** Where its ticket is looked for or registered from now on: by which route, or by none. Once that has begun it stays there. */
  z.object({ type: z.literal('routed'), at, route: z.string().optional(), place: z.string() }),
  /** What is to be registered, at which help desk. */
  z.object({
    type: z.literal('drafted'),
    at,
    origin: z.string(),
    draft,
    /** There is no API: a person registers it. */
    byHand: z.literal(true).optional(),
  }),
  /** The request to register leaves now; until `created` or `registered`, whether the ticket exists is unknown. */
  z.object({ type: z.literal('registering'), at, origin: z.string(), reference: z.string() }),
  /** The help desk answered with this ticket; it is `registered` once it was read back. */
  z.object({
    type: z.literal('created'),
    at,
    origin: z.string(),
    reference: z.string(),
    id: z.string(),
    key: z.string(),
    url: z.string(),
  }),
  /** The help desk refused, or the request provably never reached it. */
  z.object({
    type: z.literal('not-registered'),
    at,
    reason: z.string(),
    /** A ticket was named that is not there. */
    needsNumber: z.literal(true).optional(),
  }),
  /** `given`: a person named the ticket; it need not bear our reference. */
  z.object({
    type: z.literal('registered'),
    at,
    origin: z.string(),
    id: z.string(),
    key: z.string(),
    url: z.string(),
    created: z.boolean(),
    given: z.boolean().optional(),
    /** There is no API: a person attaches the ZIP. */
    byHand: z.literal(true).optional(),
  }),
  z.object({
    type: z.literal('bundled'),
    at,
    name: z.string(),
    bytes: z.number(),
    sha256: z.string(),
    event: z.number(),
    ticket: z.string(),
    /** When the manifest was made that it was written from. */
    manifest: z.string().optional(),
    /** Made smaller to fit the limit: its manifest is the one inside. */
    fitted: z.literal(true).optional(),
  }),
  z.object({ type: z.literal('attaching'), at, id: z.string(), name: z.string(), sha256: z.string() }),
  z.object({ type: z.literal('attached'), at, id: z.string(), name: z.string(), sha256: z.string() }),
  /** Too large to attach: the ticket was told and asked for upload instructions. */
  z.object({ type: z.literal('announced'), at, id: z.string(), name: z.string(), sha256: z.string() }),
  /** Bytes of the bundle may appear under this name in a folder of an upload server from now on. */
  z.object({ type: z.literal('uploading'), at, to: z.string(), name: z.string(), sha256: z.string() }),
  /** `verified`: the server showed its size afterwards. */
  z.object({
    type: z.literal('uploaded'),
    at,
    to: z.string(),
    name: z.string(),
    sha256: z.string(),
    verified: z.boolean(),
  }),
  /** The ticket was told where the bundle lies. */
  z.object({
    type: z.literal('upload-told'),
    at,
    id: z.string(),
    to: z.string(),
    name: z.string(),
    sha256: z.string(),
  }),
  /** The comment leaves now; until `commented`, whether it is at the ticket is unknown. */
  z.object({ type: z.literal('commenting'), ...comment }),
  z.object({ type: z.literal('commented'), ...comment }),
  /** The help desk refused it, or it provably never got there. */
  z.object({ type: z.literal('not-commented'), ...comment }),
  /** The state that the ticket was last seen in, where that matters later. */
  z.object({ type: z.literal('seen'), at, id: z.string(), state: z.enum([...ticketStates, 'other']) }),
]);

export type JournalEntry = z.infer<typeof journalEntrySchema>;
type WithoutTime<E> = E extends unknown ? Omit<E, 'at'> : never;

/** An entry before it is written; its time is added then. */
export type NewJournalEntry = WithoutTime<JournalEntry>;

/** The newest entry of a kind. */
export function latest<T extends JournalEntry['type']>(
  journal: { readonly entries: readonly JournalEntry[] },
  type: T,
): Extract<JournalEntry, { type: T }> | undefined {
  return journal.entries.findLast((entry): entry is Extract<JournalEntry, { type: T }> => entry.type === type);
}
