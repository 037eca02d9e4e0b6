import { type Contact, contactFaults, contactText, parseContact, shownContact } from '../domain/contact.js';
import type { Intent } from '../domain/journal.js';
import { type Answers, questionKeys, questionOf } from '../domain/questions.js';
import type { Field, FormValues, Prompter } from '../ui/prompter.js';

/** What is known before anything is answered. */
export type KnownAnswers = {
  contact?: Contact | undefined;
  /** Product, version, and the servers it is about. */
  system?: string | undefined;
  /** What was answered for the ticket before. */
  last?: Answers;
};

type Said = Pick<Intent, 'description' | 'answers' | 'contact'>;
type Phones = typeof import('../domain/phone.js');

const title = 'More for support? They will ask (Enter: go on)';

/** Asks what support wants to know besides the essentials, all of it in one list. @returns what was said before where nothing is added */
export async function askQuestions<S extends Said>(said: S, ask: Prompter, known: KnownAnswers): Promise<S> {
  const phones = await import('../domain/phone.js');
  const before = valuesOf(said);
  const values = await ask.form(title, fieldsOf(known, phones), { values: before });
  const isSame = Object.entries(values).every(([key, value]) => value === (before[key] ?? ''));
  return isSame ? said : { ...said, ...saidIn(values, known) };
}

function fieldsOf({ contact, system, last = {} }: KnownAnswers, phones: Phones): Field[] {
  const description: Field = {
    ...{ key: 'description', title: 'Description', kind: 'long' },
    question: 'Describe it in more words',
  };
  const ofContact: Field = {
    ...{ key: 'contact', title: 'Contact', kind: 'text', known: contact && contactText(contact) },
    question: 'Whom to ask: name, e-mail, telephone with country code',
    validate: (text) => contactFaults(parseContact(text), phones)[0],
    tidy: (text) => contactText(shownContact(parseContact(text), phones)),
  };
  const asked = questionKeys.map((key): Field => {
    const { question, choices, isNew, title } = questionOf(key);
    const kind = choices === undefined ? ({ kind: 'text' } as const) : ({ kind: 'choice', choices } as const);
    return {
      key,
      title,
      question,
      ...kind,
      ...(isNew ? {} : { last: last[key] }),
      ...(key === 'system' && { known: system }),
    };
  });
  return [description, ...asked, ofContact];
}

function valuesOf({ description, answers, contact }: Said): FormValues {
  return {
    ...(description === undefined ? {} : { description }),
    ...answers,
    ...(contact === undefined ? {} : { contact: contactText(contact) }),
  };
}

/** A system that was known is not said again. */
function saidIn({ description, contact, ...others }: FormValues, { system }: KnownAnswers): Said {
  const answered = Object.entries(others).filter(([key, value]) => value && !(key === 'system' && value === system));
  return {
    ...(description === undefined ? {} : { description }),
    answers: Object.fromEntries(answered),
    ...(contact === undefined ? {} : { contact: parseContact(contact) }),
  };
}
