import { describe, expect, it } from 'vitest';
import { startBastion } from '../support/bastion.ts';
import { behindProxies } from '../support/behind-proxies.ts';
import { lacks } from '../support/requirements.ts';
import { type Rig, startRig } from '../support/rig.ts';
import { answer, openTerminal, typed } from '../support/terminal.ts';

const collectCli = ['collect', '--all', '--only', 'cli', '--no-submit', '--at', '-45m'];
const cliPassword = 'cli-canary-pw-1';

/** Servers whose InCenter CLI has a password that stands nowhere. */
async function withTypedPasswords(servers = 2): Promise<Rig> {
  const rig = await startRig({ appliances: servers, cluster: 'east' });
  await rig.configure((document) => {
    for (const appliance of Object.values<{ cli: { password?: unknown } }>(document.appliances))
      delete appliance.cli.password;
  });
  return rig;
}

const passwordsSent = (rig: Rig) =>
  rig.mock.appliances.map(({ logins }) => logins.cli.filter((method) => method === 'password').length);

describe.skipIf(lacks('tmux'))('a password is asked for where it can be used', () => {
  it.each([
    { verb: 'collect', args: collectCli },
    { verb: 'doctor', args: ['doctor', '--all'] },
  ])('$verb: not of a server that cannot be reached (field-F07)', async ({ args }) => {
    const rig = await withTypedPasswords();
    await rig.mock.appliances[0]?.close();
    const terminal = openTerminal(args, rig.env, { columns: 120, rows: 90 });

    await typed(terminal, 'Password of "admin" at ICE02', cliPassword);
    await terminal.shows('ended with 3');

    expect(terminal.screen()).not.toContain('at ICE01');
    expect(terminal.screen()).toContain('cannot be reached: connection refused');
    expect(passwordsSent(rig)[1]).toBe(1);
  });

  it('not of a face whose key is not said yes to, and nothing is sent there (field-F07)', async () => {
    const rig = await withTypedPasswords();
    await rig.configure((document) => {
      delete document.appliances.ice01.cli.hostKey;
    });
    const terminal = openTerminal(collectCli, rig.env, { columns: 120, rows: 90 });

    await answer(terminal, 'Pin it?', 'n');
    await typed(terminal, 'Password of "admin" at ICE02', cliPassword);
    await terminal.shows('ended with 3');

    expect(terminal.screen()).not.toContain('"admin" at ICE01');
    expect(rig.mock.appliances[0]?.logins.cli).toEqual([]);
  });

  it('not of a face that shows another key than the pinned one, which is never offered (field-F07)', async () => {
    const rig = await withTypedPasswords(1);
    await rig.configure((document) => {
      document.appliances.ice01.cli.hostKey = document.appliances.ice01.hostOs.hostKey;
    });
    const terminal = openTerminal(['doctor'], rig.env, { columns: 120, rows: 90 });

    await terminal.shows('ended with 3');

    expect(terminal.screen()).toMatch(/NOT THE PINNED\s+KEY/);
    expect(terminal.screen()).not.toMatch(/Pin it\?|Password of/);
    expect(rig.mock.appliances[0]?.logins.cli).toEqual([]);
  });

  it('not of a face from which nothing is wanted (field-F07)', async () => {
    const rig = await withTypedPasswords(1);
    const terminal = openTerminal(['collect', '--only', 'config', '--no-submit', '--at', '-45m'], rig.env, {
      columns: 120,
      rows: 90,
    });

    await terminal.shows('ended with 0');

    expect(terminal.screen()).not.toContain('Password of');
  });

  it('not of servers behind a jump host whose key is not said yes to (field-F07)', async () => {
    const bastion = await startBastion('123456');
    const rig = await withTypedPasswords(1);
    await rig.configure((document) => {
      document.jumpHosts = { bastion: { address: '127.0.0.1', port: bastion.port, user: 'jump' } };
      document.appliances.ice01.via = 'bastion';
    });
    const terminal = openTerminal(collectCli, rig.env, { columns: 120, rows: 90 });

    await answer(terminal, 'Pin it?', 'n');
    await terminal.shows('ended with');

    expect(terminal.screen()).not.toContain('Password of');
    expect(bastion.passwords).toEqual([]);
  });
});

