import { createHash } from 'node:crypto';
import { z } from 'zod';
import type { Appliance } from '../../domain/appliance.js';
import { defined } from '../../domain/defined.js';
import { cutText } from '../../domain/text.js';
import type { Severity } from '../../domain/ticket.js';
import { usageError } from '../../errors.js';
import { type Placed, serverNamed } from './server-named.js';

const texts = z.record(z.string(), z.string());

/** What is read of the body that an Alertmanager sends to a webhook. */
const payloadSchema = z.object({
  version: z.literal('4'),
  /** So many alerts of the group are not in it: `max_alerts` of the receiver. */
  truncatedAlerts: z.number().int().nonnegative().default(0),
  alerts: z.array(
    z.object({
      status: z.enum(['firing', 'resolved']),
      labels: texts,
      annotations: texts.default({}),
      startsAt: z.iso.datetime({ offset: true }),
    }),
  ),
});

type Alert = z.infer<typeof payloadSchema>['alerts'][number];

/** What an alert says of a thing at a server. */
export type Said = {
  server: string;
  event: string;
  key?: string;
  is: 'bad' | 'ok';
  severity: Severity;
  message: string;
  /** Since when; else since it is said. */
  since?: string;
};

/** An alert that says nothing of a server that is known: its labels, and why. */
export type NotPlaced = { labels: Record<string, string>; why: string };

export type Alerts = { said: Said[]; notPlaced: NotPlaced[]; truncated: number };

/**
 * The alerts of a payload, each of its server.
 * @param label by which a server is named; else `server`, or `instance` without its port
 * @throws UserError `bad-file`
 */
export function alertsIn(text: string, from: string, appliances: readonly Appliance[], label?: string): Alerts {
  const { alerts, truncatedAlerts: truncated } = parsed(text, from);
  const names = label === undefined ? ['server', 'instance'] : [label];
  const read = alerts.map((alert) => ({ alert, placed: placeOf(alert, names, appliances) }));
  return {
    said: read.flatMap(({ alert, placed }) => ('server' in placed ? [saidBy(alert, placed)] : [])),
    notPlaced: read.flatMap(({ alert, placed }) =>
      'why' in placed ? [{ labels: alert.labels, why: placed.why }] : [],
    ),
    truncated,
  };
}

function parsed(text: string, from: string): z.infer<typeof payloadSchema> {
  const bad = (why: string) =>
    usageError('bad-file', `${from}: ${why}`, 'It takes what Alertmanager posts to a webhook, version 4, as it is');
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    throw bad(text.trim() === '' ? 'it is empty' : 'it is no JSON');
  }
  const read = payloadSchema.safeParse(json);
  if (read.success) return read.data;
  const [first] = read.error.issues;
  throw bad(`${first?.path.join('.') || 'the whole'}: ${first?.message}`);
}

/** By which label an alert was placed. */
type PlacedBy = { server: string; label: string; isWhole: boolean };

function placeOf({ labels }: Alert, names: readonly string[], appliances: readonly Appliance[]): PlacedBy | NotFound {
  const given = names.flatMap((name) => {
    const value = labels[name];
    return value === undefined || value === '' ? [] : [{ name, value }];
  });
  if (given.length === 0) return { why: `it has no label ${names.join(' or ')}` };
  const looked = given.map(({ name, value }) => ({ name, value, placed: serverNamed(value, appliances) }));
  for (const { name, placed } of looked) if ('server' in placed) return { ...placed, label: name };
  const [first] = looked;
  return { why: `${first?.name}="${first?.value}" is ${whyNot(first?.placed)}` };
}

type NotFound = { why: string };

function whyNot(placed: Placed | undefined): string {
  return placed !== undefined && 'several' in placed
    ? `any of ${placed.several.join(', ')}`
    : 'no server of appliances:';
}

function saidBy({ status, labels, annotations, startsAt }: Alert, placed: PlacedBy): Said {
  const { summary, description } = annotations;
  const message = [...new Set([summary, description])].filter((part) => part !== undefined && part !== '');
  return {
    server: placed.server,
    event: cutText(labels['alertname'] || 'alert', 200),
    ...defined({ key: keyOf(labels, placed) }),
    is: status === 'firing' ? 'bad' : 'ok',
    severity: severityOf(labels['severity']),
    message: message.join(': '),
    since: new Date(startsAt).toISOString(),
  };
}

const longestKey = 200;

/**
 * All other labels: alerts that differ in any of them are of different things, also in their severity alone, for each of the two
 * is resolved by itself.
 */
function keyOf(labels: Alert['labels'], { label, isWhole }: PlacedBy): string | undefined {
  const others = Object.entries(labels)
    .filter(([name]) => name !== 'alertname' && !(isWhole && name === label))
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, value]) => `${name}=${value}`)
    .join(', ');
  if (others.length <= longestKey) return others === '' ? undefined : others;
  const hash = createHash('sha256').update(others).digest('hex').slice(0, 12);
  return `${cutText(others, longestKey)}… ${hash}`;
}

/** What the labels of others mean; what is not known is high. */
const severities: Record<Severity, readonly string[]> = {
  emergency: ['emergency', 'disaster', 'fatal', 'p1'],
  high: ['critical', 'page', 'high', 'error', 'major', 'p2'],
  medium: ['warning', 'warn', 'medium', 'average', 'minor', 'p3'],
  low: ['info', 'information', 'notice', 'low', 'none', 'p4', 'p5'],
};

function severityOf(label = ''): Severity {
  const word = label.toLowerCase();
  for (const known of ['emergency', 'high', 'medium', 'low'] as const)
    if (severities[known].includes(word)) return known;
  return 'high';
}
