import { formatDuration } from '../domain/quantities.js';
import type { Clock } from './clock-offset.js';
import { recordOf } from './log-files.js';
import type { MarkedLog } from './markers.js';
import type { Marker, Reading } from './reading.js';

/** A start that a line tells of, and the same one as the host OS tells it. */
const sameStartMs = 120_000;

const isLog = /^Logs\/[^/]+\.log$/;

type Ground = Pick<Reading, 'layout' | 'manifest' | 'span'> & {
  clocks: readonly (Clock | undefined)[];
  told: readonly MarkedLog[];
  /** Those that lines show. */
  markers: readonly Marker[];
};

/** The markers that the manifest knows of: when servers were started, clocks were set, and which logs are not there. */
export function serverMarkers(ground: Ground): Marker[] {
  return ground.layout.servers.flatMap((_folder, server) => [
    ...startOf(server, ground),
    ...setOf(server, ground),
    ...absentOf(server, ground),
  ]);
}

function startOf(server: number, { layout, manifest, clocks, span, markers }: Ground): Marker[] {
  const boot = recordOf(manifest, layout.servers[server]?.folder ?? '')?.boot;
  if (boot === undefined) return [];
  const raw = Date.parse(boot);
  const at = raw - (clocks[server]?.offsetAt(raw) ?? 0);
  const isTold = markers.some(
    (marker) => marker.kind === 'restart' && marker.server === server && Math.abs(marker.at - at) <= sameStartMs,
  );
  if (isTold || at < span.since || at > span.until) return [];
  return [{ kind: 'restart', server, log: undefined, at, text: 'the server was started, as its uptime tells' }];
}

function setOf(server: number, { layout, manifest, span }: Ground): Marker[] {
  const record = recordOf(manifest, layout.servers[server]?.folder ?? '');
  if (record?.clock?.jumpedMs === undefined) return [];
  const text = `the clock was set by ${formatDuration(record.clock.jumpedMs)} during the collection`;
  return [{ kind: 'clock-step', server, log: undefined, at: span.until, text }];
}

/** Logs that were asked for and are not there, or a server without any. One that was skipped was not asked for, or is not written. */
function absentOf(server: number, { layout, manifest, told, span }: Ground): Marker[] {
  const { since, until } = windowOf(layout, span);
  const record = recordOf(manifest, layout.servers[server]?.folder ?? '');
  const names = told.filter((log) => log.server === server).map(({ name }) => name);
  const marker = (text: string): Marker => ({ kind: 'not-collected', server, log: undefined, at: since, until, text });
  if (names.length === 0) return [marker('no log of this server was collected')];
  return (record?.items ?? [])
    .filter(
      ({ path, status }) => status !== 'skipped' && isLog.test(path) && !names.includes(path.slice('Logs/'.length)),
    )
    .map(({ path, status, reason }) => {
      const why = status === 'ok' ? 'it is not in the bundle' : (reason ?? 'nobody said why');
      return { ...marker(`${path.slice('Logs/'.length)} was not collected: ${why}`), isOfOneLog: true };
    });
}

function windowOf({ event }: Reading['layout'], span: Reading['span']): Reading['span'] {
  return event === undefined ? span : { since: event.window.since.getTime(), until: event.window.until.getTime() };
}
