import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { onTestFinished } from 'vitest';

export type Request = { method: string; path: string; headers: IncomingHttpHeaders; body: string };
export type Answer = { status?: number; body?: unknown; headers?: Record<string, string> } | 'cut' | 'silence';

/** A gateway that answers as it is told, and keeps what it was sent. */
export async function startHttp(answer: (request: Request) => Answer) {
  const requests: Request[] = [];
  const server = createServer(async (incoming, response) => {
    const { method = '', url: path = '', headers } = incoming;
    const request = { method, path, headers, body: await text(incoming) };
    requests.push(request);
    const said = answer(request);
    if (said === 'cut') return void incoming.socket.destroy();
    if (said === 'silence') return;
    const { status = 200, body = {}, headers: more = {} } = said;
    response.writeHead(status, { 'content-type': 'application/json', ...more });
    response.end(typeof body === 'string' ? body : JSON.stringify(body));
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
  return { base: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, requests };
}
