import type { FaceId } from './appliance.js';
import type { Item, Manifest, ServerRecord } from './manifest.js';
import { type Completeness, completenessOf, isUnreachable } from './outcome.js';

/** Why evidence is missing or not whole, said once, with all that it cost. */
export type Loss = {
  reason: string;
  /** The face that was down, where that is why. */
  face?: FaceId;
  /** What else kept its evidence away, where the face was not the only way to it. */
  also: readonly string[];
  missing: readonly LostItem[];
  /** What is there, but not whole. */
  partial: readonly LostItem[];
  /** It cost items that needed either face, too: they are with the other face. */
  shared?: true;
};

export type LostItem = Pick<Item, 'path' | 'status' | 'reason' | 'bytes'>;

/** What a server gave and what it did not: the one source of summary, ticket, `README.txt` and `--json`. */
export type Assessment = {
  server: ServerRecord;
  verdict: Completeness | 'unreachable';
  /** What was asked for and is there as it should be. */
  collected: readonly Item[];
  losses: readonly Loss[];
  skipped: readonly Item[];
};

export function assess(manifest: Pick<Manifest, 'servers'>): Assessment[] {
  return manifest.servers.map(assessServer);
}

export function assessServer(server: ServerRecord): Assessment {
  const { items } = server;
  return {
    server,
    verdict: isUnreachable(server) ? 'unreachable' : completenessOf(server),
    collected: items.filter(({ status }) => status === 'ok').map((item) => withoutFaces(item, facesDown(server))),
    losses: lossesOf(server.items, facesDown(server)),
    skipped: items.filter(({ status }) => status === 'skipped'),
  };
}

const faceIds: readonly FaceId[] = ['cli', 'hostOs'];

type OpenLoss = {
  reason: string;
  face?: FaceId;
  also: string[];
  missing: LostItem[];
  partial: LostItem[];
  shared?: true;
};

/** What was left out of the bundle to fit is as good as missing in it. */
function isThere({ status, bytes }: LostItem): boolean {
  return status === 'partial' && bytes !== undefined;
}

/** Faces that let nobody in, each with the reason. */
export type FacesDown = readonly (readonly [FaceId, string])[];

/** The faces that were down come first; one of them that cost nothing is told all the same. Each item is in one loss. */
export function lossesOf(items: readonly LostItem[], down: FacesDown): Loss[] {
  const found = new Map<string, OpenLoss>();
  for (const [face, reason] of down) found.set(reason, { reason, face, also: [], missing: [], partial: [] });
  for (const item of items) {
    if (item.status !== 'failed' && item.status !== 'partial') continue;
    const { reason, others, besides } = reasonOf(item, down);
    markShared(others, found);
    const loss = found.get(reason) ?? { reason, also: [], missing: [], partial: [] };
    loss[isThere(item) ? 'partial' : 'missing'].push(item);
    if (besides !== undefined && !loss.also.includes(besides)) loss.also.push(besides);
    found.set(reason, loss);
  }
  return [...found.values()];
}

function markShared(reasons: readonly string[], found: ReadonlyMap<string, OpenLoss>): void {
  for (const reason of reasons) {
    const loss = found.get(reason);
    if (loss !== undefined) loss.shared = true;
  }
}

export function facesDown({ faces }: Pick<ServerRecord, 'faces'>): FacesDown {
  return faceIds.flatMap((face): [FaceId, string][] => {
    const { status, reason } = faces[face];
    return status === 'down' && reason !== undefined ? [[face, reason]] : [];
  });
}

type ItemReason = { reason: string; others: string[]; besides?: string };

/** The face that was down, the first where both were, and what is said besides; or the one reason. */
function reasonOf(item: LostItem, down: FacesDown): ItemReason {
  const reason = item.reason ?? 'no reason is known';
  const reasons = down.map(([, why]) => why).filter((why) => reason.includes(why));
  const [first, ...others] = reasons;
  if (first === undefined) return { reason, others };
  const rest = reasons
    .reduce((text, why) => text.replace(why, ''), reason)
    .split(';')
    .map((part) => part.trim())
    .filter((part) => /\w/.test(part) && !part.endsWith(':')); // what led over to a reason that is told by itself
  return { reason: first, others, ...(rest.length > 0 ? { besides: rest.join('; ') } : {}) };
}

/** A note that repeats why a face was down, which is told with that face, is shorter without it. */
export function withoutFaces<T extends LostItem>(item: T, down: FacesDown): T {
  if (item.reason === undefined) return item;
  return { ...item, reason: withoutFaceReasons(item.reason, down) };
}

export function withoutFaceReasons(text: string, down: FacesDown): string {
  return down.reduce((rest, [, why]) => rest.replace(`, because ${why}`, ''), text);
}

/** e.g. `Logs/system.log, audit.log, errors/, CLI/transcript.txt`: a folder is named where it changes. */
export function pathsText(items: readonly Pick<Item, 'path'>[]): string {
  let folder = '';
  const names = items.map(({ path }) => {
    const own = path.slice(0, path.indexOf('/') + 1);
    const name = own === folder && path !== own ? path.slice(own.length) : path;
    folder = own;
    return name;
  });
  return names.join(', ');
}
