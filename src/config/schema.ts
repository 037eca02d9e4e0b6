import { z } from 'zod';
import { captureItems } from '../domain/capture.js';
import { type CollectorId, collectorIds } from '../domain/collector-id.js';
import { icepack, spelled } from '../domain/command.js';
import { draftWords, unknownWords } from '../domain/draft-words.js';
import { parseDuration, parseSize } from '../domain/quantities.js';
import { isPlainAbsolute, plainPath } from '../domain/remote-path.js';
import { isZone } from '../domain/zone-name.js';
import { channelNeeds, refuseUnreachable } from './escalation-faults.js';
import { escalationFields, serverPeople } from './escalation-schema.js';
import { channelFields } from './notify-schema.js';
import { routingFields } from './routing-schema.js';
import { refuseUnfinishedChecks, serverWatch, watchFields } from './watch-schema.js';
import { refuseUnmailed, weeklyFields } from './weekly-schema.js';

const notASecret =
  'a secret is a reference: { env: NAME }, { file: PATH } or { command: [PROGRAM, ARGUMENT…] } – never the secret itself';

const secret = z.union(
  [
    z.strictObject({ env: z.string().regex(/^[A-Za-z_][A-Za-z0-9_]*$/) }),
    z.strictObject({ file: z.string().min(1) }),
    z.strictObject({ command: z.array(z.string()).min(1) }),
  ],
  { error: notASecret },
);

const plainName = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$/, 'letters, digits, dot, dash and underscore, at most 63');
/** A name that reaches a remote shell or path; what this allows needs no quoting. */
const remoteName = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$/, 'a plain file name: letters, digits, dot, dash, underscore');
const remotePath = z
  .string()
  .regex(plainPath, 'a plain path: letters, digits, slash, dot, underscore, and dash but not first');
const absolutePath = z
  .string()
  .refine(isPlainAbsolute, 'a plain path from / without "..": letters, digits, slash, dot, underscore, dash')
  .transform((path) => path.replace(/(?<=.)\/+$/, ''));
const address = z.string().regex(/^[A-Za-z0-9:.%_-]{1,253}$/, 'an IP address or a host name');
const oneLine = z.string().regex(/^[^\x00-\x1f\x7f]{1,1000}$/, 'one line of text');
const zone = z.string().refine(isZone, 'an IANA time zone such as Europe/Stockholm');
const duration = z.string().transform((text, context) => {
  const ms = parseDuration(text);
  if (ms === undefined || ms < 0) context.addIssue({ code: 'custom', message: 'a duration such as 30m or 1h30m' });
  return ms ?? 0;
});
const [hourMs, dayMs] = [3_600_000, 86_400_000];
/** The longest time that Node's timers can wait; a longer one ends at once. */
const longestTimerMs = 24 * 24 * 3_600_000;
const positiveDuration = duration
  .refine((ms) => ms >= 100, 'a duration of at least 100ms')
  .refine((ms) => ms <= longestTimerMs, 'a duration of at most 24d');
const size = z.union([z.string(), z.number()]).transform((value, context) => {
  const bytes = parseSize(String(value));
  if (bytes === undefined || bytes === 0) context.addIssue({ code: 'custom', message: 'a size such as 25MB' });
  return bytes ?? 0;
});

const face = {
  port: z.number().int().min(1).max(65_535),
  user: z.string().regex(/^[^\x00-\x20\x7f]{1,64}$/, 'a user name'),
  password: secret.optional(),
  privateKey: z.string().min(1).optional(),
  passphrase: secret.optional(),
  agent: z.boolean().optional(),
  identity: z.string().min(1).optional(),
  hostKey: z
    .string()
    .regex(/^SHA256:[A-Za-z0-9+/]{43}$/, `a fingerprint such as SHA256:…, as "${spelled(icepack('doctor'))}" shows it`)
    .optional(),
};

const cliFace = z.strictObject({ ...face, port: face.port.default(22), user: face.user.default('admin') });
const hostOsFace = z.strictObject({
  ...face,
  port: face.port.default(2222),
  user: face.user.default('administrator'),
  home: remotePath.default('/home/administrator'),
  techsupportFolder: remotePath.optional(),
  filesRoot: absolutePath.optional(),
  minFree: size.default(500_000_000),
});
const jumpHost = z.strictObject({
  ...face,
  address,
  port: face.port.default(22),
  user: face.user,
  via: plainName.optional(),
  legacyAlgorithms: z.boolean().default(false),
});

