import { hostname } from 'node:os';
import type { Config } from '../config/load.js';
import type { SecretUse } from '../config/secret-text.js';
import { resolveSecret } from '../config/secrets.js';
import type { SecretReference } from '../domain/appliance.js';
import { defined } from '../domain/defined.js';
import { reasonOf, UserError } from '../errors.js';
import { Alertmanager } from '../notify/alertmanager.js';
import { type Channel, type ConfiguredChannel, NotifyError, type Secret } from '../notify/channel.js';
import { Gammu } from '../notify/gammu.js';
import { Gateway, type GatewayRecipe } from '../notify/gateway.js';
import { Ntfy } from '../notify/ntfy.js';
import { PagerDuty } from '../notify/pagerduty.js';
import { gatewayPresets } from '../notify/presets.js';
import { Smstools } from '../notify/smstools.js';
import { Smtp, type SmtpSettings } from '../notify/smtp.js';
import { Webhook } from '../notify/webhook.js';
import { homeOf, type Surroundings } from './surroundings.js';

type Settings = Config['channels'][string];
type Of<Kind extends Settings['kind']> = Extract<Settings, { kind: Kind }>;

/** Of one channel, by the key that it has there. */
type SecretOf = (key: string, reference: SecretReference, use?: SecretUse) => Secret;

/** Makes the channels of a configuration. Nothing is contacted, and no secret is read, before a page is sent. */
export function openChannels(
  channels: Config['channels'],
  env: Surroundings['env'],
  maskSecret: (secret: string) => void,
): ConfiguredChannel[] {
  return Object.entries(channels).map(([name, settings]) => {
    const secretOf: SecretOf = (key, reference, use) => async () => {
      const secret = await readSecret(reference, `channels.${name}.${key}`, env, use);
      maskSecret(secret);
      return secret;
    };
    return { channel: open(name, settings, secretOf), orElse: settings.orElse, withinMs: settings.within };
  });
}

/** Anew for each page, so that one that was changed is taken. @throws NotifyError `auth` */
async function readSecret(
  reference: SecretReference,
  what: string,
  env: Surroundings['env'],
  use: SecretUse = 'password',
): Promise<string> {
  try {
    return await resolveSecret(reference, what, { env, home: homeOf(env), use });
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    throw new NotifyError('auth', reasonOf(error), { cause: error });
  }
}

function open(name: string, settings: Settings, secretOf: SecretOf): Channel {
  switch (settings.kind) {
    case 'smtp':
      return new Smtp({ name, ...mailOf(settings, secretOf) });
    case 'http':
      return gatewayOf(name, settings, secretOf);
    case 'gammu': {
      const { outbox, sent, error, inbox } = settings;
      return new Gammu({ name, folders: { outbox, sent, error, ...defined({ inbox }) } });
    }
    case 'smstools': {
      const { outgoing: outbox, checked: taken, sent, failed: error, incoming: inbox } = settings;
      return new Smstools({ name, folders: { outbox, taken, sent, error, ...defined({ inbox }) } });
    }
    case 'ntfy': {
      const { url, topic, ackTopic, token } = settings;
      const secret = token && secretOf('token', token, 'token');
      return new Ntfy({ name, url, topic, ...defined({ ackTopic, token: secret }) });
    }
    case 'pagerduty': {
      const routingKey = secretOf('routingKey', settings.routingKey);
      return new PagerDuty({ name, url: settings.url, routingKey, source: `icepack on ${hostname()}` });
    }
    case 'alertmanager': {
      const { url, user, labels, token } = settings;
      return new Alertmanager({ name, url, ...defined({ user, labels, token: proofOf(user, token, secretOf) }) });
    }
    case 'webhook':
      return new Webhook({ name, url: settings.url, secret: secretOf('secret', settings.secret) });
  }
}

function mailOf(
  { url, from, replyTo, user, ca, password }: Of<'smtp'>,
  secretOf: SecretOf,
): Omit<SmtpSettings, 'name'> {
  const login = user && password && { user, password: secretOf('password', password) };
  return { url, from, ...(login ? { login } : {}), ...defined({ ca, replyTo }) };
}

function gatewayOf(name: string, settings: Of<'http'>, secretOf: SecretOf): Gateway {
  const { preset, account, from, user = preset && account, token } = settings;
  const given = defined({ account, from });
  return new Gateway({
    ...{ name, given, recipe: recipeOf(settings) },
    ...defined({ user, token: proofOf(user, token, secretOf) }),
  });
}

/** Alone, a token is a header. */
function proofOf(user: string | undefined, token: SecretReference | undefined, secretOf: SecretOf): Secret | undefined {
  return token && secretOf('token', token, user === undefined ? 'token' : 'password');
}

const twilio = 'https://api.twilio.com';

function recipeOf({ preset, url, ...settings }: Of<'http'>): GatewayRecipe {
  if (preset !== undefined) return gatewayPresets[preset]((url ?? twilio).replace(/\/+$/, ''));
  const { method = 'POST', headers = {}, form, json, okWhen, receipt, idempotencyHeader, status, check } = settings;
  return {
    ...{ url: url ?? '', method, headers },
    ...defined({ form, json, okWhen, receipt, idempotencyHeader, status, check }),
  };
}
