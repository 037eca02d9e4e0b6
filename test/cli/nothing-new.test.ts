import { describe, expect, it } from 'vitest';
import { bufferFile } from '../../src/mock/files.ts';
import { batch, type Rig, startRig } from '../support/rig.ts';

const minute = 60_000;
const hourAgo = ['--batch', '--at', '-60m', '--summary', 'x', '--severity', 'low'];

/** A log with a line a minute that ended some minutes ago, as after a service was stopped. */
function endLog(rig: Rig, type: string, minutesAgo: number): void {
  const tree = rig.mock.appliances[0]?.trees.cli;
  if (tree === undefined) throw new Error('there is no mock appliance');
  for (const path of [...tree.files.keys()]) if (path.startsWith(`logs/${type}.log`)) tree.files.delete(path);
  const now = Date.now();
  const lines: string[] = [];
  for (let age = 300; age >= minutesAgo; age--) lines.push(`${new Date(now - age * minute).toISOString()} line\n`);
  tree.files.set(`logs/${type}.log`, bufferFile(Buffer.from(lines.join('')), now - minutesAgo * minute));
}

function attached(rig: Rig): number | undefined {
  return rig.mock.helpdesk?.tickets[0]?.files.length;
}

describe('a resume that gets nothing new', () => {
  it('makes no bundle where a log has no more lines, and is not recommended again', async () => {
    const rig = await startRig();
    endLog(rig, 'system', 50);
    const first = (await rig.icepack(['collect', ...hourAgo, '--json'])).json();

    const again = await rig.icepack(['resume', first.run, '--batch']);
    const page = await rig.icepack(['runs', first.run]);
    const third = await rig.icepack(['resume', first.run, '--batch']);

    expect(first).toMatchObject({ exitCode: 3, next: [`icepack resume ${first.run}`] });
    expect(again.code).toBe(3);
    expect(again.stderr).toContain('asked again, and nothing new came: the servers have no more of it');
    expect(again.stdout).not.toContain('resume');
    expect(attached(rig)).toBe(1);
    expect(page.stdout).toContain('Nothing to do.');
    expect(third.stderr).toContain(`run ${first.run} owes nothing`);
    expect((await rig.icepack(['runs', '--owing', '--json'])).json().runs).toEqual([]);
  });

  it('is still owed where a log could not be read to its end, or its window is open', async () => {
    const rig = await startRig();
    await rig.configure((document) => {
      document.appliances.ice01.hostOs.password = { env: 'HOST' };
      document.window = { before: '30m', after: '60m' };
    });
    endLog(rig, 'system', 50);
    const args = ['--batch', '--at', '-30m', '--summary', 'x', '--severity', 'low', '--json'];
    const first = (await rig.icepack(['collect', ...args], { env: { HOST: 'wrong' } })).json();
    const again = await rig.icepack(['resume', first.run, '--batch'], { env: { HOST: 'wrong' } });

    const runs = (await rig.icepack(['runs', '--owing', '--json'])).json().runs;

    expect(again.stderr).toContain('nothing new came: what was missing before is missing still');
    expect(runs.map(({ id }: { id: string }) => id)).toEqual([first.run]);
  });

  it('names doctor where what failed fails again, and makes the next bundle when it is mended', async () => {
    const rig = await startRig();
    await rig.configure((document) => {
      document.appliances.ice01.hostOs.password = { env: 'HOST' };
    });
    const first = (await rig.icepack(['collect', ...batch, '--json'], { env: { HOST: 'wrong' } })).json();

    const again = await rig.icepack(['resume', first.run, '--batch'], { env: { HOST: 'wrong' } });
    const attachedThen = attached(rig);
    const password = 'host-canary-pw-2';
    const mended = (await rig.icepack(['resume', first.run, '--batch', '--json'], { env: { HOST: password } })).json();

    expect(again.code).toBe(4);
    expect(again.stderr).toContain('nothing new came: what was missing before is missing still');
    expect(again.stdout).toContain('doctor first if there is still no login');
    expect(attachedThen).toBe(1);
    expect(mended).toMatchObject({ exitCode: 0, bundle: { attached: true, name: expect.stringMatching(/_2\.zip$/) } });
    expect(attached(rig)).toBe(2);
  });
});
