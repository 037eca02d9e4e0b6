import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { UserError } from '../../src/errors.ts';
import type { CliSession } from '../../src/ssh/cli/cli.ts';
import { openCliSession } from '../../src/ssh/cli/cli-session.ts';
import type { Connection } from '../../src/ssh/connection.ts';
import { exec } from '../../src/ssh/exec.ts';
import { startChaosProxy } from '../support/chaos-proxy.ts';
import { connected, targetOf } from '../support/connect-target.ts';
import { type ScriptedServer, type ShellScript, type Step, startScriptedServer } from '../support/scripted-server.ts';

const prompt = 'admin@InCenter:/> ';
const never = new AbortController().signal;
/** For many at the same time: each listens to a signal of its own. */
const patience = () => new AbortController().signal;
const status = 'system on\r\naudit on\r\n';
const statusText = 'system on\naudit on\n';

function connectedTo({ hostKey }: { hostKey: string }, port: number): Promise<Connection> {
  return connected(targetOf('cli', { port, hostKey }), patience());
}

async function sessionOf(script: Partial<ShellScript>): Promise<{ session: CliSession; server: ScriptedServer }> {
  const server = await startScriptedServer({ shell: { prompt, echo: 'program', ...script } });
  return { session: await openCliSession(await connectedTo(server, server.port), never), server };
}

function piecesOf(text: string | Buffer, size: number): Buffer[] {
  const bytes = Buffer.from(text);
  const count = Math.ceil(bytes.length / size);
  return Array.from({ length: count }, (_, index) => bytes.subarray(index * size, (index + 1) * size));
}

/** Gives way to the server until something has come. */
async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise((resolve) => setImmediate(resolve));
}

describe('a connection that is cut at any byte of an output', () => {
  const lines = Array.from({ length: 24 }, (_, index) => `line ${index} of the output`);
  const whole = `${lines.join('\n')}\n`;
  const output: Step[] = lines.map((line) => `${line}\r\n`);
  const cuts = Array.from({ length: 16 }, (_, index) => 1 + index * 149);

  type Outcome = { ended: string; printed: string };

  it.each(['fin', 'rst'] as const)('gives a CLI command no end it did not have, by %s (B01)', async (by) => {
    const server = await startScriptedServer({ shell: { prompt, echo: 'program', commands: { show: output } } });

    const outcomes = await Promise.all(
      cuts.map(async (afterBytes): Promise<Outcome> => {
        const proxy = await startChaosProxy(server.port);
        const session = await openCliSession(await connectedTo(server, proxy.port), patience());
        proxy.change({ down: { cut: { afterBytes: (proxy.connections[0]?.down ?? 0) + afterBytes, by } } });
        const ended = await session.run('show', patience()).then(({ text }) => text, codeOf);
        return { ended, printed: session.printed() };
      }),
    );

    const cut = outcomes.filter(({ ended }) => ended !== whole);
    expect(cut.map(({ ended }) => ended)).toEqual(cut.map(() => 'cli-cut'));
    expect(cut.filter(({ printed }) => !whole.startsWith(printed.trimEnd()))).toEqual([]);
    expect(cut.filter(({ printed }) => printed.includes('line 3') && printed !== whole).length).toBeGreaterThan(2);
  });

  it.each(['fin', 'rst'] as const)('gives a command of the host OS no end it did not have, by %s (B01)', async (by) => {
    const server = await startScriptedServer({ exec: { job: [...output, { exit: 0 }, 'close-channel'] } });

    const outcomes = await Promise.all(
      cuts.map(async (afterBytes) => {
        const proxy = await startChaosProxy(server.port);
        const connection = await connectedTo(server, proxy.port);
        proxy.change({ down: { cut: { afterBytes: (proxy.connections[0]?.down ?? 0) + afterBytes, by } } });
        return exec(connection, 'job', patience()).then(
          ({ code, stdout }) => `${code} ${stdout.replaceAll('\r', '')}`,
          codeOf,
        );
      }),
    );

    const failures = outcomes.filter((outcome) => outcome !== `0 ${whole}`);
    expect(failures.length).toBeGreaterThan(4);
    expect(failures.filter((outcome) => !/^(connection-lost|command-cut)$/.test(outcome))).toEqual([]);
  });
});

function codeOf(error: unknown): string {
  return error instanceof UserError ? error.code : `a bug: ${error}`;
}

