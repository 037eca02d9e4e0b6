import { z } from 'zod';
import { defined } from '../domain/defined.js';
import { severities } from '../domain/ticket.js';
import { type Look, type WatchCheck, watchKinds } from '../domain/watch-check.js';
import type { WatchPolicy } from '../domain/watch-policy.js';
import { besideFile } from './home.js';
import { selfFields, selfPolicyOf } from './watch-self-schema.js';

type Kit = {
  name: z.ZodType<string>;
  oneLine: z.ZodType<string>;
  /** In milliseconds. */
  duration: z.ZodType<number>;
};

const minuteMs = 60_000;
const faceIds = ['cli', 'hostOs'] as const;

const pattern = z.string().transform((text, context) => {
  try {
    return new RegExp(text, 'm');
  } catch {
    context.addIssue({ code: 'custom', message: 'a regular expression such as ^active$' });
    return z.NEVER;
  }
});
const percent = z.string().transform((text, context) => {
  const value = Number(/^(\d{1,3}(?:\.\d+)?)\s*%$/.exec(text)?.[1]);
  if (value > 0 && value <= 100) return value;
  context.addIssue({ code: 'custom', message: 'a percentage such as 90%' });
  return z.NEVER;
});
const units: Record<string, number> = { m: minuteMs, h: 60 * minuteMs, d: 1440 * minuteMs };
const rate = z.string().transform((text, context) => {
  const [, count, unit = ''] = /^([1-9]\d{0,3})\/([mhd])$/.exec(text) ?? [];
  const perMs = units[unit];
  if (perMs !== undefined) return { count: Number(count), perMs };
  context.addIssue({ code: 'custom', message: 'so many in a minute, an hour or a day: 10/h' });
  return z.NEVER;
});
const mountPoint = z.string().regex(/^\/[^\x00-\x1f\x7f]{0,500}$/, 'a mount point such as /data, or a pattern: /data*');

/** Every key that a check may have; which of them one needs, its `kind` says. */
const checkFields = ({ oneLine, duration }: Kit) =>
  z.strictObject({
    kind: z.enum(watchKinds).optional(),
    event: oneLine.optional(),
    severity: z.enum(severities).optional(),
    every: duration.optional(),
    for: duration.optional(),
    clearFor: duration.optional(),
    faces: z.array(z.enum(faceIds)).min(1).optional(),
    bad: z.enum(['all', 'any']).optional(),
    face: z.enum(faceIds).optional(),
    prompt: z.literal(true).optional(),
    command: oneLine.optional(),
    each: oneLine.optional(),
    ok: pattern.optional(),
    stopped: pattern.optional(),
    mounts: z.array(mountPoint).min(1).optional(),
    above: percent.optional(),
    clear: percent.optional(),
  });

type CheckFields = z.output<ReturnType<typeof checkFields>>;
/** Checks by name, as they are written; false takes one away. */
export type WrittenChecks = Record<string, false | CheckFields>;

const checksOf = (kit: Kit) => {
  const fields = checkFields(kit);
  const error = ({ input }: { input?: unknown }) => {
    const [issue] = fields.safeParse(input).error?.issues ?? [];
    const what =
      issue && typeof input === 'object'
        ? `${issue.path.join('.')}${issue.path.length > 0 ? ': ' : ''}${issue.message}`
        : '';
    return what === '' ? 'false, or what of the check is another' : what;
  };
  return z.record(kit.name, z.union([z.literal(false), fields], { error })).default({});
};

/** What a server has for the watch: what is looked at there otherwise than elsewhere. */
export const serverWatch = (kit: Kit) => z.strictObject({ checks: checksOf(kit) });

/** `watch:`. */
export const watchFields = (kit: Kit & Parameters<typeof selfFields>[0]) =>
  z.strictObject({
    every: kit.duration.refine(isSensible, sensible).default(2 * minuteMs),
    retry: kit.duration.refine(isSensible, sensible).default(minuteMs),
    connections: z.number().int().min(2).max(1000).default(40),
    checks: checksOf(kit),
    blind: z
      .strictObject({ for: kit.duration.default(30 * minuteMs), severity: z.enum(severities).default('low') })
      .prefault({}),
    tickets: z.boolean().default(true),
    bundles: z.boolean().default(true),
    flood: z
      .strictObject({
        group: z.enum(['cluster', 'server']).default('cluster'),
        wait: kit.duration.default(minuteMs),
        tickets: rate.default({ count: 10, perMs: 60 * minuteMs }),
        reopen: kit.duration.default(120 * minuteMs),
        flapping: z
          .strictObject({
            cycles: z.number().int().min(2).max(100).default(4),
            within: kit.duration.default(120 * minuteMs),
            calm: kit.duration.default(30 * minuteMs),
          })
          .prefault({}),
      })
      .prefault({}),
    self: selfFields(kit).prefault({}),
    html: kit.oneLine.optional(),
  });

const sensible = 'a duration from 1s to 1h';
function isSensible(ms: number): boolean {
  return ms >= 1000 && ms <= 60 * minuteMs;
}

/** What is looked at where nothing else is said. */
const standardChecks: WrittenChecks = {
  silent: { kind: 'reach', event: 'server silent', severity: 'emergency', for: 15 * minuteMs },
  key: { kind: 'hostKey', event: 'host key changed', severity: 'high', for: 5 * minuteMs },
  incenter: { kind: 'service', face: 'cli', prompt: true, event: 'VM outage', severity: 'high', for: 5 * minuteMs },
  data: { ...volume(90, 87), mounts: ['/data*', '/var/lib/*'], event: 'data volume over 90 %' },
  share: { ...volume(90, 87), mounts: ['/srv/share*'], event: 'file share over 90 %' },
};

