import { randomBytes } from 'node:crypto';
import { shellWord } from '../domain/quoting.js';

/** What a command printed, and its exit status. */
export type Printed = { text: string; code: number };

const limitSeconds = 20;

/** Exit statuses of `timeout` and of the shell: it took too long, it cannot be run, there is none. */
export const tookTooLong = 124;

/**
 * Several commands as one line for the shell, each under a limit of its own and between two lines that nothing can forge which
 * does not know them: they are made anew each time.
 */
export function fence(commands: readonly string[], nonce = randomBytes(8).toString('hex')) {
  const mark = (index: number) => `icepack-${nonce} ${index}`;
  const parts = commands.map(
    (command, index) =>
      `echo '${mark(index)} begins'; limited sh -c ${shellWord(command)} </dev/null 2>&1; r=$?; echo; echo "${mark(index)} ends $r"`,
  );
  const limit = `if command -v timeout >/dev/null; then limited() { timeout ${limitSeconds} "$@"; }; else limited() { "$@"; }; fi`;
  return {
    line: ['export LC_ALL=C', limit, ...parts].join('; '),
    /** What the command with this index printed; undefined where that is not between its lines. */
    read: (output: string, index: number) => printedBetween(output.replaceAll('\r\n', '\n'), mark(index)),
  };
}

function printedBetween(output: string, mark: string): Printed | undefined {
  const begin = `${mark} begins\n`;
  const from = output.startsWith(begin) ? 0 : output.indexOf(`\n${begin}`) + 1;
  if (!output.startsWith(begin, from)) return undefined;
  const rest = output.slice(from + begin.length);
  const end = new RegExp(`(?:^|\\n)${mark} ends (\\d+)(?:\\n|$)`).exec(rest);
  return end === null ? undefined : { text: rest.slice(0, end.index), code: Number(end[1]) };
}
