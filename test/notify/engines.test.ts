import { createHmac } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it, vi } from 'vitest';
import { Alertmanager } from '../../src/notify/alertmanager.ts';
import type { Channel } from '../../src/notify/channel.ts';
import { Ntfy } from '../../src/notify/ntfy.ts';
import { PagerDuty } from '../../src/notify/pagerduty.ts';
import { Webhook } from '../../src/notify/webhook.ts';
import { lacks, programPath } from '../support/requirements.ts';
import { temporaryFolder } from '../support/rig.ts';
import { freePort, startDaemon } from '../support/sshd.ts';
import { startHttp } from './http-rig.ts';
import { failureOf, never, pageOf } from './pages.ts';

const hostile = 'silent\r\nX: "}],\x1b[31m\u202e<script>';
const secret = async () => 'engine-canary-4';
const source = 'icepack on watch1';

async function bodiesOf(make: (url: URL) => Channel, ...pages: ReturnType<typeof pageOf>[]) {
  const { base, requests } = await startHttp(() => ({ status: 202, body: {} }));
  const channel = make(new URL(base));
  for (const page of pages) await channel.send(page, never);
  return { requests, bodies: requests.map(({ body }) => JSON.parse(body)) };
}

describe('PagerDuty', () => {
  const pagerDuty = (url: URL) => new PagerDuty({ name: 'pd', url, routingKey: secret, source });

  it('has one alert for an incident: it is triggered, triggered again and resolved under one key', async () => {
    const { requests, bodies } = await bodiesOf(
      pagerDuty,
      ...[pageOf(), pageOf({ id: 'I42.4', severity: 'high' }), pageOf({ status: 'resolved' })],
    );

    expect(requests.map(({ method, path }) => `${method} ${path}`)).toEqual(Array(3).fill('POST /v2/enqueue'));
    expect(bodies.map((body) => [body.event_action, body.dedup_key, body.payload.severity])).toEqual([
      ['trigger', 'icepack-w-0123456789ab-29384', 'critical'],
      ['trigger', 'icepack-w-0123456789ab-29384', 'error'],
      ['resolve', 'icepack-w-0123456789ab-29384', 'critical'],
    ]);
    expect(bodies[0]).toMatchObject({ routing_key: 'engine-canary-4', payload: { source } });
  });

  it('gets no longer texts than it takes, and two long references stay two', async () => {
    const references = ['a', 'b'].map((end) => 'r'.repeat(300) + end);
    const pages = references.map((reference) =>
      pageOf({ subject: 's'.repeat(2000), text: 't'.repeat(600_000), incident: { ...pageOf().incident, reference } }),
    );

    const { requests, bodies } = await bodiesOf(pagerDuty, ...pages);

    expect(bodies.map((body) => body.payload.summary.length)).toEqual([1024, 1024]);
    expect(bodies.map((body) => body.dedup_key.length <= 255)).toEqual([true, true]);
    expect(bodies[0].dedup_key).not.toBe(bodies[1].dedup_key);
    expect(requests.every(({ body }) => body.length < 500_000)).toBe(true);
  });

  it('that is only looked at gets nothing', async () => {
    const { base, requests } = await startHttp(() => ({}));

    expect(await pagerDuty(new URL(base)).check(never)).toContain('the routing key is not proven until a page is sent');
    expect(requests).toEqual([]);
  });
});

