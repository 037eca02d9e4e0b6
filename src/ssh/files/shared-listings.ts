import { setTimeout as delay } from 'node:timers/promises';
import type { RemoteEntry, RemoteFiles } from './remote-files.js';

type List = RemoteFiles['list'];

/** How long a second listing of a folder waits for others who want it, too. */
const togetherMs = 100;

/**
 * A folder that is listed again is listed for all who ask at about the same time under the same signal: several logs lie
 * in one, and each looks whether it was rotated. What they get was asked for after the last of them did.
 */
export function shareListings(list: List): List {
  const known = new WeakMap<AbortSignal, Map<string, Promise<RemoteEntry[]> | undefined>>();
  return (folder, signal) => {
    const folders = known.get(signal) ?? new Map<string, Promise<RemoteEntry[]> | undefined>();
    known.set(signal, folders);
    const isFirst = !folders.has(folder);
    if (isFirst) folders.set(folder, undefined);
    if (isFirst) return list(folder, signal);
    const shared = folders.get(folder) ?? later(folders, folder, signal);
    folders.set(folder, shared);
    return shared;
  };

  async function later(folders: Map<string, unknown>, folder: string, signal: AbortSignal): Promise<RemoteEntry[]> {
    await delay(togetherMs, undefined, { signal }).catch(() => undefined); // the listing throws the signal's reason
    folders.set(folder, undefined);
    return list(folder, signal);
  }
}
