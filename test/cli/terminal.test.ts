import { readFile, stat } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { startBastion } from '../support/bastion.ts';
import { lacks } from '../support/requirements.ts';
import { batch, type Rig, runProgram, startRig } from '../support/rig.ts';
import { answer, answersOne, goesOn, openTerminal, typed } from '../support/terminal.ts';

/** How often each InCenter CLI was sent a password. */
const passwordsSent = (rig: Rig) =>
  rig.mock.appliances.map(({ logins }) => logins.cli.filter((method) => method === 'password').length);

describe.skipIf(lacks('tmux'))('at a real terminal', () => {
  it('asks for what is missing, shows host keys before anything is sent, reviews before anything leaves', async () => {
    const rig = await startRig();
    await rig.configure((document) => {
      delete document.appliances.ice01.cli.hostKey;
      delete document.appliances.ice01.hostOs.hostKey;
    });
    const terminal = openTerminal(['collect'], rig.env);

    await answer(terminal, 'When did it happen?', '-45m');
    await answer(terminal, 'What happened, in one line?', 'Nodes lost contact');
    await terminal.shows('How severe is it?');
    terminal.press('Enter');
    await answersOne(terminal, 'Description', 'Describe it in more words', 'All of site 3');
    await goesOn(terminal);
    await answer(terminal, 'Hypervisor and version', 'VMware ESXi 8.0.2');
    await terminal.shows('Is that right?');
    terminal.press('Enter');
    await terminal.shows(rig.mock.appliances[0]?.cli.hostKey ?? '');
    const loginsBefore = [...(rig.mock.appliances[0]?.logins.cli ?? ['unknown'])];
    await answer(terminal, 'Pin it?', 'y');
    await terminal.shows(rig.mock.appliances[0]?.hostOs.hostKey ?? '');
    terminal.type('y');
    terminal.press('Enter');
    await terminal.shows('nothing can be masked');
    await terminal.shows('Attach it to');
    const filesBefore = rig.mock.helpdesk?.tickets[0]?.files.length;
    terminal.type('y');
    terminal.press('Enter');
    await terminal.shows('ended with 0');

    expect(loginsBefore).toEqual([]);
    expect(filesBefore).toBe(0);
    const [ticket] = rig.mock.helpdesk?.tickets ?? [];
    expect(ticket).toMatchObject({ subject: 'Nodes lost contact', severity: 'medium' });
    expect(ticket?.body).toContain('All of site 3');
    expect(ticket?.body).toContain('VMware ESXi 8.0.2');
    expect(ticket?.files).toHaveLength(1);
  });

  it('asks for a password that stands nowhere, without showing it', async () => {
    const rig = await startRig();
    await rig.configure((document) => {
      delete document.appliances.ice01.cli.password;
    });
    const terminal = openTerminal(['collect', '--only', 'cli', '--no-submit', '--at', '-45m'], rig.env);

    await typed(terminal, 'Password of "admin"', 'cli-canary-pw-1');
    await terminal.shows('ended with 0');

    expect(terminal.screen()).not.toContain('canary');
    expect(passwordsSent(rig)).toEqual([1]);
  });

  describe('a password that was typed wrong', () => {
    const collectCli = ['collect', '--only', 'cli', '--no-submit', '--at', '-45m'];

    it('is asked for again before anything begins', async () => {
      const rig = await startRig();
      await rig.configure((document) => {
        delete document.appliances.ice01.cli.password;
      });
      const terminal = openTerminal(collectCli, rig.env);

      await typed(terminal, 'Password of "admin"', 'cli-canary-pw');
      await terminal.shows('refused the password of "admin"');
      await expect(rig.runs()).rejects.toThrow('ENOENT');
      await typed(terminal, 'Password again', 'cli-canary-pw-1');
      await terminal.shows('ended with 0');

      expect(terminal.screen()).not.toContain('canary');
      expect(terminal.screen()).toContain('CLI/transcript.txt');
      expect(passwordsSent(rig)).toEqual([2]);
    });

    it('is tried at one server where several have it, and the right one then holds for all', async () => {
      const rig = await startRig({ appliances: 2, cluster: 'east' });
      await rig.configure((document) => {
        delete document.appliances.ice01.cli.password;
        delete document.appliances.ice02.cli.password;
      });
      const terminal = openTerminal(['collect', 'east', ...collectCli.slice(1)], rig.env);

      await typed(terminal, 'Password of "admin" at ICE01', 'wrong');
      await typed(terminal, 'Password again', 'cli-canary-pw-1');
      await terminal.shows('The same for ice02?');
      terminal.press('Enter');
      await terminal.shows('ended with 0');

      expect(terminal.screen()).toContain('ICE02  ice02  complete');
      expect(passwordsSent(rig)).toEqual([2, 1]);
    });

    it('is not sent more often than it was typed, and the other face goes on without it', async () => {
      const rig = await startRig();
      await rig.configure((document) => {
        delete document.appliances.ice01.cli.password;
      });
      const terminal = openTerminal(['collect', '--only', 'cli,vm', '--no-submit', '--at', '-45m'], rig.env);

      await terminal.shows('Hypervisor and version');
      terminal.press('Enter');
      await typed(terminal, 'Password of "admin"', 'wrong');
      await terminal.shows('Password again');
      terminal.press('Enter');
      await terminal.shows('ended with 3');

      expect(passwordsSent(rig)).toEqual([1]);
      expect(terminal.screen()).toContain('VM/virtual-machine.txt');
    });

    it('is given up after the third, which is not sent again', async () => {
      const rig = await startRig();
      await rig.configure((document) => {
        delete document.appliances.ice01.cli.password;
      });
      const terminal = openTerminal(collectCli, rig.env);

      await typed(terminal, 'Password of "admin"', 'wrong');
      await typed(terminal, 'Password again', 'wrong');
      await expect.poll(() => terminal.screen().match(/Password again/g), { timeout: 10_000 }).toHaveLength(2);
      await typed(terminal, 'Password again', 'wrong');
      await terminal.shows('ended with');

      expect(passwordsSent(rig)).toEqual([3]);
      expect(terminal.screen()).toContain('refused the login of "admin"');
    });
  });

  describe('a password that was not typed', () => {
    const collectBoth = ['collect', '--only', 'cli,vm', '--no-submit', '--at', '-45m'];
    const withoutCliPassword = async () => {
      const rig = await startRig();
      await rig.configure((document) => {
        delete document.appliances.ice01.cli.password;
        document.appliances.ice01.hypervisor = { type: 'KVM', version: '8' };
      });
      return rig;
    };

    it('is asked for again, and nothing empty is sent (field-C09)', async () => {
      const rig = await withoutCliPassword();
      const terminal = openTerminal(collectBoth, rig.env);

      await terminal.shows('Password of "admin"');
      terminal.press('Enter');
      await typed(terminal, 'Nothing was typed', 'cli-canary-pw-1');
      await terminal.shows('ended with 0');

      expect(passwordsSent(rig)).toEqual([1]);
    });

    it('twice is gone on without: nothing is sent to that face, which is said, and the other one is collected (field-C09)', async () => {
      const rig = await withoutCliPassword();
      const terminal = openTerminal(collectBoth, rig.env);

      await terminal.shows('Password of "admin"');
      terminal.press('Enter');
      await terminal.shows('Nothing was typed');
      terminal.press('Enter');
      await terminal.shows('ended with 3');

      expect(rig.mock.appliances[0]?.logins.cli).toEqual([]);
      expect(terminal.screen()).toContain('no password was typed for "admin"');
      expect(terminal.screen()).toContain('VM/virtual-machine.txt');
    });

    it('costs doctor the login it was for, and no other (field-C09)', async () => {
      const rig = await withoutCliPassword();
      const terminal = openTerminal(['doctor'], rig.env);

      await terminal.shows('Password of "admin"');
      terminal.press('Enter');
      await terminal.shows('Nothing was typed');
      terminal.press('Enter');
      await terminal.shows('ended with');

      expect(rig.mock.appliances[0]?.logins.cli).toEqual([]);
      expect(rig.mock.appliances[0]?.logins.hostOs).not.toEqual([]);
      expect(terminal.screen()).toContain('credentials of 1 of 2 logins are at hand');
    });
  });

  it('takes the password that was just typed for the next login, too', async () => {
    const rig = await startRig({ appliances: 2, cluster: 'east' });
    await rig.configure((document) => {
      delete document.appliances.ice01.cli.password;
      delete document.appliances.ice02.cli.password;
    });
    const terminal = openTerminal(['collect', 'east', '--only', 'cli', '--no-submit', '--at', '-45m'], rig.env);

    await typed(terminal, 'Password of "admin" at ICE01', 'cli-canary-pw-1');
    await terminal.shows('The same for ice02?');
    terminal.press('Enter');
    await terminal.shows('ended with 0');

    expect(terminal.screen()).toContain('ICE02  ice02  complete');
    expect(passwordsSent(rig)).toEqual([1, 1]);
  });

  it('sends a password that holds once to a jump host once', async () => {
    const bastion = await startBastion('123456');
    const rig = await startRig();
    await rig.configure((document) => {
      const { port, hostKey } = bastion;
      document.jumpHosts = { bastion: { address: '127.0.0.1', port, hostKey, user: 'jump' } };
      document.appliances.ice01.via = 'bastion';
      delete document.appliances.ice01.cli.password;
    });
    const terminal = openTerminal(['collect', '--only', 'cli', '--no-submit', '--at', '-45m'], rig.env);

    await typed(terminal, 'Password of "jump"', '123456');
    await typed(terminal, 'Password of "admin"', 'cli-canary-pw-1');
    await terminal.shows('ended with 0');

    expect(bastion.passwords).toEqual(['123456']);
    expect(passwordsSent(rig)).toEqual([1]);
  });

  it('takes nothing that was typed while it worked for the answer to a later question', async () => {
    const rig = await startRig({ techsupport: { durationMs: 2000, bytes: 1000 } });
    const terminal = openTerminal(['collect', ...batch.slice(1), '--description', 'x'], rig.env);

    await terminal.shows('Hypervisor and version');
    terminal.press('Enter');
    await terminal.shows('ICE01 ice01: techsupport');
    terminal.type('n');
    terminal.press('Enter');
    await terminal.shows('Attach it to TIC-1001 now?');
    terminal.type('y');
    terminal.press('Enter');
    await terminal.shows('ended with 0');

    expect(rig.mock.helpdesk?.tickets[0]?.files).toHaveLength(1);
  });

  it('asks who the ticket is from where the configuration does not say it, and keeps that there', async () => {
    const rig = await startRig();
    await rig.configure((document) => {
      delete document.organization;
      delete document.contact;
    });
    const draft = ['--at', '-45m', '--summary', 'VPN down', '--severity', 'high', '--description', 'x', '--yes'];
    const terminal = openTerminal(['collect', '--only', 'cli', ...draft], rig.env, { columns: 120, rows: 90 });

    await answer(terminal, 'Your organization', 'Kim Ltd');
    await answer(terminal, 'Your name', 'Kim Doe');
    for (const question of ['Your e-mail', 'Your telephone', 'Is that right?']) {
      await terminal.shows(question);
      terminal.press('Enter');
    }
    await terminal.shows('Add it to');
    terminal.press('Enter');
    await terminal.shows('ended with 0');

    expect(rig.mock.helpdesk?.tickets[0]?.body).toContain('Kim Doe');
    const written = await readFile(rig.config, 'utf8');
    expect(written).toContain('organization: "Kim Ltd"\ncontact: { name: "Kim Doe" }\n');
  });

  describe('who gives the essentials of a ticket', () => {
    const essentials = ['--at', '-45m', '--summary', 'VPN down', '--severity', 'high'];
    const offer = 'More for support? They will ask';

    it('is asked one question about the rest, and by resume none', async () => {
      const rig = await startRig();
      const terminal = openTerminal(['collect', '--only', 'cli,vm', ...essentials], rig.env);

      await terminal.shows(offer);
      terminal.press('Enter');
      await answer(terminal, 'Attach it to TIC-1001 now? (Y/n)', 'n');
      await terminal.shows('ended with');
      const asked = terminal.screen().match(/^[✔?] .*\?.*$/gm);
      const again = openTerminal(['resume'], rig.env);
      await again.shows('Attach it to TIC-1001 now? (Y/n)');

      expect(asked).toEqual([expect.stringContaining(offer), expect.stringContaining('Attach it')]);
      expect(again.screen()).not.toMatch(/^✔/m);
    });

    it('answers them all behind that question', async () => {
      const rig = await startRig();
      const terminal = openTerminal(['collect', '--only', 'cli,vm', '--yes', ...essentials], rig.env);

      await answersOne(terminal, 'Description', 'Describe it in more words', 'All of site 3');
      await answersOne(terminal, 'Reproducible', 'Can it be reproduced easily?', 'Every time');
      await goesOn(terminal);
      await answer(terminal, 'Hypervisor and version', 'KVM 8');
      await terminal.shows('Is that right?');
      terminal.press('Enter');
      await terminal.shows('ended with 0');

      const body = rig.mock.helpdesk?.tickets[0]?.body;
      for (const text of ['All of site 3', 'Every time', 'KVM 8']) expect(body).toContain(text);
    });
  });

  describe('Enter at a question', () => {
    const draft = ['--at', '-45m', '--summary', 'VPN down', '--severity', 'high', '--description', 'x'];

    it('attaches the bundle that somebody came for (field-F08)', async () => {
      const rig = await startRig();
      const terminal = openTerminal(['collect', '--skip', 'vm', ...draft], rig.env);

      await terminal.shows('Attach it to TIC-1001 now? (Y/n)');
      terminal.press('Enter');
      await terminal.shows('ended with 0');

      expect(rig.mock.helpdesk?.tickets[0]?.files).toHaveLength(1);
    });

    it('is not needed to learn where the ZIP lies: Ctrl-C there says it, too', async () => {
      const rig = await startRig();
      const terminal = openTerminal(['collect', '--only', 'cli', ...draft], rig.env, { columns: 200, rows: 50 });

      await terminal.shows('Attach it to TIC-1001 now? (Y/n)');
      terminal.press('C-c');
      await terminal.shows('ended with 130');

      const [zip] = /\S+\/TIC-1001_Event1_\S+\.zip$/m.exec(terminal.screen()) ?? [];
      expect((await stat(zip ?? '')).isFile()).toBe(true);
      expect(terminal.screen()).toMatch(/Next.*icepack resume/);
      expect(rig.mock.helpdesk?.tickets[0]?.files).toEqual([]);
    });

    it('opens no ticket when no server could be reached; one that is opened gets no empty bundle (field-F08)', async () => {
      const rig = await startRig();
      await rig.mock.appliances[0]?.close();
      const terminal = openTerminal(['collect', '--skip', 'vm', ...draft], rig.env);

      await terminal.shows('Open the ticket anyway? (y/N)');
      terminal.press('Enter');
      await terminal.shows('ended with 5');
      expect(rig.mock.helpdesk?.tickets).toEqual([]);

      const again = openTerminal(['collect', '--skip', 'vm', '--submit-anyway', '--new-ticket', ...draft], rig.env);
      await again.shows('Attach it to TIC-1001 now? (y/N)');
      again.press('Enter');
      await again.shows('ended with');
      expect(rig.mock.helpdesk?.tickets[0]?.files).toEqual([]);
    });
  });

  it('draws progress for several servers that fits the width, and takes it away again', async () => {
    const rig = await startRig({ appliances: 2, cluster: 'east', techsupport: { durationMs: 2000, bytes: 1000 } });
    const terminal = openTerminal(['collect', 'east', '--no-submit', '--at', '-45m'], rig.env, {
      columns: 60,
      rows: 60,
    });

    await terminal.shows('Hypervisor and version');
    terminal.press('Enter');
    await terminal.shows('ICE01 ice01: techsupport');
    await terminal.shows('ICE02 ice02: techsupport');
    await terminal.shows('ended with 0');

    expect(terminal.screen()).not.toContain('ice01: techsupport;');
  });

  it('goes back from a list at the key "<", and Enter keeps what was answered there', async () => {
    const rig = await startRig();
    const terminal = openTerminal(['collect', '--at', '-45m'], rig.env, { columns: 80, rows: 24 });

    await answer(terminal, 'What happened, in one line?', 'Nodes lost contact');
    await terminal.shows('How severe is it?');
    terminal.type('<');
    await terminal.shows('❯ < back');
    terminal.press('Enter');
    await terminal.shows('What happened, in one line? (Nodes lost contact)');
    terminal.press('Enter');
    await terminal.shows('What happened, in one line? Nodes lost contact\n? How severe is it?');
  });

  it('Ctrl-C at a question ends with 130 and does nothing', async () => {
    const rig = await startRig();
    const terminal = openTerminal(['collect'], rig.env);

    await terminal.shows('When did it happen?');
    terminal.press('C-c');
    await terminal.shows('ended with 130');

    await expect(rig.runs()).rejects.toThrow('ENOENT');
  });

  it.each([80, 200])('shows the help of the program at %i columns with nothing cut (field-F06)', async (columns) => {
    const terminal = openTerminal(
      ['--help'],
      { PATH: process.env['PATH'] ?? '', TERM: 'screen' },
      { columns, rows: 160 },
    );

    await terminal.shows('ended with 0');

    const words = terminal.screen().split('ended with')[0]?.split(/\s+/) ?? [];
    const plain = (await runProgram(['--help'], {})).stdout.split(/\s+/);
    expect(words.filter(Boolean)).toEqual(plain.filter(Boolean));
    expect(
      Math.max(
        ...terminal
          .screen()
          .split('\n')
          .map((line) => line.length),
      ),
    ).toBeLessThanOrEqual(120);
  });

  it('breaks hints between words, and no command (field-F06)', async () => {
    const terminal = openTerminal(['collect', '--dry-run'], { PATH: process.env['PATH'] ?? '', HOME: '/nonexistent' });

    await terminal.shows('ended with 2');

    const lines = terminal.screen().split('\n');
    expect(lines.filter((line) => line.length === 80)).toEqual([]);
    expect(lines.join('\n')).toMatch(/icepack demo/);
  });

  it('shows since when something runs, and how long it may (field-F17)', async () => {
    const rig = await startRig({ techsupport: { durationMs: 8000, bytes: 1000 } });
    const terminal = openTerminal(['collect', ...batch, '--only', 'techsupport', '--no-submit'], rig.env);

    await terminal.shows(/ICE01 ice01: techsupport [1-7] s of /); // whichever second a busy machine draws
    await terminal.shows('ended with 0');
  });

  it('shows all of the result of a good run on 80 by 24, from the ticket to the last word (field-F17)', async () => {
    const rig = await startRig();
    const terminal = openTerminal(['collect', ...batch], rig.env, { columns: 80, rows: 25 }); // one for "ended with"

    await terminal.shows('ended with 0');

    const screen = terminal.screen();
    for (const text of [
      'TIC-1001 registered',
      'ICE01  ice01  complete',
      'cover the whole window',
      'attached to TIC-1001',
      'Nothing more to do',
    ])
      expect(screen).toContain(text);
  });
});
