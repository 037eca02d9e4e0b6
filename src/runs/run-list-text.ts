import { icepack, say } from '../domain/command.js';
import type { OutputLine } from '../domain/line.js';
import { formatSize } from '../domain/quantities.js';

type ShownRun = {
  id: string;
  state: string;
  servers: readonly string[];
  ticket: string | undefined;
  bytes: number;
  missing: readonly string[];
  owes: boolean;
};

/** One line per run; what it still owes below it. */
export function runLines(runs: readonly ShownRun[]): OutputLine[] {
  if (runs.length === 0) return [{ text: 'There are no runs yet.' }];
  const widest = Math.max(...runs.map(({ id }) => id.length));
  return runs.flatMap((run): OutputLine[] => {
    const { id, state, servers, ticket, bytes, missing, owes } = run;
    const where = ticket === undefined ? state : `${ticket} ${state}`;
    const head = [id.padEnd(widest), where, servers.join(' '), formatSize(bytes)].filter(Boolean).join('  ');
    return [
      { text: head, tone: owes ? 'warn' : 'dim' },
      ...missing.map((text): OutputLine => ({ text: `  missing: ${text}` })),
      ...(owes ? [{ text: say`  ${icepack('resume', id)}` }] : []),
    ];
  });
}
