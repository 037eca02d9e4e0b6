import { readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseConfig } from '../../src/config/load.ts';
import { providers } from '../../src/helpdesk/providers.ts';
import { composeConfig } from '../../src/init/compose.ts';
import type { InitAnswers, LoginWay } from '../../src/init/init-answers.ts';
import { lacks } from '../support/requirements.ts';
import { type Rig, startRig } from '../support/rig.ts';
import { openTerminal } from '../support/terminal.ts';

/** A home without a configuration; the servers of the rig are there. */
async function newHome(): Promise<{ rig: Rig; env: Record<string, string>; options: string[]; config: string }> {
  const rig = await startRig();
  const { ICEPACK_CONFIG: _none, ...env } = rig.env;
  const [server] = rig.mock.appliances;
  const options = [
    ...['--cli-port', String(server?.cli.port), '--host-os-port', String(server?.hostOs.port)],
    ...['--cli-login', `file:${join(rig.folder, 'mock/cli.secret')}`],
    ...['--host-os-login', `file:${join(rig.folder, 'mock/hostOs.secret')}`],
  ];
  return { rig, env, options, config: join(rig.folder, '.config/icepack/icepack.yaml') };
}

const unset = { ICEPACK_CONFIG: '' };

describe('icepack init', () => {
  it('writes a configuration that works, pins the keys and ends with what doctor finds', async () => {
    const { rig, options, config } = await newHome();

    const made = await rig.icepack(
      ['init', '--batch', '--json', '--server', 'ice01=127.0.0.1', ...options, '--pin', '--organization', 'Example AB'],
      { env: { ...unset, XDG_CONFIG_HOME: join(rig.folder, '.config') } },
    );
    const after = await rig.icepack([
      'collect',
      '--batch',
      '--no-submit',
      '--at',
      '-45m',
      '--config',
      config,
      '--json',
    ]);

    expect(made.code).toBe(0);
    expect(made.json()).toMatchObject({
      verb: 'init',
      config,
      exitCode: 0,
      faces: [
        { pin: 'now-pinned', login: 'ok' },
        { pin: 'now-pinned', login: 'ok' },
      ],
    });
    expect((await stat(config)).mode & 0o777).toBe(0o600);
    expect(await readFile(config, 'utf8')).toContain('organization: Example AB');
    expect(after.code).toBe(0);
  });

  it('takes the ports of a server with its address (field-F15)', async () => {
    const { rig, options, config } = await newHome();
    const [server] = rig.mock.appliances;
    const place = `127.0.0.1:${server?.cli.port},${server?.hostOs.port}`;

    const made = await rig.icepack(
      ['init', '--batch', '--json', '--config', config, '--server', `ice01=${place}`, ...options.slice(4), '--pin'],
      { env: unset },
    );

    expect(made.code).toBe(0);
    expect(made.json()).toMatchObject({ faces: [{ login: 'ok' }, { login: 'ok' }] });
  });

  it('pins nothing in batch unless told to, and names the command that does', async () => {
    const { rig, options, config } = await newHome();

    const made = await rig.icepack(
      ['init', '--batch', '--json', '--config', config, '--server', 'ice01=127.0.0.1', ...options],
      { env: unset },
    );

    expect(made.code).toBe(5);
    expect(made.json()).toMatchObject({ faces: [{ pin: 'unknown' }, { pin: 'unknown' }] });
    expect(made.json().next).toEqual([`icepack --config ${config} doctor ice01 --pin`]);
    expect(rig.mock.appliances[0]?.logins).toEqual({ cli: [], hostOs: [] });
  });

  it('writes over nothing', async () => {
    const { rig, options } = await newHome();
    const mine = join(rig.folder, 'icepack.yaml');
    await writeFile(mine, '# mine\n');

    const refused = await rig.icepack(['init', '--batch', '--server', 'ice01=127.0.0.1', ...options], {
      env: { ...unset, XDG_CONFIG_HOME: join(rig.folder, '.config') },
    });

    expect(refused.code).toBe(2);
    expect(refused.stderr).toContain(`there is a configuration already: ${mine}`);
    expect(await readFile(mine, 'utf8')).toBe('# mine\n');
  });

  it('says in batch everything that is missing', async () => {
    const { rig } = await newHome();

    const refused = await rig.icepack(['init', '--batch', '--config', 'new.yaml', '--helpdesk', 'rest'], {
      env: unset,
    });

    expect(refused.code).toBe(2);
    expect(refused.stderr).toContain(
      'a configuration needs --server NAME=ADDRESS, --cli-login, --host-os-login, --helpdesk-url, --helpdesk-token',
    );
  });

  it.each([
    ['--server', 'ice01', 'ice01=192.0.2.10'],
    ['--server', 'ice01=admin@ice01', 'Leave out the user'],
    ['--server', 'ice01=192.0.2.10:2222', 'write both'],
    ['--cli-login', 'hunter2', 'never the secret itself'],
    ['--helpdesk-token', 'ask', 'env:NAME or file:PATH'],
    ['--jump-host', 'bastion', 'kim@bastion.example.com'],
    ['--helpdesk', 'owls', 'It is one of: portal, rest, '],
    ['--cli-port', '0', '1 to 65535'],
    ['--contact-email', 'kim', 'kim@example.com'],
    ['--contact-phone', 'none', '+46'],
    ['--helpdesk-url', 'https://kim:pw@desk.example.com', 'holds no password'],
  ])('refuses %s %s and says what it takes', async (option, value, expected) => {
    const { rig } = await newHome();

    const refused = await rig.icepack(['init', '--batch', option, value], { env: unset });

    expect(refused.code).toBe(2);
    expect(refused.stderr).toContain(expected);
  });

  it('refuses in batch an address to which the token would go in plain text', async () => {
    const { rig, options, config } = await newHome();
    const desk = ['--helpdesk', 'rest', '--helpdesk-url', 'http://desk.example.com', '--helpdesk-token', 'env:TOKEN'];

    const refused = await rig.icepack(
      ['init', '--batch', '--config', config, '--server', 'ice01=127.0.0.1', ...options, ...desk],
      { env: unset },
    );

    expect(refused.code).toBe(2);
    expect(refused.stderr).toContain('not sent over plain http to desk.example.com');
  });

  it('ends with doctor where something failed, and with the first collection where nothing did', async () => {
    const { rig, options, config } = await newHome();
    const init = (path: string) => [
      ...['init', '--batch', '--json', '--pin', '--config', path, '--server', 'ice01=127.0.0.1', ...options],
    ];

    const good = await rig.icepack(init(config), { env: unset });
    await rig.mock.appliances[0]?.close();
    const bad = await rig.icepack(init(`${config}2`), { env: unset });

    expect(good.json().next).toEqual([`icepack --config ${config} collect ice01 --no-submit`]);
    expect(bad.json().next).toEqual([`icepack --config ${config}2 doctor`]);
  });

  it.skipIf(lacks('tmux'))(
    'says at Ctrl-C behind the questions that the file was written, and what to type',
    async () => {
      const { env, options, config } = await newHome();
      const given = [
        ...['--config', config, '--server', 'ice01=127.0.0.1', ...options.slice(0, 4), '--cli-login', 'ask'],
        ...['--host-os-login', 'agent', '--cli-user', 'admin', '--host-os-user', 'root', '--helpdesk', 'none'],
        ...[
          '--organization',
          'O',
          '--contact-name',
          'K',
          '--contact-email',
          'k@example.com',
          '--contact-phone',
          '+46660299200',
        ],
      ];
      const terminal = openTerminal(['init', ...given], env, { columns: 160, rows: 50 });
      await terminal.shows('through a jump host');
      terminal.press('Enter');
      for (let face = 0; face < 2; face++) {
        await terminal.shows('Pin it?');
        terminal.type('y');
        terminal.press('Enter');
        if (face === 0) await terminal.shows('Pin it? Yes');
      }
      await terminal.shows('Password of "admin"');
      terminal.press('C-c');
      await terminal.shows('ended with 130');

      expect(terminal.screen()).toContain(`${config} was written`);
      expect(terminal.screen()).toMatch(/icepack .*doctor/);
      expect(terminal.screen()).not.toContain('nothing was begun');
    },
  );

  it.skipIf(lacks('tmux'))('asks at a terminal, pins after a look, and ends with what doctor finds', async () => {
    const { rig, env, options, config } = await newHome();
    const ports = options.slice(0, 4);
    const terminal = openTerminal(['init', '--config', config, ...ports], env, { columns: 100, rows: 60 });
    const answer = async (question: string, text?: string) => {
      await terminal.shows(question);
      if (text !== undefined) {
        terminal.type(text);
        await terminal.shows(text);
      }
      terminal.press('Enter');
    };
    const choose = async (question: string, title: string) => {
      await terminal.shows(question);
      await terminal.shows(title);
      terminal.press('Up'); // back
      terminal.press('Up'); // the last one
      await terminal.shows(`❯ ${title}`);
      terminal.press('Enter');
    };

    await answer('Your organization', 'Example "AB"');
    await answer('Your name', 'Kim Doe');
    await answer('Your e-mail address');
    await answer('Your telephone number');
    await answer('Management address of the first server', '127.0.0.1');
    await answer('Its name, as you will type it');
    await answer('Its server id');
    await answer('Address of another server');
    await answer(`User at the InCenter CLI (port ${rig.mock.appliances[0]?.cli.port})`);
    await choose('How does "admin" log in', 'password from a file');
    await answer('File that holds the password of "admin"', join(rig.folder, 'mock/cli.secret'));
    await answer('User at the host OS');
    await choose('How does "administrator" log in', 'password from a file');
    await answer('password of "administrator"', join(rig.folder, 'mock/hostOs.secret'));
    await answer('through a jump host');
    await answer('How are tickets registered?');
    await answer('InCenter version', '2.2.5');
    await answer('License number');
    await answer('Is that right?');
    await terminal.shows(rig.mock.appliances[0]?.cli.hostKey ?? '');
    await answer('Pin it?', 'y');
    await terminal.shows(rig.mock.appliances[0]?.hostOs.hostKey ?? '');
    await answer('Pin it?', 'y');
    await terminal.shows('Next: icepack');
    await terminal.shows('collect ice01');
    await terminal.shows('ended with 0');

    const written = await readFile(config, 'utf8');
    expect(parseConfig(written, config, rig.folder, providers)).toMatchObject({
      organization: 'Example "AB"',
      contact: { name: 'Kim Doe' },
      appliances: [{ name: 'ice01', id: 1, address: '127.0.0.1' }],
      helpdesk: { provider: 'portal', version: '2.2.5' },
    });
    expect(written).not.toContain('canary');
  });
});

