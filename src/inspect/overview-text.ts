import { icepack, say } from '../domain/command.js';
import type { OutputLine } from '../domain/line.js';
import { formatSize } from '../domain/quantities.js';
import { folded, printableLine } from '../domain/text.js';
import { formatLocal, formatOffset } from '../domain/zone.js';
import {
  type Finding,
  type Marker,
  type MarkerKind,
  type Missing,
  type Reading,
  severities,
} from '../reading/reading.js';
import { toldMarkers } from '../reading/told-markers.js';
import { sparkline } from './sparkline.js';

const width = 80;
const shownFindings = 8;
const shownMarkers = 8;
const shownMissing = 12;
const happened: readonly MarkerKind[] = ['exception', 'restart', 'change', 'clock-step', 'silence'];

/** What a bundle says, on one page. @param given how it was named @param said of it: `--event`, `--zone` */
export function overviewLines(reading: Reading, given: string, said: readonly string[] = []): OutputLine[] {
  return [
    ...headLines(reading),
    { text: '' },
    ...serverTable(reading),
    ...sparkline(reading),
    ...section('Missing', missingLines(reading)),
    ...section('Stands out', findingLines(reading)),
    ...section('Happened', markerLines(reading)),
    ...section('Largest', largestLines(reading)),
    { text: '' },
    { text: say`  → ${nextCommand(reading, given).with(...said)}` },
    { text: say`  → ${icepack('report', given)}     the same, to look at` },
  ];
}

function section(title: string, lines: readonly OutputLine[]): OutputLine[] {
  return lines.length === 0 ? [] : [{ text: '' }, { text: title, tone: 'strong' }, ...lines];
}

function oneLine(text: string): string {
  return printableLine(text, width);
}

function headLines({ layout, manifest, bundle }: Reading): OutputLine[] {
  const { event, ticket, zone } = layout;
  const when =
    event === undefined ? undefined : `${formatLocal(event.at, zone)} ${zone} (${formatOffset(event.at, zone)})`;
  const number = event?.number === undefined ? undefined : `Event ${event.number}`;
  const head = [ticket ?? printableLine(bundle.name, 40), number, when ?? 'nothing tells when the event was'];
  const { summary, severity } = manifest?.incident ?? {};
  const version = [...new Set(manifest?.servers.flatMap(({ versions }) => versions['InCenter'] ?? []))].join(', ');
  const product = version === '' ? undefined : `InCenter ${version}`;
  const about = [summary, severity, product, manifest?.reference].filter((word) => word !== undefined);
  return [
    { text: head.filter((word) => word !== undefined).join(' · '), tone: 'strong' },
    ...(about.length === 0 ? [] : folded(printableLine(about.join(' · '), 3 * width), width).map((text) => ({ text }))),
    ...(manifest === undefined
      ? [{ text: '! made by hand, or without a manifest that can be read', tone: 'warn' as const }]
      : []),
    ...(manifest?.unredacted ? [{ text: '! secrets were not masked in the texts', tone: 'bad' as const }] : []),
  ];
}

function serverTable(reading: Reading): OutputLine[] {
  const { layout, clocks, logs, density, missing } = reading;
  const rows = layout.servers.map(({ label, zone }, server) => {
    const lines = logs.filter((log) => log.server === server).reduce((sum, log) => sum + log.lines, 0);
    const steps = density.counts[server] ?? [];
    const errors = [4, 5].reduce((sum, step) => sum + (steps[step]?.reduce((all, count) => all + count, 0) ?? 0), 0);
    const gone = missing.filter((each) => each.server === server && each.state !== 'note').map(({ what }) => what);
    const own = logs.some((log) => log.server === server);
    const known = own ? [counted(lines), counted(errors)] : ['none', '?'];
    return [
      printableLine(label, 16),
      clockText(clocks[server] ?? null),
      printableLine(zone.name, 20),
      ...known,
      gone.join(', ') || '–',
    ];
  });
  if (rows.length === 0) return [{ text: '! no folder of a server is in the bundle', tone: 'bad' }];
  const table = [['SERVER', 'CLOCK', 'ZONE', 'LINES', 'ERRORS', 'MISSING'], ...rows];
  const widths = [0, 1, 2, 3, 4].map((column) => Math.max(...table.map((row) => [...(row[column] ?? '')].length)));
  return table.map((row) => {
    const cells = row.map((cell, column) => {
      const room = widths[column] ?? 0;
      return column === 3 || column === 4 ? cell.padStart(room) : cell.padEnd(room);
    });
    return { text: cutTo(cells.join('  ').trimEnd()) };
  });
}

