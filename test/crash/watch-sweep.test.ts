import { cpSync, mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { seed, torture } from '../support/kills.ts';
import { lacks } from '../support/requirements.ts';
import { type Finished, type Rig, runProgram, startRig, startRun, until } from '../support/rig.ts';
import { straced } from '../support/strace.ts';

const watch = {
  ...{ every: '3s', retry: '1s', tickets: false, bundles: false, flood: { wait: '1h' } },
  checks: { data: { every: '3s', for: '2s' } },
};

/** A server whose volume was seen full for long enough: the next round makes an incident of it. */
async function firingRig(): Promise<{ rig: Rig; again(organization: string): Promise<Rig['env']> }> {
  const rig = await startRig({ cluster: 'east' });
  await rig.configure((document) => void Object.assign(document, { watch }));
  await rig.mock.appliances[0]?.fail({ fullPercent: 93 });
  const watching = startRun(rig, ['watch', '--batch']);
  await until(() => watching.said().includes('I1 opened'));
  watching.kill('SIGTERM');
  await watching.ended;
  const state = join(rig.folder, '.local', 'state', 'icepack');
  rmSync(join(state, 'watch', 'open'), { recursive: true });
  const prepared = join(rig.folder, 'prepared');
  cpSync(state, prepared, { recursive: true });
  return {
    rig,
    async again(organization) {
      await rig.configure(
        (document) => void Object.assign(document, { organization, watch: { ...watch, tickets: true } }),
      );
      rmSync(state, { recursive: true });
      mkdirSync(state, { recursive: true, mode: 0o700 });
      cpSync(prepared, state, { recursive: true });
      return rig.env;
    },
  };
}

const once = ['watch', '--once', '--batch'];

describe('a watch that is killed at every single step of an incident', () => {
  // All of the steps with ICEPACK_KILLS=200; else others each time.
  it.skipIf(lacks('strace')).each([
    ['fsync', 10, 4],
    ['rename', 2, 2],
    ['connect', 3, 3],
  ] as const)(
    'at every %s: makes one incident and one ticket (W01)',
    { timeout: 600_000 },
    async (call, least, apart) => {
      const { rig, again } = await firingRig();
      const failed: string[] = [];
      const stride = torture ? 1 : apart;
      let nth = 1 + (seed % stride);
      for (; ; nth += stride) {
        const organization = `Example ${call} ${nth}`;
        const env = await again(organization);
        const { under, env: more } = straced([call], { inject: `${call}:signal=KILL:when=${nth}` });
        const killed = await runProgram(once, { under, env: { ...env, ...more }, cwd: rig.folder });
        const last: Finished[] = [];
        for (let tries = 0; tries < 2; tries++) last.push(await rig.icepack(once));
        const { incidents } = (await rig.icepack(['watch', 'status', '--json'])).json();
        const made = rig.mock.helpdesk?.tickets.filter(({ subject }) => subject.startsWith(`${organization},`)) ?? [];
        if (made.length !== 1 || incidents.length !== 1 || incidents[0].ticket?.key !== made[0]?.key)
          failed.push(
            `${call} ${nth}: ${made.length} tickets, ${incidents.length} incidents; ${last.map(({ stderr }) => stderr)}`,
          );
        if (killed.code === 0) break;
      }

      expect(failed, `seed ${seed}`).toEqual([]);
      expect(nth).toBeGreaterThan(least); // else the steps were not those that are meant
    },
  );
});
