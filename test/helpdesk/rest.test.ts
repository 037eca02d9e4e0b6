import { createServer, type IncomingMessage, type RequestListener, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gzipSync } from 'node:zlib';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { ApiHelpDesk } from '../../src/helpdesk/help-desk.ts';
import { RestDesk } from '../../src/helpdesk/rest/desk.ts';
import { startMockHelpDesk } from '../../src/mock/help-desk.ts';
import { startFaultProxy } from '../support/fault-proxy.ts';
import { temporaryFolder } from '../support/rig.ts';
import { bundleOf, type Call, draftOf, everythingIn, failureOf, testHelpDesk } from './contract.ts';
import { type FaultyRig, testFaults } from './faults.ts';
import { answering, startOdd, ticket, token } from './odd-desk.ts';

const never = new AbortController().signal;

const routes: Record<Call, string> = {
  account: 'GET /account',
  find: 'GET /tickets',
  get: 'GET /tickets/{id}',
  create: 'POST /tickets',
  comment: 'POST /tickets/{id}/comments',
  attach: 'PUT /tickets/{id}/files/{name}',
  'change state': 'PATCH /tickets/{id}',
};

const paths: Record<Call, RegExp> = {
  account: /^GET .*\/account$/,
  find: /^GET .*\/tickets\?/,
  get: /^GET .*\/tickets\/\w+$/,
  create: /^POST .*\/tickets$/,
  comment: /^POST .*\/comments$/,
  attach: /^PUT .*\/files\//,
  'change state': /^PATCH .*\/tickets\//,
};

testHelpDesk('the rest provider', startRestRig);
testFaults('the rest provider', startRestRig);

async function startRestRig(): Promise<FaultyRig> {
  const folder = await temporaryFolder();
  const mock = await startMockHelpDesk({ port: 0, token, folder, maxFileBytes: undefined });
  onTestFinished(() => mock.close());
  const { origin, pathname } = new URL(mock.url);
  const proxy = await startFaultProxy(origin);
  const withToken = (given: string) => new RestDesk({ url: `${proxy.url}${pathname}`, token: given, env: {} });
  const fault = (call: Call, what: Omit<(typeof mock.faults)[number], 'route'>) =>
    void mock.faults.push({ route: routes[call], ...what });
  return {
    ...{ proxy, routes: paths, desk: withToken(token), token, withToken },
    reference: (name) => name,
    ledger: async () =>
      mock.tickets.map(({ reference, state, files, comments }) => ({
        reference,
        state,
        files: files.map(({ name, bytes, sha256 }) => ({ name, bytes, sha256 })),
        markers: comments.map(({ marker }) => marker),
      })),
    loseAnswer: (call) => fault(call, { fault: 'reset-after' }),
    loseRequest: (call) => fault(call, { fault: 'reset-before' }),
    answer: (call, status, headers) => fault(call, { fault: 'status-before', status, ...(headers && { headers }) }),
    answerWith: (call, headers) => fault(call, { fault: 'none', headers }),
    answerAfter: (call, status) => fault(call, { fault: 'status-after', status }),
    refuseTransition: () => fault('change state', { fault: 'status-before', status: 200 }),
    dropFile: () => fault('attach', { fault: 'drop-file' }),
  };
}

