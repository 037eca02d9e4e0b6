import { Agent, type Dispatcher, request } from 'undici';
import { formatDuration } from '../../domain/quantities.js';
import { printableLine } from '../../domain/text.js';
import { trace } from '../../domain/trace.js';
import { exitCode, reasonOf, UserError } from '../../errors.js';
import { HelpDeskError } from '../help-desk.js';
import { insecurity } from '../insecure-url.js';
import type { HttpAnswer, HttpCall, HttpEnvironment, HttpUpload } from './call.js';
import { type HttpCredential, maskOf } from './credential.js';
import { lostAnswer, type Meaning, refusal } from './failure.js';

export interface Http {
  /** Answers of 2xx only; everything else is thrown. @throws HelpDeskError */
  send(call: HttpCall, signal: AbortSignal): Promise<HttpAnswer>;
}

const userAgent = 'icepack';
const usualAnswerBytes = 1024 * 1024;
const usualTimeoutMs = 30_000;
/** A slow line still carries 100 kB/s. */
const slowestBytesPerMs = 100;

export type HttpSettings = {
  /** Where the help desk is; nothing goes anywhere else. */
  base: URL;
  credential: HttpCredential;
  env: HttpEnvironment;
  /** How long one answer may take; a file has its own time besides. */
  timeoutMs?: number;
  /** Another origin that the help desk answers at, for requests with the same credential. */
  alsoAt?: URL;
  /** What an answer means there, where its status does not say it. */
  meaning?: Meaning;
};

/**
 * HTTP for help desks: one attempt, no redirect is followed, the credential goes to the configured origin only, answers
 * are capped, the credential is masked in whatever comes back. A request that is refused for a credential that can be
 * renewed is repeated once: it was not carried out.
 * @throws UserError `insecure-url`, `insecure-tls` when the credential would travel unprotected
 */
export function openHttp(settings: HttpSettings): Http {
  const { base, credential, alsoAt } = settings;
  const origins = [base, ...(alsoAt ? [alsoAt] : [])];
  for (const each of origins) refuseInsecure(each, settings.env);
  const attempt = attempts(settings);

  return {
    async send(call, signal) {
      if (!origins.some(({ origin }) => origin === call.url.origin))
        throw new Error(`a request to ${call.url.origin} is not for ${base.origin}`);
      try {
        return await attempt(call, signal);
      } catch (error) {
        if (!(error instanceof HelpDeskError && error.status === 401 && credential.renew)) throw error;
        credential.renew();
        return await attempt(call, signal);
      }
    },
  };
}

function attempts({ credential, env, timeoutMs = usualTimeoutMs, meaning }: HttpSettings): Http['send'] {
  const options = { connect: { timeout: 10_000 }, headersTimeout: 0, bodyTimeout: timeoutMs };
  const kept = new Agent(options);
  const fresh = new Agent({ ...options, pipelining: 0 }); // never a connection that was used before
  const mask = maskOf(credential);

  return async (call, signal) => {
    const proof = await credential.headers(signal);
    const upload = typeof call.body === 'object' ? call.body : undefined;
    const withinMs = upload === undefined ? timeoutMs : 2 * timeoutMs + Math.ceil(upload.bytes / slowestBytesPerMs);
    const deadline = AbortSignal.timeout(withinMs);
    const stalled = stallOf(upload, 2 * timeoutMs);
    let begun = false;
    const note = traceOf(call);
    note('sent');
    try {
      const answer = await request(call.url, {
        method: call.method,
        dispatcher: call.method === 'POST' ? fresh : kept, // no doubt from a keep-alive that just ended
        signal: AbortSignal.any([signal, deadline, stalled.signal]),
        headers: {
          'user-agent': userAgent,
          accept: 'application/json',
          ...bodyHeaders(call.body),
          ...call.headers,
          ...proof,
        },
        ...(call.body === undefined ? {} : { body: upload?.open() ?? (call.body as string) }),
      });
      begun = true;
      return await judge(call, answer, { mask, note, ...(meaning ? { meaning } : {}) });
    } catch (error) {
      if (!(error instanceof HelpDeskError)) note(reasonOf(error)); // else it was answered
      if (signal.aborted) throw signal.reason;
      if (error instanceof HelpDeskError) throw error;
      const reason = stalled.signal.aborted
        ? `it took nothing for ${formatDuration(2 * timeoutMs)}`
        : deadline.aborted
          ? `no answer within ${formatDuration(withinMs)}`
          : mask(reasonOf(error));
      throw lostAnswer(call, env, { reason, cause: error, begun });
    } finally {
      stalled.stop();
    }
  };
}

/** Takes what becomes of a request to the trace: neither headers nor bodies, and of its query the names only. */
function traceOf({ method, url }: HttpCall): (text: string) => void {
  const started = performance.now();
  const names = [...new Set(url.searchParams.keys())];
  const query = names.length === 0 ? '' : `?${names.join('&')}`;
  return (text) =>
    trace('http', () => {
      const ms = Math.round(performance.now() - started);
      return `${method} ${url.origin}${url.pathname}${query} ${text}, ${ms} ms`;
    });
}

/** Aborts when a file does not go on; once it has left, its answer has until the deadline. */
function stallOf(upload: HttpUpload | undefined, idleMs: number): { signal: AbortSignal; stop: () => void } {
  const stalled = new AbortController();
  let before = -1;
  const watching = setInterval(() => {
    const now = upload?.sentBytes() ?? 0;
    if (upload !== undefined && now === before && now < upload.bytes) stalled.abort();
    before = now;
  }, idleMs);
  return { signal: stalled.signal, stop: () => clearInterval(watching) };
}

function refuseInsecure(base: URL, env: HttpEnvironment): void {
  const why = insecurity(base);
  if (why !== undefined) {
    throw new UserError('insecure-url', why, {
      exit: exitCode.usage,
      hint: 'Write helpdesk.url with https://',
    });
  }
  if (base.protocol === 'https:' && env['NODE_TLS_REJECT_UNAUTHORIZED'] === '0') {
    throw new UserError('insecure-tls', 'NODE_TLS_REJECT_UNAUTHORIZED=0 would send the credential to anybody', {
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
  { mask, note, meaning }: { mask: (text: string) => string; note: (text: string) => void; meaning?: Meaning },
): Promise<HttpAnswer> {
  const { statusCode: status, headers } = answer;
  const text = mask(await readCapped(answer, call.maxAnswerBytes ?? usualAnswerBytes));
  note(`answered ${status}, ${Buffer.byteLength(text)} bytes`);
  const body = parseJson(text, mask);
  const isMeant = status >= 200 && status < 300;
  const meant = meaning?.({ status, headers, body }, call);
  if (meant !== undefined || !isMeant) throw refusal(call, { status, headers, body }, printableLine(text, 120), meant);
  if (body !== undefined || text === '') return { status, headers, body };
  throw new HelpDeskError(
    'outcome-unknown',
    `${call.url.origin} answered ${status} with something that is not JSON: ${printableLine(text, 80)}`,
    { status, maybeApplied: !call.safe },
  );
}

async function readCapped({ body }: Dispatcher.ResponseData, maxBytes: number): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of body) {
    bytes += chunk.length;
    if (bytes > maxBytes) throw new Error(`the answer is larger than ${maxBytes / 1024 / 1024} MiB`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

/** Strings that hold a secret however they were escaped are masked too. */
function parseJson(text: string, mask: (text: string) => string): unknown {
  try {
    return JSON.parse(text, (_key, value: unknown) => (typeof value === 'string' ? mask(value) : value));
  } catch {
    return undefined; // an HTML page, a proxy's text: judged by whoever asked
  }
}
