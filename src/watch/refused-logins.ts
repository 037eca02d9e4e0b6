import { createHash } from 'node:crypto';
import { fileStamp } from '../config/stamp.js';
import type { Appliance, FaceId } from '../domain/appliance.js';
import { endpointOf, wayTo } from '../domain/endpoint.js';
import type { WatchCheck } from '../domain/watch-check.js';
import type { ServerSeen, Stamp } from '../domain/watch-event.js';
import type { Access } from '../servers/access.js';
import { endpointsOf } from '../servers/server-faces.js';
import { passedMs } from './core/stamp.js';

type Refused = ServerSeen['refused'];

const refusedForMs = 6 * 3_600_000;

/** Changes when the configuration, or what a server is logged in to with, may have changed. */
export async function loginsStamp(appliance: Appliance, configPath: string, access: Access): Promise<string> {
  const logins = await Promise.all(endpointsOf([appliance]).map((endpoint) => access.stampOf(endpoint)));
  const text = [await fileStamp(configPath), ...logins].join('\n');
  return createHash('sha256').update(text).digest('hex').slice(0, 32);
}

/** The refusals that still count: those of the same configuration, for some hours. */
export function stillRefused(refused: Refused, under: string, now: Stamp): Refused {
  const entries = Object.entries(refused).filter(([, each]) => {
    const passed = passedMs(each.at, now) ?? Math.abs(now.wallMs - each.at.wallMs);
    return each.under === under && passed < refusedForMs;
  });
  return Object.fromEntries(entries);
}

/** The faces that cannot be logged in to, because that was refused there or on the way: why. */
export function refusedFaces(appliance: Appliance, refused: Refused): Map<FaceId, string> {
  const faces = (['cli', 'hostOs'] as const).flatMap((face): [FaceId, string][] => {
    const keys = wayTo(endpointOf(appliance, face)).map(({ key }) => key);
    const reason = keys.map((key) => refused[key]?.reason).find((each) => each !== undefined);
    return reason === undefined ? [] : [[face, reason]];
  });
  return new Map(faces);
}

/** Who only greets, again and again, is taken for an attacker: it is done three times within `for`. */
export function mayGreet(greetedAt: Stamp | undefined, due: readonly WatchCheck[], now: Stamp): boolean {
  const passed = greetedAt === undefined ? undefined : passedMs(greetedAt, now);
  if (passed === undefined) return true;
  const reach = due.filter(({ kind }) => kind === 'reach').map(({ forMs }) => forMs / 3);
  return passed >= Math.min(...reach);
}
