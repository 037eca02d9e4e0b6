import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { onTestFinished } from 'vitest';
import type { Call, HelpDeskRig } from '../helpdesk/contract.ts';

export type ProxyFault = {
  /** Of `METHOD /path?query`. */
  route: RegExp;
  how: 'lose-request' | 'lose-answer' | 'answer' | 'answer-early' | 'answer-after' | 'change-answer';
  status?: number;
  headers?: Record<string, string>;
  body?: string;
  /** Makes another answer of the real one. */
  change?: (body: string) => string;
  /** Asks for another path than was wanted. */
  path?: (path: string) => string;
};

export type FaultProxy = {
  url: string;
  /** The first that fits a request happens to it, once. */
  faults: ProxyFault[];
  /** `METHOD /path?query` of everything that came. */
  requests: string[];
};

/** Stands before a help desk and does to single requests what networks and gateways do. */
export async function startFaultProxy(target: string): Promise<FaultProxy> {
  const faults: ProxyFault[] = [];
  const requests: string[] = [];
  const server = createServer((incoming, response) => {
    const line = `${incoming.method} ${incoming.url}`;
    requests.push(line);
    const index = faults.findIndex(({ route }) => route.test(line));
    const fault = index < 0 ? undefined : faults.splice(index, 1)[0];
    void handle(target, fault, incoming, response).catch(() => response.destroy());
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  onTestFinished(
    () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  );
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, faults, requests };
}

async function handle(
  target: string,
  fault: ProxyFault | undefined,
  incoming: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  if (fault?.how === 'lose-request') return void response.destroy();
  if (fault?.how === 'answer-early') return answerEarly(fault, incoming, response);
  const isOurs = fault?.how === 'answer' || fault?.how === 'answer-after';
  if (fault?.how === 'answer') await buffer(incoming);
  if (fault?.path !== undefined) incoming.url = fault.path(incoming.url ?? '/');
  const real = fault?.how === 'answer' ? undefined : await passOn(target, incoming);
  if (fault?.how === 'lose-answer') return void response.destroy();
  const { status, headers, body } = isOurs || real === undefined ? { status: 200, headers: {}, body: '' } : real;
  const told = fault?.body ?? fault?.change?.(body.toString()) ?? body;
  response.writeHead(fault?.status ?? status, {
    ...headers,
    'content-length': Buffer.byteLength(told),
    ...(isOurs ? { 'content-type': 'application/json' } : {}),
    ...fault?.headers,
  });
  response.end(told);
}

/** As a gateway that reads no more than the head: it answers, and cuts the connection while the rest is sent. */
function answerEarly(
  { status = 413, body = '' }: ProxyFault,
  incoming: IncomingMessage,
  response: ServerResponse,
): void {
  response.writeHead(status, { 'content-length': Buffer.byteLength(body), connection: 'close' });
  response.end(body, () => incoming.socket.destroy());
}

async function passOn(target: string, incoming: IncomingMessage) {
  const answer = await new Promise<IncomingMessage>((resolve, reject) => {
    const outgoing = request(new URL(incoming.url ?? '/', target), {
      method: incoming.method ?? 'GET',
      headers: { ...incoming.headers, host: new URL(target).host, connection: 'close' },
    });
    outgoing.on('response', resolve).on('error', reject);
    incoming.pipe(outgoing);
  });
  const { 'transfer-encoding': _chunked, connection: _close, ...headers } = answer.headers;
  return { status: answer.statusCode ?? 502, headers, body: await buffer(answer) };
}

/** What the contract of help desks wants to do to single requests. @param routes which requests each call is */
export function faultsOf(
  { faults }: FaultProxy,
  routes: Record<Call, RegExp>,
): Pick<HelpDeskRig, 'loseAnswer' | 'loseRequest' | 'answer' | 'answerWith' | 'answerAfter'> {
  const add = (call: Call, fault: Omit<ProxyFault, 'route'>) => void faults.push({ route: routes[call], ...fault });
  const body = JSON.stringify({ message: 'no' });
  return {
    loseAnswer: (call) => add(call, { how: 'lose-answer' }),
    loseRequest: (call) => add(call, { how: 'lose-request' }),
    answer: (call, status, headers = {}) => add(call, { how: 'answer', status, headers, body }),
    answerWith: (call, headers) => add(call, { how: 'change-answer', headers }),
    answerAfter: (call, status) => add(call, { how: 'answer-after', status, body }),
  };
}
