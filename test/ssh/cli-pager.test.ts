import { describe, expect, it } from 'vitest';
import type { CliSession } from '../../src/ssh/cli/cli.ts';
import { openCliSession } from '../../src/ssh/cli/cli-session.ts';
import type { PagerHabit } from '../../src/ssh/cli/pager.ts';
import { connected, targetOf } from '../support/connect-target.ts';
import { type ScriptedServer, type ShellScript, type Step, startScriptedServer } from '../support/scripted-server.ts';

const prompt = 'admin@InCenter:/> ';
const patience = () => AbortSignal.timeout(20_000);

async function sessionOf(
  script: Partial<ShellScript>,
  habit: PagerHabit = {},
): Promise<{ session: CliSession; server: ScriptedServer; again: () => Promise<CliSession> }> {
  const server = await startScriptedServer({ shell: { prompt, echo: 'program', ...script } });
  const connection = await connected(targetOf('cli', server));
  const again = () => openCliSession(connection, patience(), habit);
  return { session: await again(), server, again };
}

const rows = Array.from({ length: 60 }, (_, index) => `row ${index + 1} of 60`);
const all = `${rows.join('\n')}\n`;

/** Pages of ten rows; the answer that turns them, and what is done with the question then. */
function pages(question: string, turn: Step[], erase = ''): Step[] {
  return rows.flatMap((row, index): Step[] => {
    const isEnd = (index + 1) % 10 === 0 && index + 1 < rows.length;
    return isEnd ? [`${row}\r\n${question}`, ...turn, erase] : [`${row}\r\n`];
  });
}

/** The keys after the command itself. */
function keysAfter(server: ScriptedServer, command: string): string {
  const keys = server.keys.join('');
  return keys.slice(keys.lastIndexOf(`${command}\r`) + command.length + 1);
}

describe('a pager behind a server that hands on whole lines only', () => {
  it.each([
    ['a terminal that echoes', 'terminal', '\r\x1b[K'],
    ['a program that echoes nothing', 'off', '\r\x1b[K'],
    ['a question that stays', 'terminal', ''],
  ] as const)('gives 60 rows of 60, and the page is turned at once from the second question on: %s (IO-9, field-C02)', async (_what, echo, erase) => {
    const { session, server } = await sessionOf({
      echo,
      commands: { show: pages('--More--', [{ awaitKey: '\r' }], erase) },
    });
    const started = performance.now();

    const { text } = await session.run('show', patience());

    expect(text).toBe(all);
    expect(performance.now() - started).toBeLessThan(6000); // 1.2 s for the first of five questions
    expect(keysAfter(server, 'show')).toMatch(/^( \r){5}\r$/);
  });

  it('is known to the next command and to the next session of the face (IO-9)', async () => {
    const commands = { show: pages('--More--', [{ awaitKey: '\r' }]), again: pages('--More--', [{ awaitKey: '\r' }]) };
    const { session, server, again } = await sessionOf({ echo: 'terminal', commands });
    await session.run('show', patience());

    const texts = [(await session.run('again', patience())).text];
    session.close();
    texts.push((await (await again()).run('show', patience())).text);

    expect(texts).toEqual([all, all]);
    expect(server.keys.join('').match(/ (?!\r)/g)).toBeNull();
  });

  it('has the next command whole, whatever keys were left over (IO-9)', async () => {
    const turn: Step[] = [{ awaitKey: ' ' }, { pauseMs: 1500 }];
    const commands = { show: ['one\r\n--More--', ...turn, '\r\x1b[Ktwo\r\n'], status: ['system on\r\n'] };
    const { session } = await sessionOf({ commands });

    const texts = [(await session.run('show', patience())).text, (await session.run('status', patience())).text];

    expect(texts).toEqual(['one\ntwo\n', 'system on\n']);
  });
});

