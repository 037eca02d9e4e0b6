import type { PageMarker } from '../report/page-data.js';
import type { Bins } from './bins.js';
import { type Lane, type LaneShape, ticksOf } from './lanes.js';
import type { Palette } from './palette.js';
import { binPx, left, type Scene } from './picture.js';
import { drawHole, drawShape } from './shapes.js';

const [top, bottom] = [24, 22];

type Ink = CanvasRenderingContext2D;

/** Draws all lanes anew. */
export function drawLanes(scene: Scene, colours: Palette): void {
  const { lanes, shape, width } = scene.picture;
  const height = top + lanes.length * shape.height + bottom;
  const ink = prepared(scene.canvas, left + width + 4, height);
  if (ink === null) return;
  ink.font = `11px ${colours.font}`;
  drawTicks(ink, scene, colours, height);
  const most = Math.max(1, ...scene.picture.bins.map(({ errors }) => errors.reduce((a, b) => Math.max(a, b), 0)));
  for (const [place, lane] of lanes.entries()) drawLane(ink, scene, colours, { lane, place, most, shape });
  drawEvent(ink, scene, colours, height);
  drawHits(ink, scene, colours);
  drawListed(ink, scene, colours, height);
}

function prepared(canvas: HTMLCanvasElement, width: number, height: number): Ink | null {
  const scale = window.devicePixelRatio || 1;
  canvas.style.height = `${height}px`;
  canvas.style.width = `${width}px`;
  const [wide, high] = [Math.round(width * scale), Math.round(height * scale)];
  if (canvas.width !== wide || canvas.height !== high) [canvas.width, canvas.height] = [wide, high];
  const ink = canvas.getContext('2d');
  ink?.setTransform(scale, 0, 0, scale, 0, 0);
  ink?.clearRect(0, 0, width, height);
  return ink;
}

type LaneDrawn = { lane: Lane; place: number; most: number; shape: LaneShape };

function drawLane(ink: Ink, scene: Scene, colours: Palette, { lane, place, most, shape }: LaneDrawn): void {
  const { bins, markers, width } = scene.picture;
  const of = bins[place];
  if (of === undefined) return;
  const base = top + place * shape.height + shape.height - 2 * shape.heat - 8;
  drawLabel(ink, lane, base, colours, shape);
  ink.globalAlpha = 0.3;
  ink.fillStyle = colours.quiet;
  ink.fillRect(left, base, width, 1);
  ink.globalAlpha = 1;
  drawHeat(ink, of.warnings, base + 2, shape.heat, colours.warning);
  drawHeat(ink, of.lines, base + 3 + shape.heat, shape.heat, colours.volume);
  drawErrors(ink, of, base, shape.errors, most, colours.error);
  const own = markers.filter(({ server }) => lane.servers.includes(server));
  const box = { base, high: shape.errors, low: base + 3 + 2 * shape.heat };
  for (const marker of own) drawMarker(ink, scene, marker, box, colours);
}

function drawLabel(ink: Ink, { label, note, isOnCommonClock }: Lane, base: number, colours: Palette, shape: LaneShape) {
  ink.fillStyle = colours.text;
  ink.textAlign = 'left';
  ink.fillText(label, 0, base - (shape.height > 40 ? 6 : 2), left - 10);
  if (shape.height <= 40 && isOnCommonClock) return;
  ink.fillStyle = isOnCommonClock ? colours.quiet : colours.warning;
  ink.fillText(note, 0, base + 8, left - 10);
}

function drawErrors(ink: Ink, { errors }: Bins, base: number, high: number, most: number, colour: string): void {
  ink.fillStyle = colour;
  errors.forEach((count, bin) => {
    if (count === 0) return;
    const tall = Math.max(2, Math.sqrt(count / most) * high);
    ink.fillRect(left + bin * binPx, base - tall, binPx, tall);
  });
}

