import { describe, expect, it } from 'vitest';
import { assessServer } from '../../src/domain/assessment.ts';
import type { Item, Manifest, ServerRecord } from '../../src/domain/manifest.ts';
import { bundleReadme, notCollected } from '../../src/tickets/bundle-readme.ts';

const noCli = 'ICE01 InCenter CLI (192.0.2.11:22) cannot be reached: connection refused';

function server(id: number, items: Item[], reason?: string): ServerRecord {
  const address = `192.0.2.1${id}`;
  return {
    ...{ name: `ice0${id}`, id, address, folder: `Event2_ICE0${id}_20261120_1032`, clock: null, versions: {}, items },
    zone: { name: 'Europe/Stockholm', source: 'host OS' },
    faces: {
      cli: { address, port: 22, ...(reason === undefined ? { status: 'up' } : { status: 'down', reason }) },
      hostOs: { address, port: 2222, status: 'up' },
    },
  };
}

const down = server(1, [{ path: 'Logs/system.log', collector: 'logs', status: 'failed', reason: noCli }], noCli);
const whole = server(2, [{ path: 'Config/b.tar.gz', collector: 'config', status: 'ok', bytes: 500_000 }]);

const manifest: Manifest = {
  ...{ schema: 1, run: 'run', argv: [], created: '2026-11-20T10:00:00.000Z', reference: 'the-reference' },
  tool: { name: 'icepack', version: '0.2.0', node: 'v20' },
  ticket: 'TIC-1234',
  event: {
    number: 2,
    at: '2026-11-20T09:32:00.000Z',
    window: { since: '2026-11-20T09:02:00.000Z', until: '2026-11-20T10:02:00.000Z' },
  },
  servers: [down, whole],
};

const facts = {
  ...{ manifest, summary: 'VPN down', description: 'Since the update.', severity: 'high', answers: {} },
  ...{ organization: 'Example AB', contact: { name: 'Kim Doe' } },
  ...{ product: undefined, version: undefined, license: undefined },
};

describe('README.txt of a bundle (field-F11)', () => {
  const text = bundleReadme(facts);

  it('says what happened, how bad, to whom and when, in the clock of the server and in UTC', () => {
    expect(text.split('\n')[0]).toBe('TIC-1234, event 2, severity high');
    for (const fact of ['VPN down', 'Since the update.', 'Kim Doe\nExample AB', '10:32 Europe/Stockholm', '09:32 UTC'])
      expect(text).toContain(fact);
  });

  it('names each folder with what is in it, and why something is not, once', () => {
    expect(text).toContain('Event2_ICE01_20261120_1032/  ICE01 (ice01), partial\n  nothing');
    expect(text).toContain('Event2_ICE02_20261120_1032/  ICE02 (ice02), complete\n  Config/b.tar.gz (500 kB)');
    expect(text.split(noCli)).toHaveLength(2);
    expect(text).toContain('missing: Logs/system.log');
  });

  it('says that there is no ticket yet, and passes on no escape or bidi character', () => {
    const hostile = bundleReadme({ ...facts, manifest: { ...manifest, ticket: null }, summary: '\x1b[2Jx\u202e' });

    expect(hostile).toContain('No ticket yet, event 2');
    expect(hostile).not.toMatch(/(?![\t\n])\p{Cc}|\p{Bidi_Control}/u);
  });
});

describe('NOT-COLLECTED.txt of a server (field-F11)', () => {
  it('says why, and what is missing because of it', () => {
    expect(notCollected(assessServer(down))?.split('\n')).toEqual([
      'ICE01 (ice01, 192.0.2.11): partial',
      '',
      noCli,
      '  missing: Logs/system.log',
      '',
    ]);
  });

  it('is not written where nothing is missing', () => {
    expect(notCollected(assessServer(whole))).toBeUndefined();
  });
});
