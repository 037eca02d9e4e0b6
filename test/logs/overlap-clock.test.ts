import { expect, it } from 'vitest';
import { partsOutside } from '../../src/logs/overlap.ts';

const at = (text: string) => new Date(`2026-11-${text}:00Z`);

it('a file whose clock was set back while it was open is not left out for how it begins', () => {
  const parts = [
    { name: 'system.log.0', first: at('19T00:00'), modifiedAt: at('19T23:00') },
    { name: 'system.log', first: at('21T20:00'), modifiedAt: at('20T22:00') },
  ];

  const outside = partsOutside(parts, { since: at('20T20:30'), until: at('20T21:30') });

  expect([...outside]).not.toContain('system.log');
});
