import { describe, expect, it } from 'vitest';
import { lacks } from '../support/requirements.ts';
import { batch, type Rig, startRig } from '../support/rig.ts';
import { openTerminal, type Terminal } from '../support/terminal.ts';

/** A server with a ticket of 45 minutes ago. */
async function rigWithTicket(): Promise<Rig> {
  const rig = await startRig();
  const first = await rig.icepack(['collect', ...batch, '--only', 'cli']);
  expect(first.code, first.stderr).toBe(0);
  return rig;
}

/** Asked what a run of 30 minutes ago is. */
async function askedBy(rig: Rig): Promise<Terminal> {
  const terminal = openTerminal(['collect', '--only', 'cli', '--at', '-30m', '--yes'], rig.env);
  await terminal.shows('What is this?');
  return terminal;
}

describe.skipIf(lacks('tmux'))('a run whose window overlaps that of an earlier one, at a terminal', () => {
  it('continues the incident: the same event of the same ticket, in a second bundle', async () => {
    const rig = await rigWithTicket();
    const terminal = await askedBy(rig);

    await terminal.shows('the same incident: add to TIC-1001');
    terminal.press('Enter');
    await terminal.shows('ended with 0');

    const names = rig.mock.helpdesk?.tickets.map(({ files }) => files.map(({ name }) => name)) ?? [];
    expect(names).toHaveLength(1);
    const [first = '', second = ''] = names[0] ?? [];
    expect(second).toBe(first.replace('.zip', '_2.zip'));
  });

  it('says that the ticket is closed where that is known on this machine, and does not ask for it', async () => {
    const rig = await rigWithTicket();
    await rig.icepack(['ticket', 'close', '1001', '--batch']);
    const asked = rig.mock.helpdesk?.requests.length;
    const terminal = await askedBy(rig);

    await terminal.shows('add to TIC-1001, which was Closed when it was last seen');

    expect(rig.mock.helpdesk?.requests).toHaveLength(asked ?? 0);
  });

  it('is the next event of the ticket', async () => {
    const rig = await rigWithTicket();
    const terminal = await askedBy(rig);

    terminal.press('Down');
    terminal.press('Enter');
    await terminal.shows('ended with 0');

    const names = rig.mock.helpdesk?.tickets.map(({ files }) => files.map(({ name }) => name)) ?? [];
    expect(names).toEqual([[expect.stringContaining('Event1_'), expect.stringContaining('Event2_')]]);
  });

  it('is an incident of its own, with a ticket of its own', async () => {
    const rig = await rigWithTicket();
    const terminal = await askedBy(rig);

    terminal.press('Down');
    terminal.press('Down');
    terminal.press('Enter');
    await terminal.shows('What happened, in one line?');
    terminal.type('Another one');
    terminal.press('Enter');
    await terminal.shows('How severe');
    terminal.press('Enter');
    await terminal.shows('More for support?');
    terminal.press('Enter');
    await terminal.shows('Is that right?');
    terminal.press('Enter');
    await terminal.shows('ended with 0');

    expect(rig.mock.helpdesk?.tickets.map(({ subject }) => subject)).toEqual(['VPN down', 'Another one']);
  });

  it('asks nothing where the options say it, or the windows do not touch', async () => {
    const rig = await rigWithTicket();
    const settled = openTerminal(['collect', '--only', 'cli', '--at', '-30m', '--ticket', '1001', '--yes'], rig.env);
    await settled.shows('ended with 0');
    const apart = openTerminal(['collect', '--only', 'cli', '--at', '-3h', '--yes'], rig.env);
    await apart.shows('What happened, in one line?');

    expect(settled.screen() + apart.screen()).not.toContain('What is this?');
  });
});

describe('the same with nobody there', () => {
  it('registers a ticket of its own and names the other', async () => {
    const rig = await rigWithTicket();

    const second = await rig.icepack(['collect', '--only', 'cli', ...batch, '--at', '-30m']);

    expect(second.code).toBe(0);
    expect(second.stderr).toMatch(/Warning: run \S+ collected from ice01 already, event .*, TIC-1001/);
    expect(second.stderr).toContain('--ticket TIC-1001');
    expect(rig.mock.helpdesk?.tickets).toHaveLength(2);
  });

  it('is silent when it is the same incident', async () => {
    const rig = await startRig();
    const at = new Date(Date.now() - 45 * 60_000).toISOString();

    await rig.icepack(['collect', ...batch, '--at', at, '--only', 'cli']);
    const second = await rig.icepack(['collect', ...batch, '--at', at, '--only', 'cli']);

    expect(second.stderr).not.toContain('collected from');
    expect(rig.mock.helpdesk?.tickets).toHaveLength(1);
  });

  it('takes up the ticket that a person registered for it, at a help desk without an API', async () => {
    const rig = await startRig();
    await rig.configure((document) => {
      document.helpdesk = { provider: 'portal', url: 'https://portal.example.com/' };
    });
    const at = new Date(Date.now() - 45 * 60_000).toISOString();
    const first = await rig.icepack(['collect', ...batch, '--at', at, '--only', 'cli', '--json']);
    await rig.icepack(['submit', first.json().run, '--ticket', '7', '--batch']);

    const second = await rig.icepack(['collect', ...batch, '--at', at, '--only', 'cli', '--json']);

    expect(second.json().ticket.key).toBe('TIC-7');
    expect(second.json().bundle.name).toMatch(/^TIC-7_Event1_.*_2\.zip$/);
  });
});
