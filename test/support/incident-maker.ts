import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { hashFile, writeZip } from '../../src/bundle/zip.ts';
import { eventFolder } from '../../src/domain/bundle-layout.ts';
import { type Manifest, manifestSchema } from '../../src/domain/manifest.ts';
import { offsetMinutes } from '../../src/domain/zone.ts';
import { type LogPlan, writeLog } from './incident/log-plan.ts';
import { manifestOf } from './incident/manifest.ts';
import { Random } from './incident/random.ts';
import { storyOf } from './incident/story.ts';
import { type Style, styles } from './incident/styles.ts';
import type { LogTruth, Silence } from './incident/truth.ts';

export { hostileLines } from './incident/hostile.ts';
export type { LogTruth } from './incident/truth.ts';
export { countsOf, orderOf } from './incident/truth.ts';

export type IncidentOptions = {
  seed?: number;
  servers?: number;
  /** Of all logs together, about. */
  lines?: number;
  at?: Date;
  /** How long the window is on either side of the event. */
  halfMinutes?: number;
  /** Lines that attack whoever shows them. */
  isHostile?: boolean;
  /** Without a manifest, as made by hand. */
  isByHand?: boolean;
  /** How far each clock is ahead in ms; null: never measured. */
  offsets?: readonly (number | null)[];
  zones?: readonly string[];
  /** The clock of the second server is set back by so many ms, ten minutes after the event. */
  setBackMs?: number;
  /** Which styles are used; all by default. */
  styles?: readonly string[];
  /** Logs of a syslog server for the first server. */
  isExported?: boolean;
  /** A pre-capture for the first server. */
  isCaptured?: boolean;
  /** Nothing is missing: no techsupport that timed out, no log that begins late, no silence. */
  isWhole?: boolean;
  /** Of deflate; 1 is fast. */
  level?: number;
};

export type IncidentServer = {
  name: string;
  title: string;
  id: number;
  folder: string;
  zone: string;
  /** How far its clock is ahead, in ms. */
  offsetMs: number;
  isMeasured: boolean;
};

/** A bundle and what is true of it. */
export type Incident = {
  zip: string;
  /** The same, unpacked: the top folder is inside. */
  folder: string;
  manifest: Manifest | undefined;
  at: number;
  window: { since: number; until: number };
  servers: readonly IncidentServer[];
  /** In the order in which equal times are sorted: by server, then name. */
  logs: readonly LogTruth[];
  silences: readonly Silence[];
};

export const top = 'TIC-1234';
const usualOffsets = [0, 73_000, -4200, 1500];
const usualZones = ['Europe/Stockholm', 'UTC', 'America/New_York', 'Asia/Kolkata'];

/** Makes a bundle as icepack does, of invented servers; the same options give the same bytes. */
export async function makeIncident(folder: string, options: IncidentOptions = {}): Promise<Incident> {
  const { seed = 1, lines = 4000, at = new Date('2026-11-20T09:32:00Z'), halfMinutes = 30 } = options;
  const window = { since: at.getTime() - halfMinutes * 60_000, until: at.getTime() + halfMinutes * 60_000 };
  const servers = serversOf(options, at);
  const story = storyOf({ at: at.getTime(), window, servers, lines, options });
  const random = new Random(seed);
  const root = join(folder, top);
  const plans = servers.flatMap((server, index) =>
    plansOf(server, index, { lines, options, story, random, window, root }),
  );
  const logs: LogTruth[] = [];
  for (const plan of plans) logs.push(await writeLog(plan));
  const others = writeOthers(root, servers, options);
  const manifest = manifestOf({ at, window, servers, logs, others, story, options });
  manifestSchema.parse(manifest);
  if (options.isByHand !== true) writeFileSync(join(root, 'manifest.json'), JSON.stringify(manifest));
  writeFileSync(join(root, 'README.txt'), 'An invented incident.\n');
  const zip = join(folder, `${top}_${servers[0]?.folder.replace(/_ICE\d+/, '') ?? 'Event1'}.zip`);
  const names = [...logs.map(({ path }) => path), ...others.map(({ path }) => path), 'README.txt'];
  if (options.isByHand !== true) names.push('manifest.json');
  await zipOf(zip, root, names, options.level ?? 6, at);
  const made = options.isByHand === true ? undefined : manifest;
  return { zip, folder: root, manifest: made, at: at.getTime(), window, servers, logs, silences: story.silences };
}

