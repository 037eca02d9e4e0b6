import { printable, printableLine } from '../domain/text.js';

const refusals =
  /not permitted|permission denied|access denied|insufficient (?:privilege|right|permission)|not (?:authori[sz]ed|allowed)|unknown command|command not found|no such command|invalid command|^\s*% ?(?:invalid|unknown|incomplete|ambiguous|error)/i;

/** A refusal is short; a longer output, such as a log, may quote one. */
const maxLines = 5;

/** The refusal that the InCenter CLI prints instead of doing a command, e.g. for the read-only role Auditor. */
export function refusalIn(output: string): string | undefined {
  const lines = output.split('\n').filter((line) => line.trim() !== '');
  if (lines.length > maxLines) return undefined;
  const line = lines.find((each) => refusals.test(each));
  return line === undefined ? undefined : printableLine(line);
}

const warnings = /^\W*(?:warning|error|fatal|notice)\b/i;
const maxWarnings = 3;

/** Complaints that were printed although the work was done, in one line; undefined if there are none. */
export function warningsIn(output: string): string | undefined {
  const said = printable(output)
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => warnings.test(line) || refusals.test(line));
  if (said.length === 0) return undefined;
  const more = said.length > maxWarnings ? ` (and ${said.length - maxWarnings} more lines)` : '';
  return `it said: ${said
    .slice(0, maxWarnings)
    .map((line) => printableLine(line))
    .join('; ')}${more}`;
}
