import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { lockFromCaptures } from '../../src/capture/meet-captures.ts';
import { parseConfig } from '../../src/config/load.ts';
import type { ProgressEvent } from '../../src/domain/progress.ts';
import { providers } from '../../src/helpdesk/providers.ts';
import { lockServers } from '../../src/runs/locks.ts';
import { openCaptureStore } from '../../src/state/captures.ts';
import { thisProcess } from '../../src/state/process.ts';
import { openRunStore } from '../../src/state/runs.ts';
import type { Operator } from '../../src/ui/operator.ts';
import { temporaryFolder } from '../support/rig.ts';

const text = 'appliances: { ice01: { id: 1, address: 192.0.2.1 }, ice02: { id: 2, address: 192.0.2.2 } }\n';

async function place() {
  const state = join(await temporaryFolder(), 'state');
  const now = () => new Date();
  const said: ProgressEvent[] = [];
  const operator = {
    emit: (event: ProgressEvent) => said.push(event),
    sleep: async () => undefined,
    now,
  } as unknown as Operator;
  const { appliances } = parseConfig(text, 'icepack.yaml', '/home/kim', providers);
  const tools = { runs: openRunStore(state, now), captures: openCaptureStore(state, now), operator };
  return { state, said, tools, appliances, signal: new AbortController().signal };
}

function bornAt(pid: number): string | undefined {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19];
}

describe('a run that wants servers', () => {
  it('goes on beside a capture that lives and does not answer, with one session less, and says so (Q01)', async () => {
    const { state, said, tools, appliances, signal } = await place();
    const free = await lockServers(appliances.slice(0, 1), tools.runs);
    mkdirSync(join(state, 'captures', 'ice01'), { recursive: true, mode: 0o700 });
    const note = { capture: '000001-20261120T0902Z', since: '2026-11-20T09:02:00Z', process: await thisProcess() };
    writeFileSync(join(state, 'captures', 'ice01', 'at-work.json'), JSON.stringify(note));

    const met = await lockFromCaptures(appliances, tools, signal);

    expect(met.appliances.map(({ sessions }) => sessions)).toEqual([1, 2]);
    expect(said).toMatchObject([{ type: 'warning', server: 'ice01', text: expect.stringContaining(`${process.pid}`) }]);
    expect(met.handOvers.size).toBe(0);
    met.free();
    free();
  });

  it('is not kept from them by the note of a capture that has ended', async () => {
    const { state, said, tools, appliances, signal } = await place();
    mkdirSync(join(state, 'captures', 'ice01'), { recursive: true, mode: 0o700 });
    const process = { pid: 1, bornAt: '1', boot: 'another' };
    const note = { capture: '000001-20261120T0902Z', since: '2026-11-20T09:02:00Z', process };
    writeFileSync(join(state, 'captures', 'ice01', 'at-work.json'), JSON.stringify(note));

    const met = await lockFromCaptures(appliances, tools, signal);

    expect(said).toEqual([]);
    expect(met.appliances.map(({ sessions }) => sessions)).toEqual([2, 2]);
    met.free();
  });

  it('is busy where another run is at work, as ever (Q03)', async () => {
    const { tools, appliances, signal } = await place();
    const free = await lockServers(appliances.slice(1), tools.runs);

    await expect(lockFromCaptures(appliances, tools, signal)).rejects.toMatchObject({ code: 'busy' });

    free();
  });

  it.skipIf(process.platform !== 'linux')(
    'wants them no more when it cannot have them, and never takes back what another run wants (Q01)',
    async () => {
      const { state, tools, appliances } = await place();
      const ring = (name: string) => join(state, 'captures', name);
      for (const name of ['ice01', 'ice02']) mkdirSync(ring(name), { recursive: true, mode: 0o700 });
      const note = { capture: '000001-20261120T0902Z', since: '2026-11-20T09:02:00Z', process: await thisProcess() };
      writeFileSync(join(ring('ice01'), 'at-work.json'), JSON.stringify(note));
      const other = { process: { ...(await thisProcess()), pid: process.ppid, bornAt: bornAt(process.ppid) } };
      writeFileSync(join(ring('ice02'), 'wanted.json'), JSON.stringify(other));

      const gone = lockFromCaptures(appliances, tools, AbortSignal.abort(new Error('interrupted')));

      await expect(gone).rejects.toThrow('interrupted');
      expect(await tools.captures.atWork.isWanted('ice01')).toBe(false);
      expect(await tools.captures.atWork.isWanted('ice02')).toBe(true);
    },
  );
});
