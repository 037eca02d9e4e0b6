import type { SecretReference } from '../../domain/appliance.js';
import { usageError } from '../../errors.js';
import { type DeskAccess, defineProvider } from '../provider.js';
import type { ZendeskProof } from './credential.js';

/** Zendesk Support, through its REST API, with the account of an agent. */
export const zendesk = defineProvider({
  id: 'zendesk',
  title: 'Zendesk Support',
  questions: [
    { key: 'url', kind: 'url', help: 'its address', question: 'URL of the help desk' },
    {
      ...{ key: 'clientId', kind: 'text', way: 'client' },
      ...{ help: 'the name of its OAuth client', question: 'Name of the OAuth client' },
    },
    {
      key: 'clientSecret',
      kind: 'secret',
      help: "the OAuth client's secret: env:NAME or file:PATH",
      question: "Environment variable that holds the OAuth client's secret",
      initial: 'ICEPACK_HELPDESK_SECRET',
      way: 'client',
    },
    { key: 'email', kind: 'text', help: 'whose token it is', question: 'Email of the agent', way: 'token' },
    {
      key: 'token',
      kind: 'secret',
      help: 'its token: env:NAME or file:PATH',
      question: 'Environment variable that holds the API token',
      initial: 'ICEPACK_HELPDESK_TOKEN',
      way: 'token',
    },
  ],
  ways: { client: 'an OAuth client', token: 'an API token (Zendesk ends them in April 2027)' },
  example: [
    'provider: zendesk           # with the account of an agent',
    'url: https://example.zendesk.com',
    'clientId: icepack           # a confidential OAuth client of that account',
    'clientSecret: { env: ICEPACK_HELPDESK_SECRET }',
    '# email: bot@example.com    # instead of the two above, an API token;',
    '# token: { env: ICEPACK_HELPDESK_TOKEN }  # Zendesk ends them in April 2027',
    '# scope: read write         # what the OAuth client may do',
    '# prefix: ZD                # ticket 1234 is ZD-1234',
    '# group: 360001             # ids of the group and form of new tickets',
    '# form: 360002',
    '# assignee: 360005          # id of the agent who works on them',
    '# tags: [icepack]',
    '# priorities: { emergency: urgent }  # as usual: urgent, high, normal, low',
    '# states: { fixed: ["360003", solved] }  # a number: a custom status; the',
    '#                           # first is set, all are read; closed is set only',
    '#                           # where it stands here: Zendesk closes by itself',
    '# fields: { "360004": "{version}" }  # ticket fields by their ids',
  ],

  fields: ({ z, deskUrl, oneLine, secret, states, customFields, keyPrefix }) => {
    const id = z.number().int().positive().optional();
    const priority = z.enum(['low', 'normal', 'high', 'urgent']).optional();
    return {
      url: deskUrl,
      clientId: oneLine.optional(),
      clientSecret: secret.optional(),
      scope: oneLine.default('read write'),
      /** The older way: an API token of this user. */
      email: oneLine.optional(),
      token: secret.optional(),
      prefix: keyPrefix.default('ZD'),
      group: id,
      form: id,
      assignee: id,
      tags: z.array(z.string().regex(/^\S{1,255}$/, 'a tag without spaces')).default([]),
      priorities: z.strictObject({ low: priority, medium: priority, high: priority, emergency: priority }).default({}),
      states,
      fields: customFields.refine(
        (fields) => Object.keys(fields).every((name) => /^\d+$/.test(name)),
        'ticket fields by their ids, which are numbers',
      ),
    };
  },

  async open(settings, { env, secret }) {
    const proof = await proofOf(settings, secret);
    const { ZendeskDesk } = await import('./desk.js');
    const { url, prefix, group, form, assignee, tags, priorities, states, fields } = settings;
    return new ZendeskDesk({ url, proof, env, prefix, group, form, assignee, tags, priorities, states, fields });
  },
});

type Given = {
  clientId?: string | undefined;
  clientSecret?: SecretReference | undefined;
  scope: string;
  email?: string | undefined;
  token?: SecretReference | undefined;
};

/** @throws UserError `bad-config` where neither way is whole, or both are begun */
async function proofOf(given: Given, secret: DeskAccess['secret']): Promise<ZendeskProof> {
  const { clientId, clientSecret, scope, email, token } = given;
  const hasToken = email !== undefined || token !== undefined;
  const hasClient = clientId !== undefined || clientSecret !== undefined;
  if (clientId !== undefined && clientSecret !== undefined && !hasToken)
    return { clientId, clientSecret: await secret(clientSecret, "the OAuth client's secret"), scope };
  if (email !== undefined && token !== undefined && !hasClient)
    return { email, token: await secret(token, "the help desk's token") };
  throw usageError(
    'bad-config',
    'Zendesk needs either clientId and clientSecret, or email and token',
    'Below helpdesk: in the configuration, give one of the two, whole; nobody can make a new token any more',
  );
}
