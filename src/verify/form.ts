import { shownName } from '../bundle/archive/names.js';
import { eventFolder } from '../domain/bundle-layout.js';
import type { Manifest } from '../domain/manifest.js';
import { formatSize } from '../domain/quantities.js';
import { folderTime } from '../domain/zone.js';
import { isZone } from '../domain/zone-name.js';
import { eventWords, guidePart, isJunk, placeInEvent } from '../reading/event-folder.js';
import { type EventFolder, folderInstant, type Layout } from '../reading/layout.js';
import type { OpenBundle } from '../reading/open-bundle.js';
import { type Check, check } from './check.js';

const where = 'layout';
/** What support takes as an attachment (guide, chapter 2: 25 MBytes, read cautiously). */
const attachmentBytes = 25_000_000;

export function sizeChecks({ kind, bytes }: Pick<OpenBundle, 'kind' | 'bytes'>): Check[] {
  if (kind !== 'zip' || bytes <= attachmentBytes) return [];
  const text = `${bytes} bytes (${formatSize(bytes)}): over ${attachmentBytes} bytes support wants it over FTP, and not at the ticket`;
  return [check('objection', 'size.limit', 'size', text)];
}

/** Whether the folders are named as the guide has it. */
export function formChecks(bundle: OpenBundle, layout: Layout): Check[] {
  const { manifest } = bundle;
  const objections = [
    ...topChecks(bundle),
    ...(manifest === undefined ? handMadeChecks(bundle, layout) : ownChecks(manifest)),
    ...junkChecks(bundle),
  ];
  if (objections.length > 0) return objections;
  const there = new Set(bundle.files.map(({ path }) => placeInEvent(path)?.folder));
  const folders = new Set(layout.servers.map(({ folder }) => folder).filter((folder) => there.has(folder)));
  if (folders.size > 0) return [check('ok', 'layout.folders', where, [...folders].join(', '))];
  const whose = manifest === undefined ? 'the folder of an event' : 'a folder that manifest.json names';
  return [check('unknown', 'layout.folders', where, `no file is in ${whose}`)];
}

function topChecks({ kind, top }: OpenBundle): Check[] {
  if (kind === 'run' || /^TIC-[1-9]\d*$/.test(top ?? '')) return [];
  const what = top === undefined ? 'no single folder on top' : `${shownName(top)} on top`;
  return [check('objection', 'layout.top', where, `${what}: expected TIC-nnn, by the number of the ticket`)];
}

function ownChecks({ event, servers }: Manifest): Check[] {
  const at = new Date(event.at);
  return servers.flatMap(({ id, folder, zone }) => {
    if (!isZone(zone.name)) return []; // told with the manifest
    const expected = eventFolder({ number: event.number, at }, { id, zone: zone.name });
    return folder === expected ? [] : [nameCheck(folder, expected)];
  });
}

function nameCheck(folder: string, expected: string): Check {
  const text = `${shownName(`${folder}/`)}: expected ${expected} (number, server, time of the event)`;
  return check('objection', 'layout.folder-name', where, text);
}

function handMadeChecks({ files }: OpenBundle, layout: Layout): Check[] {
  const paths = files.map(({ path }) => path).filter((path) => !isJunk(path));
  return [
    ...layout.servers.flatMap((server) => folderChecks(server, layout)),
    ...partChecks(paths),
    ...placeChecks(paths.filter((path) => !isPacked(path))),
    ...packedChecks(paths.filter(isPacked)),
    ...orderChecks(layout),
    ...nameChecks(paths),
  ];
}

function folderChecks({ folder }: EventFolder, { event, zone }: Layout): Check[] {
  const words = eventWords(folder);
  const expected = expectedName(folder, event, zone);
  if (folder === '')
    return [check('objection', 'layout.folder-name', where, `no folder of an event: expected ${expected}`)];
  if (!words.isExact || folder.includes('/')) return [nameCheck(folder, expected)];
  const at = folderInstant(words, zone);
  if (at === undefined) return [check('objection', 'layout.time', where, `${folder}: there is no such time`)];
  if (event === undefined || Math.abs(at.getTime() - event.at.getTime()) < 60_000 || words.number !== event.number)
    return [];
  return [check('objection', 'layout.time', where, `${folder}: the event was at ${folderTime(event.at, zone)}`)];
}

