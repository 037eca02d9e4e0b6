import { randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { RequestTrackerDesk } from '../../src/helpdesk/request-tracker-desk.ts';
import { sha256 } from '../ssh/remote-files.contract.ts';
import { sharedDesk } from '../support/desks/shared-desk.ts';
import { faultsOf, startFaultProxy } from '../support/fault-proxy.ts';
import { lacks } from '../support/requirements.ts';
import { type Call, type HelpDeskRig, type Ledger, testHelpDesk } from './contract.ts';

const routes: Record<Call, RegExp> = {
  account: /^GET \/REST\/2\.0\/rt$/,
  find: /^GET \/REST\/2\.0\/tickets\?/,
  get: /^GET \/REST\/2\.0\/ticket\/\d+$/,
  create: /^POST \/REST\/2\.0\/ticket$/,
  comment: /^POST \/REST\/2\.0\/ticket\/\d+\/(comment|correspond)$/,
  attach: /^POST \/REST\/2\.0\/ticket\/\d+\/comment$/,
  'change state': /^PUT \/REST\/2\.0\/ticket\/\d+$/,
};

type Json = Record<string, unknown>;

/** Request Tracker asked directly. */
async function startRt() {
  const { url, token } = await sharedDesk('request-tracker');
  const headers = { authorization: `token ${token}`, 'user-agent': 'test', connection: 'close' };
  const ask = async (path: string, init: RequestInit = {}): Promise<Json> =>
    (await (
      await fetch(`${url}/REST/2.0/${path}`, { ...init, headers: { ...headers, ...init.headers } })
    ).json()) as Json;
  return { url, token, ask };
}

async function startRtRig(): Promise<HelpDeskRig & { proxy: Awaited<ReturnType<typeof startFaultProxy>> }> {
  const { url, token, ask } = await startRt();
  const proxy = await startFaultProxy(url);
  const unique = randomBytes(6).toString('hex').toUpperCase();
  const withToken = (given: string) =>
    new RequestTrackerDesk({ url: proxy.url, token: given, queue: 'Support', env: {} });
  const faults = faultsOf(proxy, routes);
  const items = async (path: string) => (await ask(path))['items'] as Json[];
  const ledger = async (): Promise<Ledger> => {
    const query = encodeURIComponent(`CF.{External Reference} LIKE '${unique}'`);
    const found = await items(`tickets?query=${query}&orderby=id&fields=Status,CustomFields`);
    const mine = found.map((ticket) => ({
      id: String(ticket['id']),
      reference: referenceIn(ticket),
      state: stateIn(ticket),
    }));
    return Promise.all(mine.map(async ({ id, ...rest }) => ({ ...rest, ...(await contentsOf(id)) })));
  };
  const contentsOf = async (id: string) => {
    const attached = await items(`ticket/${id}/attachments?fields=Filename,Subject`);
    const files = attached
      .filter(({ Filename }) => Filename)
      .map(async (file) => {
        const { Content } = await ask(`attachment/${file['id']}`);
        const bytes = Buffer.from(String(Content), 'base64');
        return { name: String(file['Filename']), bytes: bytes.length, sha256: sha256(bytes) };
      });
    const history = await items(`ticket/${id}/history?fields=Type,Data`);
    const markers = history
      .filter(({ Type }) => Type === 'Comment' || Type === 'Correspond')
      .map(({ Data }) => String(Data).trim());
    return { files: await Promise.all(files), markers };
  };
  return {
    ...faults,
    proxy,
    desk: withToken(token),
    token,
    withToken,
    ledger,
    reference: (name) => name.replace(/(ref)-/i, `$1-${unique}-`),
    refuseTransition: () =>
      void proxy.faults.push({ route: routes['change state'], how: 'answer', status: 200, body: '["No permission"]' }),
    dropFile: () =>
      void proxy.faults.push({ route: routes.attach, how: 'answer', status: 201, body: '["Comments added"]' }),
  };
}

function referenceIn(ticket: Json): string {
  const fields = ticket['CustomFields'] as { name: string; values: string[] }[];
  return fields.find(({ name }) => name === 'External Reference')?.values[0] ?? '';
}

function stateIn({ Status }: Json): string {
  return Status === 'awaiting information' ? 'awaiting-information' : String(Status);
}

describe.skipIf(lacks('request-tracker'))('Request Tracker 5', () => {
  testHelpDesk('the request-tracker provider', startRtRig);

  it('is there', async () => {
    const { desk } = await startRtRig();
    expect(desk.kind).toBe('api');
  });
});
