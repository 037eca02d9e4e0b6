import { shownName } from '../bundle/archive/names.js';
import type { Manifest } from '../domain/manifest.js';
import { isZone } from '../domain/zone-name.js';
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
  const expected = hashesIn(manifest);
  const changed = expected.flatMap(([path, hash]) => changeOf(path, hash, found.get(path)));
  return [
    ...summary(expected.length, changed.length, manifestState),
    ...changed,
    ...contradictions(manifest),
    ...withoutHash(manifest, new Set(expected.map(([path]) => path)), seen),
    ...strangers(manifest, seen),
  ];
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

type Hash = { bytes?: number | undefined; sha256: string };

/** What the manifest has of each file, with its path: of the evidence, and of what icepack itself wrote. */
function hashesIn({ servers, texts = [] }: Manifest): [string, Hash][] {
  const items = servers.flatMap(({ folder, items: own }) =>
    own.flatMap(({ path, bytes, sha256 }): [string, Hash][] =>
      sha256 === undefined ? [] : [[`${folder}/${path}`, { bytes, sha256 }]],
    ),
  );
  return [...items, ...texts.map(({ path, bytes, sha256 }): [string, Hash] => [path, { bytes, sha256 }])];
}

function changeOf(path: string, hash: Hash, file: SeenFile | undefined): Check[] {
  const shown = shownName(path);
  if (file === undefined)
    return [check('unsafe', 'contents.not-there', where, `${shown} is in the manifest, and not there`)];
  if (file.damage !== undefined) return []; // told as damage of the archive
  if (file.sha256 === hash.sha256 && (hash.bytes === undefined || hash.bytes === file.bytes)) return [];
  return [check('unsafe', 'contents.changed', where, `${shown} is not what the manifest says: it was changed`)];
}

/** What a manifest cannot mean: nobody can say which of two counts, and there is no such zone here. */
function contradictions({ event, servers }: Manifest): Check[] {
  const folders = servers.map(({ folder }) => folder);
  const twice = new Set(folders.filter((folder, at) => folders.indexOf(folder) < at));
  const zones = new Set([...servers.map(({ zone }) => zone.name), ...(event.zone === undefined ? [] : [event.zone])]);
  return [
    ...[...twice].map((folder) =>
      check('unsafe', 'manifest.twice', 'manifest', `${shownName(folder)} stands in it twice`),
    ),
    ...[...zones]
      .filter((zone) => !isZone(zone))
      .map((zone) =>
        check(
          'unknown',
          'manifest.zone',
          'manifest',
          `no zone ${shownName(zone, 40)} is known here: times are shown in another`,
        ),
      ),
  ];
}

function summary(expected: number, changed: number, state: OpenBundle['manifestState']): Check[] {
  if (changed > 0) return [];
  if (expected === 0) return [check('unknown', 'contents.hashes', where, 'no SHA-256 is in manifest.json')];
  const text = `${expected} of ${expected} SHA-256 as in manifest.json; manifest.json itself has none`;
  if (state === 'read') return [check('ok', 'contents.hashes', where, text)];
  const schema = `the manifest is of ${anOther(state)} icepack: what this one does not know of it was not checked`;
  return [
    state === 'newer' ? check('ok', 'contents.hashes', where, text) : check('unknown', 'contents.hashes', where, text),
    check('unknown', 'manifest.schema', 'manifest', schema),
  ];
}

/** What icepack writes beside the evidence; of those the manifests of earlier versions have no hash. */
const ownText = /^(?:README\.txt|report\.html|[^/]+\/NOT-COLLECTED\.txt)$/;

/** Files that ought to be there, and of which the manifest has no hash: nobody can say whether they were changed. */
function withoutHash(manifest: Manifest, hashes: ReadonlySet<string>, seen: readonly SeenFile[]): Check[] {
  const names = seen
    .map(({ path }) => path)
    .filter((path) => path !== 'manifest.json' && !hashes.has(path) && isExpected(manifest, path));
  if (names.length === 0) return [];
  const shown = names.slice(0, 3).map((name) => shownName(name));
  const more = names.length > shown.length ? ` and ${names.length - shown.length} more` : '';
  const them = names.length === 1 ? 'it' : 'them';
  const text = `${shown.join(', ')}${more}: the manifest has no SHA-256 of ${them}`;
  return [check('unknown', 'contents.no-hash', where, text)];
}

function isExpected({ servers, texts }: Manifest, path: string): boolean {
  if (path === 'manifest.json' || (texts === undefined && ownText.test(path))) return true;
  return servers.some(({ folder, items }) => items.some((item) => `${folder}/${item.path}` === path));
}

function strangers(manifest: Manifest, seen: readonly SeenFile[]): Check[] {
  const named = new Set((manifest.texts ?? []).map(({ path }) => path));
  return seen
    .filter(({ path }) => !named.has(path) && !isExpected(manifest, path) && !isJunk(path))
    .map(({ path }) =>
      check('objection', 'contents.not-in-manifest', where, `${shownName(path)} is not in the manifest`),
    );
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
