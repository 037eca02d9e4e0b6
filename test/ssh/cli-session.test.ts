import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { CliSession } from '../../src/ssh/cli/cli.ts';
import { openCliSession } from '../../src/ssh/cli/cli-session.ts';
import { screenText } from '../../src/ssh/cli/cli-text.ts';
import type { Connection } from '../../src/ssh/connection.ts';
import { connected, targetOf } from '../support/connect-target.ts';
import { type ScriptedServer, type ShellScript, type Step, startScriptedServer } from '../support/scripted-server.ts';

const prompt = 'admin@InCenter:/> ';
const never = new AbortController().signal;

async function shellOf(script: Partial<ShellScript>): Promise<{ connection: Connection; server: ScriptedServer }> {
  const server = await startScriptedServer({ shell: { prompt, echo: 'program', ...script } });
  return { connection: await connected(targetOf('cli', server)), server };
}

async function sessionOf(script: Partial<ShellScript>): Promise<{ session: CliSession; server: ScriptedServer }> {
  const { connection, server } = await shellOf(script);
  return { session: await openCliSession(connection, never), server };
}

const status = 'system on\r\naudit on\r\n';

describe('a CLI session', () => {
  it('gives the output of a command, its prompt and when it ran', async () => {
    const { session } = await sessionOf({ commands: { status: [status] } });
    const before = Date.now();

    const output = await session.run('status', never);

    expect(output).toEqual({
      prompt,
      command: 'status',
      text: 'system on\naudit on\n',
      started: expect.any(Date),
      ended: expect.any(Date),
    });
    expect(output.started.getTime()).toBeGreaterThanOrEqual(before);
    expect(output.ended.getTime()).toBeGreaterThanOrEqual(output.started.getTime());
  });

  it('runs one command after the other, each with its own output', async () => {
    const commands = { one: ['first\r\n'], two: ['second\r\n'], none: [] };
    const { session } = await sessionOf({ commands });

    const texts: string[] = [];
    for (const command of ['one', 'none', 'two', 'one']) texts.push((await session.run(command, never)).text);

    expect(texts).toEqual(['first\n', '', 'second\n', 'first\n']);
  });

  const dialogues: [what: string, script: Partial<ShellScript>, prompt?: string][] = [
    ['a message of the day', { greeting: ['Welcome to InCenter\r\n\r\n', { pauseMs: 20 }, 'Last login: today\r\n'] }],
    ['everything in pieces of one byte', { pieceBytes: 1, greeting: ['\x1b[1mWelcome\x1b[0m\r\n'] }],
    ['a terminal that echoes at once', { echo: 'terminal' }],
    ['no echo', { echo: 'off' }],
    ['colours in the prompt', { prompt: '\x1b[1;32madmin@InCenter\x1b[0m:\x1b[34m/\x1b[0m> ' }],
    ['a counter in the prompt', { prompt: '[{n}] ice01# ' }, '[1] ice01# '],
    ['a window title in the prompt', { prompt: `\x1b]0;ice01\x07${prompt}` }],
    ['a prompt after an empty line', { prompt: `\r\n${prompt}` }],
    ['a prompt without a blank', { prompt: 'ice01#' }, 'ice01#'],
    ['a prompt of two lines', { prompt: '[admin@InCenter]\r\n> ' }, '[admin@InCenter]\n> '],
    ['a prompt of two lines after an empty one', { prompt: '\r\n[/]\r\nice01# ' }, '[/]\nice01# '],
    ['a prompt of two lines at a terminal that echoes', { prompt: '[/]\r\n> ', echo: 'terminal' }, '[/]\n> '],
    ['a prompt of two lines and no echo', { prompt: '[/]\r\n> ', echo: 'off' }, '[/]\n> '],
    [
      'a prompt of three lines, in colours, with a frame',
      { prompt: '\x1b[1m┌─[\x1b[32madmin\x1b[0m]\r\n│ /logs\r\n└─▶\x1b[0m ' },
      '┌─[admin]\n│ /logs\n└─▶ ',
    ],
    ['a clock in a prompt of two lines', { prompt: '[/][10:00:0{n}]\r\n> ', pieceBytes: 3 }, '[/][10:00:03]\n> '],
  ];

  it.each(dialogues)('understands a server with %s (B06, B07, B08)', async (_what, script, learnt = prompt) => {
    const { session } = await sessionOf({ ...script, commands: { status: [status] } });

    const outputs = [await session.run('status', never), await session.run('status', never)];

    expect(outputs.map(({ text }) => text)).toEqual(['system on\naudit on\n', 'system on\naudit on\n']);
    expect(screenText(outputs[0]?.prompt ?? '')).toBe(learnt);
  });

  it.each([
    [
      'how the command went',
      (count: number, last: string) => `[${last === '' ? 'ok' : 'error'}][10:00:${count}]\r\nadmin> `,
    ],
    ['what was run', (count: number, last: string) => `~/${count} ran ${last || 'nothing'}, took ${count} s\r\n> `],
    ['nothing like the time before', (count: number, last: string) => `${'-+*'[count % 3]} ${last}\r\nadmin> `],
  ])('understands a prompt of two lines that tells %s (field-C10)', async (_what, changing) => {
    const commands = { status: [status], show: [`one\r\n${changing(7, 'x')}`, { pauseMs: 200 }, '\r\ntwo\r\n'] };
    const { session } = await sessionOf({ prompt: changing, commands });

    const { text: first } = await session.run('status', never);
    const { text: second } = await session.run('show', never);

    expect(first).toMatch(/^system on\naudit on\n/);
    expect(second).toMatch(/^one\n[\s\S]*\ntwo\n/);
  });

  it('waits for a shell that takes its time, whose terminal echoes our Enter meanwhile (B15)', async () => {
    const greeting: Step[] = [{ pauseMs: 3000 }, 'Welcome\r\n'];
    const { session } = await sessionOf({ greeting, echo: 'terminal', commands: { status: [status] } });

    const { prompt: learnt, text } = await session.run('status', never);

    expect([learnt, text]).toEqual([prompt, 'system on\naudit on\n']);
  });

  it('waits for the key that a server wants before its first prompt (B05)', async () => {
    const greeting: Step[] = ['Licensed to Example AB\r\nPress any key to continue', { awaitKey: ' ' }, '\r\n'];
    const { session, server } = await sessionOf({ greeting, commands: { status: [status] } });

    const { text } = await session.run('status', never);

    expect(text).toBe('system on\naudit on\n');
    expect(server.typed).toEqual([' ', 'status']);
  });

  it('does not end a command at a prompt inside its output, even with a pause after it (B04)', async () => {
    const commands = { show: [`one\r\n${prompt}`, { pauseMs: 300 }, '\r\ntwo\r\n'] };
    const { session } = await sessionOf({ commands });

    const { text } = await session.run('show', never);

    expect(text).toContain('one\n');
    expect(text).toContain('two\n');
  });

  it('finds the end of a command whose output holds a prompt at a terminal that echoes at once (B04, B07)', async () => {
    const commands = { show: [`one\r\n${prompt}`, { pauseMs: 300 }, '\r\ntwo\r\n'] };
    const { session } = await sessionOf({ echo: 'terminal', commands });

    const { text } = await session.run('show', AbortSignal.timeout(5000));

    expect(text).toContain('one\n');
    expect(text).toContain('two\n');
  });

  it('has its next command whole after a prompt inside the output (B04)', async () => {
    const commands = { show: [`one\r\n${prompt}`, { pauseMs: 300 }, '\r\ntwo\r\n'], status: [status] };
    const { session, server } = await sessionOf({ commands });
    await session.run('show', never);

    const { text } = await session.run('status', never);

    expect(text).toBe('system on\naudit on\n');
    expect(server.typed).toEqual(['show', 'status']);
  });

  it('takes output that stands still for a while for unfinished (B03)', async () => {
    const commands = {
      show: ['Collecting\r\n', { pauseMs: 400 }, 'Still collecting', { pauseMs: 400 }, '\r\ndone\r\n'],
    };
    const { session } = await sessionOf({ commands });

    const { text } = await session.run('show', never);

    expect(text).toBe('Collecting\nStill collecting\ndone\n');
  });

  it.each([
    ['overwrites its question', '--More--', '\r        \r'],
    ['erases its question', '\x1b[7m--More--\x1b[m', '\r\x1b[K'],
    ['rubs out its question', '---(more 42%)---', '\b'.repeat(16) + ' '.repeat(16) + '\b'.repeat(16)],
    ['leaves its question on a line', 'Press any key to continue', '\r\n'],
  ])('goes through a pager that %s (B05)', async (_style, question, erased) => {
    const page = (line: string): Step[] => [`${line}\r\n${question}`, { awaitKey: ' ' }, erased];
    const { session } = await sessionOf({ commands: { show: [...page('a'), ...page('b'), 'c\r\n'] } });

    const { text } = await session.run('show', never);

    const lines = text.split('\n').map((line) => line.trimEnd());
    expect(lines.filter((line) => line !== '')).toEqual(['a', 'b', 'c']);
  });

  it('leaves a pager at its end (B05)', async () => {
    const commands = { show: ['a\r\nb\r\n(END)', { awaitKey: 'q' }, '\r\x1b[K'] };
    const { session } = await sessionOf({ commands });

    const { text } = await session.run('show', never);

    expect(text).toBe('a\nb\n');
  });

  it('keeps letters whole that come in two pieces (B19)', async () => {
    const { session } = await sessionOf({ pieceBytes: 1, commands: { show: ['Größe 日本 🚒\r\n'] } });

    const { text } = await session.run('show', never);

    expect(text).toBe('Größe 日本 🚒\n');
  });

  it('shows binary junk as junk and goes on (B19)', async () => {
    const commands = { show: [Buffer.from([0x61, 0xff, 0xfe, 0x00, 0x62, 0x0d, 0x0a])], status: [status] };
    const { session } = await sessionOf({ commands });

    const junk = await session.run('show', never);
    const { text } = await session.run('status', never);

    expect(junk.text).toBe('a\u{fffd}\u{fffd}b\n');
    expect(text).toBe('system on\naudit on\n');
  });

  it('gives the same text whatever the pieces it came in (B06)', async () => {
    const transcript = '\x1b[1;31mWARN\x1b[0m 10 %\r\x1b[2C55\r\n日本 ok\bK\r\r\nlast line\r\n';
    const sizes = Array.from({ length: 40 }, (_, index) => index + 1);
    const commands = Object.fromEntries(sizes.map((size) => [`in-${size}`, piecesOf(transcript, size)]));
    const { session } = await sessionOf({ commands });
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...sizes), async (size) => {
        const { text } = await session.run(`in-${size}`, never);

        expect(text).toBe(screenText(transcript));
      }),
      { numRuns: 12 },
    );
  });
});

