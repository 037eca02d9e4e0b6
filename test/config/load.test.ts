import { chmod, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import * as load from '../../src/config/load.ts';
import { UserError } from '../../src/errors.ts';
import { providers } from '../../src/helpdesk/providers.ts';
import { hintOf } from '../support/hint.ts';
import { projectRoot, temporaryFolder } from '../support/rig.ts';

type ConfigSearchPath = Parameters<typeof load.loadConfig>[0];

const path = '/etc/icepack.yaml';
const smallest = 'appliances:\n  ice01:\n    id: 1\n    address: 192.0.2.10\n';

/** What a server has when nothing else is said. */
const usual = {
  via: [],
  legacyAlgorithms: false,
  sessions: 2,
  maxOutputBytes: 32_000_000,
  timeouts: {
    connectMs: 10_000,
    commandMs: 120_000,
    collectorMs: {
      config: 2_700_000,
      techsupport: 2_700_000,
      logs: 1_800_000,
      cli: 900_000,
      vm: 120_000,
      recipe: 900_000,
    },
  },
};

function parse(text: string) {
  return load.parseConfig(text, path, '/home/kim', providers);
}

function loadConfig(searchPath: ConfigSearchPath) {
  return load.loadConfig(searchPath, providers);
}

function refusal(text: string): UserError {
  try {
    parse(text);
  } catch (error) {
    if (error instanceof UserError) return error;
    throw error;
  }
  throw new Error('the configuration was taken');
}

describe('a configuration', () => {
  it('is valid as the example shows it', async () => {
    const text = await readFile(join(projectRoot, 'templates/icepack.example.yaml'), 'utf8');

    const config = parse(text);

    expect(config).toMatchObject({
      path,
      organization: 'Example AB',
      contact: { name: 'Kim Doe', email: 'kim@example.com', phone: '+46 660 29 92 00 ext 12' },
      window: { beforeMs: 1_800_000, afterMs: 1_800_000 },
      attachmentLimit: 25_000_000,
      cliCommands: ['log -status'],
      helpdesk: { provider: 'portal', product: 'InCenter', version: '2.2.5', license: '1234-5678-9012' },
    });
    expect(config.appliances).toEqual([
      {
        name: 'ice01',
        id: 1,
        address: '192.0.2.10',
        cluster: 'east',
        ...usual,
        cli: { port: 22, user: 'admin', password: { env: 'ICE01_CLI_PASSWORD' } },
        hostOs: {
          port: 2222,
          user: 'administrator',
          privateKey: '/home/kim/.ssh/id_ed25519',
          home: '/home/administrator',
          minFreeBytes: 500_000_000,
        },
      },
    ]);
  });

  it('has the values of the example where it says nothing of captures, and names the line of a fault', async () => {
    const text = await readFile(join(projectRoot, 'templates/icepack.example.yaml'), 'utf8');
    const shown = text.replace(
      /^# (captures:.*\n)((?:# {3}.*\n)+)/m,
      (_all, head: string, rest: string) => `${head}${rest.replaceAll(/^# /gm, '')}`,
    );

    const { isConfigured, ...written } = parse(shown).captures;
    const { isConfigured: isByItself, ...standard } = parse(text).captures;

    expect(written).toEqual(standard);
    expect([isConfigured, isByItself]).toEqual([true, false]);
    expect(() => parse('appliances: { ice01: { id: 1, address: a } }\ncaptures:\n  every: 7m\n  kep: 3\n')).toThrow(
      /:3: .*every.*\n.*:4: .*kep/,
    );
  });

  it('is valid with everything that the example has commented out', async () => {
    const text = await readFile(join(projectRoot, 'templates/icepack.example.yaml'), 'utf8');
    const options = text
      .replace('"SHA256:…"', `"SHA256:${'A'.repeat(43)}"`)
      .replace(/^( +)# (\w+: )/gm, '$1$2')
      .replace('    via: outer', '')
      .replace(/^# helpdesk:[\s\S]*$/m, '');

    const config = parse(options);

    expect(config.appliances[0]).toMatchObject({
      zone: 'Europe/Stockholm',
      backupScript: 'backup.sh',
      techsupportScript: 'techsupport.sh',
      filesRoot: 'storage',
      legacyAlgorithms: true,
      via: [{ name: 'bastion', address: '203.0.113.7', port: 22, user: 'kim', agent: true }],
      hypervisor: { type: 'VMware ESXi', version: '8.0.2' },
      hostOs: { agent: true, passphrase: { env: 'ICE01_KEY_PASSPHRASE' }, home: '/home/administrator' },
    });
    expect(config.helpdesk).toMatchObject({ url: 'https://portal.example.com' });
  });

  it.each([
    ['/var/lib/incenter/', '/var/lib/incenter'],
    ['/', '/'],
  ])('takes %s as the file root on the host OS (field-B09)', (given, taken) => {
    const config = parse(`${smallest}    hostOs: { filesRoot: ${given} }\n`);

    expect(config.appliances[0]?.hostOs.filesRoot).toBe(taken);
  });

  it.each([
    'storage',
    '/opt/../root',
    '"/opt/a;reboot"',
    '/opt/$(id)',
    '""',
  ])('refuses %s as the file root on the host OS (field-B09)', (given) => {
    expect(() => parse(`${smallest}    hostOs: { filesRoot: ${given} }\n`)).toThrow('hostOs.filesRoot');
  });

  it('may be as small as one server', () => {
    const config = parse(smallest);

    expect(config).toMatchObject({ window: {}, attachmentLimit: 25_000_000 });
    expect(config.helpdesk).toBeUndefined();
    expect(config.appliances).toEqual([
      {
        name: 'ice01',
        id: 1,
        address: '192.0.2.10',
        ...usual,
        cli: { port: 22, user: 'admin' },
        hostOs: { port: 2222, user: 'administrator', home: '/home/administrator', minFreeBytes: 500_000_000 },
      },
    ]);
  });

  it.each([
    ['organisation: Example AB\n', 'organisation', 'organization', 5],
    ['helpdsk:\n  provider: portal\n', 'helpdsk', 'helpdesk', 5],
    ['    backupscript: backup.sh\n', 'appliances.ice01.backupscript', 'backupScript', 5],
    ['    cli:\n      usr: admin\n', 'appliances.ice01.cli.usr', 'user', 6],
    ['    hostos:\n      user: administrator\n', 'appliances.ice01.hostos', 'hostOs', 5],
    ['    hypervisor:\n      typ: KVM\n', 'appliances.ice01.hypervisor.typ', 'type', 6],
    ['window:\n  befor: 30m\n', 'window.befor', 'before', 6],
    ['contact:\n  name: Kim\n  e-mail: kim@example.com\n', 'contact.e-mail', 'email', 7],
    ['helpdesk:\n  provider: portal\n  uri: https://x.example\n', 'helpdesk.uri', 'url', 7],
  ])('with an unknown key is refused with its line and the nearest key: %j', (more, key, near, line) => {
    const error = refusal(smallest + more);

    expect(error).toMatchObject({ code: 'bad-config', exit: 2 });
    expect(error.message).toBe(`${path}:${line}: unknown key "${key}"; did you mean "${near}"?`);
  });

  it('is refused with all its faults at once, each with its line (G18)', () => {
    const error = refusal('appliances:\n  ice01:\n    id: one\n    adress: 192.0.2.10\nwindow:\n  before: soon\n');

    const lines = error.message
      .split('\n')
      .map((line) => line.match(/^\/etc\/icepack\.yaml:(\d+): .*"([\w.]+)"/)?.slice(1));
    expect(lines).toContainEqual(['3', 'appliances.ice01.id']);
    expect(lines).toContainEqual(['6', 'window.before']);
    expect(error.message).toContain(`${path}:4: unknown key "appliances.ice01.adress"`);
    expect(error.message).toContain('"appliances.ice01.address" is missing');
  });

  it.each([
    ['nothing', ''],
    ['no server', 'appliances: {}\n'],
    ['a list', '- ice01\n'],
    ['a word', 'icepack\n'],
    ['a server without an address', 'appliances:\n  ice01:\n    id: 1\n'],
    ['a name that is no name', 'appliances:\n  "../x":\n    id: 1\n    address: 192.0.2.10\n'],
    ['an address with a space', smallest.replace('192.0.2.10', '"192.0.2.10 -oProxyCommand=x"')],
    ['an id of 0', smallest.replace('id: 1', 'id: 0')],
    ['an id with a fraction', smallest.replace('id: 1', 'id: 1.5')],
    ['a script in another folder', `${smallest}    backupScript: ../backup.sh\n`],
    ['a script with arguments', `${smallest}    backupScript: backup.sh; reboot\n`],
    ['a zone that is none', `${smallest}    zone: Mars/Olympus\n`],
    ['a user with a line feed', `${smallest}    cli: { user: "a\\nb" }\n`],
    ['a port that is none', `${smallest}    cli: { port: 65536 }\n`],
    ['a command with a line feed', `${smallest}cliCommands: ["log -status\\nshutdown"]\n`],
    ['a window before 0', `${smallest}window: { before: -5m }\n`],
    ['a limit of 0', `${smallest}attachmentLimit: 0\n`],
    ['a help desk without an address', `${smallest}helpdesk: { provider: rest, token: { env: T } }\n`],
    ['a help desk at a file', `${smallest}helpdesk: { provider: portal, url: "file:///etc/passwd" }\n`],
    ['an unknown help desk', `${smallest}helpdesk: { provider: owls }\n`],
    ['a host key that is none', `${smallest}    cli: { hostKey: "SHA256:short" }\n`],
    ['an alias of nothing', `${smallest}organization: *nothing\n`],
    [
      'aliases of aliases',
      `a: &a [x,x,x,x,x,x,x,x,x]\nb: &b [*a,*a,*a,*a,*a,*a,*a,*a,*a]\nc: &c [*b,*b,*b,*b,*b,*b,*b,*b,*b]\nd: [*c,*c,*c,*c,*c,*c,*c,*c,*c]\n`,
    ],
    ['YAML that is none', 'appliances: [\n'],
    ['two documents', `${smallest}---\n${smallest}`],
  ])('is refused when it holds %s', (_what, text) => {
    const error = refusal(text);

    expect(error).toMatchObject({ code: 'bad-config', exit: 2 });
    expect(error.message).toMatch(/^\/etc\/icepack\.yaml:\d+: /);
  });

  it('may say once what several servers share', () => {
    const text = `${smallest}    cli: { password: &shared { env: SHARED } }\n  ice02:\n    id: 2\n    address: 192.0.2.11\n    cli: { password: *shared }\n`;

    const { appliances } = parse(text);

    expect(appliances.map(({ cli }) => cli.password)).toEqual([{ env: 'SHARED' }, { env: 'SHARED' }]);
  });

  it('is refused when a key stands in it twice (G18)', () => {
    const error = refusal(`${smallest}    address: 192.0.2.11\n`);

    expect(error).toMatchObject({ code: 'bad-config' });
    expect(error.message).toMatch(/^\/etc\/icepack\.yaml:5: .*unique/);
  });

  it('is refused when two servers have one id', () => {
    const error = refusal(`${smallest}  ice02:\n    id: 1\n    address: 192.0.2.11\n`);

    expect(error).toMatchObject({ code: 'bad-config' });
    expect(error.message).toContain('ice01 and ice02 have the same id 1');
  });

  it('is refused when two servers are the same one (field-F15)', () => {
    const error = refusal(`${smallest}  ice02:\n    id: 2\n    address: 192.0.2.10\n`);

    expect(error).toMatchObject({ code: 'bad-config' });
    expect(error.message).toContain('ice01 and ice02 are the same server, 192.0.2.10 with ports 22 and 2222');
  });

  it('may have one address at two sites, each behind a jump host of its own', () => {
    const jumpHosts =
      'jumpHosts: { east: { address: 198.51.100.1, user: kim }, west: { address: 198.51.100.2, user: kim } }\n';
    const west = '  ice02:\n    id: 2\n    address: 192.0.2.10\n    via: west\n';

    expect(parse(`${jumpHosts}${smallest}    via: east\n${west}`).appliances).toHaveLength(2);
  });

  it('is refused when a cluster has the name of a server', () => {
    const error = refusal(`${smallest}    cluster: ice02\n  ice02:\n    id: 2\n    address: 192.0.2.11\n`);

    expect(error).toMatchObject({ code: 'bad-config' });
    expect(error.message).toContain('"ice02" is both a server and a cluster');
  });
});

describe('a secret in a configuration', () => {
  const places = [
    (value: string) => `${smallest}    cli:\n      password: ${value}\n`,
    (value: string) => `${smallest}    hostOs:\n      passphrase: ${value}\n`,
    (value: string) => `${smallest}helpdesk:\n  provider: rest\n  url: https://desk.example\n  token: ${value}\n`,
  ];

  it.each([
    'hunter2-canary',
    '"hunter2-canary"',
    "'hunter2-canary'",
    '[hunter2-canary]',
    '{ env: hunter2-canary }',
    '{ value: hunter2-canary }',
    '{ file: [hunter2-canary] }',
    '{ env: A, file: hunter2-canary }',
    '|\n        hunter2-canary',
    '|hunter2-canary',
    '>hunter2-canary',
    '*hunter2-canary',
    '!hunter2-canary',
    '!hunter2-canary x',
    '&hunter2-canary',
    '@hunter2-canary',
    '`hunter2-canary',
    '%hunter2-canary',
    '"x" hunter2-canary',
    '"x\\qhunter2-canary"',
    '"hunter2-canary',
    "'hunter2-canary",
    '{ hunter2-canary',
    '[hunter2-canary',
    '}hunter2-canary',
    ']hunter2-canary',
    '? hunter2-canary',
    '- hunter2-canary',
    'a: hunter2-canary',
  ])('is refused when it is the secret itself, and not repeated: %s', (value) => {
    for (const place of places) {
      const error = refusal(place(value));

      expect(error).toMatchObject({ code: 'bad-config' });
      expect(`${error.message} ${hintOf(error)} ${error.cause}`).not.toContain('hunter2');
    }
  });

  it('is explained as a reference when it is written down', () => {
    const error = refusal(`${smallest}    cli:\n      password: hunter2-canary\n`);

    expect(error.message).toContain(`${path}:6: "appliances.ice01.cli.password"`);
    expect(error.message).toContain('{ env: NAME }');
  });

  it('is never in the message, whatever characters it begins and ends with', () => {
    const around = fc.string({ unit: fc.constantFrom(...'!@#$%^&*()[]{}|\\;:\'",.<>/?`~- a1'), maxLength: 4 });

    fc.assert(
      fc.property(fc.constantFrom(...places), around, around, (place, before, after) => {
        let message = '';
        try {
          parse(place(`${before}hunter2${after}`));
        } catch (error) {
          expect(error).toBeInstanceOf(UserError);
          message = String(error);
        }

        expect(message).not.toContain('hunter2');
      }),
      { numRuns: 2000 },
    );
  });
});

describe('a hostile configuration', () => {
  it.each([
    '__proto__:\n  polluted: true\n',
    `${smallest}__proto__:\n  polluted: true\n`,
    'appliances:\n  __proto__:\n    id: 1\n    address: 192.0.2.10\n    polluted: true\n',
    `${smallest}    __proto__:\n      polluted: true\n`,
    `${smallest}    cli:\n      __proto__: { polluted: true, password: { env: X } }\n`,
    `${smallest}contact: { constructor: { prototype: { polluted: true } } }\n`,
    'appliances:\n  constructor:\n    prototype: { polluted: true }\n',
  ])('pollutes nothing: %j (G18)', (text) => {
    try {
      const config = parse(text);

      expect(Object.keys(config)).not.toContain('polluted');
      for (const appliance of config.appliances) {
        expect(appliance).not.toHaveProperty('polluted');
        expect(appliance.cli).not.toHaveProperty('polluted');
        expect(appliance.cli.password).toBeUndefined();
      }
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
    }

    expect({}).not.toHaveProperty('polluted');
  });

  it('is taken or refused in words, whatever it is (G18)', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.json(),
          fc.string(),
          fc
            .object({ key: fc.constantFrom('appliances', 'window', 'helpdesk', '__proto__', 'a') })
            .map((value) => stringify(value)),
        ),
        (text) => {
          try {
            parse(text);
          } catch (error) {
            expect(error).toBeInstanceOf(UserError);
          }

          expect({}).not.toHaveProperty('polluted');
        },
      ),
      { numRuns: 1000 },
    );
  });
});

