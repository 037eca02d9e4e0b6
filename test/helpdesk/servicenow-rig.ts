import { parseConfig } from '../../src/config/load.ts';
import type { ApiHelpDesk } from '../../src/helpdesk/help-desk.ts';
import { providers } from '../../src/helpdesk/providers.ts';
import { servicenow } from '../../src/helpdesk/servicenow/provider.ts';
import { type ServiceNowFake, servicenowLogin, startServiceNow } from '../support/desks/servicenow.ts';
import { sha256Of } from '../support/desks/servicenow-data.ts';
import { faultsOf, startFaultProxy } from '../support/fault-proxy.ts';
import type { Call } from './contract.ts';
import type { FaultyRig } from './faults.ts';

const routes: Record<Call, RegExp> = {
  account: /^GET \/api\/now\/table\/incident\?sysparm_query=ORDERBYDESCsys_created_on/,
  find: /^GET \/api\/now\/table\/incident\?sysparm_query=correlation_id/,
  get: /^GET \/api\/now\/table\/incident\/\w{32}\?sysparm_fields=sys_id%2Cnumber/,
  create: /^POST \/api\/now\/table\/incident\?/,
  comment: /^PATCH .*sysparm_fields=sys_id%2C(comments|work_notes)$/,
  attach: /^POST \/api\/now\/attachment\/file\?/,
  'change state': /^PATCH .*sysparm_fields=sys_id%2Cstate/,
};

const enteringTime = /^PATCH .*time_worked$/;

export const byPassword = 'user: icepack, password: { env: SECRET }';
export const byToken = `clientId: ${servicenowLogin.clientId}, clientSecret: { env: SECRET }`;
export const byKey = 'apiKey: { env: SECRET }';

/** The desk as a configuration makes it. */
export async function deskAt(
  url: string,
  secret = servicenowLogin.password,
  settings = byPassword,
): Promise<ApiHelpDesk> {
  const text = `appliances: { ice01: { id: 1, address: 192.0.2.10 } }\nhelpdesk: { provider: servicenow, url: "${url}", ${settings} }\n`;
  const { helpdesk } = parseConfig(text, '/icepack.yaml', '/home/kim', providers);
  const desk = await servicenow.open(helpdesk as unknown as Parameters<typeof servicenow.open>[0], {
    env: {},
    secret: async () => secret,
  });
  if (desk.kind !== 'api') throw new Error('it has an API');
  return desk;
}

const stateNames: Record<string, string> = {
  ...{ 1: 'open', 2: 'open', 3: 'awaiting-information', 6: 'fixed', 7: 'closed' },
};

/** For the contract of help desks. */
export async function startRig(): Promise<FaultyRig> {
  const fake = await startServiceNow();
  const proxy = await startFaultProxy(fake.url);
  const withTokens = new Map<string, ApiHelpDesk>();
  for (const password of [servicenowLogin.password, 'wrong-canary'])
    withTokens.set(password, await deskAt(proxy.url, password));
  const withToken = (password: string) => {
    const desk = withTokens.get(password);
    if (desk === undefined) throw new Error(`no desk was opened with ${password}`);
    return desk;
  };
  return {
    ...{ routes, proxy },
    desk: withToken(servicenowLogin.password),
    token: servicenowLogin.password,
    withToken,
    reference: (name) => name,
    ledger: async () => ledgerOf(fake),
    ...faultsOf(proxy, routes),
    hours: {
      of: async (id) => {
        const row = fake.tables['incident']?.find((each) => each['sys_id'] === id);
        return Date.parse(`${(row?.['time_worked'] || '1970-01-01 00:00:00').replace(' ', 'T')}Z`) / 60_000;
      },
      loseAnswer: () => void proxy.faults.push({ route: enteringTime, how: 'lose-answer' }),
      loseRequest: () => void proxy.faults.push({ route: enteringTime, how: 'lose-request' }),
    },
    refuseTransition: () => {
      fake.faults.keepState = true;
    },
    dropFile: () => {
      fake.faults.dropFile = true;
    },
  };
}

function ledgerOf({ tables, contents }: ServiceNowFake) {
  const { incident = [], sys_attachment: files = [], sys_journal_field: journal = [] } = tables;
  return incident.map(({ sys_id: id, correlation_id: reference = '', state = '' }) => ({
    reference,
    state: stateNames[state] ?? state,
    files: files
      .filter((file) => file['table_sys_id'] === id)
      .map(({ sys_id: file = '', file_name: name = '' }) => {
        const content = contents.get(file) ?? Buffer.alloc(0);
        return { name, bytes: content.length, sha256: sha256Of(content) };
      }),
    markers: journal
      .filter((entry) => entry['element_id'] === id)
      .flatMap(({ value = '' }) => value.match(/\[(?:bundle|note) \w+\]/g) ?? []),
  }));
}

/** The fake, the desk that talks to it, and what is in its tables. */
export async function start(settings = byPassword, secret = servicenowLogin.password) {
  const fake = await startServiceNow();
  const desk = await deskAt(fake.url, secret, settings);
  const { incident = [], sys_journal_field: journal = [], sys_attachment: files = [] } = fake.tables;
  return { fake, faults: fake.faults, desk, incident, journal, files };
}

export const note = { body: 'Seen again.', public: true, marker: '[note 1]' };
