import { z } from 'zod';
import { emailFault } from '../domain/contact.js';
import { internationalPhone, phoneFault } from '../domain/phone.js';
import { questionKeys, questionOf } from '../domain/questions.js';
import { severities, severityMeaning } from '../domain/ticket.js';

const maxAnswer = 2000;
const maxDescription = 30_000;

/** A value as YAML has it: `4711` and `yes` are answers, too, and what is empty is none. */
const said = z
  .union([z.string(), z.number(), z.boolean(), z.null()], { error: 'one text' })
  .transform((value) => String(value ?? '').trim());
const atMost = (length: number) => said.refine((text) => text.length <= length, `at most ${length} characters`);
const line = (length: number) => atMost(length).refine((text) => !/[\x00-\x1f\x7f]/.test(text), 'one line of text');

function oneOf<T extends string>(values: readonly T[]) {
  return z
    .union([z.enum(values as readonly [T, ...T[]]), z.literal(''), z.null()], { error: `one of: ${values.join(', ')}` })
    .transform((value) => value || undefined);
}

/** Checks what is said, where something is. */
function checkedBy(faultIn: (text: string) => string | undefined) {
  return line(200).superRefine((text, context) => {
    const fault = text === '' ? undefined : faultIn(text);
    if (fault !== undefined) context.addIssue({ code: 'custom', message: fault });
  });
}

const answers = Object.fromEntries(
  questionKeys.map((key) => {
    const { question, choices } = questionOf(key);
    const text = key === 'ownReference' ? line(100) : atMost(maxAnswer);
    return [key, (choices === undefined ? text : oneOf(choices)).optional().describe(question)];
  }),
);

const severityHelp = severities.map((value) => `${value}: ${severityMeaning[value]}`).join('; ');

const contact = z.strictObject({
  name: line(200).optional(),
  email: checkedBy(emailFault).optional(),
  phone: checkedBy(phoneFault)
    .transform((phone) => phone && internationalPhone(phone))
    .optional()
    .describe('With country code: +46 660 29 92 00 ext. 12'),
});

/** The schema of a file for `--answers`; `templates/answers.example.yaml` explains it. */
export const answersSchema = z.strictObject({
  summary: line(250).optional().describe('What happened, in one line'),
  severity: oneOf(severities).optional().describe(severityHelp),
  description: atMost(maxDescription).optional().describe('What happened, in more words'),
  ...answers,
  contact: z
    .preprocess((value) => (value === '' || value === null ? undefined : value), contact.optional())
    .describe('Whom support may ask; else whom the configuration names'),
});
