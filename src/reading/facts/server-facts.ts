import { StringDecoder } from 'node:string_decoder';
import { crc32 } from 'node:zlib';
import { isPrecapture } from '../../domain/capture-choice.js';
import type { Item, ServerRecord } from '../../domain/manifest.js';
import { formatSize } from '../../domain/quantities.js';
import { printable, printableLine } from '../../domain/text.js';
import { type GuidePart, isJunk, isOfCapture, placeInEvent } from '../event-folder.js';
import type { EventFolder } from '../layout.js';
import type { BundleFile, OpenBundle } from '../open-bundle.js';
import { answersIn } from './answers.js';
import { listTar, type TarListing } from './tar-listing.js';
import { isVolatile, steady, withoutMasks } from './volatile.js';

/** One thing that is known of a server. */
export type Known = {
  group: 'version' | 'vm' | 'clock' | 'cli' | 'config' | 'items' | 'logs';
  name: string;
  /** As it is shown, in one line. */
  text: string;
  /** What is compared; undefined where it changes by itself. */
  compared: string | undefined;
  /** Nobody knows it: it is what is taken where nothing tells it. */
  isAssumed?: true;
};

/** All that is known of a server, to be put beside that of another. */
export type ServerFacts = {
  label: string;
  known: readonly Known[];
  /** The answers of its CLI by command, line by line. */
  answers: ReadonlyMap<string, readonly string[]>;
  /** Of its configuration backup; never the contents. */
  backup: TarListing | undefined;
};

const maxTextBytes = 1024 * 1024;
const cellLength = 120;

export async function serverFacts(bundle: OpenBundle, server: EventFolder): Promise<ServerFacts> {
  const record = bundle.manifest?.servers.find(({ folder }) => folder === server.folder);
  const files = filesOf(bundle.files, server.folder);
  const answers = await answersOf(files);
  const backup = await backupIn(files);
  return {
    label: server.label,
    known: [
      ...versionFacts(record),
      ...(await vmFacts(files)),
      ...clockFacts(record, server),
      ...[...answers].flatMap(([command, lines]) => answerFacts(command, lines)),
      ...backupFacts(backup),
      ...itemFacts(record),
      ...logFacts(record),
    ],
    answers,
    backup,
  };
}

type PlacedFile = BundleFile & { part: GuidePart | undefined; rest: string };

/** Without what was captured at another time. */
function filesOf(files: readonly BundleFile[], folder: string): PlacedFile[] {
  return files.flatMap((file) => {
    const place = placeInEvent(file.path);
    if (place?.folder !== folder || isJunk(file.path) || isOfCapture(place)) return [];
    return [{ ...file, part: place.part, rest: place.rest }];
  });
}

function versionFacts(record: ServerRecord | undefined): Known[] {
  return Object.entries(record?.versions ?? {}).map(([name, version]) => plain('version', name, version));
}

function plain(group: Known['group'], name: string, text: string): Known {
  const shown = printableLine(text, cellLength);
  return { group, name: printableLine(name, 60), text: shown, compared: withoutMasks(shown) };
}

async function vmFacts(files: readonly PlacedFile[]): Promise<Known[]> {
  const found: Known[] = [];
  for (const file of files.filter(({ part }) => part === 'VM')) found.push(...pairsIn('vm', '', await linesOf(file)));
  return found;
}

/** Lines as `name: value` or `name = value`. */
function pairsIn(group: 'vm' | 'cli', before: string, lines: readonly string[]): Known[] {
  return lines.flatMap((line) => {
    const pair = pairOf(line);
    if (pair === undefined) return [];
    const compared = isVolatile(pair.name) ? undefined : steady(pair.value);
    return [{ ...plain(group, `${before}${pair.name}`, pair.value), compared }];
  });
}

function pairOf(line: string): { name: string; value: string } | undefined {
  const [, name, value] = /^\s*([A-Za-z][\w ./()%-]{0,48}?)\s*[:=]\s+(\S.*)$/.exec(line) ?? [];
  return name === undefined || value === undefined ? undefined : { name, value };
}

