import { randomBytes } from 'node:crypto';
import { RequestTrackerDesk } from '../../../src/helpdesk/request-tracker/desk.ts';
import type { Call, Ledger } from '../../helpdesk/contract.ts';
import type { FaultyRig } from '../../helpdesk/faults.ts';
import { sha256 } from '../../ssh/remote-files.contract.ts';
import { faultsOf, startFaultProxy } from '../fault-proxy.ts';
import { sharedDesk } from './shared-desk.ts';

export const routes: Record<Call, RegExp> = {
  account: /^GET \/REST\/2\.0\/rt$/,
  find: /^GET \/REST\/2\.0\/tickets\?/,
  get: /^GET \/REST\/2\.0\/ticket\/\d+$/,
  create: /^POST \/REST\/2\.0\/ticket$/,
  comment: /^POST \/REST\/2\.0\/ticket\/\d+\/(comment|correspond)$/,
  attach: /^POST \/REST\/2\.0\/ticket\/\d+\/comment$/,
  'change state': /^PUT \/REST\/2\.0\/ticket\/\d+$/,
};

export type Json = Record<string, unknown>;

/** Request Tracker asked directly. */
export async function startRt() {
  const { url, token } = await sharedDesk('request-tracker');
  const headers = { authorization: `token ${token}`, 'user-agent': 'test', connection: 'close' };
  const ask = async (path: string, init: RequestInit = {}): Promise<Json> =>
    (await (
      await fetch(`${url}/REST/2.0/${path}`, { ...init, headers: { ...headers, ...init.headers } })
    ).json()) as Json;
  return { url, token, ask };
}

/** The shared Request Tracker behind a proxy; every test has references of its own. */
export async function startRtRig(): Promise<FaultyRig> {
  const rt = await startRt();
  const { url, token } = rt;
  const proxy = await startFaultProxy(url);
  const unique = randomBytes(6).toString('hex').toUpperCase();
  const withToken = (given: string) =>
    new RequestTrackerDesk({ url: proxy.url, token: given, queue: 'Support', env: {} });
  const answered = (call: Call, status: number, body: string) =>
    void proxy.faults.push({ route: routes[call], how: 'answer', status, body });
  return {
    ...faultsOf(proxy, routes),
    ...{ routes, proxy, desk: withToken(token), token, withToken },
    ledger: () => ledgerOf(rt, `CF.{External Reference} LIKE '${unique}'`),
    reference: (name) => name.replace(/(ref)-/i, `$1-${unique}-`),
    hours: {
      of: async (id) => Number((await rt.ask(`ticket/${id}`))['TimeWorked']),
      loseAnswer: () => void proxy.faults.push({ route: routes.comment, how: 'lose-answer' }),
      loseRequest: () => void proxy.faults.push({ route: routes.comment, how: 'lose-request' }),
    },
    refuseTransition: () => answered('change state', 200, '["No permission"]'),
    dropFile: () => answered('attach', 201, '["Comments added"]'),
  };
}

type Rt = Awaited<ReturnType<typeof startRt>>;

/** What it holds of the tickets that a query of TicketSQL finds. */
export async function ledgerOf({ ask }: Rt, query: string): Promise<Ledger> {
  const items = async (path: string) => (await ask(path))['items'] as Json[];
  const found = await items(`tickets?query=${encodeURIComponent(query)}&orderby=id&fields=Status,CustomFields`);
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
  const mine = found.map((ticket) => ({
    id: String(ticket['id']),
    ...{ reference: referenceIn(ticket), state: stateIn(ticket) },
  }));
  return Promise.all(mine.map(async ({ id, ...rest }) => ({ ...rest, ...(await contentsOf(id)) })));
}

function referenceIn(ticket: Json): string {
  const fields = ticket['CustomFields'] as { name: string; values: string[] }[];
  return fields.find(({ name }) => name === 'External Reference')?.values[0] ?? '';
}

function stateIn({ Status }: Json): string {
  return Status === 'awaiting information' ? 'awaiting-information' : String(Status);
}
