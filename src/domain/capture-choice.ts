import type { Capture } from './capture.js';
import type { Item } from './manifest.js';
import { folderTime } from './zone.js';

/** Which captures a bundle takes: those close to the event, whatever their age, or none. */
export type CaptureWish = 'near' | 'any' | 'none';

export type Chosen = {
  before?: Capture;
  after?: Capture;
  /** How long before the event the last one began that is left for its age. */
  tooOldMs?: number;
};

const nearMs = 24 * 3_600_000;

/**
 * The last whole capture that began before the event, and the first after it that ended before the collection.
 * @param ring oldest first
 */
export function chosenCaptures(
  ring: readonly Capture[],
  { at, collectedFrom }: { at: Date; collectedFrom: Date },
  wish: CaptureWish,
): Chosen {
  if (wish === 'none') return {};
  const startedMs = ({ record }: Capture) => Date.parse(record.started);
  const before = ring.findLast((capture) => startedMs(capture) < at.getTime());
  const after = ring.find(
    (capture) => startedMs(capture) >= at.getTime() && Date.parse(capture.record.ended) <= collectedFrom.getTime(),
  );
  const ageMs = before === undefined ? 0 : at.getTime() - startedMs(before);
  const isOld = ageMs > nearMs && wish === 'near';
  return {
    ...(before === undefined || isOld ? {} : { before }),
    ...(after === undefined ? {} : { after }),
    ...(isOld ? { tooOldMs: ageMs } : {}),
  };
}

const precapture = 'Techsupport/precapture_';

/**
 * The folders of captures in a bundle, e.g. `Techsupport/precapture_20261120_1002`, in the server's zone. Two of one minute,
 * or of the hour that comes twice, get folders of their own.
 */
export function precaptureFolders(captures: readonly Capture[], zone: string): string[] {
  const names = captures.map(({ record }) => `${precapture}${folderTime(new Date(record.started), zone)}`);
  return names.map((name, at) => (names.indexOf(name) === at ? name : `${name}_${at + 1}`));
}

/** Whether it lies beside the event's own evidence: techsupport that a capture handed over does not. */
export function isPrecapture({ path }: Pick<Item, 'path'>): boolean {
  return path.startsWith(precapture);
}
