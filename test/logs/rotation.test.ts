import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { logParts } from '../../src/logs/rotation.ts';

describe('the parts of a rotated log', () => {
  it('come oldest first, their numbers sorted as numbers', () => {
    const names = ['system.log', 'system.log.0.gz', 'system.log.10.gz', 'system.log.1.gz', 'system.log.2.gz'];

    const parts = logParts('system', names);

    expect(parts.map((part) => part.name)).toEqual([
      'system.log.10.gz',
      'system.log.2.gz',
      'system.log.1.gz',
      'system.log.0.gz',
      'system.log',
    ]);
  });

  it('may be named in both ways the guide shows, compressed or not', () => {
    const parts = logParts('audit', ['audit.0.gz', 'audit.log.1.gz', 'audit.log.2', 'audit.log']);

    expect(parts).toEqual([
      { name: 'audit.log.2', compressed: false, packing: undefined, number: 2 },
      { name: 'audit.log.1.gz', compressed: true, packing: undefined, number: 1 },
      { name: 'audit.0.gz', compressed: true, packing: undefined, number: 0 },
      { name: 'audit.log', compressed: false, packing: undefined, number: undefined },
    ]);
  });

  it('are there without a current one right after a rotation', () => {
    expect(logParts('system', ['system.log.0.gz'])).toEqual([
      { name: 'system.log.0.gz', compressed: true, packing: undefined, number: 0 },
    ]);
  });

  it.each([
    'system.log.-1.gz',
    'system.log.1.gz.tmp',
    'system.log.0x1.gz',
    'xsystem.log',
    'systemd.log',
    'system',
    'SYSTEM.LOG',
    'system.log.0.gz/..',
    'audit.log',
    '',
  ])('do not include %j', (name) => {
    expect(logParts('system', [name])).toEqual([]);
  });

  it('are all there and the same, in whatever order the server lists them', () => {
    const numbers = fc.uniqueArray(fc.nat(30), { maxLength: 12 });

    fc.assert(
      fc.property(numbers, fc.infiniteStream(fc.nat()), (rotated, random) => {
        const names = ['system.log', ...rotated.map((number) => `system.log.${number}.gz`)];
        const shuffled = names
          .map((name) => ({ name, key: random.next().value }))
          .sort((a, b) => a.key - b.key)
          .map(({ name }) => name);

        const parts = logParts('system', shuffled);

        const expected = [...rotated].sort((a, b) => b - a).map((number) => `system.log.${number}.gz`);
        expect(parts.map((part) => part.name)).toEqual([...expected, 'system.log']);
      }),
    );
  });
});
