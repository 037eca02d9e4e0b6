import { readFileSync } from 'node:fs';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import { Gateway, type GatewayRecipe, type GatewaySettings } from '../../src/notify/gateway.ts';
import { gatewayPresets } from '../../src/notify/presets.ts';
import { makeCertificates } from '../support/certificates.ts';
import { lacks } from '../support/requirements.ts';
import { temporaryFolder } from '../support/rig.ts';
import { startHttp } from './http-rig.ts';
import { failureOf, never, pageOf } from './pages.ts';

const token = async () => 'twilio-canary-9';
const hostile = 'silent\r\nX-Evil: 1", "to": "+1", <Say>&\x1b[31m\u202e';

function gatewayOf(recipe: Partial<GatewayRecipe>, settings: Partial<GatewaySettings> = {}): Gateway {
  const whole = { url: 'http://127.0.0.1:1/', method: 'POST', headers: {}, ...recipe } as const;
  return new Gateway({ name: 'sms', recipe: whole, token, ...settings });
}

function twilio(base: string, preset: keyof typeof gatewayPresets = 'twilio-sms'): Gateway {
  const given = { account: 'AC123', from: '+46700000000' };
  return new Gateway({ name: preset, recipe: gatewayPresets[preset](base), user: 'AC123', token, given });
}

describe('an SMS through Twilio', () => {
  it('is accepted, asked about and delivered', async () => {
    const states = ['queued', 'sent'];
    const { base, requests } = await startHttp(({ method }) =>
      method === 'POST'
        ? { status: 201, body: { sid: 'SM1', status: 'accepted' } }
        : { body: { status: states.shift() } },
    );
    const sms = twilio(base);

    const receipt = await sms.send(pageOf(), never);
    const deliveries = [await sms.delivery(receipt, never), await sms.delivery(receipt, never)];

    expect(receipt).toBe('SM1');
    expect(deliveries).toEqual(['waiting', 'sent']);
    const [sent, asked] = requests;
    expect([sent?.path, asked?.path]).toEqual([
      '/2010-04-01/Accounts/AC123/Messages.json',
      '/2010-04-01/Accounts/AC123/Messages/SM1.json',
    ]);
    expect(sent?.headers.authorization).toBe(`Basic ${Buffer.from('AC123:twilio-canary-9').toString('base64')}`);
    expect(Object.fromEntries(new URLSearchParams(sent?.body))).toEqual({
      ...{ To: '+46701740605', From: '+46700000000' },
      Body: 'I42 Example AB east: server silent ICE01 since 10:18. TIC-1290. Reply: ack I42 q7mx (1)',
    });
    expect(sms.needs).toBe('phone');
  });

  it('that is not delivered is told as failed (W21)', async () => {
    const { base } = await startHttp(() => ({ body: { status: 'undelivered' } }));

    expect(await twilio(base).delivery('SM1', never)).toBe('failed');
  });

  it('is refused for its words, though the status says yes (W20)', async () => {
    const { base } = await startHttp(() => ({ body: { sid: 'SM1', status: 'failed', message: 'no funds' } }));

    const error = await failureOf(twilio(base).send(pageOf(), never));

    expect(error).toMatchObject({ kind: 'refused', maybeSent: false });
    expect(error.message).toContain('status is failed');
  });

  it('goes to nobody who has no number', async () => {
    const { base, requests } = await startHttp(() => ({}));
    const to = { key: 'mo', name: 'Mo Poe', phone: 'ext 12' };

    const error = await failureOf(twilio(base).send(pageOf({ to }), never));

    expect(error).toMatchObject({ kind: 'invalid', maybeSent: false });
    expect(error.message).toContain('Mo Poe');
    expect(requests).toEqual([]);
  });

  it('is proven to be possible by the account, and nothing is sent', async () => {
    const { base, requests } = await startHttp(() => ({ body: { status: 'active' } }));

    expect(await twilio(base).check(never)).toBe('the gateway knows us (200); nothing was sent');
    expect(requests.map(({ method, path }) => `${method} ${path}`)).toEqual(['GET /2010-04-01/Accounts/AC123.json']);
  });
});

