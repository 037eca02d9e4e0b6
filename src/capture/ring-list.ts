import type { Appliance } from '../domain/appliance.js';
import { serverTitle } from '../domain/appliance.js';
import type { Capture, CapturePolicy } from '../domain/capture.js';
import { icepack, say } from '../domain/command.js';
import type { OutputLine } from '../domain/line.js';
import { formatSize } from '../domain/quantities.js';
import { printableLine } from '../domain/text.js';
import { formatLocal } from '../domain/zone.js';
import type { Workplace } from '../servers/workplace.js';
import type { Standing } from '../state/capture-standing.js';
import { countText } from './capture-text.js';

export type ListedRing = { server: string; title: string; captures: Capture[]; bytes: number; standing: Standing };

/** The rings of these servers, in the order of the configuration. */
export async function listRings(
  appliances: readonly Appliance[],
  { captures }: Pick<Workplace, 'captures'>,
): Promise<ListedRing[]> {
  return Promise.all(
    appliances.map(async ({ name, id }) => {
      const { captures: ring } = await captures.ring(name);
      const bytes = ring.reduce((sum, each) => sum + each.bytes, 0);
      const standing = await captures.standings.read(name);
      return { server: name, title: serverTitle(id), captures: ring, bytes, standing };
    }),
  );
}

export function ringLines(
  rings: readonly ListedRing[],
  { maxBytes, everyMs }: CapturePolicy,
  zone: string,
): OutputLine[] {
  const bytes = rings.reduce((sum, ring) => sum + ring.bytes, 0);
  const isEmpty = rings.every(({ captures }) => captures.length === 0);
  return [
    ...rings.map((ring) => ringLine(ring, everyMs, zone)),
    { text: `ring ${formatSize(bytes)} of ${formatSize(maxBytes)}` },
    ...(isEmpty ? [{ text: say`Have it filled: ${icepack('schedule', '--print', 'cron')}` }] : []),
  ];
}

function ringLine({ title, captures, bytes, standing }: ListedRing, everyMs: number, zone: string): OutputLine {
  const [first, last] = [captures.at(0), captures.at(-1)];
  const trouble = troubleText(standing, zone);
  const time = ({ record }: Capture) => formatLocal(new Date(record.started), zone);
  const what =
    first === undefined || last === undefined
      ? 'no capture'
      : `${countText(captures.length)}  ${time(first)} … ${time(last)}  ${formatSize(bytes)}`;
  const after = trouble ?? nextText(captures, everyMs, zone);
  return { text: `${title}  ${what}${after === '' ? '' : `  ${after}`}`, ...(trouble && { tone: 'bad' as const }) };
}

function troubleText({ health, since, reason }: Standing, zone: string): string | undefined {
  if (health === 'well') return undefined;
  const from = since === undefined ? '' : ` since ${formatLocal(new Date(since), zone)}`;
  return `✗ ${health === 'failing' ? 'failing' : 'skipped'}${from}: ${printableLine(reason ?? '', 400)}`;
}

/** When the next one is due, where they have come regularly. */
function nextText(captures: readonly Capture[], everyMs: number, zone: string): string {
  const [before, last] = captures.slice(-2).map(({ record }) => Date.parse(record.started));
  if (before === undefined || last === undefined || Math.abs(last - before - everyMs) > everyMs / 2) return '';
  return `next about ${formatLocal(new Date(last + everyMs), zone).slice(11)}`;
}

/** The rings for `--json`. */
export function ringDocument(rings: readonly ListedRing[]) {
  return rings.map(({ server, title, captures, bytes, standing }) => ({
    ...{ server, title, bytes, health: standing.health },
    ...{ since: standing.since ?? null, reason: standing.reason ?? null },
    captures: captures.map(({ id, folder, bytes, record }) => ({
      ...{ id, folder, bytes, started: record.started, ended: record.ended },
      items: record.items.map(({ path, status, bytes, sha256 }) => ({ path, status, bytes, sha256 })),
    })),
  }));
}
