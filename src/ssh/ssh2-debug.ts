import { isTracing, trace } from '../domain/trace.js';

/** Lines of ssh2 that are known to hold only names, numbers and states. All other lines are left out. */
const known = /^(?:Handshake|Client|Agent|Socket|Local ident|Remote ident|Inbound|Outbound|SFTP)\b/;
/** Lines that come with each piece of a file, and would hide what matters. */
const traffic = /CHANNEL_(?:EXTENDED_)?DATA|CHANNEL_WINDOW_ADJUST|^SFTP: .*\b(?:READ|WRITE|DATA)\b/;
/** Environment variables, which come with their values. */
const values = /\benv: /;

/** Passes ssh2's messages about a connection to the trace. Without a trace, ssh2 reports nothing. */
export function ssh2Debug(title: string): { debug?: (line: string) => void } {
  if (!isTracing()) return {};
  return {
    debug: (line) => {
      if (known.test(line) && !traffic.test(line) && !values.test(line)) trace('ssh', () => `${title}: ${line}`);
    },
  };
}
