import { writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { lacks, programPath } from '../support/requirements.ts';
import { type Finished, type Rig, startRig, temporaryFolder } from '../support/rig.ts';
import { freePort, startDaemon } from '../support/sshd.ts';

/** What a person would use the `webhook` program for: each body goes to icepack as it is. */
async function startHook(rig: Rig): Promise<{ url: string; ended: Finished[] }> {
  const ended: Finished[] = [];
  const server = createServer(async (request, response) => {
    const done = await rig.icepack(['event', '--alertmanager', '-', '--batch'], { input: await text(request) });
    ended.push(done);
    response.writeHead(done.code === 0 ? 200 : 500).end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`, ended };
}

/** An Alertmanager that posts what it gets to a webhook at once. */
async function startAlertmanager(hook: string): Promise<URL> {
  const folder = await temporaryFolder();
  const config = join(folder, 'alertmanager.yml');
  const route = '{ receiver: icepack, group_by: [alertname], group_wait: 0s, group_interval: 1s, repeat_interval: 1h }';
  const receivers = `[{ name: icepack, webhook_configs: [{ url: "${hook}" }] }]`;
  await writeFile(config, `route: ${route}\nreceivers: ${receivers}\n`);
  const port = await freePort();
  const command = [programPath('prometheus-alertmanager'), `--config.file=${config}`, `--storage.path=${folder}`];
  await startDaemon([...command, `--web.listen-address=127.0.0.1:${port}`, '--cluster.listen-address='], 'address=');
  const url = new URL(`http://127.0.0.1:${port}`);
  const isReady = () =>
    fetch(new URL('/-/ready', url)).then(
      ({ ok }) => ok,
      () => false,
    );
  await vi.waitUntil(isReady, { timeout: 60_000 });
  return url;
}

describe.skipIf(lacks('prometheus-alertmanager'))('a real Alertmanager', () => {
  it('that posts what fires has one ticket, which is told when it is resolved (W85)', {
    timeout: 240_000,
  }, async () => {
    const rig = await startRig({ cluster: 'east' });
    await rig.configure((document) => {
      document.watch = { bundles: false };
    });
    const hook = await startHook(rig);
    const url = await startAlertmanager(hook.url);
    const labels = { alertname: 'VMDown', instance: 'ice01:9100', vm: 'dc01', severity: 'critical' };
    const startsAt = new Date(Date.now() - 60_000).toISOString();
    const post = async (more: object) => {
      const alert = { labels, annotations: { description: 'shut off (crashed)' }, startsAt, ...more };
      const body = JSON.stringify([alert]);
      const headers = { 'content-type': 'application/json' };
      expect((await fetch(new URL('/api/v2/alerts', url), { method: 'POST', headers, body })).status).toBe(200);
    };
    const tickets = () => rig.mock.helpdesk?.tickets ?? [];

    await post({});
    await vi.waitUntil(() => tickets().length > 0, { timeout: 60_000 });
    await post({ endsAt: new Date().toISOString() });
    await vi.waitUntil(() => tickets()[0]?.comments.some(({ body }) => body.includes('Well again')), {
      timeout: 60_000,
    });
    await vi.waitUntil(() => hook.ended.length >= 2, { timeout: 60_000 });

    expect(hook.ended.map(({ code }) => code)).toEqual(hook.ended.map(() => 0));
    expect(tickets()).toHaveLength(1);
    expect(tickets()[0]).toMatchObject({
      subject: 'Example AB, cluster east: VMDown (ICE01)',
      severity: 'high',
      body: expect.stringMatching(/^ICE01 instance=ice01:9100, severity=critical, vm=dc01: VMDown since .*crashed/),
    });
    expect((await rig.icepack(['watch', 'status', '--json'])).json().incidents).toMatchObject([
      { state: 'well again' },
    ]);
  });
});
