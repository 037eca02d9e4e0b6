import { execFileSync } from 'node:child_process';
import { setTimeout as delay } from 'node:timers/promises';
import type { ServerChannel, Session } from 'ssh2';
import { describe, expect, it, onTestFinished } from 'vitest';
import { serveCliFace } from '../../src/mock/cli-face.ts';
import { bufferFile, type MockFile, type MockTree } from '../../src/mock/files.ts';
import { serveHostOsFace } from '../../src/mock/host-os-face.ts';
import { serveSftp } from '../../src/mock/sftp-server.ts';
import { startSshServer } from '../../src/mock/ssh-server.ts';
import { clockCommand, clockEnd, readClock } from '../../src/servers/clock.ts';
import { type ChaosProxy, startChaosProxy } from '../support/chaos-proxy.ts';
import { programPath } from '../support/requirements.ts';
import { batch, type Finished, type Rig, startRig } from '../support/rig.ts';
import { type ServerScript, type Step, startScriptedServer } from '../support/scripted-server.ts';

const prompt = 'admin@InCenter:/> ';
const passwords = { cli: 'cli-canary-pw-1', hostOs: 'host-canary-pw-2' };
const block = Buffer.alloc(64 * 1024, `${'y'.repeat(62)}\r\n`);

type Item = { path: string; collector: string; status: string; reason?: string; command?: string };

/** One shell, as its server sees it. */
type Shell = {
  /** Every key that was pressed. */
  typed: string;
  channel: ServerChannel;
  say(text: string | Buffer): void;
  key(): Promise<string>;
};

type Command = string | ((shell: Shell) => void | Promise<void>);

type CliFace = { shells: Shell[]; tree: MockTree; port: number };

/** A CLI that answers as it is told, in place of the mock's and with its files; it knows every key that was pressed. */
async function placeCli(rig: Rig, commands: Record<string, Command>): Promise<CliFace> {
  const tree = mockOf(rig).trees.cli;
  const shells: Shell[] = [];
  const server = await startSshServer({
    port: 0,
    user: 'admin',
    password: passwords.cli,
    onSession(session) {
      session.on('pty', (accept) => accept?.());
      session.on('shell', (accept) => void converse(accept(), shells, commands));
      serveSftp(session, tree);
    },
  });
  onTestFinished(() => server.close());
  await place(rig, 'cli', server);
  return { shells, tree, port: server.port };
}

function mockOf(rig: Rig) {
  const [mock] = rig.mock.appliances;
  if (mock === undefined) throw new Error('the rig has no server');
  return mock;
}

function place(rig: Rig, face: 'cli' | 'hostOs', { port, hostKey }: { port: number; hostKey: string }): Promise<void> {
  return rig.configure((document) => Object.assign(document.appliances.ice01[face], { port, hostKey }));
}

/** The prompt, a line, its answer, and so on. */
async function converse(channel: ServerChannel, shells: Shell[], commands: Record<string, Command>): Promise<void> {
  const shell: Shell = { typed: '', channel, say: (text) => void channel.write(text), key: keysOf(channel) };
  shells.push(shell);
  channel.on('data', (data: Buffer) => {
    shell.typed += data.toString();
  });
  channel.on('error', () => undefined);
  for (;;) {
    shell.say(prompt);
    let line = '';
    for (let pressed = await shell.key(); pressed !== '\r'; pressed = await shell.key()) line += pressed;
    shell.say(`${line}\r\n`);
    const command = line === '' ? '' : (commands[line] ?? `unknown command: ${line}\r\n`);
    if (typeof command === 'string') shell.say(command);
    else await command(shell);
  }
}

function keysOf(channel: ServerChannel): () => Promise<string> {
  const pressed: string[] = [];
  let wake: () => void = () => undefined;
  channel.on('data', (data: Buffer) => {
    pressed.push(...data.toString());
    wake();
  });
  return async () => {
    for (;;) {
      const next = pressed.shift();
      if (next !== undefined) return next;
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
    }
  };
}

