import { chmod, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { projectRoot, runProgram, startRig, temporaryFolder } from '../support/rig.ts';

describe('icepack config check', () => {
  it('says what the configuration says, and connects to nothing', async () => {
    const rig = await startRig({ appliances: 2, cluster: 'east' });

    const done = await rig.icepack(['config', 'check']);
    const document = (await rig.icepack(['config', 'check', '--json'])).json();

    expect(done).toMatchObject({ code: 0, stderr: '' });
    expect(done.stdout).toContain(`${rig.config} is well formed.`);
    expect(done.stdout).toContain('ICE02  ice02  127.0.0.1  cluster east');
    expect(done.stdout).toContain('Help desk: rest at http://');
    expect(done.stdout).toContain('In force: logs of 30 min before and 30 min after an event;');
    expect(done.stdout).toContain('All secrets are there.');
    expect(document).toMatchObject({ verb: 'config check', config: rig.config, servers: [{ name: 'ice01' }, {}] });
    expect(rig.mock.appliances[0]?.logins).toEqual({ cli: [], hostOs: [] });
    expect(rig.mock.helpdesk?.requests).toEqual([]);
  });

  it('tells which logins will ask, and does not call all secrets there (cron has nobody to ask)', async () => {
    const rig = await startRig();
    await rig.configure((document) => {
      delete document.appliances.ice01.cli.password;
    });

    const done = await rig.icepack(['config', 'check']);

    expect(done.code).toBe(0);
    expect(done.stdout).toContain(
      'appliances.ice01.cli has no password and no key: it would ask, or take the SSH agent\nAll others are there.\n',
    );
  });

  it('tells which secrets are missing, without running a command', async () => {
    const rig = await startRig();
    const ran = join(rig.folder, 'mock', 'ran');
    const open = join(rig.folder, 'mock', 'open.secret');
    await writeFile(open, 'not-shown\n');
    await chmod(open, 0o644);
    await rig.configure((document) => {
      document.appliances.ice01.cli.password = { env: 'NOT_SET_ANYWHERE' };
      document.appliances.ice01.hostOs.password = { command: ['touch', ran] };
      document.helpdesk.token = { file: open };
      document.jumpHosts = { bastion: { address: '192.0.2.1', user: 'kim', privateKey: join(rig.folder, 'no-key') } };
      document.appliances.ice01.via = 'bastion';
    });

    const done = await rig.icepack(['config', 'check']);
    const { secrets } = (await rig.icepack(['config', 'check', '--json'])).json();

    expect(done.code).toBe(0);
    expect(done.stdout).toContain(
      '! appliances.ice01.cli.password: the environment variable NOT_SET_ANYWHERE is not set',
    );
    expect(done.stdout).toContain('appliances.ice01.hostOs.password: command touch is not run here');
    expect(done.stdout).toContain(`! helpdesk.token: others may read "${open}"`);
    expect(done.stdout).toContain('! jumpHosts.bastion.privateKey: ');
    expect(done.stdout).not.toContain('not-shown');
    expect(secrets.map(({ key, state }: { key: string; state: string }) => [key, state]).sort()).toEqual([
      ['appliances.ice01.cli.password', 'missing'],
      ['appliances.ice01.hostOs.password', 'not-run'],
      ['helpdesk.token', 'missing'],
      ['jumpHosts.bastion.privateKey', 'missing'],
    ]);
    await expect(readFile(ran)).rejects.toThrow('ENOENT');
  });

  it('names every fault with file, line and key, and ends with 2', async () => {
    const rig = await startRig();
    await writeFile(rig.config, 'organisation: x\nappliances:\n  ice01:\n    id: none\n    adress: 192.0.2.1\n');

    const done = await rig.icepack(['config', 'check']);
    const document = (await rig.icepack(['config', 'check', '--json'])).json();

    expect(done.code).toBe(2);
    expect(done.stdout).toBe('');
    expect(done.stderr).toContain(`${rig.config}:1: unknown key "organisation"; did you mean "organization"?`);
    expect(done.stderr).toContain(`${rig.config}:4: "appliances.ice01.id"`);
    expect(done.stderr).toContain(`${rig.config}:5: unknown key "appliances.ice01.adress"; did you mean "address"?`);
    expect(document).toMatchObject({ exitCode: 2, error: { code: 'bad-config' } });
  });
});

describe('icepack config path', () => {
  it('is the file that is used, also where it is damaged, and with --verbose where it is looked for', async () => {
    const home = await temporaryFolder();
    const options = { env: { HOME: home, XDG_CONFIG_HOME: home }, cwd: home };
    const path = join(home, 'icepack.yaml');
    await writeFile(path, '{');
    const other = join(home, 'icepack', 'icepack.yaml');

    const done = await runProgram(['config', 'path'], options);
    const verbose = await runProgram(['config', 'path', '--verbose'], options);
    const document = (await runProgram(['config', 'path', '--json'], options)).json();

    expect(done).toMatchObject({ code: 0, stdout: `${path}\n`, stderr: '' });
    expect(verbose.stderr).toContain(`looked for, in this order: ${path}, ${other}`);
    expect(document).toMatchObject({ verb: 'config path', config: path, places: [path, other] });
  });

  it('says where there is none', async () => {
    const home = await temporaryFolder();

    const done = await runProgram(['config', 'path'], { env: { HOME: home }, cwd: home });

    expect(done.code).toBe(2);
    expect(done.stderr).toContain(join(home, '.config', 'icepack', 'icepack.yaml'));
  });
});

describe('icepack config schema', () => {
  it('takes the example and a configuration of the mock, and refuses what the program refuses', async () => {
    const rig = await startRig();
    const example = parse(await readFile(join(projectRoot, 'templates', 'icepack.example.yaml'), 'utf8'));
    const mocked = parse(await readFile(rig.config, 'utf8'));

    const schema = JSON.parse((await rig.icepack(['config', 'schema'])).stdout);
    const { jsonSchema } = (await rig.icepack(['config', 'schema', '--json'])).json();
    const validate = new Ajv2020({ strict: false, formats: { uri: true } }).compile(schema);

    expect(jsonSchema).toEqual(schema);
    for (const document of [example, mocked]) expect(validate(document), JSON.stringify(validate.errors)).toBe(true);
    expect(validate({ ...mocked, adress: 'x' })).toBe(false);
    expect(validate({ ...mocked, helpdesk: { provider: 'none' } })).toBe(false);
    expect(validate({ ...mocked, window: { before: 30 } })).toBe(false);
  });
});