describe('an answer that is no ticket', () => {
  it.each([
    ['is a login page', '<html><title>Sign in</title></html>'],
    ['is empty', ''],
    ['is cut', '{"id":"1","key":"TIC-1","url":"ht'],
    ['is null', 'null'],
    ['is an empty object', '{}'],
    ['is a list', '[]'],
    ['has no id', JSON.stringify({ ...ticket, id: null })],
    ['has an empty id', JSON.stringify({ ...ticket, id: '' })],
    ['has a number for an id, which may have lost digits', JSON.stringify({ ...ticket, id: 2 ** 53 })],
    ['has a key that is a path', JSON.stringify({ ...ticket, key: '../../etc-1' })],
    ['has a key with a line end', JSON.stringify({ ...ticket, key: 'TIC-1\n' })],
    ['has no state', JSON.stringify({ ...ticket, state: undefined })],
  ])('because it %s is never a registered ticket (F07)', async (_what, body) => {
    const { desk } = await startOdd(answering(201, body));

    const error = await failureOf(desk.create(draftOf('REF-1'), never));

    expect(error).toMatchObject({ kind: 'outcome-unknown', maybeApplied: true });
  });

  it.each([
    ['a login page', '<html><title>Sign in</title></html>'],
    ['nothing', ''],
    ['an object without tickets', '{}'],
    ['a cut list', '{"tickets":[{"id":"1"'],
  ])('is no empty list either: %s does not mean that there is no ticket (F07)', async (_what, body) => {
    const { desk } = await startOdd(answering(200, body));

    const error = await failureOf(desk.findByReference('REF-1', never));

    expect(error.maybeApplied).toBe(false);
  });

  it('may have more fields than agreed (F08)', async () => {
    const { desk } = await startOdd(
      answering(201, JSON.stringify({ ...ticket, extra: { more: [1] }, state: 'parked' })),
    );

    const created = await desk.create(draftOf('REF-1'), never);

    expect(created).toMatchObject({ id: '1', state: 'other', nativeState: 'parked' });
  });

  it('is left out of a list that has tickets of other references (F05)', async () => {
    const tickets = [{ ...ticket, reference: 'REF-2' }, { ...ticket, reference: null }, ticket];
    const { desk } = await startOdd(answering(200, JSON.stringify({ tickets })));

    const found = await desk.findByReference('REF-1', never);

    expect(found).toHaveLength(1);
  });

  it('is not a state change', async () => {
    const { desk } = await startOdd((request, response) => {
      answering(200, request.method === 'GET' ? JSON.stringify(ticket) : '<html></html>')(request, response);
    });

    const error = await failureOf(desk.setState('1', 'closed', {}, never));

    expect(error).toMatchObject({ kind: 'outcome-unknown', maybeApplied: true });
  });
});

describe('what a gateway need not give', () => {
  it.each([404, 405, 501])('comments: %i means that there are none to be had', async (status) => {
    const { desk } = await startOdd(answering(status, '{"detail":"no"}'));

    expect(await desk.comments?.('1', never)).toBeUndefined();
  });

  it('comments that cannot be read now are a failure', async () => {
    const { desk } = await startOdd(answering(503, '{"detail":"no"}'));

    expect(await failureOf(desk.comments?.('1', never) ?? Promise.resolve())).toMatchObject({ kind: 'unavailable' });
  });

  it('a comment without its time and author, and a change at a time that is none', async () => {
    const { desk } = await startOdd((request, response) => {
      const body = request.url?.includes('comments') ? { comments: [{ body: 'b' }] } : { ...ticket, updatedAt: 'soon' };
      answering(200, JSON.stringify(body))(request, response);
    });

    expect(await desk.comments?.('1', never)).toEqual([{ body: 'b', public: true }]);
    expect(await desk.get('1', never)).not.toHaveProperty('updatedAt');
  });
});

describe('a refused change of state', () => {
  it('is one, with the words of the help desk on what is allowed', async () => {
    const { desk } = await startOdd((request, response) =>
      request.method === 'GET'
        ? answering(200, JSON.stringify(ticket))(request, response)
        : answering(409, '{"detail":"open may become: fixed"}')(request, response),
    );

    expect(await failureOf(desk.setState('1', 'closed', {}, never))).toMatchObject({
      kind: 'refused-transition',
      message: expect.stringContaining('open may become: fixed'),
    });
  });
});

describe('a redirect', () => {
  const calls: [string, (desk: ApiHelpDesk) => Promise<unknown>][] = [
    ['a question', (desk) => desk.findByReference('REF-1', never)],
    ['a creation', (desk) => desk.create(draftOf('REF-1'), never)],
    [
      'an upload',
      async (desk) => {
        const bundle = await bundleOf(1000);
        return desk.attach('1', bundle, { body: 'b', public: true, marker: 'm' }, never);
      },
    ],
  ];
  const redirects = [301, 302, 303, 307, 308].flatMap((status) =>
    calls.map(([what, call]) => ({ status, what, call })),
  );

  it.each(redirects)('with $status is not followed by $what: no token, no body goes to another server (F17)', async ({
    status,
    call,
  }) => {
    const elsewhere = await startOdd(answering(200, JSON.stringify(ticket)));
    const { desk } = await startOdd(answering(status, '', { location: `${elsewhere.url}/tickets` }));

    const error = await failureOf(call(desk));

    expect(error).toMatchObject({ kind: 'invalid', status, message: expect.stringContaining('redirect') });
    expect(elsewhere.requests).toEqual([]);
  });

  it('to the same server is not followed either (F17)', async () => {
    const { desk, requests } = await startOdd(answering(302, '', { location: '/login' }));

    await failureOf(desk.check(never));

    expect(requests).toHaveLength(1);
  });
});

