import { printableLine } from '../domain/text.js';

const refusals =
  /not permitted|permission denied|access denied|insufficient (?:privilege|right|permission)|not (?:authori[sz]ed|allowed)|unknown command|command not found|no such command|invalid command|^\s*% ?(?:invalid|unknown|incomplete|ambiguous|error)/i;

/** A refusal is short; a log may quote one. */
const maxLines = 5;

/** What the InCenter CLI says instead of doing what it was told, e.g. to the read-only role Auditor. */
export function refusalIn(output: string): string | undefined {
  const lines = output.split('\n').filter((line) => line.trim() !== '');
  if (lines.length > maxLines) return undefined;
  const line = lines.find((each) => refusals.test(each));
  return line === undefined ? undefined : printableLine(line);
}
