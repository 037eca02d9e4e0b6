import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { seed, torture } from '../support/kills.ts';
import { lacks } from '../support/requirements.ts';
import { runProgram, startRig } from '../support/rig.ts';
import { straced } from '../support/strace.ts';

const outage = ['event', 'ice01', '--event', 'VM outage', '--key', 'dc01', '--batch'];
const bad = [...outage, '--is', 'bad'];
const ok = [...outage, '--is', 'ok'];

describe('an event that is killed at every single step', () => {
  // All of the steps with ICEPACK_KILLS=200; else others each time.
  it.skipIf(lacks('strace')).each([
    ['fsync', 8, 9],
    ['rename', 2, 3],
    ['connect', 2, 3],
  ] as const)(
    'at every %s: is one incident and one ticket as soon as anybody says anything, and ends when it is ok (W85)',
    { timeout: 600_000 },
    async (call, least, apart) => {
      const rig = await startRig({ cluster: 'east' });
      const state = join(rig.folder, '.local', 'state', 'icepack');
      const failed: string[] = [];
      const stride = torture ? 1 : apart;
      let nth = 1 + (seed % stride);
      for (; ; nth += stride) {
        const organization = `Example ${call} ${nth}`;
        await rig.configure((document) => void Object.assign(document, { organization, watch: { bundles: false } }));
        rmSync(state, { recursive: true, force: true });
        const { under, env } = straced([call], { inject: `${call}:signal=KILL:when=${nth}` });
        const killed = await runProgram(bad, { under, env: { ...rig.env, ...env }, cwd: rig.folder });
        const isKept = killed.stdout !== '' || (await rig.icepack(['watch', 'status'])).stdout.includes('VM outage');
        const next = isKept ? ['event', 'ice01', '--event', 'Fan', '--is', 'ok'] : bad; // who comes next says something else
        const after = await rig.icepack(next);
        const made = rig.mock.helpdesk?.tickets.filter(({ subject }) => subject.startsWith(`${organization},`)) ?? [];
        const over = await rig.icepack(ok);
        const { incidents } = (await rig.icepack(['watch', 'status', '--json'])).json();
        const isWell = incidents.length === 1 && incidents[0].state === 'well again';
        if (made.length !== 1 || !isWell || after.code !== 0 || over.code !== 0)
          failed.push(
            `${call} ${nth}: ${made.length} tickets, ${JSON.stringify(incidents)}; ${after.stderr}${over.stderr}`,
          );
        if (killed.code === 0) break;
      }

      expect(failed, `seed ${seed}`).toEqual([]);
      expect(nth).toBeGreaterThan(least); // else the steps were not those that are meant
    },
  );
});
