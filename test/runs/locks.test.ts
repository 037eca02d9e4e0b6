import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parseConfig } from '../../src/config/load.ts';
import { providers } from '../../src/helpdesk/providers.ts';
import { lockServers } from '../../src/runs/locks.ts';
import { openRunStore } from '../../src/state/runs.ts';
import { temporaryFolder } from '../support/rig.ts';

const twoSites = `
jumpHosts: { east: { address: 198.51.100.1, user: kim }, west: { address: 198.51.100.2, user: kim } }
appliances:
  ice01: { id: 1, address: 10.0.0.1, via: east }
  ice02: { id: 2, address: 10.0.0.1, via: west }
`;

async function sites() {
  const runs = openRunStore(join(await temporaryFolder(), 'state'), () => new Date());
  return { runs, appliances: parseConfig(twoSites, 'icepack.yaml', '/home/kim', providers).appliances };
}

describe('the locks of servers', () => {
  it('are two where two sites have the same private address, each behind a jump host of its own', async () => {
    const { runs, appliances } = await sites();

    const unlock = await lockServers(appliances, runs);

    unlock();
  });

  it('are one where way and address are the same', async () => {
    const { runs, appliances } = await sites();
    const unlock = await lockServers(appliances, runs);

    await expect(lockServers(appliances.slice(0, 1), runs)).rejects.toMatchObject({ code: 'busy' });

    unlock();
  });
});
