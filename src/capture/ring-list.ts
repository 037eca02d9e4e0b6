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

export type ListedRing = {
  server: string;
  title: string;
  captures: Capture[];
  bytes: number;
  standing: Standing;
  /** Its server is not in the configuration. */
  isOther?: true;
};

type Tools = Pick<Workplace, 'captures'>;

/** The rings of these servers, in the order of the configuration. */
export function listRings(appliances: readonly Appliance[], workplace: Tools): Promise<ListedRing[]> {
  return Promise.all(appliances.map(({ name, id }) => listedRing(name, serverTitle(id), workplace)));
}

/** Rings that hold captures of servers which are not in the configuration, or not any more. */
export async function otherRings(known: readonly Appliance[], workplace: Tools): Promise<ListedRing[]> {
  const servers = (await workplace.captures.servers()).filter((server) => !known.some(({ name }) => name === server));
  const rings = await Promise.all(servers.sort().map((server) => listedRing(server, server, workplace)));
  return rings.flatMap((ring) => (ring.captures.length === 0 ? [] : [{ ...ring, isOther: true as const }]));
}

async function listedRing(server: string, title: string, { captures }: Tools): Promise<ListedRing> {
  const { captures: ring } = await captures.ring(server);
  const bytes = ring.reduce((sum, each) => sum + each.bytes, 0);
  return { server, title, captures: ring, bytes, standing: await captures.standings.read(server) };
}

/** @param isAll whether these are all rings: only then is their size what `maxSize` limits */
export function ringLines(
  rings: readonly ListedRing[],
  { maxBytes, everyMs }: CapturePolicy,
  zone: string,
  isAll: boolean,
): OutputLine[] {
  const bytes = rings.reduce((sum, ring) => sum + ring.bytes, 0);
  const isEmpty = rings.every(({ captures }) => captures.length === 0);
  return [
    ...rings.flatMap((ring) => ringText(ring, everyMs, zone)),
    ...(isAll ? [{ text: `ring ${formatSize(bytes)} of ${formatSize(maxBytes)}` }] : []),
    ...(isEmpty ? [{ text: say`Have it filled: ${icepack('schedule', '--print', 'cron')}` }] : []),
  ];
}

function ringText(ring: ListedRing, everyMs: number, zone: string): OutputLine[] {
  const { captures, bytes, standing, isOther } = ring;
  const title = printableLine(ring.title, 80);
  const [first, last] = [captures.at(0), captures.at(-1)];
  const time = ({ record }: Capture) => formatLocal(new Date(record.started), zone);
  const what =
    first === undefined || last === undefined
      ? 'no capture'
      : `${countText(captures.length)}  ${time(first)} … ${time(last)}  ${formatSize(bytes)}`;
  if (isOther) return [{ text: `${title}  ${what}` }, { text: '  Its server is not in the configuration.' }];
  const trouble = troubleText(standing, zone);
  if (trouble !== undefined) return [{ text: `${title}  ${what}` }, { text: `  ${trouble}`, tone: 'bad' }];
  const next = nextText(captures, everyMs, zone);
  return [{ text: `${title}  ${what}${next === '' ? '' : `  ${next}`}` }];
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
  return `next ${formatLocal(new Date(last + everyMs), zone).slice(11)}`;
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
