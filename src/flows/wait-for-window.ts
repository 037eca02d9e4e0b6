import type { ServerRecord } from '../domain/manifest.js';
import type { Window } from '../domain/window.js';
import { instantText } from '../report/event-text.js';
import type { Edges } from './edges.js';

/** A line reaches its log a moment after its time. */
const lateLinesMs = 5000;

/** The servers whose logs do not reach to the end of the window yet. */
export function serversToAskAgain(servers: readonly ServerRecord[]): string[] {
  return servers
    .filter(({ items }) => items.some((item) => item.coverage?.gaps?.includes('not-over')))
    .map(({ name }) => name);
}

/** Waits until the last line of the window has been written. */
export async function waitForEnd({ until }: Window, edges: Edges, signal: AbortSignal): Promise<void> {
  const due = until.getTime() + lateLinesMs;
  const text = `the rest of the logs is there at ${instantText(new Date(due), edges.zone)}; waiting (Ctrl-C keeps what there is)`;
  edges.report({ type: 'step-started', step: 'wait', text });
  for (let left = due - edges.now().getTime(); left > 0 && !signal.aborted; left = due - edges.now().getTime())
    await edges.sleep(Math.min(left, longestSleepMs), signal); // a clock that is set meanwhile counts
  if (!signal.aborted) edges.report({ type: 'step-ended', step: 'wait', text: 'the window is over' });
}

const longestSleepMs = 30_000;

/** The evidence of the first time with the logs of the second, as far as these came. */
export function withLaterLogs(servers: readonly ServerRecord[], later: readonly ServerRecord[]): ServerRecord[] {
  return servers.map((server) => {
    const again = later.find(({ name }) => name === server.name);
    const logs = again?.items.filter((item) => item.collector === 'logs' && item.status !== 'failed') ?? [];
    const replacing = new Map(logs.map((item) => [item.path, item]));
    const known = new Set(server.items.map(({ path }) => path));
    return {
      ...server,
      items: [
        ...server.items.map((item) => replacing.get(item.path) ?? item),
        ...logs.filter(({ path }) => !known.has(path)),
      ],
    };
  });
}
