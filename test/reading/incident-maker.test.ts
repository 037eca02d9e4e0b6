import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { makeIncident, orderOf } from '../support/incident-maker.ts';

const folder = mkdtempSync(join(tmpdir(), 'icepack-incident-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('the maker of incidents', () => {
  it('makes the same bytes of the same options, and others of another seed', async () => {
    const made = await Promise.all(
      [1, 1, 2].map((seed, at) => makeIncident(join(folder, String(at)), { seed, lines: 1000, isHostile: true })),
    );
    const [first, second, other] = made.map(({ zip }) => createHash('sha256').update(readFileSync(zip)).digest('hex'));

    expect(second).toBe(first);
    expect(other).not.toBe(first);
  });

  it('knows as many lines as it wrote', async () => {
    const { logs, folder: root } = await makeIncident(join(folder, 'lines'), { lines: 1000, isHostile: true });

    for (const { path, known } of logs)
      expect(readFileSync(join(root, path), 'latin1').split('\n').length - 1, path).toBe(known.count);
    expect(orderOf(logs)).toHaveLength(logs.reduce((sum, { known }) => sum + known.count, 0));
  });
});
