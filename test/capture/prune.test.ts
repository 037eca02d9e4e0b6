import { describe, expect, it } from 'vitest';
import { pruneCaptures } from '../../src/capture/prune.ts';
import { parseConfig } from '../../src/config/load.ts';
import { providers } from '../../src/helpdesk/providers.ts';
import type { Workplace } from '../../src/servers/workplace.ts';

const [GB, hour] = [1e9, 3_600_000];
const now = new Date('2026-11-20T10:02:00Z');
const text = 'appliances: { ice01: { id: 1, address: 192.0.2.1 } }\n';
const { captures: policy } = parseConfig(text, 'icepack.yaml', '/home/kim', providers);

/** Which captures leave rings of these sizes, of ten captures each, on such a disk. */
async function left(servers: readonly string[], bytes: number, disk: { bytes: number; freeBytes: number }) {
  const removed: string[] = [];
  const ring = Array.from({ length: 10 }, (_, at) => ({
    ...{ id: String(at), bytes, record: { started: new Date(now.getTime() - (10 - at) * hour).toISOString() } },
  }));
  const captures = {
    servers: async () => [...servers],
    ring: async () => ({ captures: ring, strangers: [] }),
    room: async () => disk,
    remove: async (server: string, id: string) => void removed.push(`${server} ${id}`),
  };
  async function* each() {}
  const runs = { ids: async () => [], each };
  await pruneCaptures(policy, { captures, runs, operator: { now: () => now } } as unknown as Workplace);
  return removed;
}

describe('the rings of a machine', () => {
  it('leave two gigabytes of the disk free, or a tenth of a small one (Q06)', async () => {
    expect(await left(['ice01'], 0.1 * GB, { bytes: 100 * GB, freeBytes: 2 * GB })).toEqual([]);
    expect(await left(['ice01'], 0.1 * GB, { bytes: 100 * GB, freeBytes: 1.75 * GB })).toHaveLength(3);
    expect(await left(['ice01'], 0.1 * GB, { bytes: 10 * GB, freeBytes: 1 * GB })).toEqual([]);
    expect(await left(['ice01'], 0.1 * GB, { bytes: 10 * GB, freeBytes: 0.75 * GB })).toHaveLength(3);
  });

  it('count together for their size, also that of a server which is in no configuration any more (Q06)', async () => {
    const disk = { bytes: 100 * GB, freeBytes: 50 * GB };

    expect(await left(['ice01'], 0.5 * GB, disk)).toEqual([]);
    expect(await left(['ice01', 'renamed'], 0.3 * GB, disk)).toHaveLength(4);
  });
});
