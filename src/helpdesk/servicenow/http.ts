import { z } from 'zod';
import { defined } from '../../domain/defined.js';
import type { RequiredField } from '../../domain/required-field.js';
import { printableLine } from '../../domain/text.js';
import { HelpDeskError } from '../help-desk.js';
import { agreed } from '../http/answer.js';
import type { HttpAnswer, HttpCall, HttpEnvironment } from '../http/call.js';
import {
  basicCredential,
  fetchedToken,
  fixedCredential,
  type HttpCredential,
  noCredential,
} from '../http/credential.js';
import type { Meaning } from '../http/failure.js';
import { type Http, openHttp } from '../http/http.js';

/** The three ways in. */
export type ServiceNowLogin =
  | { user: string; password: string }
  | { clientId: string; clientSecret: string }
  | { apiKey: string };

export type ServiceNowAccess = { base: URL; login: ServiceNowLogin; env: HttpEnvironment; timeoutMs?: number };

/** @throws UserError `insecure-url`, `insecure-tls` */
export function openInstance(access: ServiceNowAccess): Http {
  const { base, env, timeoutMs } = access;
  return openHttp({ base, env, meaning, credential: credentialOf(access), ...defined({ timeoutMs }) });
}

function credentialOf(access: ServiceNowAccess): HttpCredential {
  const { login } = access;
  if ('user' in login) return basicCredential(login.user, login.password);
  if ('apiKey' in login) return fixedCredential({ 'x-sn-apikey': login.apiKey }, login.apiKey);
  return tokenOf(login, access);
}

const tokenSchema = z.object({ access_token: z.string().min(1) });

/** RFC 6749, 4.4. Fetching a token again does no harm: whatever fails, nothing was done at the help desk. */
function tokenOf(
  { clientId, clientSecret }: { clientId: string; clientSecret: string },
  { base, env, timeoutMs }: ServiceNowAccess,
): HttpCredential {
  const credential = noCredential(clientSecret);
  const http = openHttp({ base, env, credential, meaning: tokenMeaning, ...defined({ timeoutMs }) });
  const form = { grant_type: 'client_credentials', client_id: clientId, client_secret: clientSecret };
  const call: HttpCall = {
    method: 'POST',
    url: new URL('oauth_token.do', base),
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: `${new URLSearchParams(form)}`,
    safe: true,
  };
  const fetchToken = async (signal: AbortSignal) =>
    agreed(tokenSchema, call, await http.send(call, signal)).access_token;
  return fetchedToken(fetchToken, clientSecret);
}

/** Whatever is refused here says nothing of a ticket: a 404 is a wrong address. */
const tokenMeaning: Meaning = (answer, call) => {
  const { status } = answer;
  const because = `no token: ${wordsOf(answer)}`;
  if (status >= 400 && status < 404) return { kind: 'auth', because };
  if (status >= 404 && status < 500 && status !== 429) return { kind: 'invalid', because };
  return meaning(answer, call);
};

/** What ServiceNow says in another way than by its status. */
const meaning: Meaning = (answer, call) => {
  const { status, headers } = answer;
  const words = wordsOf(answer);
  if (isAsleep(answer))
    return { kind: call.safe || status >= 300 ? 'unavailable' : 'outcome-unknown', because: asleep };
  if (status < 300)
    return headers['x-is-logged-in'] === 'false' ? { kind: 'auth', because: 'nobody is logged in' } : undefined;
  if (status === 401 && headers['x-mfa_token'] !== undefined) return { kind: 'auth', because: secondFactor };
  if (/unique key violation/i.test(words)) return { kind: 'conflict' };
  if (status === 403 && /business rule|data policy/i.test(words))
    return { kind: 'invalid', required: labelsIn(answer) };
  if (status < 500 && isFile(call) && /too (large|big)|max\w* (\w+ )?size/i.test(words)) return { kind: 'too-large' };
  return undefined;
};

/** The labels in `Data Policy Exception: The following fields are mandatory: Site, Contract`. */
function labelsIn({ body }: HttpAnswer): RequiredField[] {
  const { error } = z.object({ error: z.object({ detail: z.string() }) }).safeParse(body).data ?? {};
  const listed = /fields are mandatory:\s*([^\n]+)/i.exec(error?.detail ?? '')?.[1] ?? '';
  const labels = listed.split(',').map((label) => printableLine(label, 200).trim());
  return labels.filter((label) => label !== '').map((label) => ({ field: label, label }));
}

const asleep =
  'a page instead of data: the instance is asleep, or wants a login in a browser; wake it, or check helpdesk.url';
const secondFactor = 'the password is right, but the account must show a second factor; use clientId or apiKey';

/** A developer instance that hibernates, and a login page before an instance, answer every path with a page. */
function isAsleep({ status, headers, body }: HttpAnswer): boolean {
  if (status < 300) return body === undefined && /html/i.test(String(headers['content-type']));
  return status < 400 && /hibernat|developer\.service-?now/i.test(String(headers['location']));
}

function isFile({ url }: HttpCall): boolean {
  return url.pathname.endsWith('/attachment/file');
}

function wordsOf({ body }: HttpAnswer): string {
  return body === undefined ? 'no reason given' : JSON.stringify(body);
}

/**
 * The limit is applied before the rules of access, row by row: fewer rows than were counted means that there are some
 * which this account may not see.
 */
export function hiddenRows(shown: number, limit: number, { headers }: HttpAnswer): number {
  const counted = Number(headers['x-total-count'] ?? Number.NaN);
  return Number.isInteger(counted) ? Math.max(Math.min(counted, limit) - shown, 0) : 0;
}

export function mayNotSee(what: string, facts = 'ask its administrator for the right to read it'): HelpDeskError {
  return new HelpDeskError('forbidden', `the account may not see ${what}; ${facts}`);
}