/** Logs that a syslog server kept, as files on this machine. */
const exportedLogs = z.strictObject({ files: z.array(oneLine).min(1), zone: zone.optional() });

const appliance = z.strictObject({
  id: z.number().int().min(1).max(9999),
  address,
  cluster: plainName.optional(),
  via: plainName.optional(),
  legacyAlgorithms: z.boolean().default(false),
  sessions: z.number().int().min(1).max(10).default(2),
  cli: cliFace.prefault({}),
  hostOs: hostOsFace.prefault({}),
  zone: zone.optional(),
  files: z.strictObject({ root: remotePath.optional() }).optional(),
  logs: exportedLogs.optional(),
  backupScript: remoteName.optional(),
  techsupportScript: remoteName.optional(),
  hypervisor: z.strictObject({ type: oneLine.optional(), version: oneLine.optional() }).optional(),
  license: oneLine.optional(),
  watch: serverWatch({ name: plainName, oneLine, duration }).optional(),
  staging: z.boolean().optional(),
  ...serverPeople({ name: plainName }),
});

/** The time limits of steps. */
const timeouts = z.strictObject({
  connect: positiveDuration.default(10_000),
  command: positiveDuration.default(2 * 60_000),
  config: positiveDuration.default(45 * 60_000),
  techsupport: positiveDuration.default(45 * 60_000),
  logs: positiveDuration.default(30 * 60_000),
  cli: positiveDuration.default(15 * 60_000),
  vm: positiveDuration.default(2 * 60_000),
  recipe: positiveDuration.default(15 * 60_000),
});

const pattern = oneLine;
/** What recipes may ask for; everything, unless it is narrowed. */
const allow = z.strictObject({
  cliCommands: z.array(pattern).default(['*']),
  hostCommands: z.array(pattern).default(['*']),
  paths: z.array(pattern).default(['*']),
  window: duration.default(24 * 3_600_000),
});

