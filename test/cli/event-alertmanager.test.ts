import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it, vi } from 'vitest';
import { parse, stringify } from 'yaml';
import { otherMonitorExamples, withEnv } from '../support/other-monitors.ts';
import { lacks, programPath } from '../support/requirements.ts';
import { type Rig, startRig } from '../support/rig.ts';
import { freePort, startDaemon } from '../support/sshd.ts';

/** Debian's webhook, as the README has it. @returns where it listens, and how its requests ended */
async function startHook(rig: Rig): Promise<{ url: string; statuses: () => string[] }> {
  const { env, block } = otherMonitorExamples(rig);
  const hooks = join(rig.folder, 'hooks.json');
  await writeFile(hooks, block('"pass-file-to-command"'));
  const port = await freePort();
  const words = ['-verbose', '-ip', '127.0.0.1', '-port', String(port), '-hooks', hooks];
  const { log } = await startDaemon([...withEnv(env), programPath('webhook'), ...words], 'serving hooks on');
  const statuses = () => [...log().matchAll(/\] (\d+) \| .* \| POST/g)].map(([, status = '']) => status);
  return { url: `http://127.0.0.1:${port}/hooks/icepack`, statuses };
}

/** An Alertmanager as the README has it, which posts what it gets at once. */
async function startAlertmanager(rig: Rig, hook: string): Promise<URL> {
  const document = parse(otherMonitorExamples(rig).block('webhook_configs'));
  Object.assign(document.route, { group_wait: '0s', group_interval: '1s', repeat_interval: '1h' });
  for (const receiver of document.receivers) for (const each of receiver.webhook_configs ?? []) each.url = hook;
  const config = join(rig.folder, 'alertmanager.yml');
  await writeFile(config, stringify(document));
  const port = await freePort();
  const command = [programPath('prometheus-alertmanager'), `--config.file=${config}`, `--storage.path=${rig.folder}`];
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

describe.skipIf(lacks('prometheus-alertmanager', 'webhook'))('a real Alertmanager', () => {
  it('that posts what fires has one ticket, which is told when it is resolved (W85)', {
    timeout: 240_000,
  }, async () => {
    const rig = await startRig({ cluster: 'east' });
    await rig.configure((document) => {
      document.watch = { bundles: false };
    });
    const hook = await startHook(rig);
    const url = await startAlertmanager(rig, hook.url);
    const labels = { alertname: 'VMDown', server: 'ice01', instance: 'hv7:9100', vm: 'dc01', severity: 'critical' };
    const others = { labels: { alertname: 'VMDown', instance: 'db01', severity: 'critical' } };
    const startsAt = new Date(Date.now() - 60_000).toISOString();
    const post = async (more: object) => {
      const alert = { labels, annotations: { description: 'shut off (crashed)' }, startsAt, ...more };
      const body = JSON.stringify([alert, others]);
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
    await vi.waitUntil(() => hook.statuses().length >= 2, { timeout: 60_000 });

    expect(hook.statuses()).toEqual(hook.statuses().map(() => '200'));
    expect(tickets()).toHaveLength(1);
    expect(tickets()[0]).toMatchObject({
      subject: 'Example AB, cluster east: VMDown (ICE01)',
      severity: 'high',
      body: expect.stringMatching(/^ICE01 instance=hv7:9100, severity=critical, vm=dc01: VMDown since .*crashed/),
    });
    expect((await rig.icepack(['watch', 'status', '--json'])).json().incidents).toMatchObject([
      { state: 'well again' },
    ]);
  });
});