describe('a call through Twilio', () => {
  it('says its text twice, and nothing of it is taken for a command (W72)', async () => {
    const { base, requests } = await startHttp(() => ({ status: 201, body: { sid: 'CA1', status: 'queued' } }));

    await twilio(base, 'twilio-call').send(pageOf({ short: '</Say><Dial>+1900</Dial>&\x1b[31m' }), never);

    expect(new URLSearchParams(requests[0]?.body).get('Twiml')).toBe(
      '<Response><Say loop="2">&#60;/Say&#62;&#60;Dial&#62;+1900&#60;/Dial&#62;&#38;</Say></Response>',
    );
  });

  it.each([
    ['completed', 'sent'],
    ['no-answer', 'failed'],
    ['ringing', 'waiting'],
  ])('that is %s is %s', async (status, delivery) => {
    const { base } = await startHttp(() => ({ body: { status } }));

    expect(await twilio(base, 'twilio-call').delivery('CA1', never)).toBe(delivery);
  });
});

describe('a gateway of its own', () => {
  it('takes texts of servers as values: no header, field or path comes of them (W72)', async () => {
    const { base, requests } = await startHttp(() => ({}));
    const recipe = {
      url: `${base}/send/{subject}?t={short}`,
      headers: { 'X-Subject': '{subject}' },
      json: { messages: [{ to: '{phone}', text: '{text}', n: 1 }] },
    };

    await gatewayOf(recipe).send(pageOf({ subject: hostile, text: hostile, short: hostile }), never);

    const [request] = requests;
    expect(JSON.parse(request?.body ?? '')).toEqual({
      messages: [{ to: '+46701740605', text: 'silent\nX-Evil: 1", "to": "+1", <Say>&\ufffd', n: 1 }],
    });
    expect(request?.headers['x-evil']).toBeUndefined();
    expect(request?.headers['x-subject']).toBe('silent X-Evil: 1", "to": "+1", <Say>&?');
    expect(request?.path).toMatch(/^\/send\/silent%20X-Evil[^/&\r\n]*\?t=silent[^&]*$/);
    expect(request?.headers.authorization).toBe('Bearer twilio-canary-9');
  });

  it('has the secret where its template says, and nowhere else', async () => {
    const { base, requests } = await startHttp(() => ({}));

    await gatewayOf({ url: base, headers: { 'X-Key': '{token}' }, form: { to: '{phone}' } }).send(pageOf(), never);

    expect(requests[0]?.headers).toMatchObject({ 'x-key': 'twilio-canary-9' });
    expect(requests[0]?.headers.authorization).toBeUndefined();
  });

  it('knows a repeated page by its key, and one for somebody else as another', async () => {
    const { base, requests } = await startHttp(() => ({}));
    const gateway = gatewayOf({ url: base, idempotencyHeader: 'Idempotency-Key' });

    await gateway.send(pageOf(), never);
    await gateway.send(pageOf(), never);
    await gateway.send(pageOf({ to: { key: 'lee', name: 'Lee' } }), never);

    const keys = requests.map(({ headers }) => headers['idempotency-key']);
    expect(keys[0]).toBe('icepack-w-0123456789ab-29384.I42.3.kim');
    expect([keys[1] === keys[0], keys[2] === keys[0]]).toEqual([true, false]);
  });

  it.each([
    ['a text', /^OK/, 'OK 17', undefined],
    ['another text', /^OK/, 'ERR 3', { kind: 'refused', maybeSent: false }],
    ['a value', { 'messages.0.status': ['0'] }, { messages: [{ status: 0 }] }, undefined],
    [
      'another value',
      { 'messages.0.status': ['0'] },
      { messages: [{ status: 9 }] },
      { kind: 'refused', maybeSent: false },
    ],
    ['nothing of it', { status: ['ok'] }, { hello: 1 }, { kind: 'refused', maybeSent: false }],
    ['no JSON', { status: ['ok'] }, '<html>', { kind: 'refused', maybeSent: true }],
  ])('means yes only by its words: %s (W20)', async (_what, okWhen, body, expected) => {
    const { base } = await startHttp(() => ({ body }));
    const sending = gatewayOf({ url: base, okWhen }).send(pageOf(), never);

    if (expected === undefined) expect(await sending).toBe('');
    else expect(await failureOf(sending)).toMatchObject(expected);
  });

  it.each([
    [{ status: 401 }, { kind: 'auth', maybeSent: false }],
    [
      { status: 400, body: { message: 'bad number' } },
      { kind: 'refused', maybeSent: false },
    ],
    [
      { status: 429, headers: { 'retry-after': '90' } },
      { kind: 'unavailable', maybeSent: false, retryAfterMs: 90_000 },
    ],
    [{ status: 503 }, { kind: 'unavailable', maybeSent: true }],
    ['cut', { kind: 'unavailable', maybeSent: true }],
    [{ body: 'x'.repeat(70_000) }, { kind: 'unavailable', maybeSent: true }],
  ] as const)('that answers %j tells what that means', async (answer, expected) => {
    const { base } = await startHttp(() => answer);

    expect(await failureOf(gatewayOf({ url: base }).send(pageOf(), never))).toMatchObject(expected);
  });

  it('that nobody is at was surely not reached', async () => {
    expect(await failureOf(gatewayOf({}).send(pageOf(), never))).toMatchObject({
      kind: 'unavailable',
      maybeSent: false,
    });
  });

  it('is not followed elsewhere, and the secret stays (W75)', async () => {
    const other = await startHttp(() => ({}));
    const { base } = await startHttp(() => ({ status: 302, headers: { location: other.base } }));

    const error = await failureOf(gatewayOf({ url: base }).send(pageOf(), never));

    expect(error).toMatchObject({ kind: 'refused', maybeSent: false });
    expect(error.message).toContain('no redirect is followed');
    expect(other.requests).toEqual([]);
  });

  it.skipIf(lacks('openssl'))('gets nothing where nobody vouches for its certificate', async () => {
    const folder = await temporaryFolder();
    const { key, certificate } = makeCertificates(folder);
    const asked: string[] = [];
    const server = createServer(
      { key: readFileSync(key), cert: readFileSync(certificate) },
      ({ url = '' }, response) => {
        asked.push(url);
        response.end('{}');
      },
    );
    await new Promise<void>((resolve) => {
      server.listen(0, '127.0.0.1', resolve);
    });
    onTestFinished(() => void server.close());
    const url = `https://127.0.0.1:${(server.address() as AddressInfo).port}/`;

    const sent = await failureOf(gatewayOf({ url }).send(pageOf(), never));
    const looked = await failureOf(gatewayOf({ url }).check(never));

    expect(sent).toMatchObject({ kind: 'refused', maybeSent: false });
    expect(looked.kind).toBe('refused');
    expect(asked).toEqual([]);
  });

  it('gets nothing over plain http but on this machine (W75)', async () => {
    const error = await failureOf(gatewayOf({ url: 'http://192.0.2.1/' }).send(pageOf(), never));

    expect(error).toMatchObject({ kind: 'invalid', maybeSent: false });
  });

  it('that repeats the secret has it masked', async () => {
    const { base } = await startHttp(({ headers }) => ({
      status: 400,
      body: { message: `bad ${headers.authorization} \x1b[31m` },
    }));

    const error = await failureOf(gatewayOf({ url: base }).send(pageOf(), never));

    expect(error.message).toContain('bad Bearer ***');
    expect(error.message).not.toMatch(/canary|\x1b/);
  });

  it('ends when nobody wants it any more', async () => {
    const { base, requests } = await startHttp(() => 'silence');
    const stopping = new AbortController();
    const sending = gatewayOf({ url: base }).send(pageOf(), stopping.signal);
    sending.catch(() => undefined);
    while (requests.length === 0) await new Promise(setImmediate);

    const reason = new Error('stopped');
    stopping.abort(reason);

    await expect(sending).rejects.toBe(reason);
  });

  it('is only shown to be there where it has nothing to ask', async () => {
    const { base, requests } = await startHttp(() => ({}));

    expect(await gatewayOf({ url: `${base}/send` }).check(never)).toBe(
      `${base} answers; not proven until a page is sent`,
    );
    expect(requests).toEqual([]);
    expect((await failureOf(gatewayOf({}).check(never))).kind).toBe('unavailable');
  });
});
