import { chmod, writeFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { describe, expect, it } from 'vitest';
import { topics } from '../../src/manual/topics.ts';
import { everyCommand, idleProgram } from '../support/program.ts';
import { runProgram, startRig, temporaryFolder } from '../support/rig.ts';

const verbs = [
  ...[
    'init',
    'doctor',
    'config',
    'completion',
    'collect',
    'resume',
    'capture',
    'captures',
    'schedule',
    'watch',
    'event',
    'maintenance',
    'ack',
    'resolved',
    'weekly',
  ],
  ...['submit', 'upload', 'ticket', 'verify', 'inspect', 'diff', 'report', 'runs', 'demo', 'mock'],
];
const ticketVerbs = ['list', 'show', 'comment', 'attach', 'describe', 'close', 'reopen'];
const configVerbs = ['check', 'schema', 'path'];

describe('bad input is refused before anything happens', () => {
  const cases: [string, string[], string][] = [
    ['an unknown verb', ['colect'], 'Did you mean collect?'],
    ['an unknown option', ['collect', '--summry', 'x'], 'Did you mean --summary?'],
    ['an unknown option, with the help of its verb', ['collect', '--foo'], 'See: icepack collect --help\n'],
    ['an unknown option of no verb', ['--foo'], 'See: icepack --help\n'],
    ['a severity that is none', ['collect', '--severity', 'urgent'], 'low, medium, high, emergency'],
    ['a kind that is none', ['collect', '--only', 'log'], 'did you mean "logs"?'],
    ['a time that is none', ['collect', '--at', '25:00', '--no-submit'], '2026-11-20T10:32'],
    ['an hour that is none', ['collect', '--at', '25:00', '--no-submit'], 'there is no hour 25'],
    ['a zone that is none', ['collect', '--zone', 'Europe/Stokholm'], 'did you mean Europe/Stockholm?'],
    ['a week that is none', ['weekly', '--week', '2026-W54'], 'as ISO 8601 counts them: 2026-W47'],
    ['a week that has not begun', ['weekly', '--week', '2999-W01'], '2999-W01 has not begun'],
    ['a week to be sent to nobody', ['weekly', '--send'], 'Add weekly:'],
    ['a time in the future', ['collect', '--at', '2999-01-01T00:00Z', '--no-submit'], 'in the future'],
    ['an unknown server', ['collect', 'ice1', '--no-submit'], 'Did you mean "ice01"?'],
    ['nothing to collect', ['collect', '--only', 'vm', '--skip', 'vm'], 'nothing is left to collect'],
    ['a ticket number that is none', ['collect', '--ticket', 'TIC-12a4'], 'TIC-1234, 1234 or INC0010023'],
    ['a ticket that is new and not new', ['collect', '--ticket', '1', '--new-ticket'], 'exclude each other'],
    ['a new ticket without a summary', ['collect', '--batch', '--severity', 'low'], '--summary'],
    [
      'a new ticket without a severity',
      ['collect', '--batch', '--summary', 'x'],
      '--severity low|medium|high|emergency',
    ],
    ['a reference with a space', ['collect', '--reference', 'my ref'], 'Letters, digits'],
    ['a run that is none', ['submit', '20200101-0000-none-aaaa'], 'there is no run'],
    ['a file that is not there', ['submit', '/etc/hostname.zip', '--ticket', '1'], 'there is no file'],
  ];

  it.each(cases)('%s', async (_what, args, hint) => {
    const rig = await startRig({ helpdesk: true });

    const done = await rig.icepack(args);
    const machine = await rig.icepack([...args, '--json']);

    expect(done.code).toBe(2);
    expect(done.stderr).toContain(hint);
    expect(done.stdout).toBe('');
    expect(machine.code).toBe(2);
    expect(machine.json()).toMatchObject({
      schema: 1,
      exitCode: 2,
      outcome: 'usage',
      error: { message: expect.any(String) },
    });
    expect(rig.mock.appliances[0]?.logins).toEqual({ cli: [], hostOs: [] });
    expect(rig.mock.helpdesk?.requests).toEqual([]);
  });

  it('a missing configuration says where it was looked for and how to begin', async () => {
    const folder = await temporaryFolder();

    const done = await runProgram(['collect'], { env: { HOME: folder }, cwd: folder });

    expect(done.code).toBe(2);
    expect(done.stderr).toContain(join(folder, '.config/icepack/icepack.yaml'));
    expect(done.stderr).toContain('icepack demo');
  });

  it('a configuration in the working folder that others may write is not used', async () => {
    const folder = await temporaryFolder();
    await writeFile(join(folder, 'icepack.yaml'), 'appliances: {}\n');
    await chmod(join(folder, 'icepack.yaml'), 0o666);

    const done = await runProgram(['collect'], { env: { HOME: folder }, cwd: folder });

    expect(done.code).toBe(2);
    expect(done.stderr).toContain('chmod go-w');
  });

  it('a secret that is missing is named before anything is connected to', async () => {
    const rig = await startRig();
    await rig.configure((document) => {
      document.appliances.ice01.hostOs.password = { env: 'NOT_SET_ANYWHERE' };
    });

    const done = await rig.icepack(['collect', '--no-submit', '--batch']);

    expect(done.code).toBe(2);
    expect(done.stderr).toContain('NOT_SET_ANYWHERE');
    expect(rig.mock.appliances[0]?.logins).toEqual({ cli: [], hostOs: [] });
  });

  it('the token is not sent over plain http to another machine', async () => {
    const rig = await startRig();
    await rig.configure((document) => {
      document.helpdesk.url = 'http://helpdesk.example.com/api';
    });

    const done = await rig.icepack(['collect', '--batch', '--summary', 'x', '--severity', 'low']);

    expect(done.code).toBe(2);
    expect(done.stderr).toContain('https://');
  });
});

describe('--dry-run', () => {
  it('connects to nothing, writes nothing, and says what would be done', async () => {
    const rig = await startRig();

    const done = await rig.icepack(['collect', '--dry-run', '--at', '-45m']);

    expect(done.code).toBe(0);
    expect(done.stdout).toContain('run techsupport on the ICE01 InCenter CLI');
    expect(rig.mock.appliances[0]?.logins).toEqual({ cli: [], hostOs: [] });
    expect(rig.mock.helpdesk?.requests).toEqual([]);
    await expect(rig.runs()).rejects.toThrow('ENOENT');
  });
});

describe('streams', () => {
  it('the result is on stdout, the narration on stderr, with times and without colours off a terminal', async () => {
    const rig = await startRig();

    const done = await rig.icepack(['collect', '--batch', '--no-submit', '--at', '-45m', '--only', 'vm']);

    expect(done.stdout).toContain('ICE01  ice01  complete');
    expect(
      done.stderr
        .trim()
        .split('\n')
        .every((line) => /^\d{4}-\d\d-\d\dT[\d:.]+Z /.test(line)),
    ).toBe(true);
    expect(done.stdout + done.stderr).not.toContain('\x1b');
  });

  it('--json writes one document to stdout and JSON lines to stderr', async () => {
    const rig = await startRig();

    const done = await rig.icepack(['collect', '--batch', '--no-submit', '--at', '-45m', '--only', 'vm', '--json']);

    expect(done.stdout.trim().split('\n')).toHaveLength(1);
    for (const line of done.stderr.trim().split('\n'))
      expect(JSON.parse(line)).toMatchObject({ time: expect.any(String), type: expect.any(String) });
  });

  it('a command that was given a configuration prints commands that go on with it, wherever they are typed', async () => {
    const rig = await startRig();

    const done = await rig.icepack(
      ['collect', '--batch', '--no-submit', '--only', 'logs', '--config', relative(rig.folder, rig.config), '--json'],
      { env: { ICEPACK_CONFIG: '' } },
    );

    expect(done.json().next.at(-1)).toContain(`icepack --config ${rig.config} collect ice01 --at `);
    const again = await rig.icepack([...done.json().next.at(-1).split(' ').slice(1), '--batch'], {
      env: { ICEPACK_CONFIG: '' },
    });
    expect(again.code).toBe(3);
  });

  it.each([
    [['help'], '--help'],
    [['help', 'collect'], 'collect --help'],
    [['help', 'ticket', 'close'], 'ticket close --help'],
    [['--no-color', 'help', 'init'], 'init --help'],
    [['version'], '--version'],
    [['-V'], '--version'],
  ])('%j is the same as %s (field-F05)', async (args, same) => {
    const done = await runProgram(args, {});

    expect(done).toMatchObject({ code: 0, stderr: '' });
    expect(done.stdout).toBe((await runProgram(same.split(' '), {})).stdout);
  });

  it('every command that the help names has a help of its own (field-F05)', async () => {
    const { stdout } = await runProgram(['--help'], {});
    const named = [
      ...stdout.matchAll(/^ {2}(?!icepack|man)([a-z]+) /gm),
      ...stdout.matchAll(/^ {2}icepack ([a-z]+)/gm),
    ];

    expect(named.length).toBeGreaterThan(10);
    for (const verb of new Set(named.map(([, verb = '']) => verb))) {
      const done = await runProgram(['help', verb], {});
      expect([verb, done.code, done.stdout]).toEqual([verb, 0, expect.stringContaining(`Usage: icepack ${verb}`)]);
    }
  });

  it('the help of a verb that is none says which ones there are (field-F05)', async () => {
    const near = await runProgram(['help', 'colect'], {});
    const far = await runProgram(['help', 'x'], {});
    const part = await runProgram(['help', 'ticket', 'clos'], {});
    const none = await runProgram(['help', 'collect', 'x'], {});

    expect([near.code, far.code]).toEqual([2, 2]);
    expect(near.stderr).toContain('Did you mean "icepack help collect"?');
    expect(far.stderr).toContain('Verbs are: init, doctor, config, completion, collect');
    expect(far.stderr).toMatch(
      /, mock; topics are: exit-codes, files, times, environment, watch, maintenance, escalation, monitors$/m,
    );
    expect([part.code, none.code]).toEqual([2, 2]);
    expect(part.stderr).toContain('Did you mean "icepack help ticket close"?');
    expect(none.stderr).toContain('"x" is no verb');
  });

  it('help and version are for stdout and end with 0', async () => {
    const version = await runProgram(['--version'], {});
    const help = await runProgram(['collect', '--help'], {});

    expect([version.code, help.code]).toEqual([0, 0]);
    expect(version.stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
    expect(help.stdout).toContain('Examples:');
  });

  it('help fits 80 columns also through a pipe, examples included (field-F06)', async () => {
    const helps = await Promise.all(
      [
        [],
        ...verbs.map((verb) => [verb]),
        ...ticketVerbs.map((verb) => ['ticket', verb]),
        ...configVerbs.map((verb) => ['config', verb]),
        ['watch', 'status'],
        ['watch', 'test'],
        ...['add', 'list', 'end'].map((verb) => ['maintenance', verb]),
      ].map((verb) => runProgram([...verb, '--help'], {})),
    );

    const lines = helps.flatMap(({ stdout }) => stdout.split('\n'));
    expect(lines.filter((line) => [...line].length > 80)).toEqual([]);
    expect(lines.filter((line) => /\s$/.test(line))).toEqual([]);
  });

  it('help has the verbs under headings, each once', async () => {
    const { stdout } = await runProgram(['--help'], {});

    const headings = [...stdout.matchAll(/^([A-Z]\w+(?: \w+)*):$/gm)].map(([, heading]) => heading);
    expect(headings.slice(0, 5)).toEqual([
      'Options',
      'Try and set up',
      'Collect and send',
      'Watch and capture',
      'Look',
    ]);
    for (const verb of verbs) expect(stdout.match(new RegExp(`^ {2}${verb} `, 'gm')), verb).toHaveLength(1);
  });

  it('help of the program is two screens at most, each verb in one line, and names what says the rest', async () => {
    const { stdout } = await runProgram(['--help'], {});

    const lines = stdout.trimEnd().split('\n');
    const listed = lines.slice(lines.indexOf('Try and set up:'), lines.indexOf('More:'));
    expect(lines.length).toBeLessThanOrEqual(60);
    expect(listed.filter((line) => /^ {2}\S/.test(line))).toHaveLength(verbs.length + 1); // and help itself
    expect(listed.filter((line) => /^ {3}/.test(line))).toEqual([]);
    for (const { name } of topics) expect(stdout).toMatch(new RegExp(`^ {2}icepack help .*\\b${name}\\b`, 'm'));
    expect(stdout).toContain('  man icepack ');
  });

  it('help names each value of an option that takes only some', async () => {
    const silent = everyCommand(await idleProgram()).flatMap(([, command]) =>
      command.options.flatMap(({ flags, argChoices = [] }) =>
        argChoices
          .filter((value) => !new RegExp(`\\b${value}\\b`).test(command.helpInformation()))
          .map((value) => `${command.name()} ${flags}: ${value}`),
      ),
    );

    expect(silent).toEqual([]);
  });

  it('help names the variables that change what icepack does', async () => {
    const { stdout } = await runProgram(['help', 'environment'], {});

    expect(stdout).toMatch(/ICEPACK_DEBUG=FILE +what is done and answered/);
    for (const name of ['ICEPACK_CONFIG', 'NO_COLOR', 'TZ', 'XDG_CONFIG_HOME', 'XDG_STATE_HOME', 'XDG_CACHE_HOME'])
      expect(stdout).toMatch(new RegExp(`^  ${name}=`, 'm'));
  });
});
