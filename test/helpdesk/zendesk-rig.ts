import type { TicketState } from '../../src/domain/ticket.ts';
import { type ZendeskConfig, ZendeskDesk } from '../../src/helpdesk/zendesk/desk.ts';
import { secrets, startZendesk, type Zendesk } from '../support/desks/zendesk.ts';
import { type FaultProxy, faultsOf, startFaultProxy } from '../support/fault-proxy.ts';
import type { Call } from './contract.ts';
import type { FaultyRig } from './faults.ts';

export const routes: Record<Call, RegExp> = {
  account: /^GET \/api\/v2\/users\/me\.json/,
  find: /^GET \/api\/v2\/tickets\.json\?external_id=/,
  get: /^GET \/api\/v2\/tickets\/\d+\.json/,
  create: /^POST \/api\/v2\/tickets\.json/,
  comment: /^PUT \/api\/v2\/tickets\/\d+\.json/,
  attach: /^PUT \/api\/v2\/tickets\/\d+\.json/,
  'change state': /^PUT \/api\/v2\/tickets\/\d+\.json/,
};

const states: Record<string, TicketState> = {
  new: 'open',
  open: 'open',
  pending: 'awaiting-information',
  solved: 'fixed',
  closed: 'closed',
};

export type ZendeskRig = {
  zendesk: Zendesk;
  proxy: FaultProxy;
  desk: ZendeskDesk;
  open(config?: Partial<ZendeskConfig>): ZendeskDesk;
};

/** The provider before a Zendesk of ours, with the settings it has by itself. */
export async function startZendeskRig(config: Partial<ZendeskConfig> = {}): Promise<ZendeskRig> {
  const zendesk = await startZendesk();
  const proxy = await startFaultProxy(zendesk.url);
  const open = (more: Partial<ZendeskConfig> = {}) =>
    new ZendeskDesk({
      ...{ url: proxy.url, proof: proofWith(secrets.clientSecret), env: {}, prefix: 'ZD' },
      ...{ priorities: {}, states: {}, fields: {}, ...config, ...more },
    });
  return { zendesk, proxy, desk: open(), open };
}

function proofWith(clientSecret: string): ZendeskConfig['proof'] {
  return { clientId: 'icepack', clientSecret, scope: 'read write' };
}

/** For the contract: an account where the API may close tickets. */
export async function startContractRig(): Promise<FaultyRig> {
  const { zendesk, proxy, desk, open } = await startZendeskRig({ states: { closed: ['closed'] } });
  const { store } = zendesk;
  const faults = faultsOf(proxy, routes);
  return {
    ...{ routes, proxy, secret: secrets.clientSecret, upload: /^POST \/api\/v2\/uploads\.json/ },
    desk,
    token: 'canary', // in each secret there
    withToken: (given) => open({ proof: proofWith(given) }),
    reference: (name) => name,
    ledger: async () =>
      store.tickets.map(({ externalId, status, comments }) => ({
        reference: externalId ?? '',
        state: states[status] ?? status,
        files: comments.flatMap(({ files }) => files).map(({ name, bytes, sha256 }) => ({ name, bytes, sha256 })),
        markers: comments.slice(1).flatMap(({ plain }) => plain.match(/\[(?:bundle|note) [^\]]*\]/g) ?? []),
      })),
    ...faults,
    answer(call, status, headers) {
      faults.answer(call, status, headers);
      if (status === 401) faults.answer(call, status, headers); // with the first a token is got anew
    },
    refuseTransition() {
      store.faults.trigger = (ticket) => {
        ticket.status = 'open';
        store.faults.trigger = undefined;
      };
    },
    dropFile() {
      store.faults.files = 'dropped';
    },
  };
}
