import { type PagerQuestion, pagerQuestion } from './pager-question.js';
import { lastLine, type Screen } from './screen.js';

/** The keys that turned the page on this face, once they are known; kept for its next sessions. */
export type PagerHabit = { keys?: string };

/** Some servers pass on whole lines only: a key without effect for this long is followed by Enter, then by leaving. */
const keyPatienceMs = 1200;
/** A pager whose pages were turned before gets this long: it is probably slow, not ignoring the key. */
const slowPageMs = 10_000;
/** A pager that only paints its question again, this many times, does not know the key. */
const maxRepaints = 3;

type Asked = PagerQuestion & {
  keys: string[];
  /** All keys that were pressed since. */
  typed: string;
  /** Where the answer begins on the screen. */
  at: number;
  pressedAt: number;
  /** The question is a whole line, so it may be output: the pager is not left because of it. */
  isWholeLine: boolean;
};

export interface Pager {
  /**
   * Presses the key that is due where a pager asks.
   * @param quiet nothing has come for a moment
   * @returns whether a pager is being waited for, so that silence means nothing else
   */
  attend(quiet: boolean): boolean;
  /** Every question that was answered, exactly as it was shown. */
  readonly questions: ReadonlySet<string>;
  /** The question that no key answered, so that the output was left before its end. */
  left(): string | undefined;
  /** Whether even leaving the pager failed. */
  isStuck(): boolean;
}

type Paging = {
  screen: Screen;
  /** Where the output of the command begins on the screen. */
  from: number;
  habit: PagerHabit;
  questions: Set<string>;
  asked?: Asked | undefined;
  left?: string;
  isStuck: boolean;
  repaints: number;
  /** The screen as it was when a whole line was taken for a question; this is tried only once per screen. */
  triedAt?: string;
};

/** Goes through the pages of one command. @param from where its output begins on the screen */
export function openPager(screen: Screen, from: number, habit: PagerHabit): Pager {
  const paging: Paging = { screen, from, habit, questions: new Set(), isStuck: false, repaints: 0 };
  return {
    attend: (quiet) => attend(paging, quiet),
    questions: paging.questions,
    left: () => paging.left,
    isStuck: () => paging.isStuck,
  };
}

function attend(paging: Paging, quiet: boolean): boolean {
  const { asked, habit, screen, from } = paging;
  if (asked !== undefined && !isAnswered(paging, asked)) {
    const patienceMs = asked.keys[0] === leaving && habit.keys !== undefined ? slowPageMs : keyPatienceMs;
    if (performance.now() - asked.pressedAt >= patienceMs) press(paging, asked);
    return paging.asked !== undefined;
  }
  paging.asked = undefined;
  if (!quiet || paging.left !== undefined) return false;
  const shown = screen.tail(from);
  const question = pagerQuestion(lastLine(shown));
  if (question !== undefined) answer(paging, question, false);
  else if (screen.silentMs() >= keyPatienceMs) attendWholeLine(paging, shown.trimEnd());
  return paging.asked !== undefined;
}

function attendWholeLine(paging: Paging, shown: string): void {
  const question = pagerQuestion(lastLine(shown));
  if (question === undefined || shown === paging.triedAt) return;
  paging.triedAt = shown;
  answer(paging, question, true);
}

function answer(paging: Paging, question: PagerQuestion, isWholeLine: boolean): void {
  const { screen, habit, questions, repaints } = paging;
  questions.add(question.text);
  const keys = keysFor(question, habit, isWholeLine).slice(Math.floor(repaints / maxRepaints));
  const asked: Asked = { ...question, keys, typed: '', at: screen.mark(), pressedAt: 0, isWholeLine };
  paging.asked = asked;
  press(paging, asked);
}

function press(paging: Paging, asked: Asked): void {
  const keys = asked.keys.shift();
  if (keys === undefined) {
    paging.asked = undefined;
    if (asked.isWholeLine) return;
    paging.isStuck = true;
    paging.left ??= asked.text;
    return;
  }
  if (keys === leaving && asked.wants !== 'leave') paging.left = asked.text;
  asked.typed += keys;
  asked.pressedAt = performance.now();
  paging.screen.send(keys);
}

/** Whether the page was turned, or at least the question was painted again. */
function isAnswered(paging: Paging, asked: Asked): boolean {
  const { screen, from } = paging;
  const said = screen.tail(asked.at).trim();
  const news = asked.typed.includes('q') ? said.replace(/^q/, '').trim() : said;
  if (news === asked.text) {
    paging.repaints += 1;
    return paging.left === undefined;
  }
  if (news === '' && stands(screen.tail(from), asked.text)) return false;
  paging.repaints = 0;
  if (asked.wants === 'turn' && paging.left === undefined && !asked.isWholeLine) paging.habit.keys = asked.typed;
  return true;
}

const leaving = 'q\r';

function keysFor({ wants }: PagerQuestion, { keys }: PagerHabit, isWholeLine: boolean): string[] {
  if (isWholeLine) return [' \r'];
  if (wants === 'leave') return ['q', leaving];
  const order = wants === 'enter' ? ['\r', ' '] : keys === undefined ? [' ', '\r'] : [keys, '\r'];
  return [...new Set([...order, leaving])];
}

/** Whether the question still stands there. Our own echo is no answer: it only adds blanks and line ends. */
function stands(tail: string, question: string): boolean {
  return [tail.trimEnd(), tail.replace(/\s*q?\s*$/, '')].some((shown) => shown.endsWith(question));
}