function piecesOf(text: string, size: number): Step[] {
  const bytes = Buffer.from(text);
  const count = Math.ceil(bytes.length / size);
  return Array.from({ length: count }, (_, index) => bytes.subarray(index * size, (index + 1) * size));
}

describe('a CLI session that breaks', () => {
  it.each([
    ['the connection ends politely', 'fin'],
    ['the connection breaks', 'rst'],
    ['the shell is closed', 'close-channel'],
  ] satisfies [string, Step][])('says so and keeps what came when %s (B01, B02)', async (_how, ending) => {
    const commands = { techsupport: ['Collecting and st', { pauseMs: 20 }, ending] };
    const { session } = await sessionOf({ commands });

    const failure = session.run('techsupport', never);

    await expect(failure).rejects.toMatchObject({ name: 'UserError', code: 'cli-cut' });
    expect(session.printed()).toBe('Collecting and st\n');
  });

  it('tells how long nothing came before the server ended the session: it may have been idle (IO-10)', async () => {
    const commands = { techsupport: ['Collecting\r\n', { pauseMs: 2200 }, 'close-channel'] satisfies Step[] };
    const { session } = await sessionOf({ commands });

    const failure = session.run('techsupport', never);

    await expect(failure).rejects.toMatchObject({
      code: 'cli-cut',
      message: expect.stringMatching(/after 2 s of silence$/),
    });
    expect(session.printed()).toBe('Collecting\n');
  });

  it('refuses a further command after the end', async () => {
    const { session } = await sessionOf({ commands: { techsupport: ['close-channel'], status: [status] } });
    await session.run('techsupport', never).catch(() => undefined);

    const failure = session.run('status', never);

    await expect(failure).rejects.toMatchObject({ code: 'cli-cut' });
  });

  it('ends a hung command with the reason of the signal, keeps what came and stops the command (B03)', async () => {
    const commands = { techsupport: ['Collecting\r\n', { awaitKey: '\x03' }, '^C\r\n'], status: [status] };
    const { session, server } = await sessionOf({ commands });
    const patience = new AbortController();
    const reason = new Error('no end within 15 min');

    const failure = session.run('techsupport', patience.signal);
    const ended = expect(failure).rejects.toBe(reason);
    await until(() => session.printed().includes('Collecting'));
    patience.abort(reason);

    await ended;
    expect(session.printed()).toBe('Collecting\n');
    await until(() => server.typed.includes('\x03'));
  });

  it('does not start a command whose signal has gone already', async () => {
    const { session, server } = await sessionOf({ commands: { status: [status] } });
    const reason = new Error('Ctrl-C');

    const failure = session.run('status', AbortSignal.abort(reason));

    await expect(failure).rejects.toBe(reason);
    expect(server.typed).not.toContain('status');
  });
});