/** Blanks stay as they are: columns stand below each other. */
function cutTo(text: string): string {
  const characters = [...text];
  return characters.length <= width
    ? text
    : `${characters
        .slice(0, width - 1)
        .join('')
        .trimEnd()}…`;
}

export function clockText(clock: Reading['clocks'][number]): string {
  if (clock === null) return 'not measured';
  const { offsetMs } = clock;
  if (Math.abs(offsetMs) < 500) return 'in step';
  return `${(Math.abs(offsetMs) / 1000).toFixed(1)} s ${offsetMs > 0 ? 'ahead' : 'behind'}`;
}

function counted(count: number): string {
  if (count < 10_000) return String(count);
  return count < 999_500 ? `${Math.round(count / 1000)} k` : `${(count / 1e6).toFixed(1)} M`;
}

function missingLines({ missing, layout }: Reading): OutputLine[] {
  const signs: Record<Missing['state'], string> = { missing: '✗', partial: '!', note: '·' };
  const label = (server: number | undefined) =>
    server === undefined ? '' : `${printableLine(layout.servers[server]?.label ?? '', 16)} `;
  const lines = missing.slice(0, shownMissing).flatMap(({ state, server, what, text }): OutputLine[] => {
    const tone = state === 'missing' ? 'bad' : 'warn';
    const parts = folded(printableLine(`${label(server)}${what}: ${text}`, 3 * width), width - 2);
    return parts.map((part, at) => ({
      text: `${at === 0 ? signs[state] : ' '} ${part}`,
      ...(state === 'note' ? {} : { tone }),
    }));
  });
  const rest = missing.length - shownMissing;
  return rest <= 0 ? lines : [...lines, { text: `… and ${rest} more: --json has them all` }];
}

function findingLines(reading: Reading): OutputLine[] {
  const { findings, moreFindings, layout } = reading;
  const lines = findings.slice(0, shownFindings).map((finding) => ({ text: oneLine(findingText(finding, reading)) }));
  const rest = findings.length + moreFindings - lines.length;
  if (lines.length === 0 && layout.event !== undefined && reading.lines.count > 0)
    return [{ text: 'nothing by counting: no message is new, more frequent, or stopped' }];
  return rest <= 0
    ? lines
    : [...lines, { text: `… and ${rest} more: --json has ${moreFindings > 0 ? 'more of them' : 'them'}` }];
}

function findingText(
  { kind, template, severity, server, before, round, after, at }: Finding,
  { layout }: Reading,
): string {
  const count = kind === 'stopped' ? before : kind === 'only-here' ? before + round + after : round;
  const level = severity === 0 ? '' : `${(severities[severity] ?? '').toUpperCase()} `;
  return `${clockAt(at, layout.zone)} ${layout.servers[server]?.label} ${count}× (${kind}) ${level}${template}`;
}

function markerLines(reading: Reading): OutputLine[] {
  const { told, more } = toldMarkers(reading, { kinds: happened, most: shownMarkers });
  const lines = told.map((marker) => {
    const often = marker.times === 1 ? '' : ` (${marker.times} times in all)`;
    return { text: oneLine(`${markerText(marker, reading.layout)}${often}`) };
  });
  return more === 0 ? lines : [...lines, { text: `… and ${more} more: --json has them all` }];
}

export function markerText({ kind, server, at, text }: Marker, { servers, zone }: Reading['layout']): string {
  return `${clockAt(at, zone)} ${servers[server]?.label} ${kind}: ${text}`;
}

function largestLines({ contents, layout }: Reading): OutputLine[] {
  const evidence = contents.filter(({ path, bytes }) => path !== 'report.html' && (bytes ?? 0) > 0);
  const largest = evidence.sort((a, b) => (b.bytes ?? 0) - (a.bytes ?? 0));
  return largest.slice(0, 3).map(({ path, bytes, server }) => {
    const folder = server === undefined ? '' : (layout.servers[server]?.folder ?? '');
    const name = folder !== '' && path.startsWith(`${folder}/`) ? path.slice(folder.length + 1) : path;
    const whose = server === undefined ? '' : ` (${layout.servers[server]?.label})`;
    return { text: oneLine(`${name}${whose}  ${formatSize(bytes ?? 0)}`) };
  });
}

/** The lines round what stands out most, or round the event. */
function nextCommand({ findings, layout, span, lines }: Reading, given: string) {
  if (lines.count === 0) return icepack('inspect', given, '--tree');
  const at = findings[0]?.at ?? layout.event?.at.getTime() ?? span.since;
  const minute = (away: number) => formatLocal(new Date(at + away * 60_000), layout.zone).slice(11);
  return icepack('inspect', given, '--lines', `${minute(-1)}..${minute(1)}`);
}

function clockAt(at: number, zone: string): string {
  return formatLocal(new Date(at), zone, true).slice(11);
}
