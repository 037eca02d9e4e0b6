import type { Readable } from 'node:stream';
import { Agent, type Dispatcher, request } from 'undici';
import { printableLine } from '../domain/text.js';
import { exitCode, reasonOf, UserError } from '../errors.js';
import { HelpDeskError } from './help-desk.js';

export type HttpCall = {
  method: 'GET' | 'POST' | 'PUT' | 'PATCH';
  url: URL;
  headers?: Record<string, string>;
  /** JSON, or a file's bytes. */
  body?: string | { stream: Readable; bytes: number; type: string };
  /** Repeating it does no harm and it may have had no effect: its failures are never "unknown". */
  safe?: boolean;
};

export type HttpAnswer = { status: number; headers: Record<string, string | string[] | undefined>; body: unknown };

export interface Http {
  /** Answers of 2xx only; everything else is thrown. @throws HelpDeskError */
  send(call: HttpCall, signal: AbortSignal): Promise<HttpAnswer>;
}

const userAgent = 'icepack';
const maxBodyBytes = 1024 * 1024;
const jsonTimeoutMs = 30_000;
/** A slow line still carries 100 kB/s. */
const slowestBytesPerMs = 100;
const maxRetryAfterMs = 120_000;

/**
 * HTTP for help desks: one attempt, no redirect is followed, the credential goes to the configured origin only, answers
 * are capped, the token is masked in whatever comes back.
 * @throws UserError `insecure-url`, `insecure-tls` when the token would travel unprotected
 */
export function openHttp(base: URL, token: string, env: { NODE_TLS_REJECT_UNAUTHORIZED?: string | undefined }): Http {
  refuseInsecure(base, env);
  const options = { connect: { timeout: 10_000 }, headersTimeout: 0, bodyTimeout: jsonTimeoutMs };
  const kept = new Agent(options);
  const fresh = new Agent({ ...options, pipelining: 0 }); // never a connection that was used before
  const mask = (text: string) => text.replaceAll(token, '***').replaceAll(encodeURIComponent(token), '***');

  return {
    async send(call, signal) {
      if (call.url.origin !== base.origin) throw new Error(`a request to ${call.url.origin} is not for ${base.origin}`);
      const upload = typeof call.body === 'object' ? call.body : undefined;
      const timeoutMs = upload === undefined ? jsonTimeoutMs : 60_000 + Math.ceil(upload.bytes / slowestBytesPerMs);
      const deadline = AbortSignal.timeout(timeoutMs);
      let connected = false;
      try {
        const answer = await request(call.url, {
          method: call.method,
          dispatcher: call.method === 'POST' ? fresh : kept, // no doubt from a keep-alive that just ended (finding 11)
          signal: AbortSignal.any([signal, deadline]),
          headers: {
            'user-agent': userAgent,
            accept: 'application/json',
            authorization: `Bearer ${token}`,
            ...bodyHeaders(call.body),
            ...call.headers,
          },
          ...(call.body === undefined ? {} : { body: upload?.stream ?? (call.body as string) }),
        });
        connected = true;
        return await judge(call, answer, mask);
      } catch (error) {
        if (signal.aborted) throw signal.reason;
        if (error instanceof HelpDeskError) throw error;
        const reason = deadline.aborted ? `no answer within ${Math.round(timeoutMs / 1000)} s` : mask(reasonOf(error));
        throw lostAnswer(call, base, reason, error, connected);
      }
    },
  };
}

function refuseInsecure(base: URL, env: { NODE_TLS_REJECT_UNAUTHORIZED?: string | undefined }): void {
  const loopback = ['localhost', '127.0.0.1', '[::1]'].includes(base.hostname);
  if (base.protocol === 'http:' && !loopback) {
    throw new UserError('insecure-url', `the help desk's token is not sent over plain http to ${base.host}`, {
      exit: exitCode.usage,
      hint: 'Write helpdesk.url with https://',
    });
  }
  if (base.protocol === 'https:' && env.NODE_TLS_REJECT_UNAUTHORIZED === '0') {
    throw new UserError('insecure-tls', 'NODE_TLS_REJECT_UNAUTHORIZED=0 would send the token to anybody', {
      exit: exitCode.usage,
      hint: 'Unset it; a private certificate authority is trusted with NODE_EXTRA_CA_CERTS=FILE',
    });
  }
}

