import type { PageData } from '../report/page-data.js';
import { addLines, type DensityCounts, emptyBins, type View } from './bins.js';
import type { Clock } from './clock.js';
import { element, grouped } from './dom.js';
import { drawLanes } from './draw-lanes.js';
import { lanesOf, mayCollapse, shapeOf } from './lanes.js';
import type { Lines } from './lines.js';
import { type Palette, palette } from './palette.js';
import { binPx, left, type Picture, type Scene } from './picture.js';

const leastMs = 50;

/** The timeline: which time is seen, and how. */
export class Timeline implements Scene {
  readonly host = element('lanes', HTMLElement);
  readonly canvas = element('canvas', HTMLCanvasElement);
  readonly data: PageData;
  readonly clock: Clock;
  view: View;
  lines: Lines | undefined;
  byCluster: boolean;
  showsOwnWork = false;
  /** Seen by the list. */
  listed: View | undefined;
  /** When the lines were that were found. */
  hitTimes: readonly number[] = [];
  onView: () => void = () => undefined;
  picture: Picture;
  readonly #density: DensityCounts;
  #palette: Palette = palette();
  #asked = false;

  constructor(data: PageData, density: DensityCounts, clock: Clock) {
    this.data = data;
    this.clock = clock;
    this.#density = density;
    this.view = this.whole();
    this.byCluster = mayCollapse(data.servers);
    this.host.hidden = false;
    this.picture = this.#count();
    new ResizeObserver(() => this.draw()).observe(this.host);
    const recolour = () => {
      this.#palette = palette();
      this.draw();
    };
    for (const query of ['(prefers-color-scheme: dark)', '(forced-colors: active)'])
      matchMedia(query).addEventListener('change', recolour);
    document.addEventListener('themechange', recolour);
  }

  whole(): View {
    const [since, until] = this.data.span;
    return { since, until: Math.max(until, since + leastMs) };
  }

  /** Shows another time, within the whole. */
  show({ since, until }: View): void {
    const whole = this.whole();
    const ms = Math.min(Math.max(until - since, leastMs), whole.until - whole.since);
    const from = Math.min(Math.max(since, whole.since), whole.until - ms);
    this.view = { since: from, until: from + ms };
    this.draw();
    this.onView();
  }

  zoom(factor: number, at = (this.view.since + this.view.until) / 2): void {
    const { since, until } = this.view;
    this.show({ since: at - (at - since) * factor, until: at + (until - at) * factor });
  }

  pan(share: number): void {
    const ms = (this.view.until - this.view.since) * share;
    this.show({ since: this.view.since + ms, until: this.view.until + ms });
  }

  get isWhole(): boolean {
    const whole = this.whole();
    return this.view.since <= whole.since && this.view.until >= whole.until;
  }

  atOf(x: number): number {
    const { since, until } = this.view;
    return since + ((x - left) / this.picture.width) * (until - since);
  }

  /** What is at a place of the canvas, in words. */
  pointed(x: number, y: number): string {
    const { lanes, shape, bins } = this.picture;
    const place = Math.floor((y - 24) / shape.height);
    const lane = lanes[place];
    if (x < left || lane === undefined) return '';
    const bin = Math.floor((x - left) / binPx);
    const of = bins[place];
    const counts = [of?.errors[bin] ?? 0, of?.warnings[bin] ?? 0, of?.lines[bin] ?? 0].map(grouped);
    const marker = this.picture.markers.find(
      ({ server, at, until = at }) => lane.servers.includes(server) && this.xOf(at) < x + 5 && x - 5 < this.xOf(until),
    );
    const text = marker === undefined ? '' : ` · ${marker.kind}: ${marker.text.slice(0, 120)}`;
    return `${this.clock.time(this.atOf(x))} ${lane.label} · ${counts[0]} errors, ${counts[1]} warnings, ${counts[2]} lines${text}`;
  }

  readonly xOf = (at: number): number => {
    const { since, until } = this.view;
    return left + ((at - since) / (until - since)) * this.picture.width;
  };

  /** In the next frame. */
  draw(): void {
    if (this.#asked) return;
    this.#asked = true;
    requestAnimationFrame(() => {
      this.#asked = false;
      this.picture = this.#count();
      drawLanes(this, this.#palette);
    });
  }

  /** Errors that are seen, per server, worst first. */
  errorsSeen(): string {
    const sums = this.picture.lanes.map(({ label }, place) => ({
      label,
      errors: this.picture.bins[place]?.errors.reduce((sum, count) => sum + count, 0) ?? 0,
    }));
    const worst = sums.sort((a, b) => b.errors - a.errors)[0];
    return worst === undefined || worst.errors === 0
      ? 'no errors'
      : `${grouped(worst.errors)} errors on ${worst.label}`;
  }

  #count(): Picture {
    const lanes = lanesOf(this.data.servers, this.byCluster);
    const width = Math.max(60, this.host.clientWidth - left - 4);
    const bins = lanes.map(() => emptyBins(Math.ceil(width / binPx)));
    const laneOf = this.data.servers.map((_, server) => lanes.findIndex(({ servers }) => servers.includes(server)));
    const serverOf = this.data.logs.map(({ server }) => server);
    const isExact = this.#isComplete() && addLines(bins, laneOf, this.view, this.lines as Lines, serverOf);
    if (!isExact) this.#density.addTo(bins, laneOf, this.view);
    const markers = this.data.markers.filter(({ kind }) => this.showsOwnWork || kind !== 'icepack');
    return { view: this.view, lanes, shape: shapeOf(lanes.length), bins, markers, width };
  }

  /** Lines that are not on the page would look like silence. */
  #isComplete(): boolean {
    return this.lines !== undefined && this.data.lines.here === this.data.lines.all;
  }
}
