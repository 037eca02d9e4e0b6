import { defined } from '../../domain/defined.js';
import { printableLine } from '../../domain/text.js';
import { itemError } from '../../errors.js';
import { endsWithPrompts, looksLikePrompt, promptPattern } from './cli-text.js';
import { openPager, type PagerHabit } from './pager.js';
import { lastLine, quietMs, type Screen } from './screen.js';

const firstPromptQuietMs = 250;
const firstPromptTimeoutMs = 30_000;
/** At most this many empty lines are sent to learn the prompt. */
const maxEnters = 20;
const maxPromptLines = 8;
/** After this many answers the last line alone is taken for the prompt: the lines before it differ each time. */
const enoughAnswers = 5;

/** @returns the prompt of a shell, several lines where it has them. @throws UserError `no-prompt` */
export async function learnPrompt(
  screen: Screen,
  title: string,
  habit: PagerHabit,
  signal: AbortSignal,
): Promise<string> {
  const deadline = AbortSignal.timeout(firstPromptTimeoutMs);
  try {
    return await lookForPrompt(screen, title, habit, AbortSignal.any([signal, deadline]));
  } catch (error) {
    if (!deadline.aborted || signal.aborted) throw error;
    const seconds = firstPromptTimeoutMs / 1000;
    throw itemError('no-prompt', `${title} shows no prompt within ${seconds} s: "${printableLine(screen.tail())}"`);
  }
}

/** What stood at the end when an empty line was sent, and what the empty line before it was answered with. */
type Tried = { line: string; at: number; answer?: string };

/** The prompt is what two empty lines in a row are answered with in the same way. */
async function lookForPrompt(screen: Screen, title: string, habit: PagerHabit, signal: AbortSignal): Promise<string> {
  const pager = openPager(screen, 0, habit);
  let tried: Tried | undefined;
  let enters = 0;
  const enter = (line: string, answer?: string) => {
    if (++enters > maxEnters)
      throw itemError('no-prompt', `${title} shows no steady prompt: "${printableLine(screen.tail().slice(-200))}"`);
    tried = { line, at: screen.mark(), ...defined({ answer }) };
    screen.send('\r');
  };
  for (;;) {
    const mayBePrompt = tried !== undefined || looksLikePrompt(lastLine(screen.tail()));
    const happened = await screen.next(mayBePrompt ? quietMs : firstPromptQuietMs, signal);
    if (happened === 'closed')
      throw itemError('no-prompt', `${title} closed the shell: ${printableLine(screen.tail())}`);
    if (pager.attend(happened === 'quiet')) tried = undefined;
    else if (pager.isStuck()) throw itemError('no-prompt', `${title} waits at a pager: "${pager.left()}"`);
    else if (happened === 'quiet') {
      const line = lastLine(screen.tail());
      const prompt = tried && promptIn(screen, tried);
      if (prompt !== undefined) return prompt;
      const answer = tried?.line ? answerOf(screen, tried) : undefined;
      if (answer !== undefined && enters >= enoughAnswers) return line;
      if (answer !== undefined) enter(line, answer);
      else if (line.trim() !== '' && !isSame(line, tried?.line)) enter(line);
      else if (tried === undefined && screen.silentMs() > 2000) enter(''); // some servers wait for the first key
    }
  }
}

function promptIn(screen: Screen, tried: Tried): string | undefined {
  if (tried.line === '') return undefined;
  if (endsWithPrompts(screen.tail(), promptPattern(tried.line), 2)) return tried.line;
  const answer = answerOf(screen, tried);
  if (tried.answer === undefined || answer === undefined) return undefined;
  const again = new RegExp(`^${promptPattern(tried.answer)}$`, 'u').test(answer);
  return again && lineCount(answer) === lineCount(tried.answer) ? answer + blankAfter(tried.line) : undefined;
}

/** What came after an empty line, when that may be a prompt of several lines. */
function answerOf(screen: Screen, { line, at }: Tried): string | undefined {
  const answer = screen
    .tail(at)
    .replace(/^\s*\n/, '')
    .trimEnd();
  const isSuch = endsWithPrompts(answer, promptPattern(line), 1) && lineCount(answer) <= maxPromptLines;
  return isSuch ? answer : undefined;
}

/** Whether both lines are the same prompt; a clock in it may go on. */
function isSame(line: string, before: string | undefined): boolean {
  return before !== undefined && before !== '' && endsWithPrompts(line, promptPattern(before), 1);
}

function blankAfter(line: string): string {
  return /[ \t]*$/.exec(line)?.[0] ?? '';
}

function lineCount(text: string): number {
  return text.split('\n').length;
}
