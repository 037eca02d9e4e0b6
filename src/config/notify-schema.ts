import { z } from 'zod';
import { gatewayWords, unknownGatewayWords } from '../domain/gateway-words.js';
import { isLoopback } from '../domain/loopback.js';
import { parseMailAddress } from '../domain/mail-address.js';
import { nearest } from '../domain/text.js';

type Kit<Secret extends z.ZodType> = {
  name: z.ZodType<string>;
  oneLine: z.ZodType<string>;
  /** In milliseconds. */
  duration: z.ZodType<number>;
  secret: Secret;
};

const minuteMs = 60_000;

/** An address to which nothing goes unprotected. @param protocols the protected one last */
const addressOf = (protocols: readonly [string, string], example: string) =>
  z.string().transform((text, context) => {
    const fault = faultOfUrl(text, protocols, example);
    if (fault === undefined) return new URL(text);
    context.addIssue({ code: 'custom', message: fault });
    return z.NEVER;
  });

function faultOfUrl(text: string, [plain, safe]: readonly [string, string], example: string): string | undefined {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || ![plain, safe].includes(url.protocol)) return `a URL such as ${example}`;
  if (url.username !== '' || url.password !== '') return 'a URL without user and password; they have their own keys';
  if (url.protocol === plain && plain === 'http:' && !isLoopback(url.hostname))
    return `nothing is sent over plain http to ${url.host}: write https://`;
  return undefined;
}

const webAddress = addressOf(['http:', 'https:'], 'https://example.com');
const mailServer = addressOf(['smtp:', 'smtps:'], 'smtp://mail.example.com:587');
const localPath = z.string().regex(/^\/[^\x00-\x1f\x7f]{1,500}$/, 'a path that begins with /');
const topic = z.string().regex(/^[A-Za-z0-9_-]{1,64}$/, 'a topic: letters, digits, dash and underscore');
const mailAddress = z.string().transform((text, context) => {
  const address = parseMailAddress(text);
  if (address !== undefined) return address;
  context.addIssue({ code: 'custom', message: 'a mail address such as "icepack <icepack@example.com>"' });
  return z.NEVER;
});

