import type { ClientChannel } from 'ssh2';
import { printableLine } from '../../domain/text.js';
import { itemError, UserError } from '../../errors.js';
import type { SessionSource } from '../connection.js';
import type { CliOutput, CliSession } from './cli.js';
import {
  endsWithPrompts,
  hasPrompt,
  isQuestion,
  looksLikePrompt,
  outputOf,
  pagerKey,
  promptPattern,
} from './cli-text.js';
import { sessionWithoutShell } from './cli-without-shell.js';
import { lastLine, type Screen, watch } from './screen.js';

const maxOutputCharacters = 8 * 1024 * 1024;
/** Silence after which a line without an end may be a prompt. */
const quietMs = 80;
const firstPromptQuietMs = 250;
/** Silence after which one prompt after our empty line is believed, though text came in between. */
const settledMs = 1500;
const firstPromptTimeoutMs = 30_000;

/** So many empty lines at most, until a prompt is known or a command is known to have ended. */
const maxEnters = 20;

/**
 * Opens a shell and learns its prompt; where there is none, commands run one by one without it.
 * @throws UserError `no-prompt`, `request-refused`
 */
export async function openCliSession(sessions: SessionSource, signal: AbortSignal): Promise<CliSession> {
  let opened: { channel: ClientChannel; screen: Screen };
  try {
    opened = await sessions.openShell(signal, (channel, lost) => ({ channel, screen: watch(channel, lost) }));
  } catch (error) {
    if (error instanceof UserError && error.code === 'request-refused') return sessionWithoutShell(sessions, error);
    throw error;
  }
  const { channel, screen } = opened;
  try {
    const prompt = await learnPrompt(screen, sessions.title, signal);
    return sessionOn(channel, screen, prompt, sessions.title);
  } catch (error) {
    channel.close();
    throw error;
  }
}

function sessionOn(channel: ClientChannel, screen: Screen, prompt: string, title: string): CliSession {
  const pattern = promptPattern(prompt);
  let last = { command: '', from: 0 };
  return {
    run(command, signal) {
      last = { command, from: screen.mark() };
      return runCommand(screen, { command, prompt, pattern, title }, signal);
    },
    printed: () => outputOf(screen.text(last.from, last.command), last.command, pattern, false),
    close: () => channel.close(),
  };
}

async function learnPrompt(screen: Screen, title: string, signal: AbortSignal): Promise<string> {
  const deadline = AbortSignal.timeout(firstPromptTimeoutMs);
  const either = AbortSignal.any([signal, deadline]);
  let candidate: string | undefined;
  let enters = 0;
  const enter = () => {
    if (++enters > maxEnters)
      throw itemError('no-prompt', `${title} shows no steady prompt: "${printableLine(screen.tail().slice(-200))}"`);
    screen.send('\r');
  };
  try {
    for (;;) {
      const mayBePrompt = candidate !== undefined || looksLikePrompt(lastLine(screen.tail()));
      const happened = await screen.next(mayBePrompt ? quietMs : firstPromptQuietMs, either);
      if (happened === 'closed')
        throw itemError('no-prompt', `${title} closed the shell: ${printableLine(screen.tail())}`);
      if (happened === 'data') continue;
      const line = lastLine(screen.tail());
      const key = pagerKey(line);
      if (key !== undefined) {
        screen.send(key);
        candidate = undefined;
      } else if (candidate && endsWithPrompts(screen.tail(), promptPattern(candidate), 2)) {
        return candidate;
      } else if (line.trim() !== '' && line !== candidate) {
        candidate = line;
        enter();
      } else if (candidate === undefined && screen.silentMs() > 2000) {
        candidate = '';
        enter(); // some servers wait for the first key
      }
    }
  } catch (error) {
    if (!deadline.aborted || signal.aborted) throw error;
    throw itemError(
      'no-prompt',
      `${title} shows no prompt within ${firstPromptTimeoutMs / 1000} s: "${printableLine(screen.tail())}"`,
    );
  }
}