function drawHeat(ink: Ink, counts: Uint32Array, y: number, height: number, colour: string): void {
  const most = Math.max(
    1,
    counts.reduce((a, b) => Math.max(a, b), 0),
  );
  ink.fillStyle = colour;
  counts.forEach((count, bin) => {
    if (count === 0) return;
    ink.globalAlpha = 0.12 + 0.88 * Math.sqrt(count / most);
    ink.fillRect(left + bin * binPx, y, binPx, height);
  });
  ink.globalAlpha = 1;
}

type LaneBox = { base: number; high: number; low: number };

function drawMarker(
  ink: Ink,
  scene: Scene,
  { kind, at, until, isOfOneLog }: PageMarker,
  { base, high, low }: LaneBox,
  colours: Palette,
): void {
  const [from, to] = [scene.xOf(at), scene.xOf(until ?? at)];
  const right = left + scene.picture.width;
  if (to < left || from > right) return;
  ink.strokeStyle = ink.fillStyle = kind === 'exception' || kind === 'failed-login' ? colours.exception : colours.text;
  if (kind === 'silence' || kind === 'not-collected') {
    ink.strokeStyle = colours.quiet;
    // What was not collected of one log leaves the others to be seen.
    const above = isOfOneLog ? base : base - high;
    ink.globalAlpha = 0.7;
    drawHole(ink, kind, [Math.max(left, from), above, Math.min(right, Math.max(to, from + 3)), low]);
    ink.globalAlpha = 1;
    return;
  }
  if (kind === 'login' || kind === 'icepack') ink.strokeStyle = ink.fillStyle = colours.quiet;
  drawShape(ink, kind, from, base - high - (high > 20 ? 5 : 0));
}

function drawTicks(ink: Ink, scene: Scene, colours: Palette, height: number): void {
  const { clock, view, picture } = scene;
  const isShort = view.until - view.since < 5000;
  ink.textAlign = 'center';
  for (const at of ticksOf(view, picture.width, (each) => clock.local(each))) {
    const x = scene.xOf(at);
    ink.fillStyle = colours.quiet;
    ink.globalAlpha = 0.18;
    ink.fillRect(x, top - 4, 1, height - top - bottom + 4);
    ink.globalAlpha = 1;
    const room = Math.min(Math.max(x, left + 20), left + picture.width - 22);
    ink.fillText(isShort ? clock.time(at).slice(3) : clock.short(at), room, height - 6);
  }
}

function drawEvent(ink: Ink, scene: Scene, colours: Palette, height: number): void {
  const { event } = scene.data;
  if (event === null) return;
  const x = scene.xOf(event);
  if (x < left || x > left + scene.picture.width) return;
  ink.fillStyle = colours.text;
  ink.fillRect(x - 0.75, top - 8, 1.5, height - top - bottom + 8);
  ink.textAlign = 'center';
  ink.fillText('event', Math.min(Math.max(x, left + 16), left + scene.picture.width - 16), 11);
}

/** What was found: a stroke for each place, above all lanes. */
function drawHits(ink: Ink, { hitTimes, view, picture, xOf }: Scene, colours: Palette): void {
  ink.fillStyle = colours.accent;
  let drawn = -1;
  for (const at of hitTimes) {
    const x = Math.floor(xOf(at));
    if (at < view.since || at > view.until || x === drawn) continue;
    drawn = x;
    ink.fillRect(Math.min(x, left + picture.width - 1), top - 6, 1.5, 6);
  }
}

/** Which part of the time the list shows: a bracket below. */
function drawListed(ink: Ink, scene: Scene, colours: Palette, height: number): void {
  const { listed } = scene;
  if (listed === undefined) return;
  const right = left + scene.picture.width;
  const [from, to] = [scene.xOf(listed.since), scene.xOf(listed.until)];
  if (to < left || from > right) return;
  const x = Math.max(left, Math.min(from, right - 4));
  ink.fillStyle = colours.accent;
  ink.fillRect(x - 1, height - bottom, Math.max(4, Math.min(to, right) - x), 3);
}