describe('a pager', () => {
  it.each([
    ["---- More ( Press 'Q' to break ) ----", ' '],
    ['-- MORE --, next page: Space, next line: Enter, quit: Control-C', ' '],
    ['--More-- or (q)uit', ' '],
    ['<--- More --->', ' '],
    ['lines 1-10/60', ' '],
    ['Press RETURN to continue', '\r'],
    ['Tryck på valfri tangent för att fortsätta', ' '],
  ])('that asks %j is answered by one key per question and leaves no trace (field-C02)', async (question, key) => {
    const { session, server } = await sessionOf({
      commands: { show: pages(question, [{ awaitKey: key }], '\r\x1b[K') },
    });

    const { text } = await session.run('show', patience());

    expect(text).toBe(all);
    expect(keysAfter(server, 'show')).toBe(`${key.repeat(5)}\r`);
  });

  it('is left at its end with q alone (field-C02)', async () => {
    const commands = { show: ['one\r\ntwo\r\nlines 1-2/2 (END)', { awaitKey: 'q' }, '\r\x1b[K'] satisfies Step[] };
    const { session, server } = await sessionOf({ commands });

    const { text } = await session.run('show', patience());

    expect(text).toBe('one\ntwo\n');
    expect(keysAfter(server, 'show')).toBe('q\r');
  });

  it('that takes its time for a page gets no second key meanwhile (IO-9)', async () => {
    const turn: Step[] = [{ awaitKey: ' ' }, { pauseMs: 900 }];
    const commands = { show: ['one\r\n--More--', ...turn, '\r\x1b[Ktwo\r\n--More--', ...turn, '\r\x1b[Kthree\r\n'] };
    const { session, server } = await sessionOf({ commands });

    const { text } = await session.run('show', patience());

    expect(text).toBe('one\ntwo\nthree\n');
    expect(keysAfter(server, 'show')).toBe('  \r');
  });

  it('that paints its question again for a key it does not know gets another one (IO-9)', async () => {
    const repaint: Step[] = [{ awaitKey: ' ' }, '\r\x1b[K--More--'];
    const commands = {
      show: ['one\r\n--More--', ...repaint, ...repaint, ...repaint, { awaitKey: '\r' }, '\r\x1b[Ktwo\r\n'],
    };
    const { session, server } = await sessionOf({ commands });

    const { text } = await session.run('show', patience());

    expect(text).toBe('one\ntwo\n');
    expect(keysAfter(server, 'show')).toBe('   \r\r');
  });

  it('that ends its question with a line end is answered, too (field-C02)', async () => {
    const commands = { show: ['one\r\nPress any key to continue\r\n', { awaitKey: '\r' }, 'two\r\n'] satisfies Step[] };
    const { session } = await sessionOf({ commands });

    const { text } = await session.run('show', patience());

    expect(text).toBe('one\ntwo\n');
  });

  it('whose question is a line of the output gets one try, and the output is whole (field-C02)', async () => {
    const commands = { show: ['one\r\n--More--\r\n', { pauseMs: 3000 }, 'two\r\n'] satisfies Step[] };
    const { session, server } = await sessionOf({ commands });

    const { text } = await session.run('show', patience());

    expect(text).toContain('one\n');
    expect(text).toContain('two\n');
    expect(keysAfter(server, 'show')).not.toContain('q');
    expect(keysAfter(server, 'show').match(/ /g)).toHaveLength(1);
  });

  it('that no key turns is left; what came is kept, with the reason, and the next command is whole (IO-9)', async () => {
    const commands = {
      show: ['one\r\n--More--', { awaitKey: 'q' }, '\r\x1b[K'] satisfies Step[],
      status: ['system on\r\n'],
    };
    const { session } = await sessionOf({ commands });

    const failure = session.run('show', patience());

    await expect(failure).rejects.toMatchObject({ code: 'cli-pager', message: expect.stringContaining('"--More--"') });
    expect(session.printed()).toBe('one\n');
    expect((await session.run('status', patience())).text).toBe('system on\n');
  });

  it('that takes nothing at all ends the command with what came (IO-9)', async () => {
    const { session } = await sessionOf({ commands: { show: ['one\r\n--More--', 'hang'] } });

    const failure = session.run('show', patience());

    await expect(failure).rejects.toMatchObject({ code: 'cli-pager' });
    expect(session.printed()).toBe('one\n');
  });
});
