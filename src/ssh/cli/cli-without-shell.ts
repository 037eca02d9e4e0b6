import { itemError, reasonOf, UserError } from '../../errors.js';
import type { SessionSource } from '../connection.js';
import { execPlain } from '../exec.js';
import type { CliSession } from './cli.js';
import { screenText } from './cli-text.js';

/** Each command in a session of its own; its exit status says when it has ended. */
export function sessionWithoutShell(sessions: SessionSource, noShell: UserError): CliSession {
  let printed = '';
  return {
    async run(command, signal) {
      printed = '';
      const started = new Date();
      try {
        const { stdout, stderr } = await execPlain(sessions, command, signal);
        printed = screenText(stdout + stderr);
        return { prompt: '', command, text: printed, started, ended: new Date() };
      } catch (error) {
        if (!(error instanceof UserError && error.code === 'request-refused')) throw error;
        throw itemError('no-shell', `${reasonOf(noShell)}, and a command without one too`, error);
      }
    },
    printed: () => printed,
    close: () => undefined,
  };
}
