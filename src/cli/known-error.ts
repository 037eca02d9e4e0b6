import { CommanderError } from 'commander';
import { icepack, say, type Text, type Verb } from '../domain/command.js';
import { printable } from '../domain/text.js';
import { type ErrorCode, type ExitCode, exitCode, reasonOf, UserError } from '../errors.js';

/** What is said of a failure; a stack is there where it is a bug. */
export type Known = { code: ErrorCode; message: string; hint: Text | null; exit: ExitCode; stack?: string };

/** @param typed the verb that was to be done, as far as it is known, and the part of it */
export async function knownError(
  error: unknown,
  [verb, ...part]: readonly [verb: Verb | '', ...part: string[]],
  secrets: readonly string[],
): Promise<Known> {
  if (error instanceof UserError)
    return { code: error.code, message: error.message, hint: error.hint ?? null, exit: error.exit };
  if (error instanceof Error && 'code' in error && error.code === 'EMFILE') throw error; // told by the launcher, which needs no file for it
  if (isWithoutVerb(error))
    return verb === ''
      ? usage('no verb was given', say`Begin with: ${icepack('demo')}`)
      : usage(`${verb} needs a word that says what to do`, say`See: ${icepack(verb, '--help')}`);
  if (error instanceof CommanderError)
    return usage(
      error.message.replace(/^error: /, ''),
      say`See: ${verb === '' ? icepack('--help') : icepack(verb, ...part, '--help')}`,
    );
  return bugOf(error, secrets);
}

/** How the library says that there was nothing to do. */
export function isWithoutVerb(error: unknown): boolean {
  return error instanceof CommanderError && error.code === 'commander.help';
}

function usage(message: string, hint: Text): Known {
  return { code: 'usage', message, hint, exit: exitCode.usage };
}

/** An error of Node or of a library may quote what it was given: secrets are masked. */
export async function bugOf(error: unknown, secrets: readonly string[]): Promise<Known> {
  const { redactText } = await import('../redaction/redact-text.js');
  const masked = (text: string) => printable(redactText(text, secrets));
  return {
    code: 'bug',
    message: `icepack failed in a way it should not: ${masked(reasonOf(error))}`,
    hint: 'Please report it with the lines below',
    exit: exitCode.bug,
    stack: masked((error instanceof Error ? error.stack : undefined) ?? String(error)),
  };
}
