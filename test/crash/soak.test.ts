import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { MockSwitches } from '../../src/mock/help-desk.ts';
import { randomOf, seed, torture } from '../support/kills.ts';
import { type Rig, runProgram, startRig } from '../support/rig.ts';

const incidents = Number(process.env['ICEPACK_KILLS'] ?? 0) * 1.5;
const keepBytes = 2_000_000;

const troubles: Partial<MockSwitches>[] = [
  {},
  {},
  { afterCommit: 'reset' },
  { afterCommit: '502' },
  { searchLagMs: 300 },
];

function filesBelow(folder: string): { path: string; bytes: number }[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .map((path) => ({ path, bytes: statSync(path).size }));
}

function leftOn(rig: Rig): string[] {
  return rig.mock.appliances.flatMap(({ trees }) =>
    [...trees.cli.files.keys(), ...trees.hostOs.files.keys()].filter((path) => /techsupport_|icepack-/.test(path)),
  );
}

/** Takes up what runs still owe, one after the other. */
async function settleAll(rig: Rig): Promise<void> {
  for (;;) {
    const { code, stderr } = await rig.icepack(['resume', '--batch', '--json']);
    if (code === 2 && stderr.includes('no run owes anything')) return;
    expect([0, 3], stderr).toContain(code);
  }
}

/** As cron does it, hour after hour, on a machine and with a help desk that fail often. */
describe.skipIf(!torture)(`hundreds of incidents in one state folder (seed ${seed})`, () => {
  it('leave a ticket with a bundle each, no more files than may be kept, and nothing on the servers (K7, PR10)', {
    timeout: 3_600_000,
  }, async () => {
    const rig = await startRig({ appliances: 2, cluster: 'east' });
    await rig.configure((document) => {
      document.keep = { age: '90d', size: '2MB' };
    });
    const random = randomOf(seed);
    const state = join(rig.folder, '.local', 'state', 'icepack');
    const references: string[] = [];
    let most = 0;
    for (let incident = 0; incident < incidents; incident++) {
      const reference = `soak-${incident}`;
      references.push(reference);
      const desk = rig.mock.helpdesk;
      if (desk)
        Object.assign(
          desk.switches,
          { afterCommit: undefined, searchLagMs: 0 },
          troubles[Math.floor(random() * troubles.length)],
        );
      const args = [
        'collect',
        'east',
        '--batch',
        '--at',
        '-45m',
        '--summary',
        'x',
        '--severity',
        'low',
        '--reference',
        reference,
      ];
      const killAfterMs = random() < 0.3 ? 200 + 2000 * random() : undefined;
      await runProgram(args, { env: rig.env, cwd: rig.folder, ...(killAfterMs === undefined ? {} : { killAfterMs }) });
      if (incident % 10 === 9) {
        await settleAll(rig);
        await rig.icepack(['collect', 'east', '--batch', '--no-submit', '--only', 'vm']); // removes what others left, and prunes
        most = Math.max(
          most,
          filesBelow(state).reduce((sum, { bytes }) => sum + bytes, 0),
        );
      }
    }
    await settleAll(rig);
    await rig.icepack(['collect', 'east', '--batch', '--no-submit', '--only', 'vm']);

    const tickets = rig.mock.helpdesk?.tickets ?? [];
    const begun = references.filter((reference) => tickets.some((ticket) => ticket.reference === reference));
    expect(tickets.map(({ reference, files }) => `${reference} ${files.length > 0}`).sort()).toEqual(
      begun.map((reference) => `${reference} true`).sort(),
    );
    expect(begun.length).toBeGreaterThan(0.9 * incidents); // the others were killed before there was a run
    expect(most).toBeLessThan(2 * keepBytes);
    expect(filesBelow(state).filter(({ path }) => path.endsWith('.partial') && !path.includes('staging'))).toEqual([]);
    expect(leftOn(rig)).toEqual([]);
  });
});