describe('ntfy', () => {
  const ntfy = (url: URL) => new Ntfy({ name: 'push', url, topic: 'oncall', token: secret, ackTopic: 'acks' });

  it('gets a push with a button, and the same one again when it is sent again', async () => {
    const { requests, bodies } = await bodiesOf(ntfy, pageOf(), pageOf());

    expect(requests[0]?.path).toBe('/');
    expect(requests[0]?.headers.authorization).toBe('Bearer engine-canary-4');
    expect(bodies[0]).toMatchObject({
      ...{ topic: 'oncall', title: pageOf().subject, message: pageOf().text, priority: 5 },
      actions: [{ action: 'http', url: expect.stringMatching(/\/acks$/), method: 'POST', body: 'ack I42 q7mx' }],
    });
    expect(bodies[0].sequence_id).toMatch(/^[A-Za-z0-9_-]{1,64}$/);
    expect(bodies[1].sequence_id).toBe(bodies[0].sequence_id);
  });

  it('gets what is over quietly, without a button', async () => {
    const { bodies } = await bodiesOf(ntfy, pageOf({ status: 'resolved' }));

    expect(bodies[0]).toMatchObject({ priority: 2, actions: [] });
  });

  it('is asked for its health', async () => {
    const { base, requests } = await startHttp(() => ({ body: { healthy: true } }));

    const said = await ntfy(new URL(base)).check(never);

    expect(said).toContain('not proven until one is sent; answers are read from acks');
    expect(requests.map(({ method, path }) => `${method} ${path}`)).toEqual([
      ...['GET /v1/health', 'GET /acks/json?poll=1&since=all'],
    ]);
    expect(requests[0]?.headers.authorization).toBeUndefined();
  });

  it('is answered by what its button publishes, each once', async () => {
    const message = (id: string, text: string) =>
      JSON.stringify({ id, time: 1, event: 'message', topic: 'acks', message: text });
    const all = [message('SLiKI64DOt', 'ack I42 q7mx'), message('hwQ2YpKdmg', 'hello')];
    const noise = ['{"id":"a","event":"keepalive"}', '{', 'null', message('../../x', 'ack I42 q7mx'), ''];
    const { base, requests } = await startHttp(() => ({ body: [...noise, ...all].join('\n') }));
    const channel = ntfy(new URL(base));

    const first = await channel.replies([], never);
    const second = await channel.replies(first.marks, never);

    expect(first).toEqual({
      replies: [
        { id: 'SLiKI64DOt', text: 'ack I42 q7mx' },
        { id: 'hwQ2YpKdmg', text: 'hello' },
      ],
      marks: ['SLiKI64DOt', 'hwQ2YpKdmg'],
    });
    expect(second).toEqual({ replies: [], marks: first.marks });
    expect(requests[1]?.path).toBe('/acks/json?poll=1&since=hwQ2YpKdmg');
    expect(requests[1]?.headers.authorization).toBe('Bearer engine-canary-4');
  });

  it('is not asked for answers where there is no topic for them', async () => {
    const { base, requests } = await startHttp(() => ({}));
    const mute = new Ntfy({ name: 'push', url: new URL(base), topic: 'oncall' });

    expect([mute.answeredBy, await mute.replies([], never), requests]).toEqual([
      undefined,
      { replies: [], marks: [] },
      [],
    ]);
  });
});

describe('a webhook', () => {
  it('is signed over its time and its body, and bears its number', async () => {
    const { base, requests } = await startHttp(() => ({ status: 204, body: '' }));
    const hook = new Webhook({
      name: 'hook',
      url: new URL(`${base}/in?x=1`),
      secret,
      now: () => new Date(1_800_000_000_500),
    });

    await hook.send(pageOf(), never);

    const [{ headers, body, path } = { headers: {}, body: '', path: '' }] = requests;
    const signature = createHmac('sha256', 'engine-canary-4').update(`1800000000.${body}`).digest('hex');
    expect(path).toBe('/in?x=1');
    expect(headers).toMatchObject({
      ...{ 'icepack-id': 'I42.3', 'icepack-timestamp': '1800000000', 'icepack-signature': `sha256=${signature}` },
    });
    expect(JSON.parse(body)).toMatchObject({ schema: 1, id: 'I42.3', status: 'firing', to: { key: 'kim' } });
    expect(body).not.toMatch(/canary|kim@example|70 174/);
  });
});

