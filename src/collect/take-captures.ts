import { basename, join } from 'node:path';
import { type Appliance, serverTitle } from '../domain/appliance.js';
import type { Capture } from '../domain/capture.js';
import { type CaptureWish, chosenCaptures, precaptureFolders } from '../domain/capture-choice.js';
import { icepack, say } from '../domain/command.js';
import type { Item } from '../domain/manifest.js';
import { formatDuration } from '../domain/quantities.js';
import { formatLocal } from '../domain/zone.js';
import { reasonOf } from '../errors.js';
import type { ServerJob } from '../servers/job/server-job.js';
import type { CaptureStore } from '../state/captures.js';

const minuteMs = 60_000;

export type CapturesToTake = {
  store: CaptureStore;
  wish: CaptureWish;
  /** When this collection began. */
  collectedFrom: Date;
};

/**
 * The captures of a server that belong to the event, as items of its bundle. What cannot be had of them costs nothing else.
 * @param own what was collected: a capture that handed over its techsupport is not taken a second time
 */
export async function takeCaptures(
  job: ServerJob,
  own: readonly Item[],
  { store, wish, collectedFrom }: CapturesToTake,
): Promise<Item[]> {
  const { appliance, request, operator } = job;
  if (wish === 'none' || request.selection.skipped.has('techsupport') || job.signal.aborted) return [];
  try {
    const ring = (await store.ring(appliance.name)).captures.filter(
      (capture) => isOf(capture, appliance) && !own.some((item) => item.capture?.id === capture.id),
    );
    const chosen = chosenCaptures(ring, { at: request.at, collectedFrom }, wish);
    if (chosen.tooOldMs !== undefined) tellOld(appliance, chosen.tooOldMs, job);
    const taken = [chosen.before, chosen.after].filter((capture) => capture !== undefined);
    const folders = precaptureFolders(taken, (await job.zone).name);
    const items: Item[] = [];
    for (const [at, capture] of taken.entries()) items.push(...(await takeCapture(capture, `${folders[at]}`, job)));
    return items;
  } catch (error) {
    const text = `its captures are not taken: ${reasonOf(error)}`;
    operator.emit({ type: 'warning', server: appliance.name, text });
    return [];
  }
}

/** Another configuration may have another server of that name. */
function isOf({ record }: Capture, { address, cli, hostOs }: Appliance): boolean {
  const { server } = record;
  return server.address === address && (server.ports.cli === cli.port || server.ports.hostOs === hostOs.port);
}

function tellOld({ name, id }: Appliance, ageMs: number, { operator }: ServerJob): void {
  const text = `the last capture of ${serverTitle(id)} began ${formatDuration(ageMs)} before the event: it is left out`;
  operator.emit({
    type: 'note',
    text: say`${name}: ${text}; with it: ${icepack('collect', name, '--capture', 'any')}`,
  });
}

async function takeCapture(capture: Capture, folder: string, job: ServerJob): Promise<Item[]> {
  const zone = await job.zone;
  const items: Item[] = [];
  for (const item of capture.record.items)
    if (item.sha256 !== undefined)
      items.push(await takeFile(capture, item, `${folder}/${basename(item.path)}`, job, zone.name));
  return items;
}

/** A file of a capture is taken as it was captured, or not at all. */
async function takeFile(capture: Capture, item: Item, path: string, job: ServerJob, zone: string): Promise<Item> {
  const about = aboutOf(capture, job.request.at);
  const { bytes: _bytes, sha256: _sha256, ...left } = item;
  const leave = (why: string): Item => ({ ...left, path, status: 'skipped', reason: why, capture: about });
  const isText = item.redactions !== undefined || item.collector !== 'techsupport';
  if (isText && capture.record.unredacted && job.request.redact)
    return leave('it was captured with redaction: false, so the secrets in it are not masked');
  const staging = await job.staging;
  const taken = await staging.copyIn(join(capture.folder, item.path), path);
  if (taken === undefined) return leave('it is gone from the ring');
  if (taken.sha256 === item.sha256)
    return { ...item, path, status: 'ok', reason: reasonFor(capture, item, job, zone), capture: about };
  await staging.withhold(path);
  const why = 'it was changed since it was captured';
  job.operator.emit({ type: 'warning', server: job.appliance.name, text: `${path} is left out: ${why}` });
  return leave(why);
}

export function aboutOf({ id, record }: Capture, at: Date): NonNullable<Item['capture']> {
  const { started, ended } = record;
  return { id, started, ended, beforeEventMs: at.getTime() - Date.parse(started) };
}

/** What a reader must know about it. */
function reasonFor({ record }: Capture, { status, reason }: Item, { request }: ServerJob, zone: string): string {
  const beforeMs = request.at.getTime() - Date.parse(record.started);
  const side = beforeMs > 0 ? 'before' : 'after';
  const [from, to] = [record.started, record.ended].map((time) => formatLocal(new Date(time), zone));
  const minutes = Math.round(beforeMs / minuteMs) * minuteMs;
  const when = `captured ${formatDuration(minutes === 0 ? beforeMs : minutes)} ${side} the event, ${from} to ${to?.slice(11)}`;
  return status === 'ok' && reason === undefined ? when : `${when}; ${reason}`;
}
