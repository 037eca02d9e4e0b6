import { serverTitle } from '../domain/appliance.js';
import type { OutputLine } from '../domain/line.js';
import type { Manifest } from '../domain/manifest.js';

/** Formats of the vendor, on every server. */
const vendorFiles: Record<string, string> = {
  Config: 'the configuration backups',
  Techsupport: 'the techsupport files',
};

/** What was masked, and what cannot be: for the screen and the ticket. */
export function redactionLines({ servers, unredacted }: Manifest): OutputLine[] {
  if (unredacted)
    return [{ text: 'Secrets in texts are NOT masked: redaction is off in the configuration.', tone: 'warn' }];
  const counts = new Map<string, number>();
  const binary = new Set<string>();
  for (const { id, items } of servers) {
    for (const { path, redactions = {}, notRedactable } of items) {
      for (const [rule, count] of Object.entries(redactions)) counts.set(rule, (counts.get(rule) ?? 0) + count);
      if (notRedactable) binary.add(vendorFiles[path.split('/')[0] ?? ''] ?? `${serverTitle(id)} ${path}`);
    }
  }
  const isText = servers.some(({ items }) => items.some(({ redactions }) => redactions !== undefined));
  return [
    ...(isText ? [{ text: maskedText(counts), tone: 'dim' as const }] : []),
    ...(binary.size === 0
      ? []
      : [{ text: `Not texts, so nothing can be masked in them: ${[...binary].join(', ')}.`, tone: 'dim' as const }]),
  ];
}

function maskedText(counts: ReadonlyMap<string, number>): string {
  const total = [...counts.values()].reduce((sum, count) => sum + count, 0);
  if (total === 0) return 'No secrets were found in the texts.';
  const byRule = [...counts].sort(([a], [b]) => (a < b ? -1 : 1)).map(([rule, count]) => `${rule} ${count}`);
  return `Masked in the texts: ${total} ${total === 1 ? 'secret' : 'secrets'} (${byRule.join(', ')}).`;
}