function bodyHeaders(body: HttpCall['body']): Record<string, string> {
  if (body === undefined) return {};
  if (typeof body === 'string') return { 'content-type': 'application/json' };
  return { 'content-type': body.type, 'content-length': String(body.bytes) };
}

async function judge(
  call: HttpCall,
  answer: Dispatcher.ResponseData,
  mask: (text: string) => string,
): Promise<HttpAnswer> {
  const { statusCode: status, headers } = answer;
  const text = mask(await readCapped(answer));
  const body = parseJson(text);
  if (status >= 200 && status < 300) {
    if (body !== undefined || text === '') return { status, headers, body };
    throw new HelpDeskError(
      'outcome-unknown',
      `${call.url.origin} answered ${status} with something that is not JSON: ${printableLine(text, 80)}`,
      { status, maybeApplied: !call.safe },
    );
  }
  throw classify(call, status, headers, messageIn(body) ?? printableLine(text, 120));
}

async function readCapped({ body }: Dispatcher.ResponseData): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of body) {
    bytes += chunk.length;
    if (bytes > maxBodyBytes) throw new Error('the answer is larger than 1 MiB');
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function classify(call: HttpCall, status: number, headers: HttpAnswer['headers'], said: string): HelpDeskError {
  const message = `${call.url.origin} answered ${status}${said ? `: ${said}` : ''}`;
  const unsure = !call.safe && (status >= 500 || status === 408);
  const retryAfterMs = retryAfter(headers['retry-after']);
  const facts = { status, maybeApplied: unsure, ...(retryAfterMs === undefined ? {} : { retryAfterMs }) };
  if (status >= 300 && status < 400)
    return new HelpDeskError('invalid', `${message} (a redirect; check helpdesk.url)`, facts);
  switch (status) {
    case 401:
      return new HelpDeskError('auth', message, facts);
    case 403:
      return new HelpDeskError('forbidden', message, facts);
    case 404:
    case 410:
      return new HelpDeskError('not-found', message, facts);
    case 409:
    case 412:
      return new HelpDeskError('conflict', message, facts);
    case 413:
      return new HelpDeskError('too-large', message, facts);
    case 429:
      return new HelpDeskError('rate-limited', message, facts);
    default:
      return new HelpDeskError(
        status >= 500 || status === 408 ? (unsure ? 'outcome-unknown' : 'unavailable') : 'invalid',
        message,
        facts,
      );
  }
}

/** Failures in which no byte of the request can have left. */
const neverSent = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'UND_ERR_CONNECT_TIMEOUT',
]);
const tlsFailure = /^(CERT_|ERR_TLS|DEPTH_ZERO|SELF_SIGNED|UNABLE_TO_|ERR_SSL)/;

function lostAnswer(call: HttpCall, base: URL, reason: string, cause: unknown, answered: boolean): HelpDeskError {
  const code = cause instanceof Error && 'code' in cause ? String(cause.code) : '';
  const unsent = !answered && (neverSent.has(code) || tlsFailure.test(code));
  if (unsent || call.safe)
    return new HelpDeskError('unavailable', `${base.origin} cannot be reached: ${reason}`, { cause });
  return new HelpDeskError('outcome-unknown', `the answer of ${base.origin} was lost: ${reason}`, {
    maybeApplied: true,
    cause,
  });
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined; // an HTML page, a proxy's text: judged by whoever asked
  }
}

function messageIn(body: unknown): string | undefined {
  if (typeof body !== 'object' || body === null) return undefined;
  const { detail, title, message, errors } = body as Record<string, unknown>;
  const said = [detail, message, title, Array.isArray(errors) ? errors.join('; ') : undefined].find(
    (text) => typeof text === 'string' && text !== '',
  );
  return said === undefined ? undefined : printableLine(String(said), 300);
}

/** Seconds or an HTTP date; capped, and never negative. */
function retryAfter(header: string | string[] | undefined): number | undefined {
  if (typeof header !== 'string') return undefined;
  const ms = /^\d+$/.test(header) ? Number(header) * 1000 : Date.parse(header) - Date.now();
  return Number.isFinite(ms) ? Math.min(Math.max(ms, 0), maxRetryAfterMs) : undefined;
}
