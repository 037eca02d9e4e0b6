import { isPrecapture } from '../../domain/capture-choice.js';
import type { Item, ServerRecord } from '../../domain/manifest.js';
import type { Layout } from '../layout.js';
import type { BundleFile, OpenBundle } from '../open-bundle.js';
import type { Before } from '../reading.js';
import { type ServerFacts, serverFacts } from './server-facts.js';

type Capture = NonNullable<Item['capture']>;

/** What each capture shows of a server's state, against what was collected: only what is not the same. */
export async function beforeOf(bundle: OpenBundle, { servers }: Layout, signal: AbortSignal): Promise<Before[]> {
  const found: Before[] = [];
  for (const [server, folder] of servers.entries()) {
    const record = bundle.manifest?.servers.find((each) => each.folder === folder.folder);
    const captures = record === undefined ? [] : capturesOf(record);
    if (record === undefined || captures.length === 0) continue;
    const now = await serverFacts(bundle, folder);
    for (const capture of captures) {
      signal.throwIfAborted();
      const then = await serverFacts(asCaptured(bundle, record, capture), folder);
      const captured = { id: capture.id, at: Date.parse(capture.started), beforeEventMs: capture.beforeEventMs };
      found.push({ server, captured, ...rowsOf(then, now) });
    }
  }
  return found;
}

function capturesOf({ items }: ServerRecord): Capture[] {
  const captures = new Map(
    items
      .filter(isPrecapture)
      .flatMap(({ capture }) => (capture === undefined ? [] : [[capture.id, capture] as const])),
  );
  return [...captures.values()].sort((a, b) => (a.started < b.started ? -1 : 1));
}

/** The bundle as if it held the files of a capture in the places of what was collected. */
function asCaptured(bundle: OpenBundle, { folder, items }: ServerRecord, { id }: Capture): OpenBundle {
  const files = items
    .filter((item) => isPrecapture(item) && item.capture?.id === id)
    .flatMap((item): BundleFile[] => {
      const file = bundle.files.find((each) => each.path === `${folder}/${item.path}`);
      const place = placeOf(item);
      return file === undefined || place === undefined ? [] : [{ ...file, path: `${folder}/${place}` }];
    });
  return { ...bundle, manifest: undefined, files };
}

/** Where the same evidence lies that was collected now. */
function placeOf({ collector, path }: Item): string | undefined {
  const name = path.split('/').at(-1) ?? '';
  if (collector === 'vm') return `VM/${name}`;
  return collector === 'cli' ? `CLI/${name}` : undefined;
}

function rowsOf(then: ServerFacts, now: ServerFacts): Pick<Before, 'rows' | 'same'> {
  const before = new Map(then.known.filter(isState).map((fact) => [fact.name, fact]));
  const after = new Map(now.known.filter(isState).map((fact) => [fact.name, fact]));
  const names = [...new Set([...before.keys(), ...after.keys()])];
  const rows = names.flatMap((name) => {
    const [first, second] = [before.get(name), after.get(name)];
    const comparable = first !== undefined && second !== undefined;
    if (comparable && (first.compared === second.compared || first.compared === undefined)) return [];
    return [{ name, before: first?.text, now: second?.text, comparable }];
  });
  const same = names.filter((name) => {
    const compared = before.get(name)?.compared; // what changes by itself is passed over
    return compared !== undefined && compared === after.get(name)?.compared;
  });
  return { rows, same: same.length };
}

function isState({ group }: { group: string }): boolean {
  return group === 'vm' || group === 'cli';
}
