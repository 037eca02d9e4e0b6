import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type MockSwitches, type MockTicket, MockTickets } from './help-desk-tickets.js';
import { callOf, isAuthorized, problem, reply } from './help-desk-wire.js';

export type { MockSwitches, MockTicket } from './help-desk-tickets.js';

/** What goes wrong with the next request to a route, e.g. `POST /tickets`; used up one by one. */
export type MockFault = {
  route: string;
  /** `before` and `after` it did its work; a file that is dropped or cut was told to be attached; `none`: only headers. */
  fault: 'none' | 'reset-before' | 'reset-after' | 'status-after' | 'status-before' | 'drop-file' | 'cut-file';
  status?: number;
  headers?: Record<string, string>;
  /** What it says with that status: JSON, or a page. */
  body?: unknown;
};

export type MockHelpDeskOptions = {
  port: number;
  token: string;
  /** Where attachments are kept. */
  folder: string;
  maxFileBytes: number | undefined;
};

export type MockHelpDesk = {
  url: string;
  /** What was committed, in order: the ledger. */
  tickets: MockTicket[];
  faults: MockFault[];
  switches: MockSwitches;
  /** Every request, as `METHOD /path`. */
  requests: string[];
  /** Called when a request has come, before anything is done about it. */
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
