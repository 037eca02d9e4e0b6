import { type Bundle, safeName } from '../domain/bundle-layout.js';
import type { TicketFile } from '../domain/ticket.js';
import type { Journal } from '../state/journal.js';

/**
 * The name for a file at a ticket: its own, made safe, or with `_2` where another file has that.
 * @returns also whether it is there already; where the help desk tells no sums, only what the journal knows is
 */
export function nameAt(
  files: readonly TicketFile[],
  { name, bytes, sha256 }: Bundle,
  journal: Journal,
): { name: string; isThere: boolean } {
  const safe = safeName(name, new Set());
  const isOurs = (file: TicketFile) =>
    file.sha256 === undefined && file.sizeBytes === bytes && wasSent(journal, file.name, sha256);
  const same = files.find((file) => file.sha256 === sha256);
  if (same !== undefined) return { name: same.name, isThere: true };
  for (let copy = 1; ; copy++) {
    const candidate = copy === 1 ? safe : numbered(safe, copy);
    const named = files.filter((file) => file.name.toLowerCase() === candidate.toLowerCase());
    if (named.length === 0) return { name: candidate, isThere: false };
    if (named.some(isOurs)) return { name: candidate, isThere: true };
  }
}

function wasSent({ entries }: Journal, name: string, sha256: string): boolean {
  return entries.some(
    (entry) =>
      (entry.type === 'attaching' || entry.type === 'attached') && entry.name === name && entry.sha256 === sha256,
  );
}

function numbered(name: string, copy: number): string {
  const dot = name.lastIndexOf('.');
  return dot <= 0 ? `${name}_${copy}` : `${name.slice(0, dot)}_${copy}${name.slice(dot)}`;
}
