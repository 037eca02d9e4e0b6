import { mkdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { askHypervisor } from '../../src/collect/ask-hypervisor.ts';
import type { Appliance } from '../../src/domain/appliance.ts';
import { openHypervisors } from '../../src/state/hypervisors.ts';
import type { Operator } from '../../src/ui/operator.ts';
import { temporaryFolder } from '../support/rig.ts';

const server = (name: string, more: Partial<Appliance> = {}) =>
  ({ name, address: `${name}.example.com`, ...more }) as unknown as Appliance;
const [ice01, ice02] = [server('ice01', { cluster: 'east' }), server('ice02', { cluster: 'east' })];

async function start() {
  const folder = join(await temporaryFolder(), 'state');
  const path = join(folder, 'hypervisors.json');
  const hypervisors = openHypervisors(path, () => new Date('2026-11-20T10:32:00Z'));
  /** @returns what each server runs on, what was asked, what was proposed and what was said */
  const collect = async (appliances: Appliance[], answer?: string) => {
    const asked: string[] = [];
    const proposed: (string | undefined)[] = [];
    const said: string[] = [];
    const text = async (question: string, { initial }: { initial?: string } = {}) => {
      asked.push(question);
      proposed.push(initial);
      return answer || initial || '';
    };
    const operator = {
      emit: (event: { text: string }) => said.push(event.text),
      ask: answer === undefined ? undefined : { text },
    } as unknown as Operator;
    const known = await askHypervisor(appliances, operator, hypervisors);
    return { versions: known.map(({ hypervisor }) => hypervisor?.version), asked, proposed, said };
  };
  return { folder, path, collect };
}

describe('the hypervisor under a server', () => {
  it('is asked once, kept for this user alone, and then said instead, also in batch (field-F18)', async () => {
    const { path, collect } = await start();

    const first = await collect([ice01, ice02], ' VMware ESXi 8.0.2 ');
    const second = await collect([ice01, ice02], 'another');
    const batch = await collect([ice02]);

    expect(first.asked).toHaveLength(1);
    expect(second).toMatchObject({ asked: [], versions: ['VMware ESXi 8.0.2', 'VMware ESXi 8.0.2'] });
    expect(second.said).toEqual([
      expect.stringContaining('hypervisor of ice01, ice02: VMware ESXi 8.0.2, as answered on 2026-11-20'),
    ]);
    expect(batch.versions).toEqual(['VMware ESXi 8.0.2']);
    expect((await stat(path)).mode & 0o777).toBe(0o600);
  });

  it('is proposed for another server of the cluster, and can be refused (field-F18)', async () => {
    const { collect } = await start();
    await collect([ice01], 'KVM 8');

    const refused = await collect([ice01, ice02], '-');
    const taken = await collect([ice01, ice02], '');
    const other = await collect([ice01, server('west', { cluster: 'west' })], '');

    expect(refused).toMatchObject({ proposed: ['KVM 8'], versions: ['KVM 8', undefined] });
    expect(taken.versions).toEqual(['KVM 8', 'KVM 8']);
    expect(other.proposed).toEqual([undefined]);
  });

  it('that is not known is asked for again (field-F18)', async () => {
    const { collect } = await start();

    await collect([ice01], '');

    expect((await collect([ice01], 'KVM 8')).asked).toHaveLength(1);
  });

  it('of the configuration counts for more, and a server at another address is another one (field-F18)', async () => {
    const { collect } = await start();
    await collect([ice01], 'KVM 8');

    const configured = await collect([{ ...ice01, hypervisor: { version: '9' } } as Appliance], '');
    const moved = await collect([{ ...ice01, address: 'new' } as Appliance], 'KVM 9');

    expect(configured).toMatchObject({ versions: ['9'], asked: [], said: [] });
    expect(moved.asked).toHaveLength(1);
  });

  it('is asked again where what was kept is damaged (field-F18)', async () => {
    const { folder, path, collect } = await start();
    await mkdir(folder, { mode: 0o700 });
    await writeFile(path, '{"schema":1,"hypervisors":[{}]}', { mode: 0o600 });

    expect((await collect([ice01], 'KVM 8')).versions).toEqual(['KVM 8']);
    expect(JSON.parse(await readFile(path, 'utf8')).hypervisors).toHaveLength(1);
  });
});
