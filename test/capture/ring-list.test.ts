import { describe, expect, it } from 'vitest';
import { listRings, otherRings, ringDocument, ringLines } from '../../src/capture/ring-list.ts';
import { parseConfig } from '../../src/config/load.ts';
import { providers } from '../../src/helpdesk/providers.ts';
import type { Workplace } from '../../src/servers/workplace.ts';
import { noStanding, type Standing } from '../../src/state/capture-standing.ts';

const text = 'appliances: { ice01: { id: 1, address: 192.0.2.1 }, ice02: { id: 2, address: 192.0.2.2 } }\n';
const { appliances, captures: policy } = parseConfig(text, 'icepack.yaml', '/home/kim', providers);

/** Rings by server, of captures that began then; each of as many bytes. */
function workplaceWith(rings: Record<string, string[]>, bytes: number, standing: Standing = noStanding): Workplace {
  const captures = {
    servers: async () => Object.keys(rings),
    ring: async (server: string) => ({
      captures: (rings[server] ?? []).map((started, at) => ({
        ...{ id: String(at), folder: `/state/${server}/${at}`, bytes },
        record: { started, ended: started, items: [{ path: 'VM/vm.txt', status: 'ok', bytes, sha256: 'ab' }] },
      })),
      strangers: [],
    }),
    standings: { read: async (server: string) => (server === 'ice02' ? standing : noStanding) },
  };
  return { captures } as unknown as Workplace;
}

async function listed(workplace: Workplace) {
  const rings = [...(await listRings(appliances, workplace)), ...(await otherRings(appliances, workplace))];
  return { rings, lines: ringLines(rings, policy, 'UTC', true).map((line) => String(line.text)) };
}

const full = Array.from({ length: 24 }, (_, at) => new Date(Date.UTC(2026, 10, 19, 11 + at)).toISOString());

describe('the list of captures', () => {
  it('fits a terminal of 80 columns, says when the next one is due, and what fails on a line of its own', async () => {
    const reason = 'connection refused';
    const standing: Standing = { health: 'failing', since: '2026-11-20T09:02:00Z', reason, skips: 0, refused: {} };

    const { lines } = await listed(workplaceWith({ ice01: full, ice02: full }, 4_000_000, standing));

    expect(lines).toEqual([
      'ICE01  24 captures  2026-11-19 11:00 … 2026-11-20 10:00  96.0 MB  next 11:00',
      'ICE02  24 captures  2026-11-19 11:00 … 2026-11-20 10:00  96.0 MB',
      '  ✗ failing since 2026-11-20 09:02: connection refused',
      'ring 192.0 MB of 5.00 GB',
    ]);
    expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(80);
  });

  it('has the ring of a server that was renamed or taken out, which counts; an empty one is nothing (Q06)', async () => {
    const { lines } = await listed(workplaceWith({ renamed: full.slice(0, 1), emptied: [] }, 4_000_000));

    expect(lines.slice(0, 5)).toEqual([
      'ICE01  no capture',
      'ICE02  no capture',
      'renamed  1 capture  2026-11-19 11:00 … 2026-11-19 11:00  4.0 MB',
      '  Its server is not in the configuration.',
      'ring 4.0 MB of 5.00 GB',
    ]);
  });

  it('says how full the ring is only where all of it is listed', async () => {
    const { rings } = await listed(workplaceWith({ ice01: full }, 1));

    expect(ringLines(rings.slice(0, 1), policy, 'UTC', false)).toHaveLength(1);
  });

  it('has the same keys for each ring in --json', async () => {
    const { rings } = await listed(workplaceWith({ ice01: full.slice(0, 1), renamed: full.slice(0, 1) }, 1));

    const ringKeys = ['server', 'title', 'bytes', 'health', 'since', 'reason', 'captures'];
    const captureKeys = ['id', 'folder', 'bytes', 'started', 'ended', 'items'];
    for (const ring of ringDocument(rings)) {
      expect(Object.keys(ring)).toEqual(ringKeys);
      for (const capture of ring.captures) expect(Object.keys(capture)).toEqual(captureKeys);
    }
  });
});