describe('the configuration is looked for', () => {
  async function searchPath(): Promise<ConfigSearchPath & { home: string; here: string; own: string }> {
    const home = await temporaryFolder();
    const [cwd, configHome] = [join(home, 'work'), join(home, '.config')];
    await mkdir(cwd);
    await mkdir(join(configHome, 'icepack'), { recursive: true });
    return {
      given: undefined,
      cwd,
      configHome,
      home,
      uid: process.getuid?.(),
      example: '/usr/share/example.yaml',
      here: join(cwd, 'icepack.yaml'),
      own: join(configHome, 'icepack', 'icepack.yaml'),
    };
  }

  it('where --config says, then here, then in the home', async () => {
    const all = await searchPath();
    const given = join(all.home, 'given.yaml');
    await Promise.all([given, all.here, all.own].map((file) => writeFile(file, smallest, { mode: 0o600 })));

    const found = [
      await loadConfig({ ...all, given }),
      await loadConfig({ ...all, given: '../given.yaml' }),
      await loadConfig(all),
      await loadConfig({ ...all, cwd: all.home }),
    ];

    expect(found.map((config) => config.path)).toEqual([given, given, all.here, all.own]);
  });

  it('and a file that was named is not replaced by another one', async () => {
    const all = await searchPath();
    await writeFile(all.own, smallest);

    const loading = loadConfig({ ...all, given: 'missing.yaml' });

    await expect(loading).rejects.toMatchObject({
      code: 'no-config',
      exit: 2,
      message: expect.stringContaining(join(all.cwd, 'missing.yaml')),
    });
  });

  it('and when there is none, both places and an example are named', async () => {
    const all = await searchPath();

    const error = await loadConfig(all).catch((reason: unknown) => reason);

    expect(error).toMatchObject({
      code: 'no-config',
      message: expect.stringMatching(new RegExp(`${all.here}.*${all.own}`)),
    });
    expect(hintOf(error as UserError)).toContain(all.example);
  });

  it.each([0o620, 0o602, 0o666])('and one that others may write is refused here: mode %o (G18)', async (mode) => {
    const all = await searchPath();
    await writeFile(all.own, smallest);
    await writeFile(all.here, smallest);
    await chmod(all.here, mode);

    const loading = loadConfig(all);

    await expect(loading).rejects.toMatchObject({
      code: 'config-exposed',
      exit: 2,
      message: expect.stringContaining(all.here),
      hint: expect.stringContaining(`chmod go-w ${all.here}`),
    });
  });

  it('and one that belongs to someone else is refused here (G18)', async () => {
    const all = await searchPath();
    await writeFile(all.here, smallest, { mode: 0o600 });

    const loading = loadConfig({ ...all, uid: (all.uid ?? 0) + 1 });

    await expect(loading).rejects.toMatchObject({ code: 'config-exposed' });
  });

  it('and one that others may write is taken when it was named', async () => {
    const all = await searchPath();
    await writeFile(all.here, smallest);
    await chmod(all.here, 0o666);

    const config = await loadConfig({ ...all, given: 'icepack.yaml' });

    expect(config.path).toBe(all.here);
  });

  it('and a folder or a huge file is refused (G18)', async () => {
    const all = await searchPath();
    await writeFile(all.own, `# ${'x'.repeat(1024 * 1024)}\n${smallest}`);

    await expect(loadConfig({ ...all, given: all.cwd })).rejects.toMatchObject({ code: 'bad-config' });
    await expect(loadConfig(all)).rejects.toMatchObject({ code: 'bad-config' });
  });
});
