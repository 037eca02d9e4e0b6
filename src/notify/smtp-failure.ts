import { printableLine } from '../domain/text.js';
import { reasonOf } from '../errors.js';
import { NotifyError, type NotifyFailure } from './channel.js';
import { codeOf, isUntrusted } from './http-failure.js';
import { masked } from './masked.js';

/** How far a mail came; from `data` on, the server may have it. */
export type Stage = 'connect' | 'login' | 'envelope' | 'data';

/** What it means that a mail could not be handed over. */
export function smtpFailure(error: unknown, host: string, stage: Stage, secrets: readonly string[]): NotifyError {
  const answered = responseCode(error);
  const reason = printableLine(masked(reasonOf(error), secrets), 300);
  const maybeSent = stage === 'data' && answered === undefined;
  return new NotifyError(kindOf(error, answered), `${host}, at ${titles[stage]}: ${reason}`, {
    maybeSent,
    cause: error,
  });
}

const titles: Record<Stage, string> = {
  connect: 'the connection',
  login: 'the login',
  envelope: 'the recipient',
  data: 'the end of the mail',
};

function kindOf(error: unknown, answered: number | undefined): NotifyFailure {
  if (answered !== undefined && answered < 500) return 'unavailable';
  const code = codeOf(error);
  if (code === 'EAUTH') return 'auth';
  if (answered !== undefined) return [530, 534, 535].includes(answered) ? 'auth' : 'refused';
  return isUntrusted(error) || isUntrusted(causeOf(error)) || code === 'ETLS' ? 'refused' : 'unavailable';
}

/** The library gives an error a code of its own, and keeps that of the system beside it. */
function causeOf(error: unknown): unknown {
  if (!(error instanceof Error && 'originalCode' in error)) return undefined;
  return Object.assign(new Error(), { code: error.originalCode });
}

function responseCode(error: unknown): number | undefined {
  if (!(error instanceof Error && 'responseCode' in error)) return undefined;
  return typeof error.responseCode === 'number' ? error.responseCode : undefined;
}
