import { describe, expect, it } from 'vitest';
import type { Item, ServerRecord } from '../../src/domain/manifest.ts';
import { collectionExit, completenessOf, isUnreachable } from '../../src/domain/outcome.ts';

type Found = Pick<ServerRecord, 'items' | 'faces'>;

function item(collector: Item['collector'], status: Item['status']): Item {
  return { path: `${collector}/file`, collector, status };
}

const whole: Item[] = [item('config', 'ok'), item('techsupport', 'ok'), item('logs', 'ok'), item('vm', 'ok')];

function server(items: Item[], cli: 'up' | 'down' | 'unused' = 'up', hostOs: 'up' | 'down' | 'unused' = 'up'): Found {
  const at = { address: '192.0.2.10', port: 22 };
  return { items, faces: { cli: { ...at, status: cli }, hostOs: { ...at, status: hostOs } } };
}

describe('what the items of a server add up to', () => {
  it('is complete when everything that was asked for is there', () => {
    expect(completenessOf({ items: whole })).toBe('complete');
  });

  it('is complete when what is missing was not asked for', () => {
    expect(completenessOf({ items: [...whole, item('cli', 'skipped')] })).toBe('complete');
    expect(completenessOf({ items: [item('config', 'skipped'), item('logs', 'ok')] })).toBe('complete');
  });

  it.each(['logs', 'cli', 'vm'] as const)('is partial when %s failed or is not whole', (collector) => {
    for (const status of ['failed', 'partial'] as const) {
      expect(completenessOf({ items: [...whole, item(collector, status)] })).toBe('partial');
    }
  });

  it.each(['config', 'techsupport'] as const)('is incomplete when %s failed or is not whole (E18)', (collector) => {
    for (const status of ['failed', 'partial'] as const) {
      expect(completenessOf({ items: [...whole, item('logs', 'failed'), item(collector, status)] })).toBe('incomplete');
    }
  });
});

describe('the exit code of a collection', () => {
  const complete = server(whole);
  const partial = server([...whole, item('logs', 'failed')]);
  const incomplete = server([item('config', 'failed')]);
  const unreachable = server([item('config', 'failed')], 'down', 'down');

  it.each([
    ['all are complete', [complete, complete], 0],
    ['one is partial', [complete, partial], 3],
    ['one lacks something mandatory', [complete, partial, incomplete], 4],
    ['one of two was not reached', [complete, unreachable], 4],
    ['none was reached', [unreachable, unreachable], 5],
  ])('tells when %s', (_when, servers, code) => {
    expect(collectionExit(servers)).toBe(code);
  });

  it('does not depend on the order of the servers', () => {
    const orders = [
      [partial, incomplete, complete],
      [incomplete, complete, partial],
      [complete, partial, incomplete],
    ];

    expect(orders.map((servers) => collectionExit(servers))).toEqual([4, 4, 4]);
  });
});

describe('a server', () => {
  it.each([
    ['up', 'up', false],
    ['up', 'down', false],
    ['down', 'up', false],
    ['down', 'down', true],
    ['unused', 'down', true],
    ['down', 'unused', true],
  ] as const)('with the CLI %s and the host OS %s is unreachable: %s', (cli, hostOs, expected) => {
    expect(isUnreachable(server([], cli, hostOs))).toBe(expected);
  });
});