describe.skipIf(lacks('tmux'))('doctor at a terminal', () => {
  it('offers to pin the keys, asks for passwords then, again after a typo, and uses them (field-F07)', async () => {
    const rig = await withTypedPasswords(1);
    await rig.configure((document) => {
      delete document.appliances.ice01.cli.hostKey;
      delete document.appliances.ice01.hostOs.hostKey;
    });
    const terminal = openTerminal(['doctor'], rig.env, { columns: 120, rows: 90 });

    await terminal.shows(rig.mock.appliances[0]?.cli.hostKey ?? '');
    await answer(terminal, 'Pin it?', 'y');
    await terminal.shows(rig.mock.appliances[0]?.hostOs.hostKey ?? '');
    await answer(terminal, 'Pin it? (y/N)', 'y');
    expect(passwordsSent(rig)).toEqual([0]);
    await typed(terminal, 'Password of "admin"', 'wrong');
    await typed(terminal, 'Password again', cliPassword);
    await terminal.shows('ended with 0');

    expect(terminal.screen()).toContain('logged in by password');
    expect(passwordsSent(rig)).toEqual([2]);
  });

  it('ends with 130 at Ctrl-C where it asks about a key (field-F07)', async () => {
    const rig = await withTypedPasswords(1);
    await rig.configure((document) => {
      delete document.appliances.ice01.cli.hostKey;
    });
    const terminal = openTerminal(['doctor'], rig.env);

    await terminal.shows('Pin it?');
    terminal.press('C-c');
    await terminal.shows('ended with 130');
  });
});

describe.skipIf(lacks('tmux'))('a password that was typed for one server', () => {
  it('is sent to another one of its cluster only when that is agreed to (field-F07)', async () => {
    const rig = await withTypedPasswords();
    const terminal = openTerminal(collectCli, rig.env, { columns: 120, rows: 90 });

    await typed(terminal, 'Password of "admin" at ICE01', cliPassword);
    await answer(terminal, 'The same for ice02?', 'n');
    await terminal.shows('Password of "admin" at ICE02');
    expect(passwordsSent(rig)).toEqual([1, 0]);
    await typed(terminal, 'Password of "admin" at ICE02', cliPassword);
    await terminal.shows('ended with 0');

    expect(passwordsSent(rig)).toEqual([1, 1]);
  });

  it('is not shown with what was typed behind it, which answers no question either', async () => {
    const rig = await withTypedPasswords();
    const { servers } = await behindProxies(rig);
    servers['ice01']?.cli.change({ down: { latencyMs: 200 } }); // the login takes a while
    const terminal = openTerminal(collectCli, rig.env, { columns: 120, rows: 90 });

    await terminal.shows('Password of "admin" at ICE01');
    terminal.type(`${cliPassword}\r`);
    terminal.type('hunter2-canary\r');
    await terminal.shows('The same for ice02?');
    expect(terminal.screen()).not.toMatch(/hunter|canary|must answer/);
    expect(passwordsSent(rig)).toEqual([1, 0]);
    terminal.press('Enter');
    await terminal.shows('ended with 0');

    expect(terminal.screen()).not.toMatch(/hunter|canary/);
    expect(passwordsSent(rig)).toEqual([1, 1]);
  });

  it('is one question for all others (field-F07)', async () => {
    const rig = await withTypedPasswords(3);
    const terminal = openTerminal(collectCli, rig.env, { columns: 120, rows: 90 });

    await typed(terminal, 'Password of "admin" at ICE01', cliPassword);
    await terminal.shows('The same for ice02, ice03?');
    terminal.press('Enter');
    await terminal.shows('ended with 0');

    expect(passwordsSent(rig)).toEqual([1, 1, 1]);
  });

  it('is not offered for a server of another cluster, or another user (field-F07)', async () => {
    const rig = await withTypedPasswords(3);
    await rig.configure((document) => {
      delete document.appliances.ice02.cluster;
      document.appliances.ice03.cli.user = 'kim';
    });
    const terminal = openTerminal(collectCli, rig.env, { columns: 120, rows: 90 });

    await typed(terminal, 'Password of "admin" at ICE01', cliPassword);
    await typed(terminal, 'Password of "admin" at ICE02', cliPassword);
    await terminal.shows('Password of "kim" at ICE03');

    expect(terminal.screen()).not.toContain('The same for');
  });
});

describe.skipIf(lacks('tmux'))('the password of a jump host', () => {
  it('is asked for again when it was typed wrong, and one that holds once is sent once (field-F07)', async () => {
    const bastion = await startBastion('123456');
    const rig = await withTypedPasswords(1);
    await rig.configure((document) => {
      document.jumpHosts = { bastion: { address: '127.0.0.1', port: bastion.port, user: 'jump' } };
      document.appliances.ice01.via = 'bastion';
      delete document.appliances.ice01.cli.hostKey;
    });
    const terminal = openTerminal(collectCli, rig.env, { columns: 120, rows: 90 });

    await terminal.shows(bastion.hostKey);
    await answer(terminal, 'Pin it?', 'y');
    await typed(terminal, 'Password of "jump"', '111111');
    await typed(terminal, 'Password again', '123456');
    await terminal.shows(rig.mock.appliances[0]?.cli.hostKey ?? '');
    await answer(terminal, 'Pin it? (y/N)', 'y');
    await typed(terminal, 'Password of "admin"', cliPassword);
    await terminal.shows('ended with 0');

    expect(bastion.passwords).toEqual(['111111', '123456']);
  });
});
