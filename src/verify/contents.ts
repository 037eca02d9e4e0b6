import { shownName } from '../bundle/archive/names.js';
import type { Item, Manifest } from '../domain/manifest.js';
import { isJunk, placeInEvent } from '../reading/event-folder.js';
import type { OpenBundle } from '../reading/open-bundle.js';
import { type Check, check } from './check.js';
import type { SeenFile } from './look-at-files.js';

const where = 'contents';

/** Whether each file is the one that the manifest says. What the manifest itself says is not proven by that. */
export function contentChecks(
  { manifest, manifestState }: Pick<OpenBundle, 'manifest' | 'manifestState'>,
  seen: readonly SeenFile[],
): Check[] {
  if (manifestState === 'none') return [check('unknown', 'contents.no-manifest', where, 'no hashes to compare with')];
  if (manifestState === 'foreign')
    return [
      check('unknown', 'contents.no-manifest', where, 'manifest.json is of another program: no hashes to compare with'),
    ];
  if (manifest === undefined) return [unreadable(manifestState)];
  const found = new Map(seen.map((file) => [file.path, file]));
  const expected = hashedItems(manifest);
  const changed = expected.flatMap(([path, item]) => changeOf(path, item, found.get(path)));
  return [...summary(expected.length, changed.length, manifestState), ...changed, ...strangers(manifest, seen)];
}

function unreadable(state: OpenBundle['manifestState']): Check {
  if (state === 'damaged')
    return check('unsafe', 'manifest.valid', 'manifest', 'manifest.json is damaged, or is no manifest of icepack');
  return check(
    'unknown',
    'manifest.schema',
    'manifest',
    `manifest.json is of ${anOther(state)} icepack, and cannot be read`,
  );
}

function anOther(state: OpenBundle['manifestState']): string {
  return state === 'newer' ? 'a newer' : 'an older';
}

function hashedItems({ servers }: Manifest): [path: string, item: Item][] {
  return servers.flatMap(({ folder, items }) =>
    items.filter(({ sha256 }) => sha256 !== undefined).map((item): [string, Item] => [`${folder}/${item.path}`, item]),
  );
}

function changeOf(path: string, item: Item, file: SeenFile | undefined): Check[] {
  const shown = shownName(path);
  if (file === undefined)
    return [check('unsafe', 'contents.not-there', where, `${shown} is in the manifest, and not there`)];
  if (file.damage !== undefined) return []; // told as damage of the archive
  if (file.sha256 === item.sha256 && (item.bytes === undefined || item.bytes === file.bytes)) return [];
  return [check('unsafe', 'contents.changed', where, `${shown} is not what the manifest says: it was changed`)];
}

function summary(expected: number, changed: number, state: OpenBundle['manifestState']): Check[] {
  const text = `${expected - changed} of ${expected} SHA-256 as in manifest.json`;
  if (changed > 0) return [];
  if (state === 'read') return [check('ok', 'contents.hashes', where, text)];
  const schema = `the manifest is of ${anOther(state)} icepack: what this one does not know of it was not checked`;
  return [
    state === 'newer' ? check('ok', 'contents.hashes', where, text) : check('unknown', 'contents.hashes', where, text),
    check('unknown', 'manifest.schema', 'manifest', schema),
  ];
}

/** Files that the manifest does not name, beside what icepack itself writes. */
function strangers({ servers }: Manifest, seen: readonly SeenFile[]): Check[] {
  const known = new Set(['manifest.json', 'README.txt', 'report.html', ...servers.flatMap(namesIn)]);
  return seen
    .filter(({ path }) => !known.has(path) && !isJunk(path))
    .map(({ path }) =>
      check('objection', 'contents.not-in-manifest', where, `${shownName(path)} is not in the manifest`),
    );
}

function namesIn({ folder, items }: Manifest['servers'][number]): string[] {
  return [`${folder}/NOT-COLLECTED.txt`, ...items.map(({ path }) => `${folder}/${path}`)];
}

/** One file twice in the folder of an event is mostly one that was unpacked, or added, a second time. */
export function twiceChecks(seen: readonly SeenFile[]): Check[] {
  const first = new Map<string, string>();
  return seen.flatMap(({ path, bytes, sha256 }) => {
    const key = `${sha256} ${placeInEvent(path)?.folder}`;
    const before = first.get(key);
    if (before === undefined) first.set(key, path);
    if (before === undefined || bytes === 0 || isJunk(path)) return [];
    return [check('objection', 'contents.twice', where, `${shownName(path)} is ${shownName(before)} once more`)];
  });
}
