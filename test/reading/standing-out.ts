import type { Incident } from '../support/incident-maker.ts';

type Counted = { before: number; round: number; after: number };
export type StandingOut = Counted & { kind: string; template: string; server: number };

/** What is to stand out of an incident, by the rules as they are written down; made without what is tested. */
export function standingOut({ logs, servers, at, window }: Incident): StandingOut[] {
  const found: StandingOut[] = [];
  const templates = new Set(logs.flatMap(({ counts }) => [...counts.keys()]));
  const roundMs = 7 * 60_000;
  for (const template of templates) {
    const holders = logs.filter(({ counts }) => counts.has(template));
    for (const { counts, server, known, name } of holders) {
      const { before, round, after } = counts.get(template) ?? { before: 0, round: 0, after: 0 };
      const beforeMs = at - 120_000 - Math.max(window.since, known.at[0] ?? 0);
      const rate = round / roundMs / (before / beforeMs);
      const peers = servers.filter(
        (_each, index) => index !== server && logs.some((log) => log.server === index && log.name === name),
      );
      const kind = kindOf({ before, round, after }, rate, holders.length === 1 && peers.length > 0);
      if (kind !== undefined) found.push({ kind, template, server, before, round, after });
    }
  }
  return found;
}

function kindOf({ before, round, after }: Counted, rate: number, isAlone: boolean): string | undefined {
  if (before === 0 && round > 0) return 'new';
  if (round >= 20 && rate >= 10) return 'frequent';
  if (before >= 20 && round + after === 0) return 'stopped';
  return isAlone && before + round + after >= 20 ? 'only-here' : undefined;
}
