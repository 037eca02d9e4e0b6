import type { Span } from '../domain/recurrence.js';
import type { Sighting } from '../domain/watch-event.js';
import type { Begun, HistoryEntry, Tally } from '../domain/watch-history.js';

/** Something that lasted, or lasts: `until` is null then. */
export type Lasting = Pick<Begun, 'server' | 'check' | 'instance' | 'what' | 'suppressed'> & {
  since: Date;
  until: Date | null;
};

/** What lasted, by the history. What turned out to be nothing is left out. */
export function lastingIn(entries: readonly HistoryEntry[]): Lasting[] {
  const lasting = new Map<string, Lasting>();
  for (const entry of entries) {
    if (entry.type !== 'seen') continue;
    for (const { since, event: _, ...thing } of entry.began ?? []) {
      const key = keyOf({ ...thing, since });
      if (!lasting.has(key)) lasting.set(key, { ...thing, since: new Date(since), until: null });
    }
    for (const { unclear, ...thing } of entry.ended ?? []) {
      const known = lasting.get(keyOf(thing));
      if (unclear) lasting.delete(keyOf(thing));
      else if (known !== undefined) lasting.set(keyOf(thing), { ...known, until: known.until ?? new Date(entry.at) });
    }
  }
  return [...lasting.values()];
}

function keyOf({ server, check, instance = '', what, since }: Omit<Begun, 'event'>): string {
  return JSON.stringify([server, check, instance, what, since]);
}

/** When the watch was blind; `until` is null where it is. */
export function blindIn(entries: readonly HistoryEntry[]): { from: Date; until: Date | null }[] {
  const blind = new Map<string, { from: Date; until: Date | null }>();
  for (const entry of entries) {
    if (entry.type !== 'seen') continue;
    const open = [...blind].findLast(([, { until }]) => until === null);
    if (entry.seesAgain !== undefined && open !== undefined)
      blind.set(open[0], { ...open[1], until: new Date(entry.seesAgain) });
    if (entry.blind !== undefined && !blind.has(entry.blind))
      blind.set(entry.blind, { from: new Date(entry.blind), until: null });
  }
  return [...blind.values()];
}

/** Since when servers are being set up, and until when they were. */
export function stagedIn(entries: readonly HistoryEntry[], { self }: Sighting) {
  const staged: { server: string; since: Date; until: Date | null }[] = [];
  for (const entry of entries) {
    if (entry.type !== 'seen') continue;
    for (const server of entry.unstaged ?? [])
      for (const each of staged) if (each.server === server) each.until ??= new Date(entry.at);
    const open = (server: string) => staged.some((each) => each.server === server && each.until === null);
    for (const server of entry.staged ?? [])
      if (!open(server)) staged.push({ server, since: new Date(entry.at), until: null });
  }
  const now = Object.entries(self?.staged ?? {}).map(([server, since]) => ({
    server,
    since: new Date(since),
    until: null,
  }));
  return [
    ...staged.filter(({ server, until }) => until !== null || !now.some((each) => each.server === server)),
    ...now,
  ];
}

/** All rounds that were counted, each once, those among them that the history does not count yet. */
export function talliesIn(entries: readonly HistoryEntry[], { self }: Sighting): Tally[] {
  const tallies = new Map<number, Tally>();
  for (const entry of entries) if (entry.type === 'rounds') tallies.set(entry.from, entry);
  if (self?.tally !== undefined) tallies.set(self.tally.from, self.tally);
  return [...tallies.values()].toSorted((a, b) => a.from - b.from);
}

/** When the watch was at work. */
export function watchedSpans(tallies: readonly Tally[]): Span[] {
  return tallies.map(({ from, until }) => ({ from: new Date(from), until: new Date(until) }));
}
