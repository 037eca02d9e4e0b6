import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { exitCodeMeaning } from '../../src/errors.ts';
import { stampNow } from '../../src/state/boot-clock.ts';
import { commandsShown, wordsOf } from '../support/examples.ts';
import { editJournal } from '../support/journal.ts';
import { madeBundle, usualItems } from '../support/made-bundle.ts';
import { madeIncident } from '../support/made-incident.ts';
import { mailChannel, mailLogin, startMailServer } from '../support/mail-server.ts';
import {
  batch,
  projectRoot,
  type Rig,
  runProgram,
  startRig,
  startRun,
  temporaryFolder,
  until,
} from '../support/rig.ts';
import { makeLogin } from '../support/sshd.ts';

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

async function exampleCommands(...verb: string[]): Promise<string[]> {
  const { stdout } = await runProgram([...verb, '--help'], {});
  return commandsShown(stdout.slice(stdout.indexOf('Examples:')));
}

/** Somebody who is told by the spool of a modem. */
async function pagedByModem(rig: Rig): Promise<void> {
  const spool = Object.fromEntries(['outbox', 'sent', 'error'].map((name) => [name, join(rig.folder, 'sms', name)]));
  for (const folder of Object.values(spool)) mkdirSync(folder, { recursive: true });
  await rig.configure((document) => {
    document.people = { kim: { name: 'Kim Doe', phone: '+46 660 29 92 00' } };
    document.channels = { sms: { kind: 'gammu', ...spool } };
    const steps = [{ at: '0m', to: ['kim'], by: ['sms'] }];
    document.escalation = { routes: [{ policy: 'p' }], policies: { p: { steps } } };
  });
}

/** A rig in which the names of the examples exist. */
async function exampleRig(): Promise<Rig> {
  const rig = await startRig({ appliances: 2, cluster: 'east' });
  const ticket = {
    id: '1234',
    key: 'TIC-1234',
    url: 'http://127.0.0.1/1234',
    reference: 'theirs',
    subject: '',
    body: '',
    severity: 'low',
    state: 'open',
    revision: '1',
    files: [],
    comments: [],
    updatedAt: '',
  };
  rig.mock.helpdesk?.tickets.push(ticket);
  await rig.configure((document) => {
    document.captures = { jitter: '0s' };
  });
  return rig;
}

/** A rig in which all that the README names exists, and people can be told. */
async function readmeRig(): Promise<Rig> {
  const rig = await exampleRig();
  const mail = await startMailServer();
  Object.assign(rig.env, { SMTP_PW: mailLogin.password });
  await pagedByModem(rig);
  await rig.configure((document) => {
    document.people.kim.email = 'kim@example.com';
    document.channels.mail = mailChannel(mail);
    document.weekly = { to: ['it@example.org'] };
    document.watch = { bundles: false };
  });
  await madeIncident(rig, 'I42');
  await ticketFiles(rig);
  const labels = { alertname: 'VMDown', instance: 'ice01:9100' };
  const alerts = [{ status: 'firing', labels, startsAt: new Date().toISOString() }];
  writeFileSync(join(rig.folder, 'payload.json'), JSON.stringify({ version: '4', alerts }));
  writeFileSync(join(rig.folder, 'ask.yaml'), 'cliCommands: [log -status]\n');
  writeFileSync(join(rig.folder, 'case.yaml'), 'frequency: daily\n');
  return rig;
}

/** The files that examples of `ticket` name. */
async function ticketFiles({ folder }: Rig): Promise<void> {
  for (const name of ['notes.txt', 'answer.txt', 'incident.txt', 'work.txt'])
    writeFileSync(join(folder, name), `what is in ${name}\n`);
}

