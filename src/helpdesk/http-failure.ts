import { defined } from '../domain/defined.js';
import { proxyVariables } from '../domain/proxy.js';
import { printableLine } from '../domain/text.js';
import { type FailureKind, HelpDeskError } from './help-desk.js';
import type { HttpAnswer, HttpCall, HttpEnvironment } from './http-call.js';

/** What an answer other than 2xx means. @param said the answer's own words, when it has no JSON */
export function refusal(call: HttpCall, { status, headers, body }: HttpAnswer, said: string): HelpDeskError {
  const reason = messageIn(body) ?? said;
  const message = `${call.url.origin} answered ${status}${reason ? `: ${reason}` : ''}`;
  const maybeApplied = !call.safe && (status >= 500 || status === 408);
  const retryAfterMs = retryAfter(headers);
  const facts = { status, maybeApplied, ...defined({ retryAfterMs }) };
  if (maybeApplied) return new HelpDeskError('outcome-unknown', message, facts);
  if (status >= 500 || status === 408) return new HelpDeskError('unavailable', message, facts);
  if (status < 400) return new HelpDeskError('invalid', `${message} (a redirect; check helpdesk.url)`, facts);
  return new HelpDeskError(kinds[status] ?? 'invalid', message, facts);
}

const kinds: Record<number, FailureKind> = {
  401: 'auth',
  403: 'forbidden',
  404: 'not-found',
  409: 'conflict',
  410: 'not-found',
  412: 'conflict',
  413: 'too-large',
  429: 'rate-limited',
};

/** Failures in which no byte of the request can have left. */
const neverSent = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'UND_ERR_CONNECT_TIMEOUT',
]);
const untrusted = /^(CERT_|DEPTH_ZERO|SELF_SIGNED|UNABLE_TO_|ERR_TLS_CERT)/;
const tlsFailure = /^(ERR_TLS|ERR_SSL)/;

/** What it means that there is no answer, or half of one. */
export function lostAnswer(
  call: HttpCall,
  env: HttpEnvironment,
  { reason, cause, begun }: { reason: string; cause: unknown; begun: boolean },
): HelpDeskError {
  const code = cause instanceof Error && 'code' in cause ? String(cause.code) : '';
  const { origin } = call.url;
  if (!begun && untrusted.test(code))
    return new HelpDeskError('untrusted', `the certificate of ${origin} is not to be trusted: ${reason}`, { cause });
  const unsent = !begun && (neverSent.has(code) || tlsFailure.test(code));
  if (unsent || call.safe) {
    const message = `${origin} cannot be reached: ${reason}${withoutProxy(env)}`;
    return new HelpDeskError('unavailable', message, { cause });
  }
  return new HelpDeskError('outcome-unknown', `the answer of ${origin} was lost: ${reason}`, {
    maybeApplied: true,
    cause,
  });
}

function withoutProxy(env: HttpEnvironment): string {
  const proxies = proxyVariables(env);
  return proxies.length === 0 ? '' : ` (directly: ${proxies.join(', ')} is set and not used)`;
}

/** RFC 9457, and what others write instead. */
function messageIn(body: unknown): string | undefined {
  if (typeof body !== 'object' || body === null) return undefined;
  const { detail, title, message, errors } = body as Record<string, unknown>;
  const isText = (text: unknown): text is string => typeof text === 'string' && text !== '';
  const said = [detail, message, title].find(isText);
  const each = Array.isArray(errors) ? errors.filter(isText).join('; ') : '';
  return printableLine([said, each].filter(isText).join(': '), 300) || undefined;
}

/** Nobody waits longer than that, whatever is asked for. */
const dayMs = 86_400_000;

/** Seconds or an HTTP date, which the server's own clock says how far away it is. @returns 0 ms to a day */
function retryAfter(headers: HttpAnswer['headers']): number | undefined {
  const asked = String(headers['retry-after'] ?? '').trim();
  const ms = /^\d+$/.test(asked)
    ? Number(asked) * 1000
    : (dateIn(asked) ?? Number.NaN) - (dateIn(headers['date']) ?? Date.now());
  return Number.isNaN(ms) ? undefined : Math.min(Math.max(ms, 0), dayMs);
}

/** The instant of an HTTP date (RFC 9110, 5.6.7), in ms. */
export function dateIn(header: string | string[] | undefined): number | undefined {
  const text = String(header ?? '').trim();
  const ms = / GMT$/.test(text) ? Date.parse(text) : Number.NaN;
  return Number.isNaN(ms) ? undefined : ms;
}
