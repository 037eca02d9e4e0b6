import { describe, expect, it } from 'vitest';
import { batch, type Finished, type Rig, startRig } from '../support/rig.ts';

type Listed = { id: string; state: string; owes: boolean; supersededBy?: string; steps: { command: string }[] };

async function listed(rig: Rig): Promise<Listed[]> {
  return (await rig.icepack(['runs', '--json'])).json().runs;
}

/** What a finished run recommends, as it says it for people. */
function recommendedIn({ stdout }: Finished): string | undefined {
  return /^ *Next: (.*)$/m.exec(stdout)?.[1];
}

describe('the command that is recommended', () => {
  it('after Ctrl-C is to resume, in the result, in runs and in its page, with its reason, and nothing is told once per item (field-F13, field-F03)', async () => {
    const rig = await startRig({ techsupport: { durationMs: 60_000, bytes: 1000 } });
    let isStruck = false;

    const stopped = await rig.icepack(['collect', ...batch], {
      onStderr: (text, kill) => {
        if (isStruck || !text.includes('ice01: cli ok')) return;
        isStruck = true;
        kill('SIGINT');
      },
    });
    const [run = ''] = await rig.runs();
    const [list, page] = [await rig.icepack(['runs']), await rig.icepack(['runs', run])];
    const json = (await rig.icepack(['runs', run, '--json'])).json();

    expect([stopped, list, page].map(recommendedIn)).toEqual(Array(3).fill(`icepack resume ${run}`));
    expect(stopped.stdout.match(/Next:/g)).toHaveLength(1);
    expect(stopped.stdout).toMatch(/asks again for ice01 .*techsupport.*, then registers the ticket/);
    expect(stopped.stdout).toContain(`Other ways: icepack runs ${run}`);
    expect(page.stdout).toContain(`  or: icepack submit ${run}\n      sends what there is, and asks no server`);
    expect(json).toMatchObject({ run, next: [`icepack resume ${run}`, `icepack submit ${run}`], ticket: null });
    expect(stopped.stderr).not.toContain('interrupted\n');
    expect(stopped.stdout.match(/interrupted/g)?.length).toBeLessThan(4);
  });

  it('is the same for a bundle that the help desk did not take; its page has ticket, bundle and losses (field-F13)', async () => {
    const rig = await startRig();
    let url = '';
    await rig.configure((document) => {
      url = document.helpdesk.url;
      document.helpdesk.url = 'http://127.0.0.1:1/api/v1';
      document.appliances.ice01.cli.password = { env: 'WRONG' };
    });
    const wrong = { env: { WRONG: 'x' } };

    const failed = (await rig.icepack(['collect', ...batch, '--json'], wrong)).json();
    const before = (await rig.icepack(['runs', failed.run, '--json'])).json();
    await rig.configure((document) => {
      document.helpdesk.url = url;
    });
    const sent = (await rig.icepack(['submit', failed.run, '--batch', '--json'])).json();
    const page = await rig.icepack(['runs', failed.run]);

    expect(failed.next[0]).toBe(`icepack resume ${failed.run}`);
    expect(before.next).toEqual(failed.next);
    expect(before.evidence[0].losses).toEqual(failed.servers[0].losses);
    expect(sent.next.slice(0, 2)).toEqual([`icepack resume ${failed.run}`, 'icepack doctor ice01']);
    expect(recommendedIn(page)).toBe(`icepack resume ${failed.run}`);
    for (const text of ['VPN down', 'TIC-1001', sent.bundle.path, 'ICE01  ice01  partial', 'refused the login'])
      expect(page.stdout).toContain(text);
  });

  it('is nothing of a run that is not there; one that was named is not filtered (field-F13)', async () => {
    const rig = await startRig();

    expect(await rig.icepack(['runs', '20260101-0000-none-aaaa'])).toMatchObject({ code: 2 });
    expect(await rig.icepack(['runs', '20260101-0000-none-aaaa', '--owing'])).toMatchObject({ code: 2 });
  });
});

describe('the list of runs', () => {
  it('is a table with a heading, the time of the event in the zone of its reader, and what happened (field-F16)', async () => {
    const rig = await startRig({ appliances: 2, cluster: 'east' });
    const at = new Date(Date.now() - 3_600_000).toISOString();
    const call = ['collect', 'east', '--batch', '--at', at, '--only', 'vm', '--summary', 'VPN down since ten'];
    await rig.icepack([...call, '--severity', 'low']);

    const { stdout } = await rig.icepack(['runs'], { env: { TZ: 'Asia/Kathmandu' } });

    const local = new Date(Date.parse(at) + 20_700_000).toISOString().slice(0, 16).replace('T', ' ');
    const lines = stdout.split('\n');
    expect(lines[1]).toMatch(/^RUN +EVENT +SERVERS +TICKET +OWES +SIZE$/);
    expect(lines[2]).toMatch(new RegExp(`^\\S+ +${local} +east +TIC-1001 +nothing +\\d+ kB$`));
    expect(lines[3]).toBe('  VPN down since ten');
    expect(lines.filter((line) => line.length > 80)).toEqual([]);
  });

  it('owes nothing that a complete later edition of the same event has; that is said (field-F16)', async () => {
    const rig = await startRig();
    const at = new Date(Date.now() - 45 * 60_000).toISOString();
    const call = ['collect', '--batch', '--at', at, '--summary', 'x', '--severity', 'low', '--json'];
    let password: unknown;
    await rig.configure((document) => {
      password = document.appliances.ice01.cli.password;
      document.appliances.ice01.cli.password = { env: 'WRONG' };
    });
    const first = (await rig.icepack(call, { env: { WRONG: 'x' } })).json();
    const owing = await listed(rig);
    await rig.configure((document) => {
      document.appliances.ice01.cli.password = password;
    });

    const second = (await rig.icepack(call)).json();
    const runs = await listed(rig);
    const resumed = await rig.icepack(['resume', first.run, '--batch']);

    expect(owing.map(({ owes }) => owes)).toEqual([true]);
    expect(second.exitCode).toBe(0);
    expect(runs.map(({ id, owes }) => [id, owes])).toEqual([
      [second.run, false],
      [first.run, false],
    ]);
    expect(runs[1]).toMatchObject({ state: 'attached', supersededBy: second.run, steps: [] });
    expect(resumed).toMatchObject({
      code: 2,
      stderr: expect.stringContaining(`run ${second.run} has all of its event`),
    });
    expect(resumed.stderr.replace(/\s+/g, ' ')).toContain(`Nothing to do: TIC-1001 has ${second.bundle.name}.`);
  });
});
