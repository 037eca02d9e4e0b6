import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type RedmineConfig, RedmineDesk } from '../../../src/helpdesk/redmine/desk.ts';
import type { Call, Ledger } from '../../helpdesk/contract.ts';
import type { FaultyRig } from '../../helpdesk/faults.ts';
import { sha256 } from '../../ssh/remote-files.contract.ts';
import { faultsOf, startFaultProxy } from '../fault-proxy.ts';
import { type SharedDesk, sharedDesk } from './shared-desk.ts';

export const routes: Record<Call, RegExp> = {
  account: /^GET \/users\/current\.json/,
  find: /^GET \/issues\.json/,
  get: /^GET \/issues\/\d+\.json/,
  create: /^POST \/issues\.json/,
  comment: /^PUT \/issues\/\d+\.json/,
  attach: /^PUT \/issues\/\d+\.json/,
  'change state': /^PUT \/issues\/\d+\.json/,
};

const enteringTime = /^POST \/time_entries\.json/;

/** What is entered as spent time. */
export async function minutesOf(real: RealRedmine, id: string): Promise<number> {
  const { time_entries: entries } = await real.ask(`/time_entries.json?issue_id=${id}`);
  return entries.reduce((sum: number, { hours }: { hours: number }) => sum + Math.round(hours * 60), 0);
}

type Ids = {
  cf_id: number;
  unsearched_cf_id: number;
  guest_token: string;
  admin_token: string;
  statuses: Record<string, number>;
};

export type RedmineRig = FaultyRig & {
  desk: RedmineDesk;
  /** The help desk with other settings. */
  deskWith(settings: Partial<RedmineConfig>): RedmineDesk;
  ids: Ids;
  real: RealRedmine;
};

export async function sharedRedmine(): Promise<{ shared: SharedDesk; ids: Ids }> {
  const shared = await sharedDesk('redmine');
  return { shared, ids: JSON.parse(await readFile(join(shared.home, 'ids.json'), 'utf8')) };
}

/** The shared Redmine behind a proxy; every test has references of its own. */
export async function startRedmineRig(): Promise<RedmineRig> {
  const { shared, ids } = await sharedRedmine();
  const proxy = await startFaultProxy(shared.url);
  const real = redmineAt(shared);
  const tag = String(Math.random()).slice(2, 12);
  const deskWith = (settings: Partial<RedmineConfig>) =>
    new RedmineDesk({
      ...{ url: proxy.url, token: shared.token, env: {}, project: 'support', tracker: 'Support ticket' },
      ...{ referenceField: String(ids.cf_id), priorities: usualPriorities, timeActivity: 'Support' },
      ...settings,
    });
  const taken = () => void proxy.faults.push({ route: routes['change state'], how: 'answer', status: 204 });
  return {
    ...{ routes, upload: /^POST \/uploads\.json/, desk: deskWith({}), deskWith, proxy, ids, real, token: shared.token },
    withToken: (token) => deskWith({ token }),
    reference: (name) => name.replace('-', `-${tag}-`),
    ledger: () => ledgerOf(real, `cf_${ids.cf_id}=~${tag}`, ids),
    ...faultsOf(proxy, routes),
    hours: {
      of: (id) => minutesOf(real, id),
      loseAnswer: () => void proxy.faults.push({ route: enteringTime, how: 'lose-answer' }),
      loseRequest: () => void proxy.faults.push({ route: enteringTime, how: 'lose-request' }),
    },
    refuseTransition: taken,
    dropFile: taken,
  };
}

const usualPriorities = { low: 'Low', medium: 'Normal', high: 'High', emergency: 'Urgent' };

/** What it answers when it is asked directly. */
export type RealRedmine = {
  url: string;
  // biome-ignore lint/suspicious/noExplicitAny: answers of another program are read by the test that knows them
  ask(path: string, options?: { as?: string; method?: string; body?: unknown; type?: string }): Promise<any>;
  /** Changes an issue as the administrator. */
  administer(id: string, issue: Record<string, unknown>): Promise<void>;
  download(url: string): Promise<Buffer>;
  /** The page of an issue, as people see it. */
  page(id: string): Promise<string>;
};

export function redmineAt({ url, token }: SharedDesk): RealRedmine {
  const get = (
    path: string,
    headers: Record<string, string> = { 'x-redmine-api-key': token },
    init: RequestInit = {},
  ) => fetch(new URL(path, url), { ...init, headers: { 'content-type': 'application/json', ...headers } });
  return {
    url,
    ask: async (path, { as = token, method = 'GET', body, type = 'application/json' } = {}) => {
      const init = { method, ...(body === undefined ? {} : { body: JSON.stringify(body) }) };
      const answer = await get(path, { 'x-redmine-api-key': as, 'content-type': type }, init);
      const text = await answer.text();
      return { status: answer.status, ...(text === '' ? {} : JSON.parse(text)) };
    },
    async administer(id, issue) {
      const authorization = `Basic ${Buffer.from('admin:local-test-admin-pw').toString('base64')}`;
      const body = JSON.stringify({ issue });
      const { status } = await get(`/issues/${id}.json`, { authorization }, { method: 'PUT', body });
      if (status !== 204) throw new Error(`the administrator was answered ${status}`);
    },
    page: (id) => pageFor(url, `/issues/${id}`),
    download: async (path) => Buffer.from(await (await get(new URL(path).pathname)).arrayBuffer()),
  };
}

/** A page for somebody who has logged in: keys are not taken for pages. */
async function pageFor(url: string, path: string): Promise<string> {
  const cookieOf = ({ headers }: Response) =>
    headers
      .getSetCookie()
      .map((each) => each.split(';')[0])
      .join('; ');
  const form = await fetch(`${url}/login`);
  const proof = /name="authenticity_token" value="([^"]+)"/.exec(await form.text())?.[1] ?? '';
  const body = new URLSearchParams({ authenticity_token: proof, username: 'support-bot', password: 'bot-password' });
  const init: RequestInit = { method: 'POST', body, headers: { cookie: cookieOf(form) }, redirect: 'manual' };
  const cookie = cookieOf(await fetch(`${url}/login`, init));
  return (await fetch(`${url}${path}`, { headers: { cookie } })).text();
}

const stateNames = { Open: 'open', 'Awaiting Information': 'awaiting-information', Fixed: 'fixed', Closed: 'closed' };

/** The issues that a filter of Redmine lets through. */
export async function ledgerOf(real: RealRedmine, filter: string, { cf_id: field }: Ids): Promise<Ledger> {
  const { issues } = await real.ask(`/issues.json?status_id=*&sort=id&limit=100&${filter}`);
  return Promise.all(
    issues.map(async ({ id }: { id: number }) => {
      const { issue } = await real.ask(`/issues/${id}.json?include=attachments,journals`);
      const files = issue.attachments.map(
        async (file: { filename: string; filesize: number; content_url: string }) => ({
          name: file.filename,
          bytes: file.filesize,
          sha256: sha256(await real.download(file.content_url)),
        }),
      );
      const notes: string[] = issue.journals.map(({ notes }: { notes: string | null }) => notes ?? '');
      return {
        reference: issue.custom_fields.find((each: { id: number }) => each.id === field).value,
        state: stateNames[issue.status.name as keyof typeof stateNames],
        files: await Promise.all(files),
        markers: notes.flatMap((text) => text.match(/\[(?:bundle|note) \w+\]/g) ?? []),
      };
    }),
  );
}
