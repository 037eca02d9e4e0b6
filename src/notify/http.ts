import { Agent, type Dispatcher, request } from 'undici';
import { isLoopback } from '../domain/loopback.js';
import { formatDuration } from '../domain/quantities.js';
import { printableLine } from '../domain/text.js';
import { trace } from '../domain/trace.js';
import { reasonOf } from '../errors.js';
import { NotifyError } from './channel.js';
import { judged, lost } from './http-failure.js';
import { masked } from './masked.js';

export type HttpCall = {
  method: string;
  url: URL;
  headers?: Record<string, string>;
  body?: string;
  /** Of the body; JSON where nothing is said. */
  type?: string;
  /** It only asks: its failures leave nothing in doubt. */
  asks?: true;
  /** Masked in whatever comes back. */
  secrets?: readonly string[];
};

/** @param body what JSON says, else undefined @param text one line of what it says otherwise @param raw all of it */
export type HttpAnswer = {
  status: number;
  headers: Record<string, string | string[] | undefined>;
  body: unknown;
  text: string;
  raw: string;
};

const maxAnswerBytes = 64 * 1024;
const timeoutMs = 30_000;

/**
 * One request: no redirect is followed, answers are capped, nothing goes unprotected but to this machine. Certificates
 * are looked at whatever the environment says.
 * @param withinMs how long all of it may take
 * @returns answers of 2xx only @throws NotifyError
 */
export async function send(call: HttpCall, signal: AbortSignal, withinMs = timeoutMs): Promise<HttpAnswer> {
  refuseUnprotected(call.url);
  const deadline = AbortSignal.timeout(withinMs);
  const dispatcher = new Agent({
    connect: { timeout: 10_000, rejectUnauthorized: true },
    pipelining: 0, // no doubt from a connection that just ended
  });
  const started = performance.now();
  try {
    const answer = await answerOf(call, dispatcher, AbortSignal.any([signal, deadline]));
    note(call, `answered ${answer.status}`, started);
    return judged(call, answer);
  } catch (error) {
    if (error instanceof NotifyError) throw error;
    signal.throwIfAborted();
    const reason = deadline.aborted
      ? `no answer within ${formatDuration(withinMs)}`
      : masked(reasonOf(error), call.secrets ?? []);
    note(call, reason, started);
    throw lost(call, printableLine(reason, 300), error);
  } finally {
    await dispatcher.destroy();
  }
}

async function answerOf(
  { method, url, headers, body, type = 'application/json', secrets = [] }: HttpCall,
  dispatcher: Dispatcher,
  signal: AbortSignal,
): Promise<HttpAnswer> {
  const answer = await request(url, {
    ...{ method: method as Dispatcher.HttpMethod, dispatcher, signal },
    headers: {
      ...{ 'user-agent': 'icepack', accept: 'application/json' },
      ...(body === undefined ? {} : { 'content-type': type }),
      ...headers,
    },
    ...(body === undefined ? {} : { body }),
  });
  const raw = masked(await readCapped(answer), secrets);
  const { statusCode: status, headers: answered } = answer;
  return { status, headers: answered, body: parsed(raw), text: printableLine(raw, 200), raw };
}

/** Neither headers nor bodies, nor what a query says: a gateway may want its secret there. */
function note({ method, url }: HttpCall, text: string, started: number): void {
  const ms = Math.round(performance.now() - started);
  trace('http', () => `${method} ${url.origin}${url.pathname} ${text}, ${ms} ms`);
}

function refuseUnprotected(url: URL): void {
  if (url.protocol === 'https:' || (url.protocol === 'http:' && isLoopback(url.hostname))) return;
  throw new NotifyError('invalid', `nothing is sent over plain http to ${url.host}: write https://`);
}

async function readCapped({ body }: Dispatcher.ResponseData): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of body) {
    bytes += chunk.length;
    if (bytes > maxAnswerBytes) throw new Error('the answer is larger than 64 KiB');
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined; // judged by whoever asked
  }
}