describe('a pager', () => {
  it.each([
    ['--More-- (Press space to continue, q to quit)', ' '],
    ['-- More -- (42%)', ' '],
    [':', ' '],
    ['Press <SPACE> to continue or Q to quit:', ' '],
    ['Press any key to continue (Q to quit)', ' '],
  ])('that asks %j is gone through and leaves no trace (B05)', async (question, key) => {
    const page = (line: string): Step[] => [`${line}\r\n${question}`, { awaitKey: key }, '\r\x1b[K'];
    const { session, server } = await sessionOf({ commands: { show: [...page('a'), ...page('b'), 'c\r\n'] } });

    const { text } = await session.run('show', AbortSignal.timeout(6000));

    expect(text).toBe('a\nb\nc\n');
    expect(server.typed).toEqual(['show', key, key]);
  });

  it('without end is left when the time of the command is over, and what came is kept (B05)', async () => {
    const pages = Array.from({ length: 500 }, (_, page): Step[] => [
      `page ${page}\r\n--More--`,
      { awaitKey: ' ' },
      '\r\x1b[K',
    ]);
    const { session } = await sessionOf({ commands: { show: pages.flat() } });
    const patience = new AbortController();
    const reason = new Error('no end within 1 s');

    const ended = expect(session.run('show', patience.signal)).rejects.toBe(reason);
    await until(() => session.printed().includes('page 3'));
    patience.abort(reason);

    await ended;
    expect(session.printed()).toMatch(/^page 0\npage 1\npage 2\n/);
  });
});

describe('the echo of a command', () => {
  const long = `log -find ${'severity=critical '.repeat(8)}-count`;
  const margin = 80 - prompt.length;
  const rows = [long.slice(0, margin), ...piecesOf(long.slice(margin), 80).map(String)];
  const repainted = `lo\b \b\b \blog\b\b\b${long}`;

  it.each([
    ['is wrapped at 80 columns by line ends', `${rows.join('\r\n')}\r\n`],
    ['is wrapped at 80 columns as readline does it', `${rows.join(' \r')}\r\n`],
    ['is wrapped at 80 columns by a blank and a backspace', `${rows.join(' \b')}\r\n`],
    ['is painted again with backspaces', `${repainted}\r\n`],
    ['is painted again with its prompt', `${long.slice(0, 9)}\r\x1b[K${prompt}${long}\r\n`],
    ['ends with CR CR LF', `${long}\r\r\n`],
    ['comes in colours', `\x1b[1m${long}\x1b[0m\r\n`],
    ['does not come', ''],
  ])('that %s is removed, once (B07)', async (_how, echo) => {
    const commands = { [long]: [echo, `${long}\r\n`, status] };
    const { session } = await sessionOf({ echo: 'off', commands });

    const { text } = await session.run(long, never);

    // Without an echo the first line of the output looks like one.
    expect(text).toBe(echo === '' ? statusText : `${long}\n${statusText}`);
  });

  it('that was typed with blanks at its end is removed, once (B07)', async () => {
    const { session } = await sessionOf({ commands: { 'status  ': [status] } });

    const { text } = await session.run('status  ', never);

    expect(text).toBe(statusText);
  });
});

