import { type ExitCode, exitCode } from '../errors.js';
import type { Item, ServerRecord } from './manifest.js';

/** The words of `outcome` in `--json`, one per exit code of a collection. */
export type Completeness = 'complete' | 'partial' | 'incomplete';

const mandatory: ReadonlySet<Item['collector']> = new Set(['config', 'techsupport']);

/** What the items of one server add up to. Skipped items were not asked for, or are absent by design. */
export function completenessOf(server: Pick<ServerRecord, 'items'>): Completeness {
  const asked = server.items.filter((item) => item.status !== 'skipped'); // captures that are not there are skipped
  if (asked.some((item) => mandatory.has(item.collector) && item.status !== 'ok')) return 'incomplete';
  return asked.some((item) => item.status !== 'ok') ? 'partial' : 'complete';
}

/** The exit code of a collection; one server without a mandatory item outweighs all that is complete. */
export function collectionExit(servers: readonly Pick<ServerRecord, 'items' | 'faces'>[]): ExitCode {
  if (servers.every(isUnreachable)) return exitCode.unreachable;
  const found = servers.map(completenessOf);
  if (found.includes('incomplete')) return exitCode.incomplete;
  return found.includes('partial') ? exitCode.partial : exitCode.ok;
}

/** Neither face that was tried let us in. */
export function isUnreachable(server: Pick<ServerRecord, 'faces'>): boolean {
  return server.faces.cli.status !== 'up' && server.faces.hostOs.status !== 'up';
}