describe('opening a CLI session', () => {
  it('fails when the server closes the shell without a prompt, and shows what it said', async () => {
    const { connection } = await shellOf({ greeting: ['Too many sessions\r\n', { exit: 1 }, 'close-channel'] });

    const failure = openCliSession(connection, never);

    await expect(failure).rejects.toMatchObject({
      code: 'no-prompt',
      message: expect.stringContaining('Too many sessions'),
    });
  });

  it('fails when there is neither a shell nor a command without one (B17)', async () => {
    const server = await startScriptedServer({ exec: {} });
    const connection = await connected(targetOf('cli', server));

    const failure = openCliSession(connection, never).then((session) => session.run('status', never));

    await expect(failure).rejects.toMatchObject({ code: 'no-shell' });
  });

  it('runs commands without a shell where there is none (B17)', async () => {
    const server = await startScriptedServer({ exec: { status: ['system on\n', { exit: 3 }, 'close-channel'] } });
    const session = await openCliSession(await connected(targetOf('cli', server)), never);

    const output = await session.run('status', never);

    expect(output).toMatchObject({ prompt: '', command: 'status', text: 'system on\n' });
  });

  it.each([
    ['the connection is cut', 'fin'],
    ['the channel is closed without an exit status', 'close-channel'],
  ] satisfies [
    string,
    Step,
  ][])('keeps what a command printed without a shell before %s (IO-10) (B01)', async (_how, ending) => {
    const server = await startScriptedServer({
      exec: { show: ['one\n', { pauseMs: 20 }, 'tw', { pauseMs: 20 }, ending] },
    });
    const session = await openCliSession(await connected(targetOf('cli', server)), never);

    const failure = session.run('show', never);

    await expect(failure).rejects.toMatchObject({ name: 'UserError' });
    expect(session.printed()).toBe('one\ntw');
  });

  it('ends with the reason of the signal when no prompt ever comes', async () => {
    const { connection, server } = await shellOf({ greeting: [{ awaitKey: '\r' }, { awaitKey: '\r' }, 'hang'] });
    const patience = new AbortController();
    const reason = new Error('no prompt within 30 s');

    const failure = openCliSession(connection, patience.signal);
    const ended = expect(failure).rejects.toBe(reason);
    await until(() => server.typed.includes('\r'));
    patience.abort(reason);

    await ended;
  });

  it('takes text that goes on for no prompt', async () => {
    const greeting: Step[] = [...'Loading modules'].flatMap((letter): Step[] => [letter, { pauseMs: 10 }]);
    const { connection } = await shellOf({
      greeting: [...greeting, { pauseMs: 400 }, ' done\r\n'],
      commands: { status: [status] },
    });

    const session = await openCliSession(connection, never);
    const output = await session.run('status', never);

    expect(output).toMatchObject({ prompt, text: 'system on\naudit on\n' });
  });
});

/** Gives way to the server until something has come. */
async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise((resolve) => setImmediate(resolve));
}
