import { shellWord } from '../domain/quoting.js';

/** The browser of this desktop. */
export type Browser = {
  /** @returns whether the desktop took the page */
  open(page: string): Promise<boolean>;
  /** Whether pages are opened, as it was answered once. */
  answered(): Promise<boolean | undefined>;
  keep(answer: boolean): Promise<void>;
};

/** The ways from here to what a person fills in a web form with; each is absent where there is none. */
export type Handover = {
  browser?: Browser;
  /** Sends a text to the clipboard of the terminal, which says nothing about it. @returns false where it is too large */
  clipboard?(text: string): boolean;
  /** The person sits at another machine. @returns what is typed there to fetch files from here */
  fetch?(paths: readonly string[]): string;
};

/** Many terminals cut there what they are given for the clipboard. */
const mostClipboardBytes = 74_994;

/**
 * The sequence that gives a terminal a text for its clipboard (OSC 52). tmux takes it itself where `set-clipboard` is on,
 * and passes the wrapped one on where `allow-passthrough` is: both are sent, for it does not say how it is set.
 * @returns undefined where the text is too large
 */
export function clipboardSequence(text: string, inTmux: boolean): string | undefined {
  const base64 = Buffer.from(text).toString('base64');
  if (base64.length > mostClipboardBytes) return undefined;
  const sequence = `\x1b]52;c;${base64}\x07`;
  return inTmux ? `${sequence}\x1bPtmux;${sequence.replaceAll('\x1b', '\x1b\x1b')}\x1b\\` : sequence;
}

/** Where a person reached this machine: SSH says its address and port, as the server sees them. */
export type Reached = { user: string; address: string; port: number };

/** @param connection `SSH_CONNECTION`: two addresses, each with a port, ours last */
export function reachedBy(connection: string | undefined, user: string): Reached | undefined {
  const [, , address = '', port = ''] = (connection ?? '').split(' ');
  if (!/^[\w.:%-]+$/.test(address) || !/^\d{1,5}$/.test(port)) return undefined;
  return { user, address, port: Number(port) };
}

/** A command that fetches files. */
export function scpLine({ user, address, port }: Reached, paths: readonly string[]): string {
  const host = address.includes(':') ? `[${address}]` : address;
  const sources = paths.map((path) => shellWord(`${user}@${host}:${anyShell(path)}`));
  return ['scp', ...(port === 22 ? [] : ['-P', port]), ...sources, '.'].join(' ');
}

/**
 * Old clients of SCP give a path to the shell of the server, new ones do not: no quotes are right for both. Both take `?`
 * for any character.
 */
function anyShell(path: string): string {
  return path.replace(/[^\w./:,@%+=\u0080-\u{10ffff}-]/gu, '?');
}
