import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { onTestFinished } from 'vitest';
import type { ApiHelpDesk } from '../../src/helpdesk/help-desk.ts';
import { type RestConfig, RestDesk } from '../../src/helpdesk/rest/desk.ts';

export const token = 'tok-canary-0123456789';

export type Odd = { desk: ApiHelpDesk; url: string; requests: string[] };

/** A help desk that answers as no help desk should. */
export async function startOdd(answer: RequestListener, path = '', config: Partial<RestConfig> = {}): Promise<Odd> {
  const requests: string[] = [];
  const server = createServer((request, response) => {
    requests.push(`${request.method} ${request.url} ${request.headers.authorization ?? 'no token'}`);
    answer(request, response);
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
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}${path}`;
  return { desk: new RestDesk({ url, token, env: {}, ...config }), url, requests };
}

/** The same to every request. */
export const answering =
  (status: number, body: string | Buffer, headers: Record<string, string> = {}): RequestListener =>
  (request, response) => {
    request.resume();
    response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(body);
  };

export const ticket = {
  id: '1',
  key: 'TIC-1',
  url: 'https://x',
  reference: 'REF-1',
  subject: 's',
  state: 'open',
  files: [],
};
