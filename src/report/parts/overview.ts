import { type Html, html } from '../../domain/html.js';
import type { Marker, Reading } from '../../reading/reading.js';
import { type Bin, binned } from '../binned.js';
import { minuteOf } from '../wording.js';
import { timelineSummary } from './timeline-summary.js';

const [width, left, top] = [1100, 96, 22];
const bins = 250;
const [plotWidth, errorHeight, heatHeight] = [width - left - 4, 24, 5];
const shades = [0.15, 0.35, 0.6, 1];

/** A picture of the whole for print and for readers without script: errors as bars, warnings and all lines as heat. */
export function overview(reading: Reading): Html {
  const { layout, span, density } = reading;
  const lane = layout.servers.length > 8 ? 30 : 46;
  const height = top + layout.servers.length * lane + 20;
  const most = Math.max(1, ...layout.servers.flatMap((_, server) => binned(density, server, bins).map(errorsOf)));
  const event = layout.event?.at.getTime();
  return html`<svg class="overview" viewBox="0 0 ${width} ${height}" role="img" aria-label="${timelineSummary(reading)}" font-size="11" fill="currentColor">
<defs><pattern id="hatch" width="6" height="6" patternUnits="userSpaceOnUse"><path d="M-1 7L7 -1" stroke="currentColor" fill="none"/></pattern><pattern id="cross" width="5" height="5" patternUnits="userSpaceOnUse"><path d="M0 0H5M0 0V5" stroke="gray" fill="none"/></pattern></defs>
${layout.servers.map(({ label }, server) => laneOf(reading, { server, label, y: top + server * lane, lane, most }))}
${ticksOf(reading, height)}
${event === undefined ? '' : html`<path class="event" d="M${xOf(event, span)} ${top - 8}V${height - 16}" stroke="currentColor" stroke-width="1.5" fill="none"/><text x="${xOf(event, span)}" y="11" text-anchor="middle">event</text>`}
</svg>`;
}

type LaneBox = { base: number; high: number; low: number };
type Lane = { server: number; label: string; y: number; lane: number; most: number };

function laneOf(reading: Reading, { server, label, y, lane, most }: Lane): Html {
  const found = binned(reading.density, server, bins);
  const base = y + lane - 2 * heatHeight - 8;
  const high = Math.min(errorHeight, lane - 18);
  const own = reading.markers.filter((marker) => marker.server === server);
  return html`<g><text x="0" y="${base}">${label.slice(0, 14)}</text>
<path class="rail" d="M${left} ${base + 0.5}H${left + plotWidth}" stroke="currentColor" stroke-opacity="0.25" fill="none"/>
${heat(found, ({ warnings }) => warnings, base + 2, 'warnings', '#b7791f')}
${heat(found, ({ lines }) => lines, base + 3 + heatHeight, 'volume', '#6b86a6')}
<path class="errors" fill="#b3261e" d="${barsOf(found, most, base, high)}"/>
${own.filter(({ kind }) => marks[kind] !== undefined).map((marker) => markOf(marker, reading, base - high - 4))}
${own.filter(isLong).map((marker) => holeOf(marker, reading, { base, high, low: 3 + 2 * heatHeight }))}
</g>`;
}

/** Shapes of the markers that tell a story, round their middle. */
const marks: Partial<Record<Marker['kind'], string>> = {
  exception: 'm0 -5l4.5 5l-4.5 5l-4.5 -5z',
  restart: 'm0 -5l4.5 5l-4.5 5l-4.5 -5z',
  change: 'm0 -5l4.5 9h-9z',
  'clock-step': 'm-5 0l9 -4.5v9z',
};

function markOf({ kind, at }: Marker, { span }: Reading, y: number): Html {
  const fill = kind === 'restart' ? 'none' : 'currentColor';
  return html`<path class="mark ${kind}" d="M${xOf(at, span)} ${y}${marks[kind] ?? ''}" fill="${fill}" stroke="currentColor"/>`;
}

function errorsOf({ errors }: Bin): number {
  return errors;
}

function isLong({ kind }: Marker): boolean {
  return kind === 'silence' || kind === 'not-collected';
}

function barsOf(found: readonly Bin[], most: number, base: number, high: number): string {
  const step = plotWidth / bins;
  return found
    .map(({ errors }, place) => {
      if (errors === 0) return '';
      const tall = Math.max(2, Math.sqrt(errors / most) * high);
      return `M${short(left + place * step)} ${base}v${short(-tall)}h${short(step)}v${short(tall)}z`;
    })
    .join('');
}

function heat(found: readonly Bin[], countOf: (bin: Bin) => number, y: number, name: string, fill: string): Html[] {
  const step = plotWidth / bins;
  const most = Math.max(1, ...found.map(countOf));
  const shadeOf = (bin: Bin) => Math.min(shades.length - 1, Math.floor(Math.sqrt(countOf(bin) / most) * shades.length));
  return shades.map((shade, level) => {
    const path = found.map((bin, place) =>
      countOf(bin) > 0 && shadeOf(bin) === level
        ? `M${short(left + place * step)} ${y}h${short(step)}v${heatHeight}h${short(-step)}z`
        : '',
    );
    return html`<path class="${name}" fill="${fill}" fill-opacity="${shade}" d="${path.join('')}"/>`;
  });
}

function holeOf({ kind, at, until, isOfOneLog }: Marker, { span }: Reading, { base, high, low }: LaneBox): Html {
  const [from, to] = [xOf(at, span), xOf(until ?? at, span)];
  const fill = kind === 'silence' ? 'url(#hatch)' : 'url(#cross)';
  const [above, tall] = isOfOneLog ? [base, low] : [base - high, high + low];
  return html`<rect x="${from}" y="${above}" width="${short(Math.max(2, to - from))}" height="${tall}" fill="${fill}" stroke="currentColor" stroke-opacity="0.4"/>`;
}

const minuteMs = 60_000;
const ticks = [1, 2, 5, 10, 15, 30, 60, 120, 180, 360, 720, 1440];

function ticksOf({ span, layout }: Reading, height: number): Html[] {
  const step = (ticks.find((minutes) => (span.until - span.since) / (minutes * minuteMs) <= 12) ?? 1440) * minuteMs;
  const found: Html[] = [];
  for (let at = Math.ceil(span.since / step) * step; at <= span.until; at += step) {
    const x = xOf(at, span);
    found.push(
      html`<text x="${x}" y="${height - 2}" text-anchor="middle">${minuteOf(at, layout.zone)}</text><path d="M${x} ${height - 16}v4" stroke="currentColor" fill="none"/>`,
    );
  }
  return found;
}

function xOf(at: number, { since, until }: { since: number; until: number }): number {
  const share = until > since ? (at - since) / (until - since) : 0;
  return short(left + Math.min(1, Math.max(0, share)) * plotWidth);
}

function short(value: number): number {
  return Math.round(value * 10) / 10;
}
