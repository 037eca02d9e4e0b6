import { join } from 'node:path';
import { openStaging } from '../bundle/staging.js';
import type { Item, ServerRecord } from '../domain/manifest.js';
import type { Window } from '../domain/window.js';
import type { Run } from '../state/runs.js';
import { instantText } from '../tickets/event-text.js';
import type { Operator } from '../ui/operator.js';
import { besidePath } from './earlier-run.js';

/** How long after its time a line may reach its log. */
const lateLinesMs = 5000;

/** The servers whose logs do not reach to the end of the window yet; one that failed before its end is tried again, too. */
export function serversToAskAgain(servers: readonly ServerRecord[], isOver: boolean): string[] {
  const isOpen = ({ collector, status, coverage }: Item) =>
    coverage?.gaps?.includes('not-over') || (!isOver && collector === 'logs' && status === 'failed');
  return servers.filter(({ items }) => items.some(isOpen)).map(({ name }) => name);
}

/** Waits until the last line of the window has been written. */
export async function waitForEnd({ until }: Window, operator: Operator, signal: AbortSignal): Promise<void> {
  const due = until.getTime() + lateLinesMs;
  const text = `waiting for the rest of the logs, Ctrl-C keeps what there is; until ${instantText(new Date(due), operator.zone)}`;
  operator.emit({ type: 'step-started', step: 'wait', text });
  for (let left = due - operator.now().getTime(); left > 0 && !signal.aborted; left = due - operator.now().getTime())
    await operator.sleep(Math.min(left, longestSleepMs), signal); // a clock that is set meanwhile counts
  if (!signal.aborted) operator.emit({ type: 'step-ended', step: 'wait', text: 'the window is over' });
}

const longestSleepMs = 30_000;

/**
 * The evidence of the first time with the logs of the second, as far as these came. Until a file is whole the first one
 * stays; where the second one lacks what the first may have, both are kept.
 */
export async function withLaterLogs(
  servers: readonly ServerRecord[],
  later: readonly ServerRecord[],
  run: Run,
): Promise<ServerRecord[]> {
  const result: ServerRecord[] = [];
  for (const server of servers) {
    const logs = later.find(({ name }) => name === server.name)?.items.filter(isLaterLog) ?? [];
    result.push(logs.length === 0 ? server : await withLogs(server, logs, run));
  }
  return result;
}

function isLaterLog({ collector, status }: Item): boolean {
  return collector === 'logs' && status !== 'failed';
}

async function withLogs(server: ServerRecord, logs: readonly Item[], run: Run): Promise<ServerRecord> {
  const staging = await openStaging(run.stagingOf(server.name));
  const items = [...server.items];
  for (const log of logs) {
    const index = items.findIndex(({ path }) => path === log.path);
    const first = items[index];
    if (first?.sha256 !== undefined && lacksMore(log, first)) {
      const path = besidePath(first.path);
      const kept = await staging.takeOver(join(run.stagingOf(server.name), first.path), path);
      if (kept !== undefined) items.push({ ...first, path });
    }
    if (log.sha256 !== undefined) await staging.replaceBy(join(run.laterStagingOf(server.name), log.path), log.path);
    if (first === undefined) items.push(log);
    else if (log.sha256 !== undefined || first.sha256 === undefined) items[index] = log;
  }
  return { ...server, items };
}

/** Whether the second reading has a gap that the first had not: it may lack lines of the first. */
function lacksMore({ coverage }: Item, first: Item): boolean {
  return (coverage?.gaps ?? []).some((gap) => !first.coverage?.gaps?.includes(gap));
}