type Dialogue = { command: string; prompt: string; pattern: string; title: string };

/** An empty line that was sent because `line` at the end looked like the prompt. */
type Nudge = { at: number; pattern: string; line: string };

type Move =
  | { kind: 'wait' }
  | { kind: 'press'; key: string }
  | { kind: 'nudge'; pattern: string; line: string }
  | { kind: 'no-prompt-after-all' }
  | { kind: 'asks'; line: string }
  | { kind: 'ended' };

/**
 * A prompt at the end of the output may be output, too. So an empty line is sent when one is seen: it is answered by a
 * second prompt only when the command has ended. A command may also end at another prompt, in another mode.
 */
function nextMove(screen: Screen, from: number, dialogue: Dialogue, nudge: Nudge | undefined, quiet: boolean): Move {
  const tail = screen.tail(from);
  const key = quiet ? pagerKey(tail) : undefined;
  if (key !== undefined) return { kind: 'press', key };
  if (nudge !== undefined) {
    const known = nudge.pattern === dialogue.pattern;
    if (endsWithPrompts(tail, nudge.pattern, 2)) return { kind: 'ended' };
    if (quiet && known && endsWithPrompts(screen.tail(nudge.at), nudge.pattern, 1)) return { kind: 'ended' };
    return quiet && !known ? { kind: 'no-prompt-after-all' } : { kind: 'wait' };
  }
  if (!quiet) return { kind: 'wait' };
  if (endsWithPrompts(tail, dialogue.pattern, 1))
    return { kind: 'nudge', pattern: dialogue.pattern, line: dialogue.prompt };
  const line = lastLine(tail);
  if (screen.silentMs() < settledMs) return { kind: 'wait' };
  if (isQuestion(line)) return { kind: 'asks', line };
  if (looksLikePrompt(line)) return { kind: 'nudge', pattern: promptPattern(line), line };
  return hasPrompt(tail, dialogue.pattern)
    ? { kind: 'nudge', pattern: dialogue.pattern, line: dialogue.prompt }
    : { kind: 'wait' };
}

async function runCommand(screen: Screen, dialogue: Dialogue, signal: AbortSignal): Promise<CliOutput> {
  const { command, prompt, pattern, title } = dialogue;
  const started = new Date();
  const from = screen.mark();
  let nudge: Nudge | undefined;
  let nudges = 0;
  let paged = false;
  screen.send(`${command}\r`);
  try {
    for (;;) {
      const happened = await screen.next(nudge === undefined ? quietMs : settledMs, signal);
      if (happened === 'closed') throw itemError('cli-cut', `${title} ended the session during "${command}"`);
      const move = nextMove(screen, from, dialogue, nudge, happened === 'quiet');
      if (move.kind === 'press') {
        paged = true;
        screen.send(move.key);
      } else if (move.kind === 'nudge' && nudges++ < maxEnters) {
        nudge = { at: screen.mark(), pattern: move.pattern, line: move.line };
        screen.send('\r');
      } else if (move.kind === 'no-prompt-after-all') {
        nudge = undefined;
      } else if (move.kind === 'asks') {
        throw itemError('cli-asks', `"${command}" on ${title} waits for an answer: "${printableLine(move.line)}"`);
      } else if (move.kind === 'ended') {
        const ending = nudge?.pattern ?? pattern;
        const text = outputOf(screen.text(from, command), command, ending, paged);
        const promptAfter = ending === pattern || nudge === undefined ? {} : { promptAfter: nudge.line };
        return { prompt, command, text, ...promptAfter, started, ended: new Date() };
      }
      if (screen.mark() - from > maxOutputCharacters)
        throw itemError('cli-endless', `"${command}" on ${title} printed more than 8 MiB`);
    }
  } catch (error) {
    screen.send('\x03'); // leave nothing running
    throw error;
  }
}
