import type { ClientChannel } from 'ssh2';
import { printableLine } from '../../domain/text.js';
import { itemError, UserError } from '../../errors.js';
import type { SessionSource } from '../connection.js';
import type { CliOutput, CliSession } from './cli.js';
import { endsWithPrompts, hasPrompt, isQuestion, looksLikePrompt, outputOf, promptPattern } from './cli-text.js';
import { sessionWithoutShell } from './cli-without-shell.js';
import { learnPrompt } from './learn-prompt.js';
import { openPager, type Pager, type PagerHabit } from './pager.js';
import { lastLine, quietMs, type Screen, watch } from './screen.js';

const maxOutputCharacters = 8 * 1024 * 1024;
/** After this much silence, one prompt after our empty line is believed even if other text came in between. */
const settledMs = 1500;
/** At most this many empty lines are sent to find out whether a command has ended. */
const maxEnters = 20;
/** A silence before the end that lasts this long is mentioned in the error: servers end idle sessions. */
const longSilenceMs = 2000;

/**
 * Opens a shell and learns its prompt. Where there is no shell, each command runs in a session of its own.
 * @param habit what is known about this face's pager; what is learned is added to it
 * @throws UserError `no-prompt`, `request-refused`
 */
export async function openCliSession(
  sessions: SessionSource,
  signal: AbortSignal,
  habit: PagerHabit = {},
): Promise<CliSession> {
  let opened: { channel: ClientChannel; screen: Screen };
  try {
    opened = await sessions.openShell(signal, (channel, lost) => ({ channel, screen: watch(channel, lost) }));
  } catch (error) {
    if (error instanceof UserError && error.code === 'request-refused') return sessionWithoutShell(sessions, error);
    throw error;
  }
  const { channel, screen } = opened;
  try {
    const prompt = await learnPrompt(screen, sessions.title, habit, signal);
    return sessionOn(channel, screen, { prompt, title: sessions.title, habit });
  } catch (error) {
    channel.close();
    throw error;
  }
}

type Shell = { prompt: string; title: string; habit: PagerHabit };

function sessionOn(channel: ClientChannel, screen: Screen, { prompt, title, habit }: Shell): CliSession {
  const pattern = promptPattern(prompt);
  let last = { command: '', from: 0, pager: openPager(screen, 0, habit) };
  return {
    run(command, signal) {
      const from = screen.mark();
      last = { command, from, pager: openPager(screen, from, habit) };
      return runCommand(screen, { ...last, prompt, pattern, title }, signal);
    },
    printed: () => outputOf(screen.text(last.from, last.command), last.command, pattern, last.pager.questions),
    close: () => channel.close(),
  };
}

type Dialogue = { command: string; from: number; pager: Pager; prompt: string; pattern: string; title: string };

/** An empty line that was sent because the last line on the screen (`line`) looked like the prompt. */
type Nudge = { at: number; sentAt: number; pattern: string; line: string };

type Move =
  | { kind: 'wait' }
  | { kind: 'nudge'; pattern: string; line: string }
  | { kind: 'no-prompt-after-all' }
  | { kind: 'asks'; line: string }
  | { kind: 'ended' };

/**
 * What looks like a prompt at the end of the output may itself be output. So an empty line is sent: only if the command
 * has ended is it answered by a second prompt. A command may also end at another prompt, in another mode.
 */
function nextMove(screen: Screen, dialogue: Dialogue, nudge: Nudge | undefined, quiet: boolean): Move {
  const tail = screen.tail(dialogue.from);
  if (nudge !== undefined) return moveAfter(screen, nudge, dialogue, quiet);
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

function moveAfter(screen: Screen, nudge: Nudge, { from, pager, pattern }: Dialogue, quiet: boolean): Move {
  const known = nudge.pattern === pattern;
  // An Enter that a pager did not want is answered by one more prompt, which is waited for.
  const mayEnd = quiet || pager.questions.size === 0;
  if (mayEnd && endsWithPrompts(screen.tail(from), nudge.pattern, 2)) return { kind: 'ended' };
  const settled = quiet && Math.min(screen.silentMs(), performance.now() - nudge.sentAt) >= settledMs;
  if (settled && known && endsWithPrompts(screen.tail(nudge.at), nudge.pattern, 1)) return { kind: 'ended' };
  return settled && !known ? { kind: 'no-prompt-after-all' } : { kind: 'wait' };
}

async function runCommand(screen: Screen, dialogue: Dialogue, signal: AbortSignal): Promise<CliOutput> {
  const started = new Date();
  screen.send(`${dialogue.command}\r`);
  try {
    const nudge = await lookForEnd(screen, dialogue, signal);
    return outputAt(screen, dialogue, nudge, started);
  } catch (error) {
    screen.send('\x03'); // leave nothing running
    throw error;
  }
}

/** @returns the empty line that was answered by a prompt, which proves that the command has ended */
async function lookForEnd(screen: Screen, dialogue: Dialogue, signal: AbortSignal): Promise<Nudge | undefined> {
  const { command, from, pager, title } = dialogue;
  let nudge: Nudge | undefined;
  let nudges = 0;
  for (;;) {
    const happened = await screen.next(quietMs, signal);
    if (happened === 'closed')
      throw itemError('cli-cut', `${title} ended the session during "${command}"${after(screen)}`);
    const quiet = happened === 'quiet';
    const move = pager.attend(quiet) ? { kind: 'wait' as const } : nextMove(screen, dialogue, nudge, quiet);
    if (pager.isStuck()) throw leftPager(dialogue);
    if (move.kind === 'ended') return nudge;
    if (move.kind === 'nudge' && nudges++ < maxEnters) {
      nudge = { at: screen.mark(), sentAt: performance.now(), pattern: move.pattern, line: move.line };
      screen.send('\r');
    } else if (move.kind === 'no-prompt-after-all') {
      nudge = undefined;
    } else if (move.kind === 'asks') {
      throw itemError('cli-asks', `"${command}" on ${title} waits for an answer: "${printableLine(move.line)}"`);
    }
    if (screen.mark() - from > maxOutputCharacters)
      throw itemError('cli-endless', `"${command}" on ${title} printed more than 8 MiB`);
  }
}

function outputAt(screen: Screen, dialogue: Dialogue, nudge: Nudge | undefined, started: Date): CliOutput {
  const { command, from, pager, prompt, pattern } = dialogue;
  if (pager.left() !== undefined) throw leftPager(dialogue);
  const ending = nudge?.pattern ?? pattern;
  const text = outputOf(screen.text(from, command), command, ending, pager.questions);
  const promptAfter = ending === pattern || nudge === undefined ? {} : { promptAfter: nudge.line };
  return { prompt, command, text, ...promptAfter, started, ended: new Date() };
}

function leftPager({ command, title, pager }: Dialogue): UserError {
  const question = printableLine(pager.left() ?? '');
  return itemError(
    'cli-pager',
    `the pager of "${command}" on ${title} took no key and was left before the end: "${question}"`,
  );
}

function after(screen: Screen): string {
  const silentMs = screen.silentMs();
  return silentMs < longSilenceMs ? '' : `, after ${Math.round(silentMs / 1000)} s of silence`;
}
