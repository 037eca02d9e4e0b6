import { contactText } from '../domain/contact.js';
import { askQuestions } from '../tickets/question-form.js';
import { answeredLines, answerText, type Said } from '../tickets/said-text.js';
import { tellClosed } from '../tickets/submit-by-api.js';
import type { Prompter } from '../ui/prompter.js';
import { postOnce, type Saying } from './post-once.js';
import { aloneAt, readTicket, resultOf, type TicketAnswer, type TicketCall } from './ticket-call.js';

/** Comments on a ticket. */
export async function sayTo(saying: Saying, call: TicketCall, what = 'comment'): Promise<TicketAnswer> {
  const ticket = await readTicket(call);
  tellClosed(ticket, call.operator);
  const done = await aloneAt(ticket, call, () => postOnce(saying, ticket, call));
  const told =
    done === 'posted'
      ? { text: `The ${what} is at ${ticket.key}  ${ticket.url}`, tone: 'good' as const }
      : { text: `${ticket.key} has this ${what} already; --again writes it once more.` };
  return {
    lines: [told],
    fields: { ticket: resultOf(ticket), comment: { text: saying.text, posted: done === 'posted' } },
    next: [],
  };
}

/** What is written to a ticket that is described later. */
export function descriptionText(
  description: string,
  { answers, contact }: Pick<Said, 'answers' | 'contact'> = {},
): string {
  const answered = [
    ...answeredLines(answers),
    ...(contact === undefined ? [] : [`Contact: ${answerText(contactText(contact))}`]),
  ];
  return [`Description\n\n${description.trim()}`, ...(answered.length === 0 ? [] : [answered.join('\n')])].join('\n\n');
}

/** Asks for a description, and for what the guide wants to know. */
export async function askDescription(ask: Prompter): Promise<string> {
  const description = await askWords('Describe it', ask);
  const said = await askQuestions<Said & { description: string }>({ description }, ask, {});
  return descriptionText(said.description, said);
}

/** A line, or as many as are written in an editor. */
export async function askWords(question: string, ask: Prompter): Promise<string> {
  for (let again = ''; ; again = ' A few words, please') {
    const words = (await ask.long(`${question}${again}`)).trim();
    if (words !== '') return words;
  }
}
