import { spelled } from '../../src/domain/command.ts';
import type { UserError } from '../../src/errors.ts';

/** The next step of a failure, as a person reads it; empty where there is none. */
export function hintOf({ hint }: Pick<UserError, 'hint'>): string {
  return spelled(hint ?? '');
}
