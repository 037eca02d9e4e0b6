import { describe, expect, it } from 'vitest';
import type { Appliance } from '../../src/domain/appliance.ts';
import { alertsIn } from '../../src/watch/reported/alertmanager.ts';

const server = (name: string, id: number, address: string) => ({ name, id, address }) as Appliance;
const servers = [
  server('ice01', 1, '192.0.2.1'),
  server('ice02', 2, 'ice02.example.com'),
  server('ice03', 3, '2001:db8::3'),
  server('ice04', 4, '192.0.2.9'),
  server('ice05', 5, '192.0.2.9'),
];
const alert = (labels: Record<string, string>, more: object = {}) => ({
  ...{ status: 'firing', labels: { alertname: 'VMDown', ...labels }, annotations: {} },
  ...{ startsAt: '2026-11-20T10:00:00.123+01:00', endsAt: '0001-01-01T00:00:00Z', fingerprint: 'ab', ...more },
});
const payload = (...alerts: object[]) =>
  JSON.stringify({ version: '4', receiver: 'icepack', status: 'firing', alerts });
const read = (text: string, label?: string) => alertsIn(text, 'standard input', servers, label);

describe('alerts of Alertmanager', () => {
  it('are each of a server, an event and what of it, with what the monitor saw', () => {
    const annotations = { summary: 'dc01 is down', description: 'shut off (crashed)' };

    const { said, notPlaced } = read(
      payload(alert({ server: 'ice01', vm: 'dc01', severity: 'warning' }, { annotations })),
    );

    expect(notPlaced).toEqual([]);
    expect(said).toEqual([
      {
        ...{ server: 'ice01', event: 'VMDown', key: 'severity=warning, vm=dc01', is: 'bad', severity: 'medium' },
        ...{ message: 'dc01 is down: shut off (crashed)', since: '2026-11-20T09:00:00.123Z' },
      },
    ]);
  });

  it.each([
    [{ instance: 'ice01:9100' }, 'ice01', 'instance=ice01:9100'],
    [{ instance: 'ICE01' }, 'ice01', undefined],
    [{ instance: '192.0.2.1:9100' }, 'ice01', 'instance=192.0.2.1:9100'],
    [{ instance: 'ICE02.example.com' }, 'ice02', undefined],
    [{ instance: '[2001:db8::3]:9100' }, 'ice03', 'instance=[2001:db8::3]:9100'],
    [{ instance: '2001:db8::3' }, 'ice03', undefined],
    [{ server: 'ice01', instance: 'ice02' }, 'ice01', 'instance=ice02'],
    [{ server: 'prometheus', instance: 'ice02' }, 'ice02', 'server=prometheus'],
  ])('of %j are of their server, whatever else differs', (labels, name, key) => {
    expect(read(payload(alert(labels as Record<string, string>))).said).toMatchObject([{ server: name }]);
    expect(read(payload(alert(labels as Record<string, string>))).said[0]?.key).toBe(key);
  });

  it('are two things where any label differs: a port, a severity, or what is behind a long text', () => {
    const long = 'x'.repeat(500);
    const keys = read(
      payload(
        ...['ice01:22', 'ice01:2222'].map((instance) => alert({ instance })),
        ...['warning', 'critical'].map((severity) => alert({ instance: 'ice01', severity })),
        ...['a', 'b'].map((end) => alert({ instance: 'ice01', long: long + end })),
      ),
    ).said.map(({ key }) => key);

    expect(new Set(keys).size).toBe(6);
    expect(keys.every((key) => (key?.length ?? 0) < 250)).toBe(true);
  });

  it('are named with their labels where their server is not known, or may be several; the others are taken', () => {
    const { said, notPlaced } = read(
      payload(
        alert({ instance: 'web1:9100' }),
        alert({ instance: 'ice01' }),
        alert({ job: 'x' }),
        alert({ instance: '192.0.2.9:9100' }),
      ),
    );

    expect(said).toHaveLength(1);
    expect(notPlaced).toEqual([
      {
        labels: { alertname: 'VMDown', instance: 'web1:9100' },
        why: 'instance="web1:9100" is no server of appliances:',
      },
      { labels: { alertname: 'VMDown', job: 'x' }, why: 'it has no label server or instance' },
      {
        labels: { alertname: 'VMDown', instance: '192.0.2.9:9100' },
        why: 'instance="192.0.2.9:9100" is any of ice04, ice05',
      },
    ]);
  });

  it('are found by the label that is named, and by no other', () => {
    const { said, notPlaced } = read(
      payload(alert({ host: 'ice02', instance: 'ice01' }), alert({ server: 'ice01' })),
      'host',
    );

    expect(said).toMatchObject([{ server: 'ice02' }]);
    expect(notPlaced).toMatchObject([{ why: 'it has no label host' }]);
  });

  it.each([
    ['emergency', 'emergency'],
    ['critical', 'high'],
    ['PAGE', 'high'],
    ['warning', 'medium'],
    ['info', 'low'],
    ['purple', 'high'],
    ['constructor', 'high'],
    [undefined, 'high'],
  ])('of severity %s are %s', (label, severity) => {
    const labels = label === undefined ? {} : { severity: label };
    expect(read(payload(alert({ server: 'ice01', ...labels } as Record<string, string>))).said).toMatchObject([
      { severity },
    ]);
  });

  it('that are resolved are ok', () => {
    expect(read(payload(alert({ server: 'ice01' }, { status: 'resolved' }))).said).toMatchObject([{ is: 'ok' }]);
  });

  it('that Alertmanager left out are counted', () => {
    expect(read('{"version":"4","alerts":[],"truncatedAlerts":7}').truncated).toBe(7);
  });

  it.each([
    ['', 'standard input: it is empty'],
    ['{"a"', 'standard input: it is no JSON'],
    ['[]', 'standard input: the whole: '],
    ['{"version":"3","alerts":[]}', 'standard input: version: '],
    ['{"version":"4"}', 'standard input: alerts: '],
    ['{"version":"4","alerts":[{"status":"new","labels":{},"startsAt":"2026-11-20T10:00:00Z"}]}', 'alerts.0.status: '],
    [
      '{"version":"4","alerts":[{"status":"firing","labels":{"a":1},"startsAt":"2026-11-20T10:00:00Z"}]}',
      'alerts.0.labels.a: ',
    ],
  ])('are refused as a whole where %j is sent', (text, message) => {
    expect(() => read(text)).toThrow(message);
  });
});
