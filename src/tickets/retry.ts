import { type Command, say } from '../domain/command.js';
import { formatDuration } from '../domain/quantities.js';
import { lineToFill, type RequiredField } from '../domain/required-field.js';
import { doubling, retried } from '../domain/retried.js';
import { exitCode, reasonOf, UserError } from '../errors.js';
import { HelpDeskError } from '../helpdesk/help-desk.js';
import type { Operator } from '../ui/operator.js';

const attempts = 4;
/** How long one call may wait in all; where the desk asks for more, the operator comes back later. */
const patienceMs = 120_000;

/**
 * Repeats what certainly had no effect and may go better later: not reachable, busy, asked to wait. Everything else is
 * thrown at once; a doubtful end is for the caller to settle.
 */
export async function withRetries<T>(work: () => Promise<T>, operator: Operator, signal: AbortSignal): Promise<T> {
  let leftMs = patienceMs;
  let told = '';
  return retried(work, {
    pauseAfter(error, failures) {
      if (!mayGoBetter(error) || failures === attempts) return undefined;
      // Never earlier than it asks for, and not all machines at the same moment.
      const waitMs = (error.retryAfterMs ?? 0) + backoffMs(failures);
      leftMs -= waitMs;
      return leftMs < 0 ? undefined : waitMs;
    },
    async pause(waitMs, error) {
      const reason = reasonOf(error);
      const said = reason === told ? 'still not' : reason;
      told = reason;
      operator.emit({ type: 'note', text: `${said}; again in ${Math.ceil(waitMs / 1000)} s` });
      await operator.sleep(waitMs, signal);
      signal.throwIfAborted();
    },
  });
}

function mayGoBetter(error: unknown): error is HelpDeskError {
  return (
    error instanceof HelpDeskError &&
    !error.maybeApplied &&
    (error.kind === 'unavailable' || error.kind === 'rate-limited')
  );
}

/** 1, 2, 4 s, give or take 30 %. */
function backoffMs(failures: number): number {
  return doubling(1000, failures) * (0.7 + 0.6 * Math.random());
}

const advice: Partial<Record<HelpDeskError['kind'], string>> = {
  auth: 'Renew the credential that helpdesk: refers to, then',
  untrusted: 'Name its authority with NODE_EXTRA_CA_CERTS=FILE, or have the certificate renewed, then',
  forbidden: 'Ask the administrator of the help desk for the right to do this, then',
  invalid: 'Correct what the help desk objects to, then',
};

function adviceFor(required: readonly RequiredField[]): string {
  return `Add below helpdesk: ${lineToFill(required)}, then`;
}

/**
 * A failure of the help desk, as the operator sees it; one that asks to wait is no more than "busy".
 * @param next the command that goes on
 * @param kept what is not lost
 */
export function helpDeskFailed(what: string, error: unknown, next: Command, kept = 'The bundle is kept. '): unknown {
  if (!(error instanceof HelpDeskError)) return error;
  const { kind, retryAfterMs, maybeApplied, required } = error;
  const asksToWait = !maybeApplied && (kind === 'rate-limited' || retryAfterMs !== undefined);
  const later = retryAfterMs ? `In ${formatDuration(retryAfterMs)}` : 'Later';
  return new UserError(`helpdesk-${kind}`, `${what}: ${error.message}`, {
    exit: asksToWait ? exitCode.busy : exitCode.helpDesk,
    hint: say`${kept}${required.length > 0 ? adviceFor(required) : (advice[kind] ?? later)}: ${next}`,
    cause: error,
  });
}
