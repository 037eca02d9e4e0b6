import { defined } from '../../domain/defined.js';
import { defineProvider } from '../provider.js';
import { redmineFormattings } from './text.js';

/** Redmine 5, through its REST API. */
export const redmine = defineProvider({
  id: 'redmine',
  title: 'in Redmine',
  questions: [
    { key: 'url', kind: 'url', help: 'its address', question: 'URL of Redmine' },
    {
      key: 'token',
      kind: 'secret',
      help: 'its token: env:NAME or file:PATH',
      question: 'Environment variable that holds the API access key (My account)',
      initial: 'ICEPACK_HELPDESK_TOKEN',
    },
    { key: 'project', kind: 'text', help: 'the project of tickets', question: 'Identifier of the project' },
  ],
  example: [
    'provider: redmine           # Redmine 5; its REST API must be switched on',
    'url: https://redmine.example.com',
    'token: { env: ICEPACK_HELPDESK_TOKEN }   # API access key of an agent',
    'project: support            # its identifier',
    'tracker: Support ticket     # else the first of the project',
    'referenceField: External Reference   # or its number; "used as a filter"',
    '# states: { fixed: Resolved, closed: [Closed, Rejected] }   # its own names',
    '# priorities: { emergency: Immediate }   # else Low, Normal, High, Urgent',
    '# fields: { Product: "{product}", Version: "{version}" }   # other fields',
    '# assignee: Network team    # of new issues: a member or group, by its name',
    '# category: VPN',
    '# targetVersion: 2.2.6',
    '# formatting: markdown      # textile, markdown or none, as it is set there',
    '# timeActivity: Support     # what hours are entered as; else the usual one',
    '# prefix: RM                # tickets are called RM-1234 here',
    'settle: 60s                 # so long it may be at work on a request',
  ],

  fields: ({ z, oneLine, deskUrl, secret, duration, states, customFields, keyPrefix }) => {
    const nameOrNumber = z.union([oneLine, z.number().int().positive()]).transform(String);
    return {
      url: deskUrl,
      /** The API access key. */
      token: secret,
      project: nameOrNumber,
      tracker: nameOrNumber.optional(),
      referenceField: nameOrNumber.default('External Reference'),
      states,
      priorities: z
        .strictObject({
          low: oneLine.default('Low'),
          medium: oneLine.default('Normal'),
          high: oneLine.default('High'),
          emergency: oneLine.default('Urgent'),
        })
        .prefault({}),
      fields: customFields,
      assignee: nameOrNumber.optional(),
      category: nameOrNumber.optional(),
      targetVersion: nameOrNumber.optional(),
      formatting: z.enum(redmineFormattings).default('textile'),
      timeActivity: nameOrNumber.optional(),
      prefix: keyPrefix.default('RM'),
      settle: duration.default(60_000),
    };
  },

  async open({ url, token: reference, tracker, timeActivity, settle, ...settings }, { env, secret }) {
    const { RedmineDesk } = await import('./desk.js');
    const token = await secret(reference, 'the API access key of Redmine');
    return new RedmineDesk({ ...settings, url, token, env, settleMs: settle, ...defined({ tracker, timeActivity }) });
  },
});