function serversOf(
  { servers = 4, offsets = usualOffsets, zones = usualZones }: IncidentOptions,
  at: Date,
): IncidentServer[] {
  return Array.from({ length: servers }, (_, index) => {
    const zone = zones[index % zones.length] ?? 'UTC';
    const offset = offsets[index % offsets.length] ?? null;
    const folder = eventFolder({ number: 1, at }, { id: index + 1, zone });
    const title = `ICE${String(index + 1).padStart(2, '0')}`;
    const name = title.toLowerCase();
    return { name, title, id: index + 1, folder, zone, offsetMs: offset ?? 0, isMeasured: offset !== null };
  });
}

type PlanGround = {
  lines: number;
  options: IncidentOptions;
  story: ReturnType<typeof storyOf>;
  random: Random;
  window: { since: number; until: number };
  root: string;
};

/** What share of the lines is in which log. */
const shares = { audit: 0.1, debug: 0.6, system: 0.3 } as const;

function plansOf(server: IncidentServer, index: number, ground: PlanGround): LogPlan[] {
  const { lines, options, story, random, window, root } = ground;
  const { servers = 4, seed = 1 } = options;
  const names = ['audit', 'debug', 'system'] as const;
  const plans = names.map((kind, at): LogPlan => {
    const style = styleFor(options, seed + at);
    const name = `${kind}.log`;
    const path = `${server.folder}/Logs/${name}`;
    const count = Math.round((lines * shares[kind]) / servers);
    const own = story.entries.filter((entry) => entry.server === index && entry.log === kind);
    const breaks = story.breaks.filter((each) => each.server === index && each.log === kind);
    const setBack =
      index === 1 && options.setBackMs ? { at: window.until - 20 * 60_000, byMs: options.setBackMs } : undefined;
    return {
      ...{ server, index, name, path, file: join(root, path), kind, style, count, own, breaks, window, random },
      ...{
        isHostile: options.isHostile === true && kind === 'system' && index === 0,
        setBack,
        isOwnClock: !server.isMeasured,
      },
    };
  });
  if (options.isExported !== true || index > 0) return plans;
  const [, , system] = plans;
  if (system === undefined) return plans;
  const path = `${server.folder}/Logs/exported/fw.log`;
  const exported = {
    ...system,
    name: 'exported/fw.log',
    path,
    file: join(root, path),
    own: [],
    breaks: [],
    isHostile: false,
  };
  return [...plans.slice(0, 2), { ...exported, count: 50, isOwnClock: true }, system];
}

function styleFor({ styles: wanted }: IncidentOptions, at: number): Style {
  const chosen = styles.filter(({ name }) => wanted?.includes(name) ?? true);
  const style = chosen[at % chosen.length];
  if (style === undefined) throw new Error('no such style');
  return style;
}

export type OtherFile = { server: number; path: string; bytes: number; content: string };

function writeOthers(root: string, servers: readonly IncidentServer[], options: IncidentOptions): OtherFile[] {
  const others: OtherFile[] = [];
  const put = (server: number, path: string, content: string) => {
    const file = join(root, path);
    mkdirSync(join(file, '..'), { recursive: true });
    writeFileSync(file, content);
    others.push({ server, path, bytes: Buffer.byteLength(content), content });
  };
  for (const [index, { folder, title }] of servers.entries()) {
    put(index, `${folder}/Config/backup.tar.gz`, `not really a backup of ${title}`);
    if (options.isWhole === true || index !== 3)
      put(index, `${folder}/Techsupport/techsupport_20261120101004.tsf`, title);
    put(index, `${folder}/CLI/transcript.txt`, cliText(index));
    put(index, `${folder}/VM/virtual-machine.txt`, `hypervisor: VMware ESXi 8\nmemory: ${index === 2 ? 8 : 16} GB\n`);
    if (index === 1) put(index, `${folder}/Logs/errors/4711.err`, 'System exception\nPeerLostException\n');
    if (index === 0 && options.isCaptured === true)
      put(
        index,
        `${folder}/Techsupport/precapture_20261120_1002/virtual-machine.txt`,
        'hypervisor: VMware ESXi 8\nmemory: 32 GB\n',
      );
  }
  return others;
}

function cliText(index: number): string {
  return `> about\nInCenter ${index === 2 ? '2.2.4' : '2.2.5'}\n> show ha\nstate: ${index === 0 ? 'ACTIVE' : 'PASSIVE'}\nuptime: ${index + 3} days\n`;
}

async function zipOf(zip: string, root: string, names: readonly string[], level: number, at: Date): Promise<void> {
  const entries = [];
  for (const name of names) {
    const path = join(root, name);
    const { sha256 } = await hashFile(path);
    entries.push({ name: `${top}/${name}`, at, file: { path, sha256 } });
  }
  await writeZip(zip, entries, undefined, level);
}

/** How far the clock of a zone is ahead of UTC at an instant. */
export function minutesEast(zone: string, at: number): number {
  return offsetMinutes(zone, new Date(at));
}