function expectedName(folder: string, event: Layout['event'], zone: string): string {
  const { number, server } = eventWords(folder);
  const time = event === undefined ? 'YYYYMMDD_HHMM' : folderTime(event.at, zone);
  return `Event${number ?? 'N'}_ICE${server === undefined ? 'nn' : String(server).padStart(2, '0')}_${time}`;
}

/** Parts of the guide's that are written otherwise. */
function partChecks(paths: readonly string[]): Check[] {
  const odd = new Map<string, string>();
  for (const path of paths) {
    const name = path
      .split('/')
      .slice(0, -1)
      .find((each) => guidePart(each) !== undefined);
    const part = name === undefined ? undefined : guidePart(name);
    if (name !== undefined && part !== undefined && part !== name) odd.set(name, part);
  }
  return [...odd].map(([name, part]) =>
    check('objection', 'layout.part-name', where, `${shownName(`${name}/`)}: expected ${part}/`),
  );
}

/** An archive in the archive, outside of the folders where one may be evidence. */
function isPacked(path: string): boolean {
  return placeInEvent(path)?.part === undefined && /\.(?:zip|tar|tgz|tar\.\w+|7z|rar)$/i.test(path);
}

function packedChecks(paths: readonly string[]): Check[] {
  return paths
    .slice(0, 3)
    .map((path) =>
      check('objection', 'layout.packed-twice', where, `${shownName(path)} is packed once more: it is not looked into`),
    );
}

function placeChecks(paths: readonly string[]): Check[] {
  const astray = paths.filter(
    (path) => placeInEvent(path)?.part === undefined && !/^[^/]*\.(?:txt|md|pdf)$/i.test(path),
  );
  if (astray.length === 0) return [];
  const shown = astray.slice(0, 3).map((path) => shownName(path, 60));
  const more = astray.length > shown.length ? ` and ${astray.length - shown.length} more` : '';
  const text = `${shown.join(', ')}${more}: expected in Config, Techsupport, Logs, CLI or VM of an event folder`;
  return [check('objection', 'layout.place', where, text)];
}

/** Events are numbered as they happened (guide, chapter 3). */
function orderChecks({ servers, zone }: Layout): Check[] {
  const events = servers.flatMap(({ folder }) => {
    const words = eventWords(folder);
    const at = folderInstant(words, zone);
    return words.number === undefined || at === undefined ? [] : [{ number: words.number, at: at.getTime() }];
  });
  const isWrong = events.some((event) => events.some((other) => other.number > event.number && other.at < event.at));
  return isWrong
    ? [check('objection', 'layout.order', where, 'an event with a lower number is later than one with a higher')]
    : [];
}

function nameChecks(paths: readonly string[]): Check[] {
  const odd = paths.filter((path) => /[^\x20-\x7e]/.test(path));
  if (odd.length === 0) return [];
  return [
    check(
      'objection',
      'layout.letters',
      where,
      `${shownName(odd[0] ?? '')}: not everybody sees the same letters in it`,
    ),
  ];
}

function junkChecks({ files }: OpenBundle): Check[] {
  const junk = files.filter(({ path }) => isJunk(path));
  if (junk.length === 0) return [];
  const names = [
    ...new Set(junk.map(({ path }) => (path.startsWith('__MACOSX/') ? '__MACOSX' : (path.split('/').at(-1) ?? '')))),
  ];
  return [
    check(
      'objection',
      'layout.junk',
      where,
      `${names
        .slice(0, 3)
        .map((name) => shownName(name))
        .join(', ')}: left there by another program`,
    ),
  ];
}
