import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { describe, expect, it, onTestFinished } from 'vitest';
import {
  basicCredential,
  fetchedToken,
  fixedCredential,
  type HttpCredential,
  tokenCredential,
} from '../../src/helpdesk/http/credential.ts';
import { openHttp } from '../../src/helpdesk/http/http.ts';
import { fileUpload, multipartUpload } from '../../src/helpdesk/http/upload.ts';
import { bundleOf, everythingIn, failureOf } from './contract.ts';

const never = new AbortController().signal;

type Answer = { status: number; body?: string; headers?: Record<string, string> };
type Request = { headers: IncomingHttpHeaders; body: Buffer };

/** A server that keeps what it was sent. */
async function startServer(answer: (request: Request) => Answer) {
  const requests: Request[] = [];
  const server = createServer(async (incoming, response) => {
    const request = { headers: incoming.headers, body: await buffer(incoming) };
    requests.push(request);
    const { status, body = '{}', headers = {} } = answer(request);
    response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(body);
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
  const base = new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
  return { base, requests };
}

const at = (base: URL) => ({ method: 'GET' as const, url: base, safe: true });

describe('a credential that runs out', () => {
  const renewable = () => {
    const fetched: string[] = [];
    const credential = fetchedToken(async () => {
      fetched.push(`tok-canary-${fetched.length + 1}`);
      return fetched.at(-1) ?? '';
    });
    return { fetched, credential };
  };

  it('is fetched once for many requests', async () => {
    const { base, requests } = await startServer(() => ({ status: 200 }));
    const { credential, fetched } = renewable();
    const http = openHttp({ base, credential, env: {} });

    await Promise.all([http.send(at(base), never), http.send(at(base), never)]);

    expect(fetched).toHaveLength(1);
    expect(requests.map(({ headers }) => headers.authorization)).toEqual(Array(2).fill('Bearer tok-canary-1'));
  });

  it('is fetched anew when it is refused, and the same request is sent once more, file and all', async () => {
    const bundle = await bundleOf(300_000);
    const { base, requests } = await startServer(({ headers }) => ({
      status: headers.authorization === 'Bearer tok-canary-2' ? 200 : 401,
    }));
    const { credential } = renewable();
    const sent: number[] = [];
    const body = fileUpload(bundle, (bytes) => sent.push(bytes));

    await openHttp({ base, credential, env: {} }).send({ method: 'POST', url: base, body }, never);

    expect(requests.map((request) => request.body.length)).toEqual([300_000, 300_000]);
    expect(sent.at(-1)).toBe(300_000);
  });

  it('is not fetched again and again', async () => {
    const { base, requests } = await startServer(() => ({ status: 401 }));
    const { credential, fetched } = renewable();

    const error = await failureOf(openHttp({ base, credential, env: {} }).send(at(base), never));

    expect(error.kind).toBe('auth');
    expect([fetched.length, requests.length]).toEqual([2, 2]);
  });

  it('that could not be fetched is tried again by the next request', async () => {
    const { base } = await startServer(() => ({ status: 200 }));
    let tries = 0;
    const credential = fetchedToken(async () => {
      tries += 1;
      if (tries === 1) throw new Error('asleep');
      return 'tok-canary';
    });
    const http = openHttp({ base, credential, env: {} });

    await expect(http.send(at(base), never)).rejects.toThrow('asleep');
    const answer = await http.send(at(base), never);

    expect(answer.status).toBe(200);
  });
});

describe('a credential in an answer', () => {
  const password = 'pass"canary/7';
  const pair = Buffer.from(`support@example.com:${password}`).toString('base64');
  const forms: [string, HttpCredential, string[]][] = [
    ['a token', tokenCredential('tok/canary=1'), ['tok/canary=1', 'tok%2Fcanary%3D1']],
    ['a password', basicCredential('support@example.com', password), [password, pair, encodeURIComponent(password)]],
    ['a key in a header of its own', fixedCredential({ 'x-api-key': 'key-canary' }, 'key-canary'), ['key-canary']],
    [
      'a token that was fetched',
      fetchedToken(async () => 'tok-canary-9', 'client-canary'),
      ['tok-canary-9', 'client-canary'],
    ],
  ];

  it.each(forms)('is masked in every form: %s (F24)', async (_what, credential, secrets) => {
    const words = [...secrets, JSON.stringify({ nested: secrets })].join(' ');
    const { base } = await startServer(() => ({ status: 400, body: JSON.stringify({ detail: words }) }));

    const error = await failureOf(openHttp({ base, credential, env: {} }).send(at(base), never));

    expect(error.message).toContain('***');
    for (const secret of secrets) expect(everythingIn(error)).not.toContain(secret);
  });

  it('goes to no other origin than those of the help desk', async () => {
    const other = await startServer(() => ({ status: 200 }));
    const { base } = await startServer(() => ({ status: 200 }));
    const credential = tokenCredential('tok-canary');

    await expect(openHttp({ base, credential, env: {} }).send(at(other.base), never)).rejects.toThrow('is not for');
    await openHttp({ base, credential, env: {}, alsoAt: other.base }).send(at(other.base), never);

    expect(other.requests).toHaveLength(1);
  });

  it('does not travel unprotected to the other origin either', () => {
    const base = new URL('https://desk.example.com');
    const alsoAt = new URL('http://gateway.example.com');

    expect(() => openHttp({ base, alsoAt, credential: tokenCredential('tok'), env: {} })).toThrow('plain http');
  });
});

describe('a file in a form', () => {
  it('has its length before its first byte, and comes whole', async () => {
    const bundle = await bundleOf(1_000_000);
    const { base, requests } = await startServer(() => ({ status: 201 }));
    const http = openHttp({ base, credential: tokenCredential('tok'), env: {} });
    const sent: number[] = [];
    const body = multipartUpload({ JSON: '{"Content":"ü"}' }, { part: 'Attachments', bundle }, (n) => sent.push(n));

    await http.send({ method: 'POST', url: base, body }, never);

    const [request] = requests;
    expect(Number(request?.headers['content-length'])).toBe(body.bytes);
    expect(request?.body.length).toBe(body.bytes);
    const form = await new Response(new Uint8Array(request?.body ?? []), {
      headers: { 'content-type': String(request?.headers['content-type']) },
    }).formData();
    expect(form.get('JSON')).toBe('{"Content":"ü"}');
    const file = form.get('Attachments') as File;
    expect([file.name, file.type, file.size]).toEqual([bundle.name, 'application/zip', bundle.bytes]);
    expect(sent.at(-1)).toBe(bundle.bytes);
    expect(body.sentBytes(), 'nothing of it is on its way any more').toBe(body.bytes);
  });
});

describe('what an answer means', () => {
  const sending = async (answer: Answer, safe: boolean, meaning?: Parameters<typeof openHttp>[0]['meaning']) => {
    const { base } = await startServer(() => answer);
    const credential = tokenCredential('tok');
    const http = openHttp({ base, credential, env: {}, ...(meaning ? { meaning } : {}) });
    return failureOf(http.send({ method: safe ? 'GET' : 'POST', url: base, safe, body: '{}' }, never));
  };

  it.each([
    ['auth', 302, false],
    ['invalid', 403, false],
    ['auth', 200, true],
    ['unavailable', 503, true],
  ] as const)('can be said by the help desk: %s for a %i', async (kind, status, maybeApplied) => {
    const error = await sending({ status }, false, () => ({ kind, because: 'asleep' }));

    expect(error).toMatchObject({ kind, maybeApplied, status });
    expect(error.message).toContain(`answered ${status}: asleep`);
  });

  it('is not doubtful where nothing was to be changed', async () => {
    const error = await sending({ status: 200 }, true, () => ({ kind: 'auth' }));

    expect(error).toMatchObject({ kind: 'auth', maybeApplied: false });
  });

  it.each([
    ['RFC 9457', { title: 'no', detail: 'the field is full' }, 'the field is full'],
    ['one message', { message: 'No permission' }, 'No permission'],
    [
      'ServiceNow',
      { error: { message: 'Operation Failed', detail: 'aborted by rule' }, status: 'failure' },
      'Operation Failed: aborted by rule',
    ],
    [
      'Jira',
      { errorMessages: ['Not allowed.'], errors: { summary: 'is required' } },
      'Not allowed.; summary: is required',
    ],
    [
      'Zendesk',
      { error: 'RecordInvalid', description: 'failed', details: { status: [{ description: 'closed prevents' }] } },
      'failed: status: closed prevents',
    ],
    [
      'Redmine',
      { errors: ['Subject cannot be blank', 'Project is invalid'] },
      'Subject cannot be blank; Project is invalid',
    ],
    ['a list', ['Permission Denied'], 'Permission Denied'],
    ['a word', { error: 'invalid_client' }, 'invalid_client'],
  ])('is told in the words of %s', async (_whose, body, words) => {
    const error = await sending({ status: 400, body: JSON.stringify(body) }, false);

    expect(error.message).toMatch(new RegExp(`answered 400: ${words.replaceAll('.', '\\.')}$`));
  });
});
