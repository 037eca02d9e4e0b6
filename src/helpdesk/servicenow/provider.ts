import type { SecretReference } from '../../domain/appliance.js';
import { defined } from '../../domain/defined.js';
import { usageError } from '../../errors.js';
import { type NativeStates, statesWith } from '../native-states.js';
import { type DeskAccess, defineProvider } from '../provider.js';
import type { ServiceNowLogin } from './http.js';

/** Of the base system: 1 New, 2 In Progress, 3 On Hold, 6 Resolved, 7 Closed, 8 Canceled; on hold for 1, the caller. */
const usualStates: NativeStates = {
  open: ['2', '1', '3'],
  'awaiting-information': ['3/1'],
  fixed: ['6'],
  closed: ['7', '8'],
};

/** ServiceNow, through its Table API and its Attachment API. */
export const servicenow = defineProvider({
  id: 'servicenow',
  title: 'in ServiceNow',
  questions: [
    { key: 'url', kind: 'url', help: 'its address', question: 'URL of the instance' },
    {
      ...{ key: 'user', kind: 'text', way: 'user' },
      ...{ help: 'the account of icepack there', question: 'User of icepack there' },
    },
    {
      key: 'password',
      kind: 'secret',
      help: 'its password: env:NAME or file:PATH',
      question: 'Environment variable that holds its password',
      initial: 'ICEPACK_HELPDESK_PASSWORD',
      way: 'user',
    },
    {
      ...{ key: 'clientId', kind: 'text', way: 'client' },
      ...{ help: 'the name of its OAuth client', question: 'Client id of OAuth' },
    },
    {
      key: 'clientSecret',
      kind: 'secret',
      help: "the OAuth client's secret: env:NAME or file:PATH",
      question: 'Environment variable that holds the client secret of OAuth',
      initial: 'ICEPACK_HELPDESK_SECRET',
      way: 'client',
    },
    {
      key: 'apiKey',
      kind: 'secret',
      help: 'its API key: env:NAME or file:PATH',
      question: 'Environment variable that holds the API key',
      initial: 'ICEPACK_HELPDESK_KEY',
      way: 'key',
    },
  ],
  ways: { user: 'user and password', client: 'an OAuth client', key: 'an API key' },
  example: [
    'provider: servicenow',
    'url: https://example.service-now.com',
    'user: icepack               # it reads and writes incidents',
    'password: { env: ICEPACK_HELPDESK_PASSWORD }',
    '# clientId: 0123abcd        # or OAuth, instead of user and password',
    '# clientSecret: { env: ICEPACK_HELPDESK_SECRET }',
    '# apiKey: { env: ICEPACK_HELPDESK_KEY }   # or that, alone',
    'table: incident',
    '# importTable: u_icepack    # where only an import may create: its staging',
    '#                           # table, with columns of the same names',
    '# callerId: 5137153cc611227c000bbd1bd8cd2005   # sys_id of a user',
    '# assignmentGroup: 287ebd7da9fe198100f92cc8d1d2154e   # and of a group',
    '# assignedTo: 46d44a5dc0a8010e0000c14d2a9a9b1c   # or of a user of it',
    'severities:                 # impact/urgency, of which it makes the priority',
    '  { emergency: 1/1, high: 1/2, medium: 2/2, low: 3/3 }',
    'closeCode: Solution provided   # doctor tells which there are',
    'closeNotes: Solved.',
    'states:                     # the first is set; 3/1: on hold for reason 1',
    '  { open: ["2", "1", "3"], awaiting-information: 3/1, fixed: "6" }',
    'fields:                     # a field that refers to a row takes its sys_id',
    '  { category: software, u_license: "{license}" }',
    'settle: 2m                  # how long it may be at work on one request',
  ],

  fields: ({ z, deskUrl, oneLine, secret, duration, states, customFields }) => {
    const table = z.string().regex(/^[a-z][a-z0-9_]*$/, 'the name of a table, like incident');
    const sysId = z.string().regex(/^[0-9a-f]{32}$/, 'a sys_id: 32 digits and letters a to f');
    const pair = z.string().regex(/^[\w-]+\/[\w-]+$/, 'impact/urgency, like 1/2');
    const named = (names: readonly string[] | undefined) =>
      names?.every((name) => /^[\w-]+(\/[\w-]+)?$/.test(name)) ?? true;
    return {
      url: deskUrl,
      user: oneLine.optional(),
      password: secret.optional(),
      clientId: oneLine.optional(),
      clientSecret: secret.optional(),
      apiKey: secret.optional(),
      table: table.default('incident'),
      importTable: table.optional(),
      callerId: sysId.optional(),
      assignmentGroup: sysId.optional(),
      assignedTo: sysId.optional(),
      severities: z
        .strictObject({
          emergency: pair.default('1/1'),
          high: pair.default('1/2'),
          medium: pair.default('2/2'),
          low: pair.default('3/3'),
        })
        .prefault({}),
      closeCode: oneLine.default('Solution provided'),
      closeNotes: oneLine.default('Solved.'),
      states: states.refine((given) => Object.values(given).every(named), 'values of the field state, like "6" or 3/1'),
      fields: customFields,
      settle: duration.default(120_000),
    };
  },

  async open(settings, access) {
    const {
      url,
      table,
      importTable,
      callerId,
      assignmentGroup,
      assignedTo,
      severities,
      closeCode,
      closeNotes,
      states,
      fields,
      settle,
    } = settings;
    const login = await loginOf(settings, access);
    const { ServiceNowDesk } = await import('./desk.js');
    return new ServiceNowDesk({
      base: new URL(url.endsWith('/') ? url : `${url}/`),
      ...{ login, table, severities, fields },
      env: access.env,
      states: statesWith(usualStates, states),
      closing: { code: closeCode, notes: closeNotes },
      settleMs: settle,
      ...defined({ importTable, callerId, assignmentGroup, assignedTo }),
    });
  },
});

type Credentials = {
  user?: string | undefined;
  password?: SecretReference | undefined;
  clientId?: string | undefined;
  clientSecret?: SecretReference | undefined;
  apiKey?: SecretReference | undefined;
};

/** @throws UserError `bad-config` unless exactly one of the three ways in is given, as a whole */
async function loginOf(given: Credentials, { secret }: DeskAccess): Promise<ServiceNowLogin> {
  const { user, password, clientId, clientSecret, apiKey } = given;
  const keys = Object.keys(defined({ user, password, clientId, clientSecret, apiKey }));
  if (keys.length === 2 && user !== undefined && password !== undefined)
    return { user, password: await secret(password, "the help desk's password") };
  if (keys.length === 2 && clientId !== undefined && clientSecret !== undefined)
    return { clientId, clientSecret: await secret(clientSecret, "the help desk's client secret") };
  if (keys.length === 1 && apiKey !== undefined) return { apiKey: await secret(apiKey, "the help desk's API key") };
  const has = keys.length === 0 ? 'none of them' : keys.join(', ');
  throw usageError(
    'bad-config',
    `helpdesk: ServiceNow is entered in one way, and there is ${has}`,
    'Give user and password, or clientId and clientSecret, or apiKey alone',
  );
}
