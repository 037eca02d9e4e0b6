import { serverTitle } from '../domain/appliance.js';
import { isPrecapture } from '../domain/capture-choice.js';
import type { Item, Manifest, ServerRecord } from '../domain/manifest.js';
import { printableLine } from '../domain/text.js';
import { type GuidePart, isJunk, isOfCapture, placeInEvent } from '../reading/event-folder.js';
import type { EventFolder, Layout } from '../reading/layout.js';
import { type Check, check } from './check.js';
import type { SeenFile } from './look-at-files.js';

const partOf: Record<string, GuidePart> = { config: 'Config', techsupport: 'Techsupport' };
const whatItIs: Record<'Config' | 'Techsupport', string> = {
  Config: 'the configuration backup',
  Techsupport: 'the techsupport file',
};
const mandatory = ['Config', 'Techsupport'] as const;
const optional: readonly GuidePart[] = ['Logs', 'CLI', 'VM'];

/** What the manifest says is missing, not whole, or not covered; and mandatory files that are not what they should be. */
export function evidenceByManifest({ servers }: Manifest, seen: readonly SeenFile[]): Check[] {
  const found = new Map(seen.map((file) => [file.path, file]));
  if (servers.length === 0) return nothingOfAServer('manifest.json names no server');
  return servers.flatMap((server) => [
    ...mandatory.flatMap((part) => unnamed(server, part)),
    ...server.items.flatMap((item) => itemCheck(server, item, found.get(`${server.folder}/${item.path}`))),
    ...clockCheck(server),
  ]);
}

/** What a manifest keeps silent about is missing all the same. */
function unnamed({ id, items }: ServerRecord, part: (typeof mandatory)[number]): Check[] {
  if (items.some((item) => partOf[item.collector] === part && !isPrecapture(item))) return [];
  const text = `missing, and manifest.json does not say why: ${whatItIs[part]} is mandatory`;
  return [check('missing', `evidence.${part.toLowerCase()}`, `${serverTitle(id)} ${part}`, text)];
}

function itemCheck(server: ServerRecord, item: Item, file: SeenFile | undefined): Check[] {
  const part = isPrecapture(item) ? undefined : partOf[item.collector];
  const label = serverTitle(server.id);
  const reason = printableLine(item.reason ?? 'no reason is known', 300);
  if (part !== undefined && item.status === 'skipped')
    return [check('objection', `evidence.${item.collector}`, `${label} ${part}`, `left out: ${reason}`)];
  if (part !== undefined && item.status !== 'ok')
    return [check('missing', `evidence.${item.collector}`, `${label} ${part}`, `${stateWord(item)}: ${reason}`)];
  if (part !== undefined && file?.flaw !== undefined) return [flawCheck(part, label, file.flaw)];
  if (item.status === 'failed' || item.status === 'partial') {
    const id = item.coverage === undefined ? `evidence.${item.collector}` : 'coverage.log';
    const where = item.coverage === undefined ? label : 'coverage';
    const what = item.coverage === undefined ? item.path : `${label} ${item.path}`;
    return [check('objection', id, where, `${what} ${stateWord(item)}: ${reason}`)];
  }
  return file?.flaw === undefined ? [] : [check('objection', 'inside.damaged', label, `${item.path}: ${file.flaw}`)];
}

function stateWord({ status, bytes }: Item): string {
  return status === 'partial' && bytes !== undefined ? 'is not whole' : 'missing';
}

function flawCheck(part: GuidePart, label: string, flaw: string): Check {
  return check(
    'missing',
    `evidence.${part.toLowerCase()}`,
    `${label} ${part}`,
    `not what it should be: ${printableLine(flaw)}`,
  );
}

function clockCheck(server: ServerRecord): Check[] {
  if (server.clock !== null) return [];
  return [check('unknown', 'clock.offset', `${serverTitle(server.id)} clock`, 'never measured: its times are its own')];
}

/** Which parts of the guide's are there, of a bundle made by hand. */
export function evidenceByGuide({ servers }: Layout, seen: readonly SeenFile[]): Check[] {
  if (servers.length === 0) return nothingOfAServer('nothing in it looks like the folder of an event');
  return servers.flatMap((server) => [
    ...mandatory.flatMap((part) => mandatoryCheck(server, part, seen)),
    ...optionalCheck(server, seen),
    ...flawsIn(server, optional, seen),
  ]);
}

function filesOf({ folder }: EventFolder, part: GuidePart, seen: readonly SeenFile[]): SeenFile[] {
  return seen.filter(({ path }) => {
    const place = placeInEvent(path);
    return place?.folder === folder && place.part === part && !isJunk(path) && !isOfCapture(place);
  });
}

function mandatoryCheck(server: EventFolder, part: 'Config' | 'Techsupport', seen: readonly SeenFile[]): Check[] {
  const files = filesOf(server, part, seen);
  const where = `${server.label} ${part}`;
  const id = `evidence.${part.toLowerCase()}`;
  if (files.every(({ bytes }) => bytes === 0))
    return [check('missing', id, where, `${files.length === 0 ? 'missing' : 'empty'}: ${whatItIs[part]} is mandatory`)];
  const good = files.filter(({ flaw, bytes }) => flaw === undefined && bytes > 0);
  if (good.length > 0)
    return [
      check('ok', id, where, good.map(({ path }) => path.split('/').at(-1)).join(', ')),
      ...flawsIn(server, [part], seen),
    ];
  return [flawCheck(part, server.label, files.find(({ flaw }) => flaw !== undefined)?.flaw ?? '')];
}

/** What is not what its name says, beside what is good. */
function flawsIn(server: EventFolder, parts: readonly GuidePart[], seen: readonly SeenFile[]): Check[] {
  return parts.flatMap((part) =>
    filesOf(server, part, seen).flatMap(({ path, flaw }) => {
      const name = path.slice(server.folder.length).replace(/^\//, '');
      return flaw === undefined ? [] : [check('objection', 'inside.damaged', server.label, `${name}: ${flaw}`)];
    }),
  );
}

function nothingOfAServer(text: string): Check[] {
  return mandatory.map((part) => check('missing', `evidence.${part.toLowerCase()}`, part, text));
}

function optionalCheck(server: EventFolder, seen: readonly SeenFile[]): Check[] {
  const absent = optional.filter((part) => filesOf(server, part, seen).length === 0);
  if (absent.length === 0) return [];
  return [
    check(
      'objection',
      'evidence.optional',
      server.label,
      `nothing in ${absent.join(', ')}: support would like to have it`,
    ),
  ];
}
