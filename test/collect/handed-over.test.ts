import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { openStaging } from '../../src/bundle/staging.ts';
import { handedOver } from '../../src/collect/handed-over.ts';
import type { Capture } from '../../src/domain/capture.ts';
import type { ServerJob } from '../../src/servers/job/server-job.ts';
import { temporaryFolder } from '../support/rig.ts';

const path = 'Techsupport/tsf-1.tsf';
const started = '2026-11-20T09:32:10Z';

/** What a run takes of a capture that hands over such a file, which was hashed as that. */
async function taken(hashed: string, ended?: () => Promise<Capture | undefined>) {
  const [ring, staged] = [await temporaryFolder(), join(await temporaryFolder(), 'ice01')];
  mkdirSync(join(ring, 'Techsupport'));
  writeFileSync(join(ring, path), 'evidence');
  const sha256 = createHash('sha256').update(hashed).digest('hex');
  const item = { collector: 'techsupport', path, status: 'ok', bytes: 8, sha256, started };
  const record = { started, ended: started, items: [item] };
  const capture = { id: '000001-20261120T0932Z', folder: ring, bytes: 8, record } as unknown as Capture;
  const said: string[] = [];
  const staging = await openStaging(staged);
  const job = {
    ...{ appliance: { name: 'ice01', id: 1 }, request: { at: new Date('2026-11-20T09:32:00Z') } },
    ...{ signal: new AbortController().signal, staging: Promise.resolve(staging) },
    operator: { emit: (event: { type: string }) => void said.push(event.type) },
  } as unknown as ServerJob;
  const items = await handedOver({ id: capture.id, ended: ended ?? (async () => capture) }, job);
  return { items, said, isThere: existsSync(join(staged, path)) };
}

describe('techsupport that a capture hands over', () => {
  it('is taken as it was hashed', async () => {
    const { items, isThere } = await taken('evidence');

    expect(items).toMatchObject([{ path, status: 'ok', capture: { id: '000001-20261120T0932Z' } }]);
    expect(isThere).toBe(true);
  });

  it('and was changed since is not taken, and nothing of it stays: the run makes its own', async () => {
    expect(await taken('something else')).toMatchObject({ items: undefined, isThere: false });
  });

  it('and cannot be read here is told, and costs nothing else', async () => {
    const { items, said } = await taken('evidence', () => Promise.reject(new Error('input/output error')));

    expect(items).toBeUndefined();
    expect(said).toContain('warning');
  });
});
