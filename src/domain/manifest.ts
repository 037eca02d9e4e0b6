import { z } from 'zod';
import { collectorIds } from './collector-id.js';

const instant = z.iso.datetime({ offset: true });

/** Why a log does not cover its window. */
const gap = z.enum([
  ...['rotated-away', 'not-over', 'unreadable', 'cut', 'zone-unknown', 'passed-over', 'silent', 'unproven'],
  ...['not-understood', 'clock-set', 'clock-unknown', 'out-of-order'],
] as const);

const coverage = z.object({
  /** First and last time present in what was read of the log, by the appliance's clock, in UTC; null where nothing parsed. */
  first: instant.nullable(),
  last: instant.nullable(),
  /** The window as the appliance's clock shows it. */
  window: z.object({ since: instant, until: instant }).optional(),
  complete: z.boolean(),
  /** What of it was written: first and last time of its lines of the window, in UTC, null where none is understood; how many lines. */
  cut: z
    .object({ first: instant.nullable(), last: instant.nullable(), lines: z.number().int().nonnegative() })
    .optional(),
  gaps: z.array(gap).optional(),
  /** Files of the log that were not fetched: they cannot hold a line of the window. */
  notNeeded: z.array(z.string()).optional(),
  /** The zones its times were taken for, where that is not simply the server's. */
  zones: z.array(z.string()).optional(),
});

export const itemSchema = z.object({
  /** Inside the event folder, e.g. `Logs/system.log`; a folder (`Config/`) when no file came. */
  path: z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._-]*(\/[A-Za-z0-9][A-Za-z0-9._-]*)*\/?$/),
  collector: z.enum(collectorIds),
  status: z.enum(['ok', 'partial', 'skipped', 'failed']),
  /** Why it is not simply `ok`, or what a reader must know about it. */
  reason: z.string().optional(),
  /** Where it came from: a remote path, as the server named it. */
  source: z.string().optional(),
  /** What was run to get it. */
  command: z.string().optional(),
  bytes: z.number().int().nonnegative().optional(),
  sha256: z.string().optional(),
  started: instant.optional(),
  ended: instant.optional(),
  coverage: coverage.optional(),
  /** How often each rule masked a secret in it; of a text. */
  redactions: z.record(z.string(), z.number().int().nonnegative()).optional(),
  /** It is no text: secrets in it cannot be masked. */
  notRedactable: z.literal(true).optional(),
  /** The earlier run of the same event that collected it. */
  fromRun: z.string().optional(),
  /** It was captured, ahead of the event or right after it: which capture it is of, and how long before the event that began. */
  capture: z.object({ id: z.string(), started: instant, ended: instant, beforeEventMs: z.number() }).optional(),
});

const face = z.object({
  address: z.string(),
  port: z.number(),
  status: z.enum(['up', 'down', 'unused']),
  reason: z.string().optional(),
  /** Fingerprint of the key the server showed. */
  hostKey: z.string().optional(),
  /** How far we came in connecting; the evidence where nothing else could be had. */
  probe: z
    .object({
      at: instant,
      addresses: z.array(z.string()).optional(),
      banner: z.string().optional(),
      reached: z.enum(['nothing', 'dns', 'tcp', 'ssh', 'login']),
      elapsedMs: z.number(),
      login: z.string().optional(),
      algorithms: z.string().optional(),
      notStrict: z.literal(true).optional(),
    })
    .optional(),
});

const clock = z.object({
  offsetMs: z.number(),
  errorMs: z.number(),
  zone: z.string(),
  /** The clock once more, when everything was collected. */
  atEnd: z.object({ offsetMs: z.number(), errorMs: z.number() }).optional(),
  /** How far it was set meanwhile, in ms. */
  jumpedMs: z.number().optional(),
});

const server = z.object({
  /** Also the name of its staging folder. */
  name: z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$/),
  id: z.number(),
  address: z.string(),
  cluster: z.string().optional(),
  /** The event folder of this server in the bundle. */
  folder: z.string(),
  zone: z.object({
    name: z.string(),
    source: z.enum(['config', 'host OS', 'last run', 'logs', 'other server', 'assumed']),
  }),
  faces: z.object({ cli: face, hostOs: face }),
  /** How far its clock is ahead of the collecting machine's, in ms; null when it could not be measured. */
  clock: clock.nullable(),
  /** When it was started, by its own clock, as the host OS tells it. */
  boot: instant.optional(),
  /** The logins of this very run: their traces in its logs are ours. `from` is the address that the server sees; times are ours. */
  icepackSessions: z
    .array(z.object({ user: z.string(), from: z.string().optional(), since: instant, until: instant }))
    .optional(),
  /** Versions seen on the server, by component. */
  versions: z.record(z.string(), z.string()),
  items: z.array(itemSchema),
});

export const manifestSchema = z.object({
  schema: z.literal(1),
  tool: z.object({ name: z.string(), version: z.string(), node: z.string() }),
  run: z.string().regex(/^\d{8}-\d{4}-[A-Za-z0-9-]{1,80}$/),
  /** As typed; secrets cannot be given on the command line. */
  argv: z.array(z.string()),
  created: instant,
  reference: z.string(),
  ticket: z.string().nullable(),
  event: z.object({
    number: z.number().int().positive(),
    at: instant,
    window: z.object({ since: instant, until: instant }),
    /** The operator's zone. */
    zone: z.string().optional(),
  }),
  /** What the operator said of the event, as it was when the bundle was written. */
  incident: z
    .object({
      summary: z.string().optional(),
      severity: z.string().optional(),
      description: z.string().optional(),
      answers: z.record(z.string(), z.string()).optional(),
      contact: z.record(z.string(), z.string()).optional(),
    })
    .optional(),
  /** Secrets in texts were left in them: `redaction: false`. */
  unredacted: z.literal(true).optional(),
  /** How far the collecting machine's clock was set during the run, in ms. */
  localClockJumpedMs: z.number().optional(),
  servers: z.array(server),
  /** What icepack wrote into the bundle beside the evidence, by its name below the top folder. */
  texts: z.array(z.object({ path: z.string(), bytes: z.number(), sha256: z.string() })).optional(),
});

export type Gap = z.infer<typeof gap>;
export type Coverage = z.infer<typeof coverage>;
export type Item = z.infer<typeof itemSchema>;
export type ItemStatus = Item['status'];
export type FaceRecord = z.infer<typeof face>;
export type ServerRecord = z.infer<typeof server>;
export type Manifest = z.infer<typeof manifestSchema>;
