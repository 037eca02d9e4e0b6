import { UserError } from '../errors.js';
import { AnswerSheet } from './answer-sheet.js';
import type { Operator } from './operator.js';

/**
 * Holds an interview in which a person can go back, and which ends with a review of all answers, to be confirmed or
 * changed. For that the interview is run again from its beginning with the earlier answers, so it must do nothing but
 * ask.
 * @param check throws a UserError where something cannot be as it was answered: the person says which answer, and gives another
 */
export async function interviewed<T>(
  operator: Operator,
  interview: (operator: Operator) => Promise<T>,
  check: (value: T) => Promise<void> = async () => undefined,
): Promise<T> {
  if (operator.ask === undefined) {
    const value = await interview(operator);
    await check(value);
    return value;
  }
  const sheet = new AnswerSheet(operator, operator.ask);
  try {
    for (;;) {
      const result = await sheet.pass(interview);
      if (result === undefined) continue;
      const refused = await refusalOf(result.value, check);
      if (refused === undefined ? await sheet.isRight() : await sheet.mend(refused)) return result.value;
    }
  } catch (error) {
    throw error instanceof UserError && error.code === 'interrupted' ? nothingKept(error) : error;
  }
}

async function refusalOf<T>(value: T, check: (value: T) => Promise<void>): Promise<UserError | undefined> {
  try {
    await check(value);
    return undefined;
  } catch (error) {
    if (error instanceof UserError) return error;
    throw error;
  }
}

function nothingKept(cause: UserError): UserError {
  const message = `${cause.message}: nothing was begun, and no answer is kept`;
  return new UserError('interrupted', message, { exit: cause.exit, cause });
}
