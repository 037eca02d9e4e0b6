import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { expect, onTestFinished } from 'vitest';
import { programPath } from './requirements.ts';
import { binary } from './rig.ts';

/** A real terminal (tmux) with the program in it. */
export type Terminal = {
  /** What is on the screen, empty lines left out. */
  screen(): string;
  /** Waits until the screen holds a text. */
  shows(text: string | RegExp): Promise<void>;
  /** Waits until it does not. */
  hides(text: string): Promise<void>;
  type(text: string): void;
  press(key: string): void;
  /** Runs a command of tmux. @returns what it says */
  tmux(...words: string[]): string;
  /** Sends the program a signal. */
  strike(signal: NodeJS.Signals): void;
};

const giveUpAfterMs = 30_000;

export function openTerminal(args: string[], env: Record<string, string>, size = { columns: 80, rows: 50 }): Terminal {
  const tmux = (...words: string[]) =>
    execFileSync(programPath('tmux'), ['-L', socket, ...words], { env, encoding: 'utf8' });
  const socket = `icepack-${randomBytes(6).toString('hex')}`;
  const command = [
    'env',
    ...Object.entries(env).map(([name, value]) => `${name}=${value}`),
    process.execPath,
    binary,
    ...args,
  ];
  const quoted = command.map((word) => `'${word.replaceAll("'", `'\\''`)}'`).join(' ');
  tmux(
    '-f',
    '/dev/null',
    'new-session',
    '-d',
    '-x',
    String(size.columns),
    '-y',
    String(size.rows),
    `${quoted}; echo "ended with $?"; sleep 60`,
  );
  onTestFinished(() => {
    tmux('kill-server');
  });
  const screen = () =>
    tmux('capture-pane', '-p')
      .split('\n')
      .filter((line) => line.trim() !== '')
      .join('\n');
  const until = async (holds: () => boolean, failure: string) => {
    const deadline = Date.now() + giveUpAfterMs;
    while (!holds()) {
      if (Date.now() > deadline) throw new Error(`the terminal ${failure}:\n${screen()}`);
      await new Promise((resolve) => setImmediate(resolve));
    }
  };
  return {
    screen,
    tmux,
    shows: (text) =>
      until(() => (typeof text === 'string' ? screen().includes(text) : text.test(screen())), `never showed "${text}"`),
    hides: (text) => until(() => !screen().includes(text), `never took "${text}" away`),
    type: (text) => void tmux('send-keys', '-l', '--', text),
    press: (key) => void tmux('send-keys', key),
    strike(signal) {
      const shell = tmux('display-message', '-p', '#{pane_pid}').trim();
      execFileSync('pkill', [`-${signal.slice(3)}`, '-P', shell]);
    },
  };
}

/** Types an answer that is shown. */
export async function answer(terminal: Terminal, question: string, text: string): Promise<void> {
  await terminal.shows(question);
  terminal.type(text);
  await terminal.shows(text);
  terminal.press('Enter');
}

/** As `answer`, for what is not shown. */
export async function typed(terminal: Terminal, question: string, password: string): Promise<void> {
  await terminal.shows(question);
  terminal.type(password);
  terminal.press('Enter');
}

/** Answers one question of a form by its name in the list. */
export async function answersOne(terminal: Terminal, title: string, question: string, text: string): Promise<void> {
  await choosesLine(terminal, title);
  await answer(terminal, question, text);
}

/** Leaves a form. */
export async function goesOn(terminal: Terminal): Promise<void> {
  await choosesLine(terminal, 'go on');
}

/** Chooses a line of a form, wherever its cursor stands. */
export async function choosesLine(terminal: Terminal, title: string): Promise<void> {
  await terminal.shows('? More for support?');
  await terminal.shows('navigate');
  for (let at = cursorLine(terminal); !at.startsWith(`❯ ${title}`); at = cursorLine(terminal)) {
    terminal.press('Down');
    await expect.poll(() => ['', at].includes(cursorLine(terminal)), { timeout: 10_000 }).toBe(false);
  }
  terminal.press('Enter');
}

/** The line of a list where the cursor stands. */
function cursorLine(terminal: Terminal): string {
  return (
    terminal
      .screen()
      .split('\n')
      .findLast((line) => line.startsWith('❯ ')) ?? ''
  );
}
