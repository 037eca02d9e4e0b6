import { contactText } from '../domain/contact.js';
import type { Intent } from '../domain/journal.js';
import { type Answers, questionKeys, questionOf } from '../domain/questions.js';
import { cutText, printable } from '../domain/text.js';

/** What the operator said of an event. */
export type Said = Pick<Intent, 'summary' | 'description' | 'severity' | 'answers' | 'contact'>;

const maxAnswerCharacters = 2000;
const maxCharacters = 40_000;
const lineEnd = /\r\n?|[\n\u2028\u2029]/;

/** An answer as a part of a text: all its lines but the first are indented, so that none can look like a heading. */
export function answerText(answer = ''): string {
  const text = printable(answer).trim();
  const whole = text.length <= maxAnswerCharacters ? text : `${cutText(text, maxAnswerCharacters - 1)}…`;
  return whole.split(lineEnd).join('\n  ');
}

/** What was answered, each with its question. @param except the keys of those that are shown elsewhere */
export function answeredLines(answers: Answers = {}, except: readonly string[] = []): string[] {
  return questionKeys.flatMap((key) => {
    const text = answerText(answers[key]);
    return text === '' || except.includes(key) ? [] : [`${questionOf(key).question}\n  ${text}`];
  });
}

/** For a ticket that somebody else described. */
export function saidLines({ summary, description, severity, answers, contact }: Said): string[] {
  const lines = [
    summary,
    description,
    severity && `Severity: ${severity}`,
    ...answeredLines(answers),
    contact && `Contact: ${answerText(contactText(contact))}`,
  ];
  const found = lines.filter((line) => line?.trim()).join('\n');
  return found === '' ? [] : ['', cutText(found, maxCharacters), ''];
}
