import { defined } from '../domain/defined.js';
import { HelpDeskError } from './help-desk.js';

/** What follows the first write of a call: where it fails, that one is there, or may be. */
export async function afterWriting<T>(work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    throw error instanceof HelpDeskError ? maybeApplied(error) : error;
  }
}

function maybeApplied(error: HelpDeskError): HelpDeskError {
  const { kind, message, status, retryAfterMs, required } = error;
  const facts = { maybeApplied: true, required, cause: error, ...defined({ status, retryAfterMs }) };
  return new HelpDeskError(kind, message, facts);
}
