import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { onTestFinished } from 'vitest';
import { type Asked, callsOf, ZendeskAccount } from './zendesk-calls.ts';
import { type Answer, notFound, refused, ZendeskStore } from './zendesk-store.ts';
import { answerFaults, callOf, requestFaults } from './zendesk-wire.ts';

export { emailOfBot, secrets } from './zendesk-calls.ts';

/** What came, whatever became of it. */
type Request = { call: string; authorization: string | undefined; query: URLSearchParams; sent: Buffer };

export type Zendesk = { url: string; store: ZendeskStore; account: ZendeskAccount; requests: Request[] };

/**
 * A Zendesk as its documentation has it, with what bites. What its description does not have ends a request: with 400
 * where the request is at fault, with 500 where the answer is. So nobody agrees with himself only.
 */
export async function startZendesk(): Promise<Zendesk> {
  const store = new ZendeskStore();
  const account = new ZendeskAccount(store);
  const calls = callsOf(store, account);
  const requests: Request[] = [];

  const handle = async (request: IncomingMessage, response: ServerResponse) => {
    const { pathname, searchParams: query } = new URL(request.url ?? '/', 'http://fake');
    const call = callOf(request.method ?? '', pathname);
    const sent = await buffer(request);
    requests.push({ call, authorization: request.headers.authorization, query, sent });
    const parts = pathname.replace(/\.json$/, '').split('/');
    const id = Number(parts.find((part) => /^\d+$/.test(part)) ?? 0);
    const asked = { id, last: decodeURIComponent(parts.at(-1) ?? ''), query, sent, request };
    write(response, call, refusalOf(call, asked, account) ?? calls[call]?.(asked) ?? notFound);
  };
  const server = createServer((request, response) => {
    void handle(request, response).catch(() => response.destroy());
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
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, store, account, requests };
}

function refusalOf(call: string, { query, sent, request }: Asked, account: ZendeskAccount): Answer | undefined {
  const { authorization, 'content-type': type } = request.headers;
  const faults = requestFaults(call, query, type === 'application/json' ? JSON.parse(sent.toString()) : '');
  if (faults.length > 0) return { status: 400, body: `not as described: ${faults.join('; ')}` };
  if (call === 'POST /oauth/tokens') return undefined;
  if (call === 'GET /api/v2/users/me' && account.isAnonymous)
    return { status: 200, body: { user: { id: null, name: 'Anonymous user', email: 'invalid@example.com' } } };
  if (account.knows(authorization)) return undefined;
  return account.isPlain ? { status: 401, body: "Couldn't authenticate you" } : refused(401, 'invalid_token');
}

function write(response: ServerResponse, call: string, { status, body, headers = {} }: Answer): void {
  const faults = answerFaults(call, status, body);
  if (faults.length > 0) return void response.writeHead(500).end(`not as described: ${faults.join('; ')}`);
  const isText = typeof body === 'string';
  response.writeHead(status, { ...headers, 'content-type': isText ? 'text/plain' : 'application/json' });
  response.end(isText ? body : JSON.stringify(body));
}