const wordsFault = `in braces one of: ${gatewayWords.join(', ')}`;
const isTemplate = (value: unknown) => unknownGatewayWords(JSON.stringify(value)).length === 0;
const template = z.string().refine(isTemplate, wordsFault);
const templates = z.record(z.string(), template);
const webTemplate = template.refine(
  (text) =>
    faultOfUrl(text.replace(/\{[a-z]+\}/g, '-'), ['http:', 'https:'], '') === undefined &&
    !/^[^/]*\/\/[^/]*\{/.test(text),
  'a URL such as https://sms.example.com/send?to={phone}, whose host is no template; plain http only to this machine',
);
const values = z.union([
  z.array(z.union([z.string(), z.number(), z.boolean()]).transform(String)).min(1),
  z.union([z.string(), z.number(), z.boolean()]).transform((value) => [String(value)]),
]);
const pattern = z.string().transform((text, context) => {
  try {
    return new RegExp(text);
  } catch {
    context.addIssue({
      code: 'custom',
      message: 'a regular expression such as ^OK, or what the answer must have where',
    });
    return z.NEVER;
  }
});

/** What only a gateway without a preset has. */
const gatewayRecipe = {
  method: z.enum(['POST', 'PUT', 'GET']).optional(),
  headers: templates.optional(),
  form: templates.optional(),
  json: z.json().refine(isTemplate, wordsFault).optional(),
  okWhen: z.union([pattern, z.record(z.string(), values)]).optional(),
  receipt: z.string().min(1).optional(),
  idempotencyHeader: z
    .string()
    .regex(/^[A-Za-z][A-Za-z0-9-]{0,60}$/, 'the name of a header')
    .optional(),
  status: z.strictObject({ url: webTemplate, path: z.string().min(1), sent: values, failed: values }).optional(),
  check: webTemplate.optional(),
};

const channel = <Secret extends z.ZodType>({ name, oneLine, duration, secret }: Kit<Secret>) => {
  const common = { orElse: z.array(name).default([]), within: duration.default(3 * minuteMs) };
  const kind = <Kind extends string, Fields extends z.ZodRawShape>(id: Kind, fields: Fields) =>
    z.strictObject({ kind: z.literal(id), ...fields, ...common });
  return z.discriminatedUnion(
    'kind',
    [
      kind('smtp', {
        ...{ url: mailServer, user: oneLine.optional(), password: secret.optional() },
        ...{ from: mailAddress, replyTo: mailAddress.optional(), ca: localPath.optional() },
      }).superRefine(userWith('password')),
      kind('http', {
        preset: z.enum(['twilio-sms', 'twilio-call']).optional(),
        ...{ url: webTemplate.optional(), user: oneLine.optional(), token: secret.optional() },
        ...{ account: oneLine.optional(), from: oneLine.optional() },
        ...gatewayRecipe,
      })
        .superRefine(refuseHalfGateway)
        .superRefine(userWith('token')),
      kind('gammu', { outbox: localPath, sent: localPath, error: localPath, inbox: localPath.optional() }),
      kind('smstools', {
        ...{ outgoing: localPath, checked: localPath, sent: localPath, failed: localPath },
        incoming: localPath.optional(),
      }),
      kind('ntfy', { url: webAddress, topic, token: secret.optional(), ackTopic: topic.optional() }),
      kind('pagerduty', { routingKey: secret, url: webAddress.prefault('https://events.pagerduty.com') }),
      kind('alertmanager', {
        ...{ url: webAddress, user: oneLine.optional(), token: secret.optional() },
        labels: z.record(z.string().regex(/^[a-zA-Z_][a-zA-Z0-9_]*$/, 'the name of a label'), oneLine).optional(),
      }).superRefine(userWith('token')),
      kind('webhook', { url: webAddress, secret }),
    ],
    { error: 'one of: smtp, http, gammu, smstools, ntfy, pagerduty, alertmanager, webhook' },
  );
};

/** A user is nobody without its secret; a password is none without a user, a token may be. */
function userWith(secret: 'password' | 'token') {
  return (fields: Record<string, unknown>, context: z.core.$RefinementCtx): void => {
    const [isUser, isSecret] = [fields['user'] !== undefined, fields[secret] !== undefined];
    const fault = (path: string, message: string) =>
      context.issues.push({ code: 'custom', path: [path], message, input: fields });
    if (isUser && !isSecret) fault('user', `it needs "${secret}"`);
    if (isSecret && !isUser && secret === 'password') fault(secret, 'it needs "user"');
  };
}

/** A gateway is known by its preset, or described whole. */
function refuseHalfGateway(gateway: Record<string, unknown>, context: z.core.$RefinementCtx): void {
  const fault = (key: string, message: string) =>
    context.issues.push({ code: 'custom', path: [key], message, input: gateway });
  const isThere = (key: string) => gateway[key] !== undefined;
  if (!isThere('preset')) {
    if (!isThere('url')) fault('url', 'a gateway without a preset needs its URL');
    if (isThere('form') && isThere('json')) fault('json', 'either "form" or "json" is sent');
    return;
  }
  for (const key of ['account', 'token', 'from'])
    if (!isThere(key)) fault(key, `the preset ${gateway['preset']} needs it`);
  for (const key of Object.keys(gatewayRecipe)) if (isThere(key)) fault(key, 'the preset says that');
}

/** `channels:`, the ways by which a page reaches somebody. */
export const channelFields = <Secret extends z.ZodType>(kit: Kit<Secret>) => ({
  channels: z.record(kit.name, channel(kit)).default({}).superRefine(refuseDeadEnds),
});

type Ways = Record<string, { orElse: string[] }>;

/** What comes next must be there, and not lead back. */
function refuseDeadEnds(channels: Ways, context: z.core.$RefinementCtx): void {
  for (const [name, { orElse }] of Object.entries(channels))
    for (const [at, other] of orElse.entries()) {
      const message = deadEnd(channels, name, other);
      if (message !== undefined)
        context.issues.push({ code: 'custom', path: [name, 'orElse', at], message, input: other });
    }
}

function deadEnd(channels: Ways, name: string, other: string): string | undefined {
  if (channels[other] === undefined) {
    const near = nearest(other, Object.keys(channels));
    return `no channel is called "${other}"${near === undefined ? '' : `; did you mean "${near}"?`}`;
  }
  return leadsTo(channels, other, name) ? `"${other}" leads back to "${name}"` : undefined;
}

function leadsTo(channels: Ways, from: string, to: string, seen = new Set<string>()): boolean {
  if (from === to) return true;
  if (seen.has(from)) return false;
  seen.add(from);
  return (channels[from]?.orElse ?? []).some((next) => leadsTo(channels, next, to, seen));
}
