import { isTracing, trace } from '../domain/trace.js';

/** Lines of ssh2 that are known to hold names, numbers and states. All others are left out, whatever is in them. */
const known = /^(?:Handshake|Client|Agent|Socket|Local ident|Remote ident|Inbound|Outbound|SFTP)\b/;
/** Lines that come with each piece of a file, and would hide what matters. */
const traffic = /CHANNEL_(?:EXTENDED_)?DATA|CHANNEL_WINDOW_ADJUST|^SFTP: .*\b(?:READ|WRITE|DATA)\b/;
/** Variables of the environment come with their values. */
const values = /\benv: /;

/** Takes what ssh2 says of a connection to the trace. Without one there is none, and ssh2 says nothing. */
export function ssh2Debug(title: string): { debug?: (line: string) => void } {
  if (!isTracing()) return {};
  return {
    debug: (line) => {
      if (known.test(line) && !traffic.test(line) && !values.test(line)) trace('ssh', () => `${title}: ${line}`);
    },
  };
}
