import type { Deadman } from '../domain/watch-self.js';
import { isProtected } from '../domain/web-address.js';
import { usageError } from '../errors.js';
import type { Heartbeat } from '../heartbeat/heartbeat.js';
import { homeOf, type Surroundings } from './surroundings.js';

/** The heartbeat of a watch. What each part needs is loaded when it is needed. */
export function heartbeatOf({ env }: Surroundings, maskSecret: (secret: string) => void): Heartbeat {
  return {
    ask: async (...canary) => (await import('../heartbeat/canary.js')).askCanary(...canary),
    resolve: async (deadman) => void (await urlOf(deadman, env, maskSecret)),
    ping: async (deadman, isWell, signal) => {
      const url = await urlOf(deadman, env, maskSecret);
      await (await import('../heartbeat/deadman.js')).pingDeadman(url, isWell, signal);
    },
    tell: async (words) => (await import('../heartbeat/service-manager.js')).tellServiceManager(words, env),
  };
}

/** Who knows it could keep the alarm away: it is nowhere shown. @throws UserError where it cannot be resolved */
export async function urlOf(
  { url }: Deadman,
  env: Surroundings['env'],
  maskSecret: (secret: string) => void,
): Promise<string> {
  const { resolveSecret } = await import('../config/secrets.js');
  const what = "the URL of the dead man's switch";
  const resolving = { env, home: homeOf(env), use: 'token' as const };
  const text = typeof url === 'string' ? url : await resolveSecret(url, what, resolving);
  maskSecret(text);
  if (!isProtected(text))
    throw usageError('insecure-url', `${what} is no URL with https://`, 'Its path is a secret: write it with https://');
  return text;
}