function never(): Promise<never> {
  return new Promise(() => undefined);
}

async function placeScripted(rig: Rig, face: 'cli' | 'hostOs', script: ServerScript) {
  const server = await startScriptedServer({ password: passwords[face], ...script });
  await place(rig, face, server);
  return server;
}

/** Collects what the given commands print, and nothing else. */
async function transcribe(rig: Rig, cliCommands: string[], timeouts: Record<string, string> = {}) {
  await rig.configure((document) => Object.assign(document, { cliCommands, timeouts }));
  const done = await rig.icepack(['collect', ...batch, '--only', 'cli', '--json']);
  const { bundle } = done.json();
  const transcript = execFileSync(programPath('unzip'), ['-p', bundle.path, '*/transcript.txt'], {
    maxBuffer: 64 * 1024 * 1024,
  }).toString();
  return { done, item: itemOf(done, 'cli'), transcript };
}

function itemOf(done: Finished, collector: string): Item {
  const items: Item[] = done.json().servers[0].items;
  const found = items.find((item) => item.collector === collector);
  if (found === undefined) throw new Error(`nothing was said of ${collector}`);
  return found;
}

describe('a CLI command that fails', () => {
  it('is marked as cut in the transcript when somebody ends its session, with what came of it (B01, B20)', async () => {
    const rig = await startRig({ replies: { 'show ha': 'cut' } });

    const { done, item, transcript } = await transcribe(rig, ['show ha', 'log -status']);

    expect(done.code).toBe(3);
    expect(item).toMatchObject({ status: 'partial', reason: expect.stringContaining('ended the session') });
    expect(transcript).toMatch(/Collecting and st\n+### cut here: "show ha": /);
    expect(transcript).toContain('Rotated files');
  });

  it('without an end, silent or dripping, is left after its time; the next one gets a session of its own (B03, B10)', async () => {
    const rig = await startRig();
    const { shells } = await placeCli(rig, {
      'show ha': ({ say }) => {
        say('node 1 active\r\nnode 2 sta');
        return never();
      },
      'show load': async ({ say, channel }) => {
        while (channel.writable) {
          say('.');
          await delay(40);
        }
      },
      'log -status': 'system on\r\n',
    });

    const { item, transcript } = await transcribe(rig, ['show ha', 'show load', 'log -status'], { command: '1s' });

    expect(item).toMatchObject({
      status: 'partial',
      reason: ['show ha', 'show load'].map((name) => `"${name}": not done within 1.0 s (timeouts.command)`).join('; '),
    });
    expect(transcript).toMatch(/node 1 active\nnode 2 sta\n+### cut here: "show ha"/);
    expect(transcript).toMatch(/\.{5,}\n+### cut here: "show load"/);
    expect(transcript).toContain('log -status\nsystem on\n');
    expect(shells.map(({ typed }) => typed)).toEqual(['\rshow ha\r\x03', '\rshow load\r\x03', '\rlog -status\r\r']);
  });

  it('prints for ever: it is cut, stopped and flagged, within bounded memory (B09)', async () => {
    const rig = await startRig();
    const { shells } = await placeCli(rig, {
      'show all': async ({ say, channel }) => {
        while (channel.writable) {
          say(block);
          await new Promise((resolve) => setImmediate(resolve));
          if (channel.writableNeedDrain)
            await new Promise((resolve) => channel.once('drain', resolve).once('close', resolve));
        }
      },
      'log -status': 'system on\r\n',
    });

    const { done, item, transcript } = await transcribe(rig, ['show all', 'log -status']);

    expect(item).toMatchObject({ status: 'partial', reason: expect.stringContaining('printed more than 8 MiB') });
    expect(shells.map(({ typed }) => typed)).toEqual(['\rshow all\r\x03', '\rlog -status\r\r']);
    expect(transcript).toContain('### cut here: "show all"');
    expect(transcript).toContain('log -status\nsystem on\n');
    expect(done.peakMb).toBeLessThan(256);
  });

  it('is refused without an exit status: the text of the refusal is the reason (B13)', async () => {
    const rig = await startRig();
    const refusals = {
      'show users': 'Permission denied: role Auditor\r\n',
      'show all': '  % Invalid input detected\r\n',
      reboot: 'Unknown command: reboot\r\n',
    };
    await placeCli(rig, { ...refusals, 'log -status': 'system on\r\n' });

    const { item, transcript } = await transcribe(rig, [...Object.keys(refusals), 'log -status']);

    expect(item.status).toBe('partial');
    for (const text of ['Permission denied: role Auditor', '% Invalid input detected', 'Unknown command: reboot']) {
      expect(item.reason).toContain(`was refused: ${text}`);
      expect(transcript).toContain(text);
    }
    expect(item.reason).not.toContain('log -status');
  });

  it('asks something: nothing is typed, and the reason says what it waits for (B14)', async () => {
    const rig = await startRig();
    const questions = ['[sudo] password for admin: ', 'Your session will expire. Press Enter to stay logged in'];
    const names = questions.map((_question, index) => `ask ${index}`);
    const ask =
      (question: string): Command =>
      ({ say }) => {
        say(question);
        return never();
      };
    const { shells } = await placeCli(
      rig,
      Object.fromEntries(questions.map((question, index) => [`ask ${index}`, ask(question)])),
    );

    const { item } = await transcribe(rig, names, { command: '6s' });

    expect(shells.map(({ typed }) => typed)).toEqual(names.map((name) => `\r${name}\r\x03`));
    for (const question of questions) expect(item.reason).toContain(`waits for an answer: "${question.trim()}"`);
  });

  it('leads into another mode: nothing more is typed there (B15)', async () => {
    const rig = await startRig();
    const { shells } = await placeCli(rig, {
      configure: async ({ say, key }) => {
        for (;;) {
          say('admin@InCenter(config)# ');
          await key();
          say('\r\n');
        }
      },
      'log -status': 'system on\r\n',
    });

    const { transcript } = await transcribe(rig, ['configure', 'log -status']);

    expect(shells.map(({ typed }) => typed)).toEqual(['\rconfigure\r\r', '\rlog -status\r\r']);
    expect(transcript).toContain('configure\nadmin@InCenter(config)#');
    expect(transcript).toContain('log -status\nsystem on\n');
  });
});

describe('a transcript', () => {
  it('shows what a person would have seen, without the pager, and junk as junk (B05, B06, B19)', async () => {
    const rig = await startRig();
    const page = async ({ say, key }: Shell, line: string, question: string, erased: string) => {
      say(`${line}\r\n${question}`);
      await key();
      say(erased);
    };
    await placeCli(rig, {
      'show log': async (shell) => {
        await page(shell, '\x1b[31mone\x1b[0m', '\x1b[7m--More--\x1b[m', '\r\x1b[K');
        await page(shell, 'two', '-- more --', '\r          \r');
        await page(shell, 'three', 'Press any key to continue', '\r\x1b[2K');
        await page(shell, 'four', '(END)', '\r\x1b[K');
        shell.say(Buffer.from([0x61, 0xff, 0xed, 0xa0, 0x80, 0x00, 0x62, 0x0d, 0x0a]));
      },
    });

    const { item, transcript } = await transcribe(rig, ['show log']);

    expect(item.status).toBe('ok');
    expect(
      transcript
        .split('\n')
        .slice(1)
        .map((line) => line.trimEnd()),
    ).toEqual([`${prompt}show log`, 'one', 'two', 'three', 'four', 'a\u{fffd}\u{fffd}\u{fffd}\u{fffd}b', '']);
  });

  it('of a server without a shell is made by commands without one (B17)', async () => {
    const rig = await startRig();
    await placeScripted(rig, 'cli', { exec: { 'log -status': ['system on\n', { exit: 0 }, 'close-channel'] } });

    const { item, transcript } = await transcribe(rig, ['log -status']);

    expect(item.status).toBe('ok');
    expect(transcript).toContain('log -status\nsystem on\n');
  });
});

describe('techsupport', () => {
  const made = 'techsupport/tsf-1.tgz';
  const evidence = Buffer.from([1, 2, 3, 4, 5, 6, 7, 8]); // of a form nobody knows
  const makes = (rig: Rig, path = made) => mockOf(rig).trees.cli.files.set(path, bufferFile(evidence, Date.now()));

  it.each([
    ['a path that leads out', '../../etc/cron.d/x'],
    ['escape sequences', '\x1b[2J\x1b]0;owned\x07\x1b[31mx.tgz'],
  ])('that names %s is not believed; the file that came into being is taken (B12)', async (_what, name) => {
    const rig = await startRig();
    const { tree } = await placeCli(rig, {
      techsupport: ({ say }) => {
        makes(rig);
        say(`Technical Support file created:\r\n${name}\r\n`);
      },
    });

    const done = await rig.icepack(['collect', ...batch, '--only', 'techsupport', '--json']);

    expect(itemOf(done, 'techsupport')).toMatchObject({
      path: 'Techsupport/tsf-1.tgz',
      status: 'ok',
      bytes: evidence.length,
    });
    expect([...tree.files.keys()].filter((path) => path.startsWith('techsupport/'))).toEqual([]);
  });

  it.each([
    ['a command', 'a;reboot'],
    ['escape sequences', '\x1b[2Jowned.tgz'],
  ])('whose file really bears the name of %s is fetched under a name of ours (B12)', async (_what, name) => {
    const rig = await startRig();
    await placeCli(rig, {
      techsupport: ({ say }) => {
        makes(rig, `techsupport/${name}`);
        say(`Technical Support file created:\r\n${name}\r\n`);
      },
    });

    const done = await rig.icepack(['collect', ...batch, '--only', 'techsupport', '--json']);

    const { path, status } = itemOf(done, 'techsupport');
    expect(status).toBe('ok');
    expect(path).toMatch(/^Techsupport\/[A-Za-z0-9_][A-Za-z0-9._-]*$/);
  });

  it('is not asked for a second time, in no way, of a server that is restarted in the middle (B18)', async () => {
    const rig = await startRig();
    let proxy: ChaosProxy | undefined;
    const { shells, port } = await placeCli(rig, {
      techsupport: async ({ say }) => {
        say('Collecting and storing Technical Support Information...\r\n');
        await proxy?.refuse(true);
        proxy?.change({ down: { cut: { afterBytes: 0, by: 'rst' } } });
      },
    });
    const cable = await startChaosProxy(port);
    proxy = cable;
    await rig.configure((document) => {
      document.appliances.ice01.cli.port = cable.port;
      document.timeouts = { techsupport: '20s' }; // a twentieth of it is how long a file is waited for
    });
    const comeBack = (said: string) => {
      if (!said.includes('"face-away"')) return;
      cable.change({ down: {} });
      void cable.refuse(false);
    };

    const done = await rig.icepack(['collect', ...batch, '--json'], { onStderr: comeBack });

    expect(done.code).toBe(4);
    expect(itemOf(done, 'techsupport')).toMatchObject({
      status: 'failed',
      reason: expect.stringContaining('the script on the host OS was not started'),
    });
    expect(shells.filter(({ typed }) => typed.includes('techsupport'))).toHaveLength(1);
    const made = [...mockOf(rig).trees.hostOs.files.keys()].filter((name) => name.includes('techsupport_script'));
    expect(made).toEqual([]);
    for (const kind of ['config', 'logs']) expect(itemOf(done, kind).status).toBe('ok');
  });

  it('that asks is not answered, and nothing is made in another way (B14)', async () => {
    const rig = await startRig();
    const { shells } = await placeCli(rig, {
      techsupport: ({ say }) => {
        say('This may slow the server down. Proceed? [y/N] ');
        return never();
      },
    });

    const done = await rig.icepack(['collect', ...batch, '--only', 'techsupport', '--json']);

    expect(itemOf(done, 'techsupport')).toMatchObject({
      status: 'failed',
      reason: expect.stringContaining('Proceed? [y/N]'),
    });
    expect(shells.map(({ typed }) => typed)).toEqual(['\rtechsupport\r\x03']);
  });

  it('whose file vanishes before it is read has failed, and the rest is there (B20)', async () => {
    const rig = await startRig();
    const { tree } = await placeCli(rig, {
      techsupport: ({ say }) => {
        tree.files.set(made, vanishing(tree, made));
        say(`Technical Support file created:\r\ntsf-1.tgz\r\n`);
      },
    });

    const done = await rig.icepack(['collect', ...batch, '--only', 'techsupport,logs', '--json']);

    expect(done.code).toBe(4);
    expect(itemOf(done, 'techsupport')).toMatchObject({
      path: 'Techsupport/',
      status: 'failed',
      reason: expect.stringContaining('tsf-1.tgz'),
    });
    expect(itemOf(done, 'logs')).toMatchObject({ status: 'ok' });
  });

  it('leaves its file to the next run when it was cut, and that one takes it away', async () => {
    const rig = await startRig();
    const { tree } = await placeCli(rig, {
      techsupport: ({ say, channel }) => {
        makes(rig);
        say('Collecting and st');
        channel.end();
        return never();
      },
    });

    const first = await rig.icepack(['collect', ...batch, '--only', 'techsupport', '--json']);
    const between = tree.files.has(made);
    const second = await rig.icepack(['collect', ...batch, '--only', 'cli', '--json']);

    expect(itemOf(first, 'techsupport')).toMatchObject({
      path: 'Techsupport/tsf-1.tgz',
      status: 'partial',
      reason: expect.stringContaining('it may not be finished'),
    });
    expect(between).toBe(true);
    expect(second.stderr).toContain('removed \\"techsupport/tsf-1.tgz\\", left by run');
    expect(tree.files.has(made)).toBe(false);
  });

  it('that is interrupted by Ctrl-C takes its file away', async () => {
    const rig = await startRig();
    let interrupt: () => void = () => undefined;
    const { tree, shells } = await placeCli(rig, {
      techsupport: ({ say }) => {
        makes(rig);
        say('Collecting and st');
        interrupt();
        return never();
      },
    });

    const done = await rig.icepack(['collect', ...batch, '--json'], {
      onStderr: (_text, kill) => {
        interrupt = () => kill('SIGINT');
      },
    });

    expect(done.code).toBe(130);
    expect(shells.some(({ typed }) => typed.endsWith('techsupport\r\x03'))).toBe(true);
    expect(tree.files.has(made)).toBe(false);
    expect([...mockOf(rig).trees.hostOs.files.keys()].filter((path) => path.includes('icepack-'))).toEqual([]);
  });
});

/** Is there when its folder is listed, and gone afterwards. */
function vanishing(tree: MockTree, path: string): MockFile {
  return {
    get bytes() {
      setImmediate(() => tree.files.delete(path));
      return 5000;
    },
    modifiedMs: Date.now(),
    read: () => Buffer.alloc(0),
  };
}

describe('logs', () => {
  it('that vanish after they were listed fail one by one (B20)', async () => {
    const rig = await startRig();
    const { tree } = await placeCli(rig, {});
    for (const path of tree.files.keys()) {
      if (path.startsWith('logs/audit.log')) tree.files.set(path, vanishing(tree, path));
    }

    const done = await rig.icepack(['collect', ...batch, '--only', 'logs', '--json']);

    const items: Item[] = done.json().servers[0].items;
    expect(done.code).toBe(3);
    expect(items.find(({ path }) => path === 'Logs/audit.log')).toMatchObject({
      status: 'failed',
      reason: expect.stringContaining('audit.log'),
    });
    expect(items.find(({ path }) => path === 'Logs/system.log')).toMatchObject({ status: 'ok' });
  });
});

describe('the clock of a server', () => {
  it.each([
    'date: invalid option -- +\n',
    '',
    'icepack-clock ١٧٠٠٠٠٠٠٠٠ +0100\n',
    `icepack-clock ${'9'.repeat(40)} +0000\n`,
    'icepack-clock -1700000000 +0000\n',
    'icepack-clock 1700000000,5 +0000\n',
    'fre 20 nov 2026 10:32:05 CET\n',
  ])('is not read out of %j (B21)', (answer) => {
    expect(readClock(answer)).toBeUndefined();
  });

  it.each([
    ['nonsense', 'yesterday, around noon\n'],
    ['the year 1970', 'icepack-clock 12.5 +0000\n'],
  ])('that answers %s is not known, and nothing is reckoned with it (B21, D01)', async (_what, answer) => {
    const rig = await startRig();
    await placeScripted(rig, 'hostOs', { exec: { [clockCommand]: [answer, { exit: 0 }, 'close-channel'] } });

    const done = await rig.icepack(['collect', ...batch, '--only', 'logs', '--json']);

    const [server] = done.json().servers;
    expect(server.clock).toBeNull();
    expect(done.stderr).toContain('its clock could not be read');
    expect(itemOf(done, 'logs')).toMatchObject({
      path: 'Logs/system.log',
      coverage: { complete: false, gaps: ['clock-unknown'] },
    });
  });
});

describe('a server that is in trouble', () => {
  it('has no more than two sessions per face at once (gentle)', async () => {
    const rig = await startRig();
    const [cli, hostOs] = await placeCountedFaces(rig, 700);

    const done = await rig.icepack(['collect', ...batch, '--json']);

    expect(done.code).toBe(0);
    expect(cli.most).toBe(2);
    expect(hostOs.most).toBe(2);
  });

  it('gives everything also when it has one session per face (gentle)', async () => {
    const rig = await startRig();
    const [cli, hostOs] = await placeCountedFaces(rig, 200);
    await rig.configure((document) => {
      document.appliances.ice01.sessions = 1;
    });

    const done = await rig.icepack(['collect', ...batch, '--json']);

    expect(done.code).toBe(0);
    expect(cli.most).toBe(1);
    expect(hostOs.most).toBe(1);
  });

  it('whose disk is nearly full is not written to, and the reason says so (gentle)', async () => {
    const rig = await startRig();
    await rig.configure((document) => {
      document.appliances.ice01.hostOs.minFree = '40GB'; // the mock has 36.5 GB
    });

    const done = await rig.icepack(['collect', ...batch, '--only', 'config', '--keep-remote', '--json']);

    expect(done.code).toBe(4);
    expect(itemOf(done, 'config')).toMatchObject({
      status: 'failed',
      reason: expect.stringMatching(
        /only 36\.51 GB are free in \/home\/administrator .* hostOs\.minFree of 40\.00 GB; nothing was written/,
      ),
    });
    expect([...mockOf(rig).trees.hostOs.files.keys()].filter((path) => path.includes('icepack-'))).toEqual([]);
  });

  it('costs each step its own time and no more, and each reason names the key that sets it (B03)', async () => {
    const rig = await startRig();
    const hang: Step[] = ['hang'];
    const time: Step[] = [`icepack-clock ${Math.floor(Date.now() / 1000)} +0000\n${clockEnd}\n`, 'hang'];
    const silent = { statBytes: 1000, read: () => 'silence' as const };
    await placeScripted(rig, 'cli', {
      shell: { prompt, echo: 'program', commands: { techsupport: hang, 'log -status': hang } },
      sftp: {
        files: { 'logs/system.log': silent, 'logs/audit.log': silent },
        folders: { logs: { names: ['system.log', 'audit.log'] } },
      },
    });
    await placeScripted(rig, 'hostOs', {
      exec: new Proxy({}, { get: (_all, command) => (String(command).startsWith(clockCommand) ? time : hang) }),
      sftp: {
        files: { '/home/administrator/scripts/backup.sh': { statBytes: 10, read: () => Buffer.alloc(0) } },
        folders: { '/home/administrator/scripts': { names: ['backup.sh'] } },
      },
    });
    await rig.configure((document) => {
      document.appliances.ice01.sessions = 4;
      document.timeouts = { config: '1s', techsupport: '1300ms', logs: '1500ms', cli: '1200ms', vm: '1700ms' };
    });

    const done = await rig.icepack(['collect', ...batch, '--json']);

    const reasons = Object.fromEntries(
      ['config', 'techsupport', 'logs', 'cli', 'vm'].map((kind) => [kind, itemOf(done, kind).reason]),
    );
    expect(reasons).toEqual({
      config: expect.stringContaining('not done within 1.0 s (timeouts.config)'),
      techsupport: expect.stringContaining('not done within 1.3 s (timeouts.techsupport)'),
      logs: expect.stringContaining('not done within 1.5 s (timeouts.logs)'),
      cli: expect.stringContaining('not done within 1.2 s (timeouts.cli)'),
      vm: expect.stringContaining('not done within 1.7 s (timeouts.vm)'),
    });
  });

  it('keeps the backup and the techsupport file when it was asked for', async () => {
    const rig = await startRig();

    const done = await rig.icepack(['collect', ...batch, '--keep-remote', '--json']);
    const again = await rig.icepack(['collect', ...batch, '--only', 'vm', '--json']);

    const { cli, hostOs } = mockOf(rig).trees;
    expect([done.code, again.code]).toEqual([0, 0]);
    expect([...cli.files.keys()].filter((path) => path.startsWith('techsupport/'))).toHaveLength(1);
    expect([...hostOs.files.keys()].filter((path) => path.includes('/icepack-'))).toHaveLength(1);
  });
});

type Counted = { open: number; most: number };

/** Both faces of the mock, with a count of the sessions that are open. */
async function placeCountedFaces(rig: Rig, techsupportMs: number): Promise<[cli: Counted, hostOs: Counted]> {
  const { trees } = mockOf(rig);
  const zone = 'Europe/Stockholm';
  const techsupport = { durationMs: techsupportMs, bytes: 20_000, block };
  const common = { now: () => new Date(), zone, techsupport };
  const cli = await placeCounted(rig, 'cli', 'admin', (session) =>
    serveCliFace(session, { ...common, user: 'admin', tree: trees.cli, replies: {}, motd: 'Welcome' }),
  );
  const hostOs = await placeCounted(rig, 'hostOs', 'administrator', (session) =>
    serveHostOsFace(session, {
      ...common,
      home: '/home/administrator',
      tree: trees.hostOs,
      backup: { bytes: 10_000, block, durationMs: techsupportMs },
    }),
  );
  return [cli, hostOs];
}

async function placeCounted(
  rig: Rig,
  face: 'cli' | 'hostOs',
  user: string,
  serve: (session: Session) => void,
): Promise<Counted> {
  const counted: Counted = { open: 0, most: 0 };
  const onSession = (session: Session) => {
    serve(session);
    for (const request of ['shell', 'exec', 'sftp'] as const) {
      const [listener] = session.listeners(request);
      if (listener === undefined) continue;
      session.removeAllListeners(request);
      session.on(request as 'shell', (accept, ...rest) => listener(() => count(accept(), counted), ...rest));
    }
  };
  const server = await startSshServer({ port: 0, user, password: passwords[face], onSession });
  onTestFinished(() => server.close());
  await place(rig, face, server);
  return counted;
}

function count(channel: ServerChannel, counted: Counted): ServerChannel {
  counted.open++;
  counted.most = Math.max(counted.most, counted.open);
  channel.once('close', () => {
    counted.open--;
  });
  if ('resume' in channel) channel.resume(); // a command whose input nobody reads never closes
  return channel;
}
