import { z } from 'zod';
import type { SecretReference } from '../domain/appliance.js';
import { defined } from '../domain/defined.js';
import type { Canary, SelfPolicy } from '../domain/watch-self.js';
import { isProtected } from '../domain/web-address.js';

const canary = z.string().transform((name, context): Canary => {
  const [, bracketed, plain, digits] =
    /^tcp:\/\/(?:\[([0-9A-Fa-f:.]+)\]|([A-Za-z0-9._-]{1,253})):(\d{1,5})$/.exec(name) ?? [];
  const [host, port] = [bracketed ?? plain, Number(digits)];
  if (host !== undefined && port >= 1 && port <= 65_535) return { name, host, port };
  context.addIssue({ code: 'custom', message: 'a place that takes connections, such as tcp://192.0.2.1:53' });
  return z.NEVER;
});

const address = z.string().refine((text) => isProtected(text), 'a URL with https://, as its path is a secret');

type SelfKit = { secret: z.ZodType<SecretReference> };

/** `watch.self`: what tells that the watch itself is well. */
export const selfFields = ({ secret }: SelfKit) =>
  z.strictObject({
    canaries: z.array(canary).max(10).default([]),
    deadman: z
      .strictObject({
        url: z.union([address, secret], {
          error:
            'a URL with https://, or a reference: { env: NAME }, { file: PATH } or { command: [PROGRAM, ARGUMENT…] }',
        }),
        style: z.literal('healthchecks').default('healthchecks'),
      })
      .optional(),
  });

export function selfPolicyOf({ canaries, deadman }: z.output<ReturnType<typeof selfFields>>): SelfPolicy {
  return { canaries, ...defined({ deadman: deadman && { url: deadman.url } }) };
}
