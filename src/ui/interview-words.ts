import { cutText } from '../domain/text.js';

export const howToGoBack = '"<" and Enter goes back to the question before';
/** In a list the key "<" goes to it. */
export const backChoice = { value: '<', title: '< back' } as const;
/** Where Enter keeps an earlier answer, this takes it away. */
export const emptied = '-';

const longestShown = 60;
/** So much of an answer is seen, however long its question is. */
const shortestShown = 20;

export const isBack = (text: string) => ['<', 'back'].includes(text.trim());

/** The question with the hint how to take its earlier answer away, in the place of what Enter does where there is none. */
export function emptiable(question: string): string {
  return question.includes('Enter: ') ? question.replace('Enter: ', `${emptied}: `) : `${question} (${emptied}: empty)`;
}

export function yesOrNo(typed: string): boolean | undefined {
  const word = typed.trim().toLowerCase();
  if (word === 'y' || word === 'yes') return true;
  return word === 'n' || word === 'no' ? false : undefined;
}

/** The line of one answer; the hints of its question are left out. */
export function lineOf({ question, shown }: { question: string; shown: string }): string {
  const name = question.replace(/ \([^)]*\)/g, '').replace(/\?.*$|:$/, '');
  const answer = shown.trim() === '' ? '–' : shown.trim();
  const room = Math.max(longestShown - name.length, shortestShown);
  return `${name}: ${answer.length > room ? `${cutText(answer, room - 1)}…` : answer}`;
}