function volume(above: number, clear: number): CheckFields {
  return { kind: 'volume', above, clear, every: 10 * minuteMs, for: 10 * minuteMs, severity: 'medium' };
}

/** Tells what a check lacks, at its place. */
type Fault = (name: string, message: string) => void;

/**
 * The checks of a server: the standard ones, changed by those of the configuration, changed by its own.
 * @param fault is told of each that is not complete; it is left out
 */
export function checksFor(
  written: readonly WrittenChecks[],
  everyMs: number,
  fault: Fault = () => undefined,
): WatchCheck[] {
  const names = new Set([standardChecks, ...written].flatMap((checks) => Object.keys(checks)));
  return [...names].flatMap((name) => {
    const layers = [standardChecks, ...written].map((checks) => checks[name]);
    if (layers.at(-1) === false || layers.findLast((layer) => layer !== undefined) === false) return [];
    const merged: CheckFields = Object.assign({}, ...layers.map((layer) => layer || {}));
    return completed(name, merged, everyMs, (message) => fault(name, message)) ?? [];
  });
}

function completed(
  name: string,
  fields: CheckFields,
  everyMs: number,
  fault: (message: string) => void,
): WatchCheck | undefined {
  const { kind, event, severity = 'medium', every = everyMs, for: forMs = 5 * minuteMs } = fields;
  if (kind === undefined) return void fault(`"kind" is missing: ${watchKinds.join(', ')}`);
  const look = lookOf(kind, fields);
  if (typeof look === 'string') return void fault(look);
  const times = { everyMs: every, forMs, clearForMs: fields.clearFor ?? every };
  return { name, event: event ?? name, severity, ...times, ...look };
}

/** What a check looks at; else what is missing for that. */
function lookOf(kind: NonNullable<CheckFields['kind']>, fields: CheckFields): Look | string {
  if (kind === 'reach') return { kind, faces: fields.faces ?? faceIds, bad: fields.bad ?? 'all' };
  if (kind === 'hostKey') return { kind };
  if (kind === 'volume') return volumeOf(fields);
  const { face, prompt, command, each, ok, stopped } = fields;
  if (kind === 'vm') {
    if (command === undefined || each === undefined || ok === undefined) return 'a vm needs "command", "each" and "ok"';
    return { kind, command, each, ok, ...defined({ stopped }) };
  }
  if (prompt) return face === 'hostOs' ? 'a prompt is looked for at the face cli' : { kind, face: 'cli' };
  if (face === 'cli') return 'at the face cli only the prompt is looked for: "prompt: true"';
  if (command === undefined || ok === undefined) return 'a service needs "command" and "ok", or "prompt: true"';
  return { kind, face: 'hostOs', command, ok };
}

function volumeOf({ mounts, above, clear }: CheckFields): Look | string {
  if (mounts === undefined || above === undefined) return 'a volume needs "mounts" and "above"';
  const clearPercent = clear ?? above;
  if (clearPercent > above) return '"clear" is above "above"';
  return { kind: 'volume', mounts, abovePercent: above, clearPercent };
}

type Watching = {
  watch: { every: number; checks: WrittenChecks };
  appliances: Record<string, { watch?: { checks: WrittenChecks } | undefined; staging?: boolean | undefined }>;
};

/** Tells of each check that is not complete, where it is written. */
export function refuseUnfinishedChecks({ watch, appliances }: Watching, context: z.core.$RefinementCtx): void {
  const faultAt = (place: readonly string[], written: WrittenChecks) => (name: string, message: string) => {
    if (written[name]) context.issues.push({ code: 'custom', path: [...place, name], message, input: written[name] });
  };
  checksFor([watch.checks], watch.every, faultAt(['watch', 'checks'], watch.checks));
  for (const [name, { watch: own }] of Object.entries(appliances)) {
    if (own === undefined) continue;
    checksFor([watch.checks, own.checks], watch.every, faultAt(['appliances', name, 'watch', 'checks'], own.checks));
  }
}

/** How the servers of a configuration are watched. @param where the file of the configuration, and the home folder */
export function watchPolicyOf(
  { watch, appliances }: Watching & { watch: WatchFields },
  where: Parameters<typeof besideFile>[1],
): WatchPolicy {
  const { every: everyMs, retry: retryMs, connections, blind, tickets, bundles, flood, self, html } = watch;
  const checks = Object.entries(appliances).map(([name, { watch: own }]): [string, WatchCheck[]] => [
    name,
    checksFor([watch.checks, own?.checks ?? {}], everyMs),
  ]);
  return {
    ...{ everyMs, retryMs, connections },
    blind: { forMs: blind.for, severity: blind.severity },
    checks: new Map(checks),
    staging: new Set(Object.entries(appliances).flatMap(([name, each]) => (each.staging ? [name] : []))),
    incidents: {
      ...{ tickets, bundles, groupBy: flood.group },
      ...{ waitMs: flood.wait, cap: flood.tickets, reopenMs: flood.reopen },
      flapping: { cycles: flood.flapping.cycles, withinMs: flood.flapping.within, calmMs: flood.flapping.calm },
    },
    self: selfPolicyOf(self),
    ...defined({ html: html === undefined ? undefined : besideFile(html, where) }),
  };
}

type WatchFields = z.output<ReturnType<typeof watchFields>>;