/** A text to confirm must be what is seen: nothing invisible, nothing that reverses text. */
const shownAsItIs = oneLine.refine(
  (text) => !/[\x80-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/.test(text),
  'one line of text without invisible characters',
);

/** What support asks for; see `templates/recipes/default.yaml`. */
export const recipeSchema = z.strictObject({
  description: oneLine.optional(),
  collect: z.array(z.enum(collectorIds)).min(1).optional(),
  window: z.strictObject({ before: duration.optional(), after: duration.optional() }).optional(),
  cliCommands: z.array(shownAsItIs).default([]),
  hostCommands: z.array(shownAsItIs).default([]),
  paths: z
    .array(
      z.strictObject({
        face: z.enum(['cli', 'hostOs']),
        path: remotePath.refine((path) => !path.split('/').includes('..'), 'a path without ".."'),
      }),
    )
    .default([]),
  timeouts: z
    .strictObject({
      command: positiveDuration.optional(),
      ...(Object.fromEntries(collectorIds.map((id) => [id, positiveDuration.optional()])) as Record<
        CollectorId,
        z.ZodOptional<typeof positiveDuration>
      >),
    })
    .default({}),
});

const wholeNumber = z.number().int().min(1).max(10_000);
/** So often a timer can start something at the same minutes of every day. */
const evenly = duration.refine(
  (ms) => ms >= 5 * 60_000 && dayMs % ms === 0 && (hourMs % ms === 0 || ms % hourMs === 0),
  'a duration from 5m that divides an hour or a day: 15m, 30m, 1h, 2h, 6h, 24h',
);

/** The ring of captures, ahead of an incident. */
const captures = z.strictObject({
  items: z
    .array(z.enum(captureItems))
    .min(1)
    .default([...captureItems]),
  every: evenly.default(hourMs),
  keep: wholeNumber.default(24),
  daily: z.number().int().min(0).max(1000).default(7),
  maxAge: duration.refine((ms) => ms >= hourMs, 'a duration of at least 1h').default(14 * dayMs),
  maxSize: size.default(5_000_000_000),
  jitter: duration.default(10 * 60_000),
  skip: z
    .strictObject({
      loadPerCore: z.number().positive().max(1000).default(2),
      freeDisk: size.default(2_000_000_000),
    })
    .prefault({}),
});

const watch = watchFields({ name: plainName, oneLine, duration, secret });

const webUrl = z.url({ protocol: /^https?$/, error: 'an http(s) URL' });
const stateNames = z
  .union([oneLine.transform((name): [string, ...string[]] => [name]), z.tuple([oneLine], oneLine)])
  .optional();

/** What the fields of a help desk are built with. */
const fieldKit = {
  z,
  oneLine,
  webUrl,
  secret,
  duration,
  deskUrl: webUrl.refine(
    (url) => !/^[^/]*\/\/[^/]*@/.test(url),
    'a URL without user and password; the credential has its own key',
  ),
  states: z
    .strictObject({
      open: stateNames,
      'awaiting-information': stateNames,
      fixed: stateNames,
      closed: stateNames,
    })
    .default({}),
  keyPrefix: z.string().regex(/^[A-Za-z][A-Za-z0-9_]{0,15}$/, 'a letter, then letters and digits'),
  customFields: z
    .record(
      oneLine,
      z
        .union([oneLine, z.number(), z.boolean()])
        .transform(String)
        .refine((text) => unknownWords(text).length === 0, `in braces one of: ${draftWords.join(', ')}`),
    )
    .default({}),
};

/** A help desk as far as the configuration has to know it. */
export type DeskFields = { readonly id: string; fields(kit: typeof fieldKit): z.ZodRawShape };
/** The help desks that may be configured; whoever loads a configuration passes them in. */
export type DeskList = readonly [DeskFields, ...DeskFields[]];

function deskSchema({ id, fields }: DeskFields) {
  return z.strictObject({
    provider: z.literal(id),
    ...fields(fieldKit),
    product: oneLine.optional(),
    version: oneLine.optional(),
    license: oneLine.optional(),
    requester: oneLine.optional(),
  });
}

export function helpDesk([first, ...others]: DeskList) {
  const error = `one of: ${[first, ...others].map(({ id }) => id).join(', ')}`;
  return z.discriminatedUnion('provider', [deskSchema(first), ...others.map(deskSchema)], { error });
}

/** The schema of `icepack.yaml`; `templates/icepack.example.yaml` explains the file. */
export const configSchema = (desks: DeskList) =>
  z
    .strictObject({
      organization: oneLine.optional(),
      contact: z
        .strictObject({ name: oneLine.optional(), email: oneLine.optional(), phone: oneLine.optional() })
        .optional(),
      appliances: z.record(plainName, appliance).refine((all) => Object.keys(all).length > 0, 'at least one appliance'),
      jumpHosts: z.record(plainName, jumpHost).default({}),
      timeouts: timeouts.prefault({}),
      window: z.strictObject({ before: duration.optional(), after: duration.optional() }).default({}),
      attachmentLimit: size.default(25_000_000),
      /** The most output that is taken of a command in a recipe. */
      commandOutput: size.default(32_000_000),
      cliCommands: z.array(oneLine).optional(),
      allow: allow.prefault({}),
      redaction: z.boolean().default(true),
      keep: z.strictObject({ age: duration.default(90 * 86_400_000), size: size.default(20_000_000_000) }).prefault({}),
      captures: captures.optional(),
      watch: watch.optional(),
      helpdesk: helpDesk(desks).optional(),
      ...routingFields({ zone, oneLine, name: plainName }),
      ...channelFields({ name: plainName, oneLine, duration, secret }),
      ...escalationFields({ zone, oneLine, name: plainName, duration }),
      weekly: weeklyFields({ zone, oneLine, name: plainName }).optional(),
    })
    .superRefine(({ watch = standardWatch(), appliances }, context) =>
      refuseUnfinishedChecks({ watch, appliances }, context),
    )
    .superRefine((input, context) => refuseUnreachable(input, context, channelNeeds(input.channels)))
    .superRefine(refuseUnmailed);

/** How servers are watched where nothing else is said. */
export const standardWatch = () => watch.parse({});

/** What is captured where nothing else is said. */
export const standardCaptures = () => captures.parse({});

export type ConfigInput = z.output<ReturnType<typeof configSchema>>;