describe('what a server says of its own accord', () => {
  const alarm = '*** System exception occurred, see errors/ ***';

  it('in the middle of an output stays in it (B08)', async () => {
    const commands = { show: ['system', { pauseMs: 20 }, `\r\n${alarm}\r\n`, ' on\r\naudit on\r\n'] };
    const { session } = await sessionOf({ commands });

    const { text } = await session.run('show', never);

    expect(text).toBe(`system\n${alarm}\n on\naudit on\n`);
  });

  it.each([
    ['after the prompt', `${prompt}\r\n${alarm}\r\n`],
    ['on the line of the prompt', `${prompt}${alarm}\r\n`],
  ])('%s does not keep a command from its end (B08)', async (_where, said) => {
    const { session } = await sessionOf({ commands: { show: ['system on\r\n', said, { awaitKey: '\r' }] } });

    const { text } = await session.run('show', AbortSignal.timeout(8000));

    expect(text).toContain('system on\n');
    expect(text).toContain(alarm);
  });

  it('between two commands belongs to neither and costs neither (B08)', async () => {
    const commands = { one: ['first\r\n'], two: [`\r\n${alarm}\r\n`, 'second\r\n'] };
    const { session } = await sessionOf({ commands });

    const texts = [(await session.run('one', never)).text, (await session.run('two', never)).text];

    expect(texts).toEqual(['first\n', `\n${alarm}\nsecond\n`]);
  });

  it('is told from the text that was meant, whatever the pieces (PT07, B04)', async () => {
    const commands: Record<string, Step[]> = {};
    const { session } = await sessionOf({ commands });
    const line = fc.constantFrom(
      ['one line\r\n', 'one line\n'],
      [`${prompt}\r\n`, `${prompt}\n`],
      [`${prompt}reboot\r\n`, `${prompt}reboot\n`],
      ['\x1b[31mred\x1b[0m\r\r\n', 'red\n'],
      ['10 %\r55 %\r\n', '55 %\n'],
      ['there is --More-- of it\r\n', 'there is --More-- of it\n'],
      ['Größe 日本 🚒\r\n', 'Größe 日本 🚒\n'],
      [`\r\n${alarm}\r\n`, `\n${alarm}\n`],
    );
    let runs = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(line, { maxLength: 8 }), fc.integer({ min: 1, max: 40 }), async (lines, size) => {
        const command = `show ${++runs}`;
        commands[command] = piecesOf(`${lines.map(([raw]) => raw).join('')}end\r\n`, size);

        const { text } = await session.run(command, never);

        expect(tidy(text)).toBe(tidy(`${lines.map(([, meant]) => meant).join('')}end\n`));
      }),
      { numRuns: 12 },
    );
  });

  it('does not end a command at a prompt that stands in its output for a while, whatever follows (PT07, B04)', async () => {
    const commands: Record<string, Step[]> = {};
    const { session } = await sessionOf({ commands });
    const line = fc.constantFrom('one line', 'there is --More-- of it', `${prompt}reboot`, 'Größe 日本 🚒', alarm);
    let runs = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(line, { maxLength: 5 }), fc.array(line, { maxLength: 5 }), async (before, after) => {
        const command = `show ${++runs}`;
        const said = (lines: string[]) => lines.map((each) => `${each}\r\n`).join('');
        commands[command] = [said(before), prompt, { pauseMs: 200 }, `\r\n${said(after)}`, 'end\r\n'];

        const { text } = await session.run(command, never);

        expect(tidy(text)).toBe(tidy([...before, prompt, ...after, 'end\n'].join('\n')));
      }),
      { numRuns: 8 },
    );
  });
});

/** Without blanks at the ends of lines. */
function tidy(text: string): string {
  return text.replaceAll(/ +$/gm, '');
}

describe('output that cannot be text', () => {
  it.each([
    ['UTF-16', Buffer.from('system on\r\n', 'utf16le'), 'system on\n'],
    ['lone surrogates', Buffer.from([0x61, 0xed, 0xa0, 0x80, 0x62, 0x0d, 0x0a]), 'a\u{fffd}\u{fffd}\u{fffd}b\n'],
    ['a letter cut in half', Buffer.from([0x61, 0xe6, 0x97, 0x0d, 0x0a]), 'a\u{fffd}\n'],
    ['all bytes', Buffer.from(Array.from({ length: 256 }, (_, byte) => byte)), undefined],
  ])('is shown as far as it goes, and the next command is whole: %s (B19)', async (_what, junk, shown) => {
    const { session } = await sessionOf({ commands: { show: [junk, '\r\n'], status: [status] } });

    const { text } = await session.run('show', never);
    const next = await session.run('status', never);

    if (shown !== undefined) expect(text.trimEnd()).toBe(shown.trimEnd());
    expect(text).not.toMatch(/[\x00-\x08\x0b-\x1f\x7f\ud800-\udbff](?![\udc00-\udfff])/);
    expect(next.text).toBe(statusText);
  });
});

describe('endless output', () => {
  it('of a CLI command is cut and the command stopped (B09)', async () => {
    const block = Buffer.alloc(1024 * 1024, `${'y'.repeat(98)}\r\n`);
    const commands = { show: [...Array<Step>(18).fill(block), { awaitKey: '\x03' }, '^C\r\n'] };
    const { session, server } = await sessionOf({ commands });

    const failure = session.run('show', never);

    await expect(failure).rejects.toMatchObject({ code: 'cli-endless', message: expect.stringContaining('8 MiB') });
    await until(() => server.typed.includes('\x03'));
    expect(session.printed().length).toBeGreaterThan(7 * 1024 * 1024);
  });

  it('of a command on the host OS is cut and the command stopped (B09)', async () => {
    const block = Buffer.alloc(1024 * 1024, 'y\n');
    const server = await startScriptedServer({ exec: { job: [...Array<Step>(80).fill(block), 'hang'] } });
    const connection = await connectedTo(server, server.port);

    const failure = exec(connection, 'job', AbortSignal.timeout(15_000));

    await expect(failure).rejects.toMatchObject({ name: 'UserError', code: 'command-endless' });
    await until(() => server.signals.length > 0);
    expect(server.signals).toEqual(['TERM']);
  });
});
