import { describe, expect, it } from 'vitest';
import { licenseOf } from '../../src/tickets/licenses.ts';

const manifest = { servers: [{ name: 'ice01' }, { name: 'ice02' }] };

describe('the license of a ticket', () => {
  it.each([
    ['that of the configuration', 'C', {}, 'C'],
    ['that of all its servers', 'C', { ice01: 'A', ice02: 'A', ice03: 'B' }, 'A'],
    ['each of its servers', 'C', { ice02: 'B' }, 'C, B'],
    ['what is known', undefined, { ice02: 'B' }, 'B'],
    ['none', undefined, {}, undefined],
  ])('is %s', (_what, license, licenses, found) => {
    expect(licenseOf({ manifest, license, licenses })).toBe(found);
  });
});