function clockFacts(record: ServerRecord | undefined, { zone }: EventFolder): Known[] {
  const zoneFact = zoneFactOf(zone);
  if (record?.clock == null) return [zoneFact];
  const { offsetMs, errorMs, jumpedMs } = record.clock;
  const compared = Math.abs(offsetMs) <= Math.max(errorMs, 1000) ? 'in step' : String(Math.round(offsetMs / 1000));
  const text = `${offsetMs < 0 ? '−' : '+'}${(Math.abs(offsetMs) / 1000).toFixed(1)} s`;
  const jumped = jumpedMs === undefined ? [] : [plain('clock', 'was set', `by ${(jumpedMs / 1000).toFixed(1)} s`)];
  return [zoneFact, { group: 'clock', name: 'offset', text, compared }, ...jumped];
}

function zoneFactOf({ name, source }: EventFolder['zone']): Known {
  if (source !== 'assumed') return plain('clock', 'zone', name);
  return { ...plain('clock', 'zone', `${name} (assumed)`), compared: undefined, isAssumed: true };
}

async function answersOf(files: readonly PlacedFile[]): Promise<Map<string, readonly string[]>> {
  const answers = new Map<string, readonly string[]>();
  for (const file of files.filter(({ part }) => part === 'CLI')) {
    const name = file.rest.replace(/\.[a-z]+$/i, '');
    for (const [command, lines] of answersIn(await linesOf(file), name)) answers.set(printableLine(command, 60), lines);
  }
  return answers;
}

/** Each value by itself, and all other lines as one. */
function answerFacts(command: string, lines: readonly string[]): Known[] {
  const others = lines.filter((line) => line.trim() !== '' && pairOf(line) === undefined).map(steady);
  const pairs = pairsIn('cli', `${command}: `, lines);
  if (others.length === 0) return pairs;
  const sum = crc32(others.join('\n')).toString(16).padStart(8, '0');
  const text = `${others.length} lines (${sum})`;
  return [...pairs, { group: 'cli', name: command, text, compared: sum }];
}

async function backupIn(files: readonly PlacedFile[]): Promise<TarListing | undefined> {
  const file = files.find(({ part, rest }) => part === 'Config' && /\.(?:tar|tgz|tar\.gz)$/i.test(rest));
  return file === undefined ? undefined : listTar(file.read());
}

function backupFacts(backup: TarListing | undefined): Known[] {
  if (backup === undefined) return [];
  const files = [...backup.files].sort(([a], [b]) => (a < b ? -1 : 1));
  const bytes = files.reduce((sum, [, file]) => sum + file.bytes, 0);
  const all = JSON.stringify(files);
  const sum = crc32(all).toString(16).padStart(8, '0');
  const names = files.length === 0 ? '' : ` (${sum})`;
  const text = `${files.length} files, ${formatSize(bytes)}${backup.isWhole ? '' : ', not whole'}${names}`;
  return [{ group: 'config', name: 'backup', text, compared: all }];
}

function itemFacts(record: ServerRecord | undefined): Known[] {
  const items = (record?.items ?? []).filter((item) => !isPrecapture(item));
  return items.map((item) => plain('items', itemName(item), item.status));
}

/** Names of evidence bear times, so the kind stands for what there is one of. */
function itemName({ collector, path }: Item): string {
  return collector === 'config' || collector === 'techsupport' ? collector : path;
}

function logFacts(record: ServerRecord | undefined): Known[] {
  return (record?.items ?? []).flatMap(({ path, coverage }): Known[] => {
    const lines = coverage?.cut?.lines;
    if (lines === undefined) return [];
    return [{ group: 'logs', name: path.replace(/^Logs\//, ''), text: `${lines} lines`, compared: undefined }];
  });
}

/** The lines of a text, clean to show; of a very long one its beginning. */
export async function linesOf(file: BundleFile): Promise<string[]> {
  const decoder = new StringDecoder('utf8');
  let text = '';
  for await (const chunk of file.read()) {
    text += decoder.write(chunk);
    if (text.length > maxTextBytes) break;
  }
  const lines = printable(text.slice(0, maxTextBytes)).split('\n');
  return lines.at(-1) === '' ? lines.slice(0, -1) : lines;
}
