import { assessServer, pathsText } from '../domain/assessment.js';
import { gapTexts } from '../domain/gap-text.js';
import type { Gap, Manifest, ServerRecord } from '../domain/manifest.js';
import { formatDuration } from '../domain/quantities.js';
import { formatLocal } from '../domain/zone.js';
import { groups } from './budget.js';
import { isOfCapture } from './event-folder.js';
import type { Layout } from './layout.js';
import { evidenceOf, recordOf } from './log-files.js';
import type { BundleFile } from './open-bundle.js';
import type { ManifestState } from './read-manifest.js';
import type { ClockOffset, Missing, ReadLog } from './reading.js';
import type { Span } from './spans.js';
import type { Uncovered } from './uncovered.js';

/** What is known of one log that was read. */
export type LookedAt = {
  log: ReadLog;
  span: Span | undefined;
  uncovered: readonly Uncovered[];
  /** Lines are in the hour that comes twice, and both readings fit. */
  isOpen: boolean;
  gaps: readonly Gap[];
};

export type Ground = {
  layout: Layout;
  manifest: Manifest | undefined;
  manifestState: ManifestState;
  files: readonly BundleFile[];
  logs: readonly LookedAt[];
  clocks: readonly (ClockOffset | null)[];
};

/** A smaller offset is not worth a word. */
const smallOffsetMs = 1000;
/** What the guide expects of each server (its chapter 3). */
const expected = ['Config', 'Techsupport', 'Logs'] as const;

/** What is missing of a bundle, or to be known when it is read; what is gravest comes first. */
export function missingOf(ground: Ground): Missing[] {
  const { layout, manifest, files } = ground;
  const found: Missing[] = [];
  if (layout.servers.length === 0)
    found.push({
      state: 'missing',
      server: undefined,
      what: 'servers',
      text: 'no folder of a server is in the bundle',
    });
  for (const [server, { folder }] of layout.servers.entries()) {
    const record = recordOf(manifest, folder);
    found.push(...(record === undefined ? byGuide(server, layout, files) : byRecord(server, record, files)));
    found.push(...clockNotes(server, record, ground));
  }
  found.push(...ground.logs.flatMap((log) => ofLog(log, ground)));
  found.push(...manifestNote(ground.manifestState), ...(manifest === undefined ? [] : ofManifest(manifest)));
  const rank = { missing: 0, partial: 1, note: 2 };
  return found.sort((a, b) => rank[a.state] - rank[b.state]);
}

function byRecord(server: number, record: ServerRecord, files: readonly BundleFile[]): Missing[] {
  const { losses, skipped, collected } = assessServer(record);
  const isCovered = (path: string) =>
    record.items.some((item) => item.path === path && item.coverage?.complete === false);
  const found = losses.flatMap(({ reason, also, missing, partial }): Missing[] => {
    const text = [reason, ...also].join('; ');
    const own = partial.filter(({ path }) => !isCovered(path));
    return [
      ...(missing.length > 0 ? [{ state: 'missing' as const, server, what: pathsText(missing), text }] : []),
      ...(own.length > 0 ? [{ state: 'partial' as const, server, what: pathsText(own), text }] : []),
      ...(missing.length + partial.length === 0 ? [{ state: 'note' as const, server, what: 'connection', text }] : []),
    ];
  });
  for (const { path, reason } of skipped)
    found.push({ state: 'note', server, what: path, text: `skipped: ${reason ?? 'nobody said why'}` });
  const gone = collected.filter(
    ({ path, bytes }) => bytes !== undefined && !files.some((file) => file.path === `${record.folder}/${path}`),
  );
  if (gone.length > 0)
    found.push({
      state: 'missing',
      server,
      what: pathsText(gone),
      text: 'named in manifest.json, but not in the bundle',
    });
  if (!record.items.some(({ path }) => path.startsWith('Logs/')))
    found.push({ state: 'missing', server, what: 'Logs/', text: 'no log was collected' });
  return found;
}

function byGuide(server: number, layout: Layout, files: readonly BundleFile[]): Missing[] {
  const isThere = (part: (typeof expected)[number]) =>
    files.some((file) => {
      const place = evidenceOf(file, layout);
      return (
        place?.server === server && place.part === part && file.bytes > 0 && !isOfCapture({ part, rest: place.name })
      );
    });
  return expected
    .filter((part) => !isThere(part))
    .map((part) => ({ state: 'missing', server, what: `${part}/`, text: 'nothing of it is in the bundle' }));
}

const manifestTexts: Readonly<Record<ManifestState, string | undefined>> = {
  read: undefined,
  none: 'there is none: what was not collected and how far clocks were ahead is not known',
  damaged: 'is none that can be read: what was not collected and how far clocks were ahead is not known',
  foreign: 'is of another program: what was not collected and how far clocks were ahead is not known',
  unsafe: 'was not read, because the archive is not safe',
  newer: 'is of a later icepack: what this one does not know of it is not told',
  older: 'is of an earlier icepack, and was read as far as it goes',
};

