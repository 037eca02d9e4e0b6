import { defined } from '../../domain/defined.js';
import { proxyVariables } from '../../domain/proxy.js';
import type { RequiredField } from '../../domain/required-field.js';
import { printableLine } from '../../domain/text.js';
import { type FailureKind, HelpDeskError } from '../help-desk.js';
import type { HttpAnswer, HttpCall, HttpEnvironment } from './call.js';

/** What an answer means at one help desk, where its status does not say it; undefined where it does. */
export type Meaning = (
  answer: HttpAnswer,
  call: HttpCall,
) => { kind: FailureKind; because?: string; required?: readonly RequiredField[] } | undefined;

/**
 * What an answer means that is no answer to what was asked.
 * @param said the answer's own words, when it has no JSON
 * @param meant what the help desk knows of it
 */
export function refusal(
  call: HttpCall,
  { status, headers, body }: HttpAnswer,
  said: string,
  meant?: ReturnType<Meaning>,
): HelpDeskError {
  const reason = meant?.because ?? messageIn(body) ?? said;
  const message = `${call.url.origin} answered ${status}${reason ? `: ${reason}` : ''}`;
  const mayBeDone = status < 300 || status >= 500 || status === 408;
  const maybeApplied = !call.safe && mayBeDone;
  const retryAfterMs = retryAfter(headers);
  const facts = { status, maybeApplied, ...defined({ retryAfterMs }) };
  if (meant !== undefined)
    return new HelpDeskError(meant.kind, message, { ...facts, ...defined({ required: meant.required }) });
  if (maybeApplied) return new HelpDeskError('outcome-unknown', message, facts);
  if (mayBeDone) return new HelpDeskError('unavailable', message, facts);
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

/** RFC 9457, and what others write instead: the words of an error, in the order in which they say most. */
function messageIn(body: unknown): string | undefined {
  if (Array.isArray(body)) return printableLine(body.filter(isText).join('; '), 300) || undefined;
  if (!isRecord(body)) return undefined;
  const { detail, title, message, description, error, errors, errorMessages, details } = body;
  const nested = isRecord(error) ? [error['message'], error['detail']].filter(isText) : [];
  const said = [detail, message, description, title, nested.join(': '), error].find(isText);
  const each = [errorMessages, errors, details].flatMap(wordsIn).join('; ');
  return printableLine([said, each].filter(isText).join(': '), 300) || undefined;
}

/** A list of words, or words by the field they are about. */
function wordsIn(value: unknown): string[] {
  if (Array.isArray(value)) return value.flatMap((each) => (isText(each) ? [each] : wordsIn(each)));
  if (!isRecord(value)) return [];
  if (isText(value['description'])) return [value['description']];
  return Object.entries(value).flatMap(([name, words]) =>
    (isText(words) ? [words] : wordsIn(words)).map((word) => `${name}: ${word}`),
  );
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value !== '';
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
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
