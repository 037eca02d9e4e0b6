import { defineProvider } from '../provider.js';

/** A help desk behind icepack's own small contract, `templates/helpdesk-rest.openapi.yaml`. */
export const rest = defineProvider({
  id: 'rest',
  title: 'through an API (templates/helpdesk-rest.openapi.yaml)',
  questions: [
    { key: 'url', kind: 'url', help: 'its address', question: 'URL of the API' },
    {
      key: 'token',
      kind: 'secret',
      help: 'its token: env:NAME or file:PATH',
      question: 'Environment variable that holds the token',
      initial: 'ICEPACK_HELPDESK_TOKEN',
    },
  ],
  example: [
    'provider: rest              # the contract in templates/helpdesk-rest.openapi.yaml',
    'url: https://helpdesk.example.com/api/v1',
    'token: { env: ICEPACK_HELPDESK_TOKEN }',
    '# fields: { Site: Lund }   # further fields, where the gateway asks for some',
    'idempotencyKeys: false      # where the gateway does not know repeated requests by their key',
    'settle: 60s                 # and how long it may be at work on one',
  ],

  fields: ({ z, deskUrl, secret, duration, customFields }) => ({
    url: deskUrl,
    token: secret,
    /** Whether it knows a repeated request by its key; the contract asks for that. */
    idempotencyKeys: z.boolean().default(true),
    /** Without such keys: how long it may be at work on a request whose answer was lost. */
    settle: duration.default(60_000),
    fields: customFields,
  }),

  async open({ url, token: reference, idempotencyKeys, settle, fields }, { env, secret }) {
    const { RestDesk } = await import('./desk.js');
    const token = await secret(reference, "the help desk's token");
    return new RestDesk({ url, token, env, idempotencyKeys, settleMs: settle, fields });
  },
});