describe('an answer without measure', () => {
  const endless: RequestListener = (request, response) => {
    request.resume();
    response.writeHead(201, { 'content-type': 'application/json' });
    const more = () => {
      while (response.write('x'.repeat(65_536)));
    };
    response.on('drain', more);
    more();
  };

  it('is read to a limit, and means that the ticket may be there (F15)', async () => {
    const { desk } = await startOdd(endless);

    const error = await failureOf(desk.create(draftOf('REF-1'), never));

    expect(error).toMatchObject({
      kind: 'outcome-unknown',
      maybeApplied: true,
      message: expect.stringContaining('1 MiB'),
    });
  });

  it('to a question is a failure without doubt (F15)', async () => {
    const { desk } = await startOdd(endless);

    const error = await failureOf(desk.findByReference('REF-1', never));

    expect(error).toMatchObject({ kind: 'unavailable', maybeApplied: false });
  });

  it('does not come out of a small packed one (F16)', async () => {
    const bomb = gzipSync(Buffer.alloc(20 * 1024 * 1024, ' '));
    const { desk } = await startOdd(answering(200, bomb, { 'content-encoding': 'gzip' }));

    const error = await failureOf(desk.findByReference('REF-1', never));

    expect(error.maybeApplied).toBe(false);
  });

  it.each([
    ['has not begun', () => undefined],
    ['stands still', (response: ServerResponse) => void response.writeHead(200).write('{"tickets":[')],
  ])('that %s ends with the reason of the signal (F15)', async (_what, begin) => {
    const patience = new AbortController();
    const reason = new Error('Ctrl-C');
    const { desk } = await startOdd((_request: IncomingMessage, response) => {
      begin(response);
      setImmediate(() => patience.abort(reason));
    });

    const failure = desk.findByReference('REF-1', patience.signal);

    await expect(failure).rejects.toBe(reason);
  });

  it('that cannot be had for a creation ends with the reason of the signal too (H02)', async () => {
    const patience = new AbortController();
    const reason = new Error('Ctrl-C');
    const { desk } = await startOdd(() => patience.abort(reason));

    const failure = desk.create(draftOf('REF-1'), patience.signal);

    await expect(failure).rejects.toBe(reason);
  });
});

describe('a failed answer', () => {
  it.each([
    [400, 'invalid'],
    [401, 'auth'],
    [403, 'forbidden'],
    [404, 'not-found'],
    [409, 'conflict'],
    [412, 'conflict'],
    [413, 'too-large'],
    [415, 'invalid'],
    [422, 'invalid'],
    [429, 'rate-limited'],
  ])('with %i is "%s", and nothing was done (F09, F10)', async (status, kind) => {
    const { desk } = await startOdd(answering(status, '{"detail":"No such queue"}'));

    const error = await failureOf(desk.create(draftOf('REF-1'), never));

    expect(error).toMatchObject({
      kind,
      status,
      maybeApplied: false,
      message: expect.stringContaining('No such queue'),
    });
  });

  it('is shown without escapes, and not at length (F10, F26)', async () => {
    const detail = `\x1b[2J\u202e<b>no</b>\r\n${'x'.repeat(100_000)}`;
    const { desk } = await startOdd(answering(422, JSON.stringify({ detail })));

    const error = await failureOf(desk.create(draftOf('REF-1'), never));

    expect(error.message).not.toMatch(/[\x00-\x1f\u202e]/);
    expect(error.message.length).toBeLessThan(500);
  });

  it.each([
    ['in its text', (given: string) => `{"detail":"the token ${given} is not known"}`],
    ['encoded for an address', (given: string) => `{"detail":"?token=${encodeURIComponent(given)}"}`],
    ['in a page', (given: string) => `<html>${given}</html>`],
  ])('that repeats the token %s is masked (F24)', async (_where, body) => {
    const odd = 'tok/canary+12 34=';
    const { url } = await startOdd(answering(401, body(odd)));
    const desk = new RestDesk({ url, token: odd, env: {} });

    const error = await failureOf(desk.check(never));

    expect(everythingIn(error)).not.toMatch(/canary/);
  });

  it('that repeats the token in a ticket is masked (F24)', async () => {
    const { desk } = await startOdd(answering(200, JSON.stringify({ ...ticket, subject: `has ${token} in it` })));

    const found = await desk.get('1', never);

    expect(JSON.stringify(found)).not.toContain(token);
  });

  it('before a large file has left is read (F12)', async () => {
    const { desk } = await startOdd((_request, response) => {
      response.writeHead(413, { 'content-type': 'application/problem+json' });
      response.end('{"detail":"files may have at most 1 MB"}');
    });
    const bundle = await bundleOf(8_000_000);

    const error = await failureOf(desk.attach('1', bundle, { body: 'b', public: true, marker: 'm' }, never));

    expect(error).toMatchObject({ kind: 'too-large', message: expect.stringContaining('at most 1 MB') });
  });
});

