import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type MockSwitches, type MockTicket, MockTickets } from './help-desk-tickets.js';
import { callOf, isAuthorized, problem, reply } from './help-desk-wire.js';

export type { MockSwitches, MockTicket } from './help-desk-tickets.js';

/** A fault for the next request to a route, e.g. `POST /tickets`; each fault is used once. */
export type MockFault = {
  route: string;
  /**
   * `before` and `after` tell whether the request was carried out; `drop-file` and `cut-file` say that the file was
   * attached, although it was not, or not whole; `none` only sends headers.
   */
  fault: 'none' | 'reset-before' | 'reset-after' | 'status-after' | 'status-before' | 'drop-file' | 'cut-file';
  status?: number;
  headers?: Record<string, string>;
  /** The body of an answer with that status: JSON, or a page. */
  body?: unknown;
};

export type MockHelpDeskOptions = {
  port: number;
  token: string;
  /** The folder where attachments are kept. */
  folder: string;
  maxFileBytes: number | undefined;
};

export type MockHelpDesk = {
  url: string;
  /** The ledger: all tickets that were committed, in order. */
  tickets: MockTicket[];
  faults: MockFault[];
  switches: MockSwitches;
  /** Every request, as `METHOD /path`. */
  requests: string[];
  /** Is called when a request has come, before it is handled. */
  onRequest?: (request: string) => void;
  close(): Promise<void>;
};

/** A help desk that speaks `templates/helpdesk-rest.openapi.yaml`, on loopback, in memory; its attachments are files. */
export async function startMockHelpDesk(options: MockHelpDeskOptions): Promise<MockHelpDesk> {
  const mockTickets = new MockTickets(options);
  const { tickets, switches } = mockTickets;
  const faults: MockFault[] = [];
  const requests: string[] = [];
  const server = createServer((request, response) => {
    serve(request, response).catch((error: unknown) => reply(response, problem(500, String(error))));
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(options.port, '127.0.0.1', resolve);
  });
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

  async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const call = callOf(request, origin);
    const what = `${request.method} ${call.url.pathname}`;
    requests.push(what);
    helpDesk.onRequest?.(what);
    const index = faults.findIndex((fault) => fault.route === call.route);
    const [fault] = index < 0 ? [] : faults.splice(index, 1);
    if (fault?.fault === 'reset-before') return void request.socket.resetAndDestroy();
    if (fault?.fault === 'status-before') {
      request.resume();
      return reply(response, told(fault, 503), fault.headers);
    }
    const answer = isAuthorized(request, options.token)
      ? await mockTickets.handle(call)
      : problem(401, 'the token is not known');
    if (fault?.fault === 'drop-file') for (const ticket of tickets) ticket.files = [];
    if (fault?.fault === 'cut-file') for (const file of tickets.flatMap(({ files }) => files)) cut(file);
    if (fault?.fault === 'reset-after') return void request.socket.resetAndDestroy();
    reply(response, fault?.fault === 'status-after' ? told(fault, 502) : answer, fault?.headers);
  }

  const helpDesk: MockHelpDesk = {
    url: `${origin}/api/v1`,
    tickets,
    faults,
    switches,
    requests,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
  return helpDesk;
}

function told({ status, body }: MockFault, usual: number) {
  return body === undefined ? problem(status ?? usual, 'told to fail') : { status: status ?? usual, body };
}

const nothing = 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855';

function cut(file: MockTicket['files'][number]): void {
  Object.assign(file, { bytes: 0, sha256: nothing });
}