function manifestNote(state: ManifestState): Missing[] {
  const text = manifestTexts[state];
  return text === undefined ? [] : [{ state: 'note', server: undefined, what: 'manifest.json', text }];
}

function ofManifest(manifest: Manifest): Missing[] {
  const found: Missing[] = [];
  if (manifest.unredacted)
    found.push({ state: 'note', server: undefined, what: 'secrets', text: 'were not masked in the texts' });
  if (manifest.localClockJumpedMs !== undefined) {
    const text = `that of the collecting machine was set by ${formatDuration(manifest.localClockJumpedMs)} meanwhile: offsets may be wrong by that`;
    found.push({ state: 'note', server: undefined, what: 'clock', text });
  }
  return found;
}

function clockNotes(server: number, record: ServerRecord | undefined, { layout, manifest, clocks }: Ground): Missing[] {
  const found: Missing[] = [];
  const note = (what: string, text: string) => found.push({ state: 'note', server, what, text });
  const offset = clocks[server] ?? null;
  if (offset === null && manifest !== undefined)
    note('clock', 'was never measured: times are its own, and not on the common clock');
  if (offset !== null && Math.abs(offset.offsetMs) >= smallOffsetMs) {
    const error = (offset.errorMs / 1000).toFixed(2);
    const side = offset.offsetMs > 0 ? 'ahead' : 'behind';
    note(
      'clock',
      `was ${(Math.abs(offset.offsetMs) / 1000).toFixed(1)} s ${side} (± ${error} s): corrected here, raw in the files`,
    );
  }
  if (record?.clock?.jumpedMs !== undefined)
    note('clock', `was set by ${formatDuration(record.clock.jumpedMs)} during the collection`);
  const zone = layout.servers[server]?.zone;
  if (zone?.source === 'assumed') note('zone', `${zone.name} is assumed: nothing tells the zone of its times`);
  return found;
}

function ofLog({ log, span, uncovered, isOpen, gaps }: LookedAt, { layout, manifest }: Ground): Missing[] {
  const found: Missing[] = [];
  const { server, zone, lines } = log;
  const what = `Logs/${log.name}`;
  const clock = (time: number) => formatLocal(new Date(time), layout.zone, true).slice(11);
  const add = (state: Missing['state'], text: string) => found.push({ state, server, what, text });
  for (const { since, until, why } of uncovered)
    add('partial', `nothing from ${clock(since)} to ${clock(until)}: ${why}`);
  const others = gaps.map((gap) => gapTexts[gap]).filter((text) => !uncovered.some(({ why }) => why.includes(text)));
  if (others.length > 0) add('partial', others.join(', '));
  if (log.leftOut !== undefined) add('partial', log.leftOut);
  if (lines === 0 && log.leftOut === undefined) add('note', 'is empty: that says nothing of what happened');
  if (lines > 0 && span === undefined)
    add('note', 'no line bears a time that is understood: its lines stand at the beginning');
  if (isOpen)
    add('note', `has times in the hour that comes twice in ${zone}; both readings fit, the nearer one is shown`);
  const beside = span === undefined ? 0 : besideWindow(span, layout);
  if (beside !== 0)
    add(
      'note',
      `its times are ${formatDuration(beside)} ${beside > 0 ? 'behind' : 'before'} the window, as of another zone than ${zone}; they are shown as they are`,
    );
  if (log.cutLines > 0)
    add(
      'note',
      `${groups(log.cutLines)} ${log.cutLines === 1 ? 'line is' : 'lines are'} longer than 4 096 bytes and cut here`,
    );
  if (manifest === undefined && span !== undefined && layout.event !== undefined) {
    const { window } = layout.event;
    const [since, until] = [window.since.getTime(), window.until.getTime()];
    if (span.since > since + 60_000 || span.until < until - 60_000)
      add('note', `goes from ${clock(span.since)} to ${clock(span.until)} only, whether there was more is not known`);
  }
  return found;
}

const halfHourMs = 1_800_000;
const nearMs = 5 * 60_000;

/** By how many half hours a log would have to be moved to fill the window; 0 where it lies right, or fills it nowhere. */
function besideWindow(span: Span, { event }: Layout): number {
  if (event === undefined) return 0;
  const [since, until] = [event.window.since.getTime(), event.window.until.getTime()];
  const shift = Math.round((span.since + span.until - since - until) / 2 / halfHourMs) * halfHourMs;
  const isFilled = Math.abs(span.since - shift - since) < nearMs && Math.abs(span.until - shift - until) < nearMs;
  return isFilled ? shift : 0;
}
