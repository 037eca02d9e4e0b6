import { setTimeout as delay } from 'node:timers/promises';
import type { RemoteEntry, RemoteFiles } from './remote-files.js';

type List = RemoteFiles['list'];

/** How long a repeated listing of a folder waits for others who want it, too. */
const togetherMs = 100;

/**
 * Shares a repeated listing of a folder among all who ask at about the same time under the same signal: several logs lie
 * in one folder, and for each it is checked whether it was rotated. The listing begins after the last of them has asked.
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
