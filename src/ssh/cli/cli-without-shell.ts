import { itemError, reasonOf, UserError } from '../../errors.js';
import type { SessionSource } from '../connection.js';
import { execPlain } from '../exec.js';
import type { CliSession } from './cli.js';
import { screenText } from './cli-text.js';

const maxPrintedBytes = 8 * 1024 * 1024;

/** Runs each command in a session of its own; its exit status says when it has ended. */
export function sessionWithoutShell(sessions: SessionSource, noShell: UserError): CliSession {
  let printed: Buffer[] = [];
  return {
    async run(command, signal) {
      const heard: Buffer[] = [];
      printed = heard;
      let bytes = 0;
      const hear = (text: Buffer) => {
        bytes += text.length;
        if (bytes <= maxPrintedBytes) heard.push(text);
      };
      const started = new Date();
      try {
        const { stdout, stderr } = await execPlain(sessions, command, signal, command, hear);
        return { prompt: '', command, text: screenText(stdout + stderr), started, ended: new Date() };
      } catch (error) {
        if (!(error instanceof UserError && error.code === 'request-refused')) throw error;
        throw itemError('no-shell', `${reasonOf(noShell)}, and a command without one too`, error);
      }
    },
    printed: () => screenText(Buffer.concat(printed).toString('utf8')),
    close: () => undefined,
  };
}
