import { defineProvider } from '../provider.js';

/** Jira Cloud, and Jira Data Center as far as its API is the same. */
export const jira = defineProvider({
  id: 'jira',
  title: 'Jira (Cloud, or Data Center)',
  questions: [
    { key: 'url', kind: 'url', help: 'its address', question: 'Address of the Jira site' },
    { key: 'project', kind: 'text', help: 'the key of its project', question: 'Key of the project', initial: 'SUP' },
    {
      key: 'email',
      kind: 'text',
      help: 'whose token it is (Jira Cloud)',
      question: 'Email of the account',
      way: 'cloud',
    },
    {
      key: 'token',
      kind: 'secret',
      help: 'its token: env:NAME or file:PATH',
      question: 'Environment variable that holds the token',
      initial: 'ICEPACK_HELPDESK_TOKEN',
    },
  ],
  ways: { cloud: 'Jira Cloud: the token of an email', dataCenter: 'Data Center: a personal token' },
  example: [
    'provider: jira              # the account is an agent of the project',
    'url: https://example.atlassian.net',
    'email: icepack@example.com  # of the account; none at Data Center',
    'token: { env: ICEPACK_HELPDESK_TOKEN }',
    'project: SUP',
    'issueType: Task             # its name or number',
    '# cloudId: 11223344-a1b2-3b33-c444-def123456789   # doctor says when and what',
    '# states:                   # names of statuses; the first one is set',
    '#   fixed: [Resolved, Done]',
    '#   closed: Closed',
    '# resolution: Done          # of what is fixed or closed, where asked',
    '# priority: { emergency: Highest, high: High, medium: Medium, low: Low }',
    '# labels: [icepack]         # beside the one that has the reference',
    '# components: [VPN]',
    '# assignee: 5b10ac8d82e05b22cc7d4ef5   # id of an account; its name at Data Center',
    '# requester: 5b10a2844c20165700ede21g  # the same; else the account itself',
    '# fields:                   # by id or name; {license}, {product}, …',
    '#   customfield_10050: "{license}"',
  ],

  fields: ({ z, deskUrl, oneLine, secret, states, customFields }) => ({
    url: deskUrl,
    /** Data Center has none. */
    email: z.union([oneLine, z.literal('')]).optional(),
    token: secret,
    cloudId: z
      .string()
      .regex(/^[A-Za-z0-9-]{1,64}$/, 'an id as doctor says it')
      .optional(),
    project: z
      .string()
      .regex(/^[A-Za-z][A-Za-z0-9_]{1,30}$/, 'the key of a project, as SUP in SUP-7')
      .transform((key) => key.toUpperCase()),
    issueType: oneLine.default('Task'),
    states,
    resolution: oneLine.default('Done'),
    priority: z
      .strictObject({ emergency: oneLine, high: oneLine, medium: oneLine, low: oneLine })
      .partial()
      .default({}),
    labels: z.array(z.string().regex(/^\S{1,255}$/, 'a label without spaces')).default([]),
    components: z.array(oneLine).default([]),
    fields: customFields,
    assignee: oneLine.optional(),
    requester: oneLine.optional(),
  }),

  async open({ token: reference, email, ...settings }, { env, secret }) {
    const { JiraDesk } = await import('./desk.js');
    const token = await secret(reference, "the help desk's token");
    return new JiraDesk({ ...settings, ...(email ? { email } : {}), token, env });
  },
});
