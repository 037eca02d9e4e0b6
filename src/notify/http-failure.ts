import { printableLine } from '../domain/text.js';
import { NotifyError, type NotifyFailure } from './channel.js';
import type { HttpAnswer, HttpCall } from './http.js';

const kinds: Record<number, NotifyFailure> = { 401: 'auth', 403: 'auth', 408: 'unavailable', 429: 'unavailable' };

/** @returns an answer of 2xx @throws NotifyError what another one means */
export function judged(call: HttpCall, answer: HttpAnswer): HttpAnswer {
  const { status, headers } = answer;
  if (status >= 200 && status < 300) return answer;
  const said = wordsIn(answer.body) ?? answer.text;
  const message = `${call.url.origin} answered ${status}${said === '' ? '' : `: ${said}`}`;
  if (status < 400) throw new NotifyError('refused', `${call.url.origin} answered ${status}: no redirect is followed`);
  const kind = status >= 500 ? 'unavailable' : (kinds[status] ?? 'refused');
  const retryAfterMs = retryAfter(headers);
  throw new NotifyError(kind, message, {
    maybeSent: call.asks === undefined && (status >= 500 || status === 408),
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
  });
}

/** Failures in which no byte of a request can have left. */
const neverSent =
  /^(ECONNREFUSED|ENOTFOUND|EAI_AGAIN|EHOSTUNREACH|ENETUNREACH|UND_ERR_CONNECT_TIMEOUT|ERR_TLS|ERR_SSL)/;
const untrusted = /^(CERT_|DEPTH_ZERO|SELF_SIGNED|UNABLE_TO_|ERR_TLS_CERT)/;

/** Whether a failure says that nobody vouches for who answers. */
export function isUntrusted(error: unknown): boolean {
  return untrusted.test(codeOf(error));
}

/** What the failure of a request means that was not answered. */
export function lost(call: HttpCall, reason: string, cause: unknown): NotifyError {
  const { origin } = call.url;
  if (isUntrusted(cause))
    return new NotifyError('refused', `the certificate of ${origin} is not to be trusted: ${reason}`, { cause });
  const unsent = call.asks === true || neverSent.test(codeOf(cause));
  const message = unsent ? `${origin} cannot be reached: ${reason}` : `the answer of ${origin} was lost: ${reason}`;
  return new NotifyError('unavailable', message, { maybeSent: !unsent, cause });
}

export function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : '';
}

/** What an error says of itself in JSON, in the words that say most. */
function wordsIn(body: unknown): string | undefined {
  if (typeof body !== 'object' || body === null) return undefined;
  const { message, error, errors, detail, title } = body as Record<string, unknown>;
  const each = Array.isArray(errors) ? errors.join('; ') : undefined;
  const said = [message, detail, error, title].filter((text) => typeof text === 'string');
  const words = [said[0], each].filter((text) => text !== undefined && text !== '').join(': ');
  return printableLine(words, 300) || undefined;
}

const dayMs = 86_400_000;

/** Seconds, or a date as HTTP writes it. @returns 0 ms to a day */
function retryAfter(headers: HttpAnswer['headers']): number | undefined {
  const asked = String(headers['retry-after'] ?? '').trim();
  const ms = /^\d+$/.test(asked) ? Number(asked) * 1000 : Date.parse(asked) - Date.now();
  return Number.isNaN(ms) ? undefined : Math.min(Math.max(ms, 0), dayMs);
}
