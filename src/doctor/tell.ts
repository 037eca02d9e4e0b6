import type { FaceId } from '../domain/appliance.js';
import type { Text } from '../domain/command.js';
import type { Endpoint } from '../domain/endpoint.js';
import { reasonOf, UserError } from '../errors.js';
import { withDeadline } from '../servers/deadline.js';
import type { Check, CheckId } from './check.js';

const stepLimitMs = 45_000;

export type Tell = (
  check: CheckId,
  status: Check['status'],
  text: string,
  hint?: Text,
  key?: Pick<Check, 'key' | 'pin'>,
) => void;

/** Adds the checks of one place. Each check is made only if the one before made it possible. */
export function tellAbout(checks: Check[], endpoint: Endpoint, face?: FaceId): Tell {
  return (check, status, text, hint, key = {}) => {
    const server = face === undefined ? {} : { server: endpoint.server, face };
    checks.push({ check, status, place: endpoint.title, ...server, text, ...key, hint: hint ?? null });
  };
}

/** Makes one check of a face; a failure becomes a line, and does not end the examination. */
export async function look(
  check: CheckId,
  tell: Tell,
  hint: Text,
  signal: AbortSignal,
  work: (limited: AbortSignal) => Promise<void>,
) {
  try {
    await withDeadline(stepLimitMs, signal, work);
  } catch (error) {
    signal.throwIfAborted();
    if (!(error instanceof UserError)) throw error;
    tell(check, 'fail', reasonOf(error), error.hint ?? hint);
  }
}