describe('every command that is printed works', () => {
  it('the examples of collect', async () => {
    const rig = await exampleRig();
    const examples = await exampleCommands('collect');
    writeFileSync(join(rig.folder, 'ask.yaml'), 'cliCommands: [log -status]\n');
    writeFileSync(join(rig.folder, 'case.yaml'), 'frequency: daily\n');

    const codes: [string, number | null][] = [];
    for (const command of examples) {
      const words = wordsOf(command);
      const complete = words.includes('--batch') ? words : [...words, ...batch];
      codes.push([
        command,
        (await rig.icepack(words.includes('--at') ? [...complete, '--at', '-45m'] : complete)).code,
      ]);
    }

    expect(examples.length).toBeGreaterThan(3);
    expect(codes.filter(([, code]) => code !== 0)).toEqual([]);
  });

  it('the examples of submit', async () => {
    const rig = await exampleRig();
    const { run, bundle } = (
      await rig.icepack(['collect', 'ice01', '--batch', '--at', '-45m', '--no-submit', '--only', 'vm', '--json'])
    ).json();
    const examples = await exampleCommands('submit');
    writeFileSync(join(rig.folder, 'case.yaml'), 'frequency: daily\n');

    const codes: [string, number | null][] = [];
    for (const command of examples) {
      const words = wordsOf(command).map((word) =>
        word.endsWith('.zip') ? bundle.path : /^\d{8}-/.test(word) ? run : word,
      );
      codes.push([command, (await rig.icepack([...words, '--batch', '--summary', 'x', '--severity', 'low'])).code]);
    }

    expect(examples.length).toBeGreaterThan(2);
    expect(codes.filter(([, code]) => code !== 0)).toEqual([]);
  });

  it('the examples of verify', async () => {
    const rig = await exampleRig();
    const { run } = (
      await rig.icepack(['collect', 'ice01', '--batch', '--at', '-45m', '--no-submit', '--ticket', '1234', '--json'])
    ).json();
    const zip = await madeBundle();
    const examples = await exampleCommands('verify');

    const codes: [string, number | null][] = [];
    for (const command of examples) {
      const words = wordsOf(command).map((word) => (word.endsWith('.zip') ? zip : /^\d{8}-/.test(word) ? run : word));
      codes.push([command, (await rig.icepack(words)).code]);
    }

    expect(examples.length).toBeGreaterThan(2);
    expect(codes.filter(([, code]) => code !== 0 && code !== 3)).toEqual([]);
  });

  it('the examples of diff', async () => {
    const rig = await exampleRig();
    const zip = await madeBundle({ servers: [1, 2].map((id) => ({ id, items: usualItems() })) });
    const examples = await exampleCommands('diff');

    const codes: [string, number | null][] = [];
    for (const command of examples) {
      const words = wordsOf(command).map((word) => (word.endsWith('.zip') || /^\d{8}-/.test(word) ? zip : word));
      codes.push([command, (await rig.icepack(words)).code]);
    }

    expect(examples.length).toBeGreaterThan(2);
    expect(codes.filter(([, code]) => code !== 0)).toEqual([]);
  });

  it('the examples of runs and resume', async () => {
    const rig = await exampleRig();
    const desk = rig.mock.helpdesk?.url;
    const codes: [string, number | null][] = [];
    for (const command of [...(await exampleCommands('runs')), ...(await exampleCommands('resume'))]) {
      await rig.configure((document) => {
        document.helpdesk.url = 'http://127.0.0.1:1/api/v1';
      });
      const call = ['collect', 'ice01', ...batch, '--only', 'vm', '--no-submit', '--json'];
      const { run } = (await rig.icepack(call)).json();
      const path = join(rig.folder, '.local', 'state', 'icepack', 'runs', run, 'journal.jsonl');
      const unknown = command.includes('--it-is')
        ? `{"at":"","type":"registering","origin":"x","reference":"x"}\n`
        : '';
      editJournal(path, (text) => `${text.replace('"noSubmit":true,', '')}${unknown}`);
      await rig.configure((document) => {
        document.helpdesk.url = desk;
      });
      const words = wordsOf(command).map((word) => (/^\d{8}-/.test(word) ? run : word));
      codes.push([command, (await rig.icepack([...words, '--batch'])).code]);
    }

    expect(codes).toHaveLength(6);
    expect(codes.filter(([, code]) => code !== 0)).toEqual([]);
  });

  it('the examples of capture, captures and schedule', async () => {
    const rig = await exampleRig();
    const codes: [string, number | null][] = [];
    for (const verb of ['capture', 'captures', 'schedule'])
      for (const command of await exampleCommands(verb)) {
        const words = wordsOf(command);
        codes.push([command, (await rig.icepack(words.includes('--batch') ? words : [...words, '--batch'])).code]);
      }

    expect(codes).toHaveLength(7);
    expect(codes.filter(([, code]) => code !== 0)).toEqual([]);
  });

  it('the examples of watch', async () => {
    const rig = await exampleRig();
    await pagedByModem(rig);
    const codes: [string, number | null][] = [];
    for (const verb of [['watch'], ['watch', 'status'], ['watch', 'test']])
      for (const command of await exampleCommands(...verb)) {
        const isDaemon = command === 'icepack watch';
        const begun = join(rig.folder, '.local', 'state', 'icepack', 'watch', 'at-work.json');
        const run = startRun(rig, [...wordsOf(command), '--batch']);
        if (isDaemon) await until(() => existsSync(begun));
        if (isDaemon) run.kill('SIGTERM');
        codes.push([command, (await run.ended).code]);
      }

    expect(codes).toHaveLength(8);
    expect(codes.filter(([, code]) => code !== 0)).toEqual([]);
  });

  it('the examples of maintenance', async () => {
    const rig = await exampleRig();
    const codes: [string, number | null][] = [];
    const examples = await Promise.all(['add', 'list', 'end'].map((verb) => exampleCommands('maintenance', verb)));
    for (let number = 0; number < 9; number++) await rig.icepack(wordsOf(examples[0]?.[1] ?? '')); // up to M9
    for (const command of [...(await exampleCommands('maintenance')), ...examples.flat()]) {
      if (command.includes(' end ') && codes.some(([before]) => before === command)) continue; // it has ended
      codes.push([command, (await rig.icepack(wordsOf(command))).code]);
    }

    expect(codes.length).toBeGreaterThan(5);
    expect(codes.filter(([, code]) => code !== 0)).toEqual([]);
  });

  it('the examples of ack and resolved', async () => {
    const rig = await exampleRig();
    const { log } = await madeIncident(rig, 'I42');
    await rig.configure((document) => {
      document.people = { kim: { name: 'Kim Doe', email: 'kim@example.com' } };
      document.channels = { hook: { kind: 'webhook', url: 'https://hook.example.com', secret: { env: 'HOOK' } } };
      const steps = [{ at: '0m', to: ['kim'], by: ['hook'] }];
      document.escalation = { routes: [{ policy: 'all' }], policies: { all: { steps } } };
    });
    writeFileSync(join(rig.folder, 'work.txt'), 'The disk was replaced.');
    const codes: [string, number | null][] = [];
    for (const verb of ['ack', 'resolved'])
      for (const command of await exampleCommands(verb)) {
        if (command.includes('--ticket new'))
          await log.write({ type: 'ticket-gone', stamp: await stampNow(), key: 'TIC-1234' });
        codes.push([command, (await rig.icepack(wordsOf(command))).code]);
      }

    expect(codes).toHaveLength(8);
    expect(codes.filter(([, code]) => code !== 0)).toEqual([]);
  });

  it('the examples of event', async () => {
    const rig = await exampleRig();
    await rig.configure((document) => {
      document.watch = { bundles: false };
    });
    const startsAt = new Date().toISOString();
    const alerts = [{ status: 'firing', labels: { alertname: 'VMDown', instance: 'ice01:9100' }, startsAt }];
    writeFileSync(join(rig.folder, 'payload.json'), JSON.stringify({ version: '4', alerts }));
    const codes: [string, number | null][] = [];
    for (const command of await exampleCommands('event'))
      codes.push([command, (await rig.icepack(wordsOf(command))).code]);

    expect(codes).toHaveLength(3);
    expect(codes.filter(([, code]) => code !== 0)).toEqual([]);
  });

  it('the examples of weekly', async () => {
    const rig = await exampleRig();
    const mail = await startMailServer();
    Object.assign(rig.env, { SMTP_PW: mailLogin.password });
    await rig.configure((document) => {
      document.channels = { mail: mailChannel(mail) };
      document.weekly = { to: ['it@example.org'] };
    });
    const examples = await exampleCommands('weekly');
    const codes: [string, number | null][] = [];
    for (const command of examples) codes.push([command, (await rig.icepack(wordsOf(command))).code]);

    expect(examples).toHaveLength(4);
    expect(codes.filter(([, code]) => code !== 0)).toEqual([]);
  });

  it('the examples of report', async () => {
    const rig = await exampleRig();
    const { run, bundle } = (
      await rig.icepack(['collect', 'ice01', '--batch', '--at', '-45m', '--no-submit', '--only', 'vm', '--json'])
    ).json();
    const examples = await exampleCommands('report');
    const elsewhere = await temporaryFolder();

    const codes: [string, number | null][] = [];
    for (const command of examples) {
      const words = wordsOf(command).map((word) =>
        word.endsWith('.zip') ? bundle.path : /^\d{8}-/.test(word) ? run : word,
      );
      codes.push([command, (await rig.icepack([...words, '--force'], { cwd: elsewhere })).code]);
    }

    expect(examples).toHaveLength(4);
    expect(codes.filter(([, code]) => code !== 0)).toEqual([]);
  });

  it('the examples of upload reach for the server they name', async () => {
    const rig = await exampleRig();
    const { run, bundle } = (
      await rig.icepack(['collect', 'ice01', '--batch', '--at', '-45m', '--no-submit', '--only', 'vm', '--json'])
    ).json();
    const { privateKey } = makeLogin(rig.folder);
    const examples = await exampleCommands('upload');

    const codes: [string, number | null][] = [];
    for (const command of examples) {
      const words = wordsOf(command)
        .map((word) => (word.endsWith('.zip') ? bundle.path : /^\d{8}-/.test(word) ? run : word))
        .map((word) => word.replace(/s?ftp\.example\.com/, '127.0.0.1:1').replace('~/.ssh/id_ed25519', privateKey));
      codes.push([command, (await rig.icepack([...words, '--batch'], { env: { FTP_PW: 'x' } })).code]);
    }

    expect(examples.length).toBeGreaterThan(2);
    expect(codes.filter(([, code]) => code !== 5)).toEqual([]);
  });

  it('the examples of ticket, and of all it is made of', async () => {
    const rig = await exampleRig();
    await ticketFiles(rig);
    const { run } = (await rig.icepack(['collect', ...batch, '--only', 'vm', '--no-submit', '--json'])).json();
    const examples = await exampleCommands('ticket');
    for (const verb of ticketVerbs) examples.push(...(await exampleCommands('ticket', verb)));

    const codes: [string, number | null][] = [];
    for (const command of examples) {
      const words = wordsOf(command).map((word) => (/^\d{8}-/.test(word) ? run : word));
      const input = words.includes('-') ? { input: 'words' } : {};
      codes.push([command, (await rig.icepack([...words, '--batch'], input)).code]);
    }

    expect(examples.length).toBeGreaterThan(15);
    expect(codes.filter(([, code]) => code !== 0)).toEqual([]);
  });

  it('the examples of config and completion', async () => {
    const rig = await exampleRig();
    const examples = [...(await exampleCommands('config')), ...(await exampleCommands('completion'))];
    for (const verb of configVerbs) examples.push(...(await exampleCommands('config', verb)));

    const codes: [string, number | null][] = [];
    for (const command of examples) codes.push([command, (await rig.icepack(wordsOf(command))).code]);

    expect(examples.length).toBeGreaterThan(8);
    expect(codes.filter(([, code]) => code !== 0)).toEqual([]);
  });

  it('the examples of inspect', async () => {
    const rig = await exampleRig();
    const { run, bundle } = (
      await rig.icepack(['collect', 'ice01', '--batch', '--at', '-45m', '--no-submit', '--only', 'vm,logs', '--json'])
    ).json();
    const examples = await exampleCommands('inspect');

    const codes: [string, number | null][] = [];
    for (const command of examples) {
      const words = wordsOf(command).map((word) =>
        word.endsWith('.zip') ? bundle.path : /^\d{8}-/.test(word) ? run : word,
      );
      codes.push([command, (await rig.icepack(words)).code]);
    }

    expect(examples.length).toBeGreaterThan(4);
    expect(codes.filter(([, code]) => code !== 0)).toEqual([]);
  });

  it('the examples of doctor, and what the help of icepack begins with', async () => {
    const rig = await exampleRig();
    const fingerprint = rig.mock.appliances[0]?.cli.hostKey ?? '';
    const { stdout } = await runProgram(['--help'], {});

    const examples = await exampleCommands('doctor');
    const codes: [string, number | null][] = [];
    for (const command of examples) {
      const words = wordsOf(command).map((word) => (word.startsWith('SHA256:') ? fingerprint : word));
      codes.push([command, (await rig.icepack(words)).code]);
    }

    expect(stdout).toContain('icepack init ');
    expect(codes.filter(([, code]) => code !== 0)).toEqual([]);
  });

  it('the examples of init', async () => {
    const rig = await exampleRig();
    const [server] = rig.mock.appliances;
    const here: Record<string, string> = {
      'ice01=192.0.2.10': 'ice01=127.0.0.1',
      'env:ICE_PW': `file:${join(rig.folder, 'mock/cli.secret')}`,
      'key:~/.ssh/id_ed25519': `file:${join(rig.folder, 'mock/hostOs.secret')}`,
    };
    const ports = ['--cli-port', `${server?.cli.port}`, '--host-os-port', `${server?.hostOs.port}`];

    const examples = (await exampleCommands('init')).filter((command) => command.includes('--batch'));
    const codes: [string, number | null][] = [];
    for (const command of examples) {
      const words = wordsOf(command).map((word) => here[word] ?? word);
      const env = { ICEPACK_CONFIG: '', XDG_CONFIG_HOME: join(rig.folder, 'mock') };
      codes.push([command, (await rig.icepack([...words, ...ports, '--pin'], { env })).code]);
    }

    expect(examples.length).toBeGreaterThan(0);
    expect(codes.filter(([, code]) => code !== 0)).toEqual([]);
  });

  it('the examples of mock and demo (field-F06)', async () => {
    const folder = await temporaryFolder();
    const [first = '', second = '', collect = ''] = await exampleCommands('mock');
    const options = { env: { PATH: process.env['PATH'] ?? '', HOME: folder }, cwd: folder };

    const codes: (number | null)[] = [];
    for (const command of [first, second]) {
      const mock = await runProgram(wordsOf(command), {
        ...options,
        onStdout: async (kill) => {
          if (command === second) codes.push((await runProgram(wordsOf(collect), options)).code);
          kill('SIGTERM');
        },
      });
      codes.push(mock.code);
    }
    for (const command of await exampleCommands('demo')) codes.push((await runProgram(wordsOf(command), options)).code);

    expect(codes).toEqual([0, 0, 0, 0, 0]);
  });

  it('what is printed when nothing could be reached', async () => {
    const rig = await startRig();
    await Promise.all(rig.mock.appliances.map((appliance) => appliance.close()));

    const { next } = (await rig.icepack(['collect', ...batch, '--json'])).json();
    const doctor = await rig.icepack(wordsOf(next[1]));
    const asItIs = next.find((command: string) => command.startsWith('icepack submit'));
    const submit = await rig.icepack([...wordsOf(asItIs), '--batch', '--json']);

    expect(next[1]).toBe('icepack doctor ice01');
    expect(doctor.code).toBe(5);
    expect(submit.json()).toMatchObject({ exitCode: 4, ticket: { created: true }, bundle: { attached: true } });
  });

  it('what is printed when a ticket does not exist, or several have the reference', async () => {
    const rig = await exampleRig();
    const commandIn = (hint: string, ticket: string) =>
      wordsOf(/icepack (submit .*)/.exec(hint)?.[1]?.replace('NUMBER', ticket) ?? '');

    const wrong = (
      await rig.icepack(['collect', 'ice01', '--batch', '--at', '-45m', '--only', 'vm', '--ticket', '999', '--json'])
    ).json();
    const right = (await rig.icepack([...commandIn(wrong.error.hint, '1234'), '--batch', '--json'])).json();
    const [ticket] = rig.mock.helpdesk?.tickets ?? [];
    if (ticket !== undefined)
      rig.mock.helpdesk?.tickets.push({ ...ticket, id: '1235', key: 'TIC-1235', files: [], comments: [] });
    const several = (
      await rig.icepack(['collect', 'ice01', ...batch, '--only', 'vm', '--reference', 'theirs', '--json'])
    ).json();
    const settled = (await rig.icepack([...commandIn(several.error.hint, ''), '--batch', '--json'])).json();

    expect(wrong).toMatchObject({ exitCode: 6, ticket: null, error: { code: 'no-such-ticket' } });
    expect(right).toMatchObject({ exitCode: 0, ticket: { key: 'TIC-1234' }, bundle: { attached: true } });
    expect(several).toMatchObject({ exitCode: 6, ticket: null, error: { code: 'ambiguous-reference' } });
    expect(settled).toMatchObject({ exitCode: 0, ticket: { key: 'TIC-1234' }, bundle: { attached: true } });
  });

  it('a server alone names its peers and the command that takes them all', async () => {
    const rig = await exampleRig();

    const alone = await rig.icepack(['collect', 'ice01', '--batch', '--no-submit', '--at', '-45m', '--only', 'vm']);
    const command = /icepack (collect east)/.exec(alone.stderr)?.[1] ?? '';
    const all = await rig.icepack([
      ...wordsOf(command),
      '--batch',
      '--no-submit',
      '--at',
      '-45m',
      '--only',
      'vm',
      '--json',
    ]);

    expect(all.json().servers).toHaveLength(2);
  });

  it('names only verbs and options that exist, in the program, the templates and the README', async () => {
    const help = Object.fromEntries(
      await Promise.all(verbs.map(async (verb) => [verb, (await runProgram([verb, '--help'], {})).stdout])),
    );
    for (const verb of ['add', 'list', 'end'])
      help['maintenance'] += (await runProgram(['maintenance', verb, '--help'], {})).stdout;
    for (const verb of ['status', 'test']) help['watch'] += (await runProgram(['watch', verb, '--help'], {})).stdout;
    for (const verb of configVerbs) help['config'] += (await runProgram(['config', verb, '--help'], {})).stdout;
    for (const verb of ticketVerbs) help['ticket'] += (await runProgram(['ticket', verb, '--help'], {})).stdout;
    const texts = [
      ...readdirSync(join(projectRoot, 'src'), { recursive: true, encoding: 'utf8' }).map((name) => join('src', name)),
      ...readdirSync(join(projectRoot, 'templates')).map((name) => join('templates', name)),
      'README.md',
    ].filter((path) => /\.(ts|md|txt|yaml)$/.test(path) && path !== 'src/README.md');

    const faults = texts.flatMap((path) => {
      const text = readFileSync(join(projectRoot, path), 'utf8');
      return [...text.matchAll(/(?:^|[`'":→$] ?|\n)icepack (?:--config \S+ )?([a-z-]+)([^`'\n]*)/g)].flatMap(
        ([, verb = '', rest = '']) => {
          if (help[verb] === undefined) return [];
          const options = [...rest.matchAll(/(?<![\w-])--[a-z-]+/g)].map(([option]) => option);
          return options
            .filter((option) => !help[verb]?.includes(option))
            .map((option) => `${path}: ${verb} has no ${option}`);
        },
      );
    });

    expect(faults).toEqual([]);
  });
});

describe('README', () => {
  const readme = readFileSync(join(projectRoot, 'README.md'), 'utf8');

  it('lists every verb and every exit code, in the words of help', async () => {
    const { stdout } = await runProgram(['help', 'exit-codes'], {});

    for (const verb of verbs) expect(readme).toContain(`| \`icepack ${verb}`);
    for (const [code, meaning] of exitCodeMeaning) {
      expect(readme).toContain(`| ${code} | ${meaning} |`);
      expect(stdout.replace(/\s+/g, ' ')).toContain(meaning);
    }
  });

  it('shows commands that work (field-F06)', { timeout: 300_000 }, async () => {
    const rig = await readmeRig();
    const { run, bundle } = (
      await rig.icepack(['collect', 'ice01', ...batch, '--only', 'vm', '--no-submit', '--json'])
    ).json();
    const { privateKey } = makeLogin(rig.folder);
    const fenced = [...readme.matchAll(/^```(\w*)\n([\s\S]*?)^```$/gm)];
    const blocks = fenced.flatMap(([, language, block = '']) => (language === '' ? [block] : []));
    const shown = blocks.flatMap(commandsShown).filter((command) => /^(?:\S+=\S+ )?icepack (?!init$)/.test(command));

    const codes: [string, number | null][] = [];
    for (const command of shown) {
      const words = wordsOf(command)
        .map((word) => (word === 'RUN' ? run : word.endsWith('.zip') ? bundle.path : word))
        .map((word) => word.replace(/s?ftp\.example\.com/, '127.0.0.1:1').replace('~/.ssh/id_ed25519', privateKey));
      if (words[0] === 'completion') words.splice(2); // what the shell does with it
      const rest = words[0] === 'collect' && !words.includes('--batch') ? [...batch, '--only', 'vm'] : ['--batch'];
      const cwd = words[0] === 'report' ? await temporaryFolder() : rig.folder; // its page is made there
      const started = startRun(rig, [...words, ...rest], { env: { FTP_PW: 'x' }, cwd });
      if (command === 'icepack watch') {
        await until(() => existsSync(join(rig.folder, '.local', 'state', 'icepack', 'watch', 'at-work.json')));
        started.kill('SIGTERM');
      }
      codes.push([command, (await started.ended).code]);
    }

    expect(shown.length).toBeGreaterThan(40);
    expect(codes.filter(([command, code]) => code !== (command.includes('icepack upload') ? 5 : 0))).toEqual([]);
  });

  it('names the test that proves each promise', () => {
    const promises = readme.slice(readme.indexOf('\n- **One incident'), readme.indexOf('\nNot promised'));
    const named = [...promises.matchAll(/`(test\/[^`]+)`/g)].map((match) => match[1] ?? '');

    for (const promise of promises.split('\n- ').slice(1)) expect(promise).toMatch(/`test\/[^`]+`/);
    expect(named.length).toBeGreaterThan(20);
    for (const path of named) expect(readFileSync(join(projectRoot, path), 'utf8')).toMatch(/describe[.(]/);
  });
});