describe('a connection', () => {
  it('that was refused has sent nothing (F02)', async () => {
    const gone = createServer();
    const port = await new Promise<number>((resolve) => {
      gone.listen(0, '127.0.0.1', () => {
        const found = (gone.address() as AddressInfo).port;
        gone.close(() => resolve(found));
      });
    });
    const desk = new RestDesk({ url: `http://127.0.0.1:${port}`, token, env: {} });

    const error = await failureOf(desk.create(draftOf('REF-1'), never));

    expect(error).toMatchObject({ kind: 'unavailable', maybeApplied: false });
  });

  it('to a name that is not known has sent nothing (F02)', async () => {
    const desk = new RestDesk({ url: 'https://helpdesk.invalid/api', token, env: {} });

    const error = await failureOf(desk.create(draftOf('REF-1'), never));

    expect(error).toMatchObject({ kind: 'unavailable', maybeApplied: false });
  });

  it('to a server without TLS where TLS was asked for has sent nothing (F19)', async () => {
    const { url, requests } = await startOdd(answering(200, '{}'));
    const desk = new RestDesk({ url: url.replace('http:', 'https:'), token, env: {} });

    const error = await failureOf(desk.create(draftOf('REF-1'), never));

    expect(error).toMatchObject({ kind: 'unavailable', maybeApplied: false });
    expect(requests).toEqual([]);
  });

  it.each([
    ['plain http to another machine', { url: 'http://helpdesk.example.com', env: {} }, 'insecure-url'],
    [
      'TLS that nobody checks',
      { url: 'https://helpdesk.example.com', env: { NODE_TLS_REJECT_UNAUTHORIZED: '0' } },
      'insecure-tls',
    ],
  ])('is not opened over %s (F18, F19)', (_what, config, code) => {
    expect(() => new RestDesk({ token, ...config })).toThrow(expect.objectContaining({ code }));
  });

  it('carries the token in its header only, below the path that was configured (F24)', async () => {
    const { url, requests } = await startOdd(answering(200, '{"tickets":[]}'), '/desk/api/v1');
    const desk = new RestDesk({ url, token, env: {} });

    await desk.findByReference('A:b.c-d_e', never);

    expect(requests).toEqual([`GET /desk/api/v1/tickets?reference=A%3Ab.c-d_e Bearer ${token}`]);
  });

  it('is a fresh one for a creation: one that was kept may be ending just now (F32)', async () => {
    const ports: (number | undefined)[] = [];
    const { desk } = await startOdd((request, response) => {
      ports.push(request.socket.remotePort);
      const body = request.url === '/account' ? { account: 'bot' } : ticket;
      answering(200, JSON.stringify(body))(request, response);
    });
    const isKept = () => ports.length > 1 && ports.at(-1) === ports.at(-2);
    while (!isKept()) {
      await desk.check(never);
      await new Promise((resolve) => setImmediate(resolve));
    }

    await desk.create(draftOf('REF-1'), never);

    const [created, ...asked] = ports.reverse();
    expect(asked).not.toContain(created);
  });

  it('quotes what it puts into a path (F26)', async () => {
    const { desk, requests } = await startOdd(answering(200, JSON.stringify(ticket)));

    await desk.get('../account?x=1#', never);

    expect(requests).toEqual([`GET /tickets/..%2Faccount%3Fx%3D1%23 Bearer ${token}`]);
  });

  it('reads what a help desk can take', async () => {
    const { desk } = await startOdd(
      answering(200, '{"account":"bot","maxFileBytes":5000000,"problems":["no right to close"]}'),
    );

    const account = await desk.check(never);

    expect(account).toEqual({ account: 'bot', maxFileBytes: 5_000_000, problems: ['no right to close'] });
  });
});
