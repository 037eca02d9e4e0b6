import { join } from 'node:path';
import type { HandOver } from '../capture/meet-captures.js';
import { serverTitle } from '../domain/appliance.js';
import type { Capture } from '../domain/capture.js';
import type { Item } from '../domain/manifest.js';
import { reasonOf } from '../errors.js';
import type { ServerJob } from '../servers/job/server-job.js';
import { aboutOf } from './take-captures.js';

/**
 * Waits for the techsupport that a capture runs at the server: a second one would double the load.
 * @returns its file, where it was begun after the event; undefined where this run makes its own
 */
export async function handedOver(handOver: HandOver, job: ServerJob): Promise<Item[] | undefined> {
  const { appliance, operator, signal } = job;
  const text = `${serverTitle(appliance.id)}: a capture runs techsupport there; it is waited for`;
  operator.emit({ type: 'note', text });
  try {
    return await takenFrom(await handOver.ended(signal), job);
  } catch (error) {
    operator.emit({ type: 'warning', server: appliance.name, text: `it cannot be taken over: ${reasonOf(error)}` });
    return undefined;
  }
}

async function takenFrom(capture: Capture | undefined, job: ServerJob): Promise<Item[] | undefined> {
  const { appliance, request, operator } = job;
  const item = capture?.record.items.find(
    ({ collector, sha256 }) => collector === 'techsupport' && sha256 !== undefined,
  );
  if (capture === undefined || item?.started === undefined || Date.parse(item.started) < request.at.getTime())
    return undefined;
  const staging = await job.staging;
  const taken = await staging.copyIn(join(capture.folder, item.path), item.path);
  if (taken === undefined) return undefined;
  if (taken.sha256 !== item.sha256) {
    await staging.withhold(item.path);
    return undefined;
  }
  const reason = [item.reason, 'made by a capture that was at work when this run began'].filter(Boolean).join('; ');
  const { path, status, bytes, collector } = item;
  operator.emit({
    type: 'collector-ended',
    server: appliance.name,
    collector,
    items: [{ path, status, ...(bytes && { bytes }), reason }],
    losses: [],
  });
  return [{ ...item, reason, capture: aboutOf(capture, request.at) }];
}