describe.each<[string, (url: URL) => Channel]>([
  ['PagerDuty', (url) => new PagerDuty({ name: 'x', url, routingKey: secret, source })],
  ['ntfy', (url) => new Ntfy({ name: 'x', url, topic: 'oncall', token: secret })],
  ['Alertmanager', (url) => new Alertmanager({ name: 'x', url, token: secret })],
  ['a webhook', (url) => new Webhook({ name: 'x', url, secret })],
])('%s', (_name, make) => {
  it('gets texts of servers as texts (W72)', async () => {
    const { requests, bodies } = await bodiesOf(make, pageOf({ subject: hostile, text: hostile, short: hostile }));

    expect(bodies).toHaveLength(1);
    expect(requests[0]?.headers['x']).toBeUndefined();
    expect(requests[0]?.body).not.toMatch(/\x1b|\\u001b|\u202e/);
  });

  it.each([
    [{ status: 302, headers: { location: 'http://127.0.0.1:1/' } }, 'refused', false],
    [{ status: 400 }, 'refused', false],
    [{ status: 403 }, 'auth', false],
    [{ status: 429 }, 'unavailable', false],
    [{ status: 500 }, 'unavailable', true],
    ['cut', 'unavailable', true],
  ] as const)('that answers %j has failed, and tells how (W75)', async (answer, kind, maybeSent) => {
    const { base } = await startHttp(() => answer);

    expect(await failureOf(make(new URL(base)).send(pageOf(), never))).toMatchObject({ kind, maybeSent });
  });

  it('gets nothing over plain http but on this machine (W75)', async () => {
    const error = await failureOf(make(new URL('http://192.0.2.1')).send(pageOf(), never));

    expect(error.message).toContain('nothing is sent over plain http to 192.0.2.1');
  });

  it('never has its secret told', async () => {
    const { base } = await startHttp(({ headers, body }) => ({
      status: 400,
      body: `${headers.authorization} ${body}`,
    }));

    const error = await failureOf(make(new URL(base)).send(pageOf(), never));

    expect(error.message).not.toContain('canary');
  });
});

describe.skipIf(lacks('prometheus-alertmanager'))('a real Alertmanager', () => {
  async function startAlertmanager(): Promise<URL> {
    const folder = await temporaryFolder();
    const config = join(folder, 'alertmanager.yml');
    await writeFile(config, 'route: { receiver: nobody }\nreceivers: [{ name: nobody }]\n');
    const port = await freePort();
    const command = [programPath('prometheus-alertmanager'), `--config.file=${config}`, `--storage.path=${folder}`];
    await startDaemon([...command, `--web.listen-address=127.0.0.1:${port}`, '--cluster.listen-address='], 'address=');
    const url = new URL(`http://127.0.0.1:${port}`);
    await vi.waitUntil(
      () =>
        fetch(new URL('/-/ready', url)).then(
          ({ ok }) => ok,
          () => false,
        ),
      { timeout: 20_000 },
    );
    return url;
  }
  const alertsAt = async (url: URL, active = true) =>
    (await (await fetch(new URL(`/api/v2/alerts?active=${active}`, url))).json()) as {
      labels: Record<string, string>;
      endsAt: string;
      annotations: Record<string, string>;
    }[];

  it('has one alert for an incident, which ends when it is resolved', async () => {
    const url = await startAlertmanager();
    const channel = new Alertmanager({ name: 'am', url, labels: { team: 'storage' } });

    await channel.send(pageOf(), never);
    await channel.send(pageOf({ id: 'I42.4' }), never);
    const firing = await alertsAt(url);
    await channel.send(pageOf({ id: 'I42.5', status: 'resolved' }), never);

    expect(firing).toHaveLength(1);
    expect(firing[0]?.labels).toEqual({
      ...{ alertname: 'icepack', reference: 'icepack-w-0123456789ab-29384', severity: 'emergency', team: 'storage' },
    });
    const leftMs = Date.parse(firing[0]?.endsAt ?? '') - Date.now();
    expect([leftMs > 4 * 60_000, leftMs <= 5 * 60_000]).toEqual([true, true]);
    await vi.waitUntil(async () => (await alertsAt(url)).length === 0, { timeout: 20_000 });
    expect(channel.repeatMs).toBeLessThan(5 * 60_000);
  });

  it('is known by its version, and something else is not taken for one', async () => {
    const url = await startAlertmanager();
    const { base } = await startHttp(() => ({}));

    expect(await new Alertmanager({ name: 'am', url }).check(never)).toMatch(
      /^Alertmanager \d+\.\d+\.\d+ answers; no alert was sent$/,
    );
    expect((await failureOf(new Alertmanager({ name: 'am', url: new URL(base) }).check(never))).message).toContain(
      'no Alertmanager',
    );
  });
});
