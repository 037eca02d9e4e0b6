import { defineProvider } from '../provider.js';

/** Request Tracker 5 by Best Practical, through its REST 2 interface. */
export const requestTracker = defineProvider({
  id: 'request-tracker',
  title: 'at Request Tracker 5',
  questions: [
    { key: 'url', kind: 'url', help: 'its address', question: 'URL of the help desk' },
    {
      key: 'token',
      kind: 'secret',
      help: 'its token: env:NAME or file:PATH',
      question: 'Environment variable that holds the token',
      initial: 'ICEPACK_HELPDESK_TOKEN',
    },
    { key: 'queue', kind: 'text', help: 'the queue for tickets', question: 'Queue for tickets' },
  ],
  example: [
    'provider: request-tracker   # version 5, REST 2',
    'url: https://rt.example.com',
    'token: { env: ICEPACK_HELPDESK_TOKEN }',
    'queue: Support',
    'referenceField: External Reference   # a custom field of the queue, for one line',
    'prefix: RT                  # tickets are RT-1234: folders and ZIPs are named so',
    'states:                     # what the lifecycle of the queue calls them',
    '  awaiting-information: stalled',
    '  closed: [resolved, rejected]       # the first is set, all of them are read',
    'fields: { Product: "{product} {version}" }   # further custom fields',
    '# owner: kim                # of new tickets, who may own them there',
    '# adminCc: [vpn@example.com]   # who watches them',
    'settle: 60s                 # so long it may be at work on a request',
  ],

  fields: ({ z, deskUrl, secret, oneLine, states, customFields, keyPrefix, duration }) => ({
    url: deskUrl,
    token: secret,
    queue: oneLine,
    referenceField: oneLine.default('External Reference'),
    prefix: keyPrefix.default('RT'),
    states,
    fields: customFields,
    owner: oneLine.optional(),
    adminCc: z.array(oneLine).default([]),
    settle: duration.default(60_000),
  }),

  async open({ token: reference, settle, ...settings }, { env, secret }) {
    const { RequestTrackerDesk } = await import('./desk.js');
    const token = await secret(reference, "the help desk's token");
    return new RequestTrackerDesk({ ...settings, token, env, settleMs: settle });
  },
});
