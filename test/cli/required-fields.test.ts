import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { lacks } from '../support/requirements.ts';
import { batch, type Rig, startRig } from '../support/rig.ts';
import { answer, openTerminal } from '../support/terminal.ts';

const site = { field: 'cf_60', label: 'Site', choices: ['Lund', 'Malmö'] };
const contract = { field: 'cf_61', label: 'Contract' };
const collect = ['collect', ...batch, '--only', 'cli', '--json'];

function askFor(rig: Rig, ...required: { field: string; label: string; choices?: string[] }[]): void {
  Object.assign(rig.mock.helpdesk?.switches ?? {}, { required });
}

function kept({ env }: Rig): string {
  return join(env['XDG_STATE_HOME'] ?? join(env['HOME'] ?? '', '.local', 'state'), 'icepack', 'help-desks.json');
}

const ticketsOf = ({ mock }: Rig) => mock.helpdesk?.tickets ?? [];

describe('a help desk that asks for fields nobody gives', () => {
  it('is told by doctor, a line for each with what to write, and is remembered for this user alone', async () => {
    const rig = await startRig();
    askFor(rig, site, contract);

    const { stdout } = await rig.icepack(['doctor', '--all', '--batch']);

    expect(stdout).toContain('asks in every ticket for "Site" (cf_60): Lund or Malmö');
    expect(stdout).toContain('add below helpdesk: fields: {"cf_60": "Lund"}');
    expect(stdout).toContain('add below helpdesk: fields: {"cf_61": "…"}');
    expect((await stat(kept(rig))).mode & 0o777).toBe(0o600);
  });

  it('does not stop a collection of a job: it is said at once, the registration fails with 6, and goes on when mended', async () => {
    const rig = await startRig();
    askFor(rig, site);

    const refused = await rig.icepack(collect);
    await rig.configure((document) => {
      document.helpdesk.fields = { cf_60: 'Lund' };
    });
    const run = refused.json().run;
    const done = await rig.icepack(['submit', run, '--batch', '--yes', '--json']);

    expect(refused.stderr).toContain('(cf_60): Lund or Malmö');
    expect(refused.json()).toMatchObject({
      exitCode: 6,
      ticket: null,
      bundle: { attached: false },
      error: {
        code: 'helpdesk-invalid',
        hint: `The bundle is kept. Add below helpdesk: fields: {"cf_60": "Lund"}, then: icepack submit ${run}`,
      },
    });
    expect(done.json()).toMatchObject({ exitCode: 0, bundle: { attached: true } });
    expect(ticketsOf(rig)).toMatchObject([{ fields: { cf_60: 'Lund' } }]);
  });

  it('only by its refusal is known the next time, before it is asked anything', async () => {
    const rig = await startRig();
    askFor(rig, site);
    Object.assign(rig.mock.helpdesk?.switches ?? {}, { saysRequired: false });
    const first = await rig.icepack(collect);
    Object.assign(rig.mock.helpdesk?.switches ?? {}, { required: [] });
    Object.assign(rig.mock.helpdesk?.switches ?? {}, { saysRequired: true }); // and does not know of it
    await rig.icepack(['doctor', '--all', '--batch']);
    askFor(rig, site);
    Object.assign(rig.mock.helpdesk?.switches ?? {}, { saysRequired: false });
    rig.mock.helpdesk?.faults.push({ route: 'GET /account', fault: 'reset-before' });

    const second = await rig.icepack([...collect, '--at', '-3h']);

    expect(first.stderr).not.toContain('asks for what nobody gives');
    expect(second.stderr.match(/asks for what nobody gives/g)).toHaveLength(1);
    expect(second.json()).toMatchObject({ exitCode: 6 });
  });

  it('gets them by --field, and is not asked for them any more when it took a ticket without', async () => {
    const rig = await startRig();
    askFor(rig, site);
    await rig.icepack(['doctor', '--all', '--batch']);

    const given = await rig.icepack([...collect, '--field', 'cf_60=Malmö']);
    askFor(rig);
    const without = await rig.icepack([...collect, '--at', '-3h', '--new-ticket']);
    const after = await rig.icepack([...collect, '--at', '-2h', '--new-ticket']);

    expect(given.stderr).not.toContain('asks for what nobody gives');
    expect(ticketsOf(rig)[0]).toMatchObject({ fields: { cf_60: 'Malmö' } });
    expect(without.json().exitCode).toBe(0);
    expect(after.stderr).not.toContain('asks for what nobody gives');
  });

  it('can be given them when the run is submitted', async () => {
    const rig = await startRig();
    askFor(rig, site, contract);
    const refused = await rig.icepack([...collect, '--field', 'Contract=C-7', '--field', 'cf_61=C-7']);

    const run = refused.json().run;
    const done = await rig.icepack(['submit', run, '--field', 'cf_60=Lund', '--batch', '--yes', '--json']);

    expect(done.json()).toMatchObject({ exitCode: 0 });
    expect(ticketsOf(rig)).toMatchObject([{ fields: { cf_60: 'Lund', cf_61: 'C-7' } }]);
  });

  it.each(['Site', '=Lund', 'Site='])('is not given a field by %s', async (field) => {
    const rig = await startRig();

    const refused = await rig.icepack(['collect', '--batch', '--field', field]);

    expect(refused.code).toBe(2);
    expect(refused.stderr).toContain('NAME=VALUE');
  });
});

describe.skipIf(lacks('tmux'))('at a terminal', () => {
  it('the fields that the help desk asks for are asked before the collection, with its choices', async () => {
    const rig = await startRig();
    askFor(rig, site, contract);
    await rig.icepack(['doctor', '--all', '--batch']);
    const words = [
      '--at',
      '-45m',
      '--summary',
      'VPN down',
      '--severity',
      'high',
      '--description',
      'x',
      '--only',
      'cli',
    ];
    const logins = rig.mock.appliances[0]?.logins.cli ?? [];
    logins.length = 0;
    const terminal = openTerminal(['collect', ...words, '--yes'], rig.env);

    await terminal.shows('asks for "Site" (cf_60)');
    terminal.press('Down');
    terminal.press('Enter');
    await answer(terminal, 'asks for "Contract" (cf_61)', 'C-7');
    await terminal.shows('Is that right?');
    const before = logins.length;
    terminal.press('Enter');
    await terminal.shows('ended with 0');

    expect(before).toBe(0);
    expect(ticketsOf(rig)).toMatchObject([{ fields: { cf_60: 'Malmö', cf_61: 'C-7' } }]);
    await terminal.shows('fields: {"cf_60": "Malmö", "cf_61": "C-7"}');
  });
});