describe('a composed configuration', () => {
  const line = fc
    .string({ minLength: 1, maxLength: 40, unit: 'grapheme' })
    .filter((text) => /^[^\x00-\x1f\x7f]+$/.test(text));
  const way: fc.Arbitrary<LoginWay> = fc.oneof(
    fc.constantFrom<LoginWay>({ kind: 'ask' }, { kind: 'agent' }, { kind: 'env', name: 'ICE_PW' }),
    line.map((path): LoginWay => ({ kind: 'file', path: `/${path}` })),
    line.map((path): LoginWay => ({ kind: 'key', path: `/${path}` })),
  );
  const login = fc.record({ user: fc.constantFrom('admin', 'true', '007', 'a#b'), way });

  it('is read as it was meant, whatever the answers were', () => {
    fc.assert(
      fc.property(line, line, login, login, line, (organization, name, cli, hostOs, license) => {
        const answers: InitAnswers = {
          organization,
          contact: { name },
          servers: [
            { name: 'ice01', id: 1, address: 'fe80::1%eth0' },
            { name: 'ice02', id: 2, address: '192.0.2.11' },
          ],
          cluster: 'east',
          jumpHost: { address: 'bastion', port: 2200, user: 'kim', way: { kind: 'agent' } },
          cli,
          hostOs,
          helpdesk: { provider: 'rest', url: 'https://desk.example.com/api#x', token: { kind: 'env', name: 'TOKEN' } },
          license,
        };

        const config = parseConfig(composeConfig(answers, providers), '/icepack.yaml', '/home/kim', providers);

        expect(config).toMatchObject({ organization, contact: { name }, helpdesk: { license } });
        expect(config.appliances.map((each) => [each.name, each.id, each.cluster, each.via[0]?.port])).toEqual([
          ['ice01', 1, 'east', 2200],
          ['ice02', 2, 'east', 2200],
        ]);
        expect(config.appliances[0]?.cli.user).toBe(cli.user);
        if (hostOs.way.kind === 'key') expect(config.appliances[0]?.hostOs.privateKey).toBe(hostOs.way.path);
      }),
    );
  });
});
