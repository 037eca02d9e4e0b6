import { button, checkbox, element } from './dom.js';
import type { Timeline } from './timeline.js';

const zoomStep = 1.6;
const clickPx = 4;

type Point = { x: number; y: number };

/** Mouse, fingers and keys at the timeline. */
export class TimelineInput {
  readonly #timeline: Timeline;
  readonly #goTo: (at: number) => void;
  readonly #fingers = new Map<number, Point>();
  readonly #pointed = element('pointed', HTMLElement);
  #moved = 0;

  /** @param goTo shows the lines of a time */
  constructor(timeline: Timeline, goTo: (at: number) => void) {
    this.#timeline = timeline;
    this.#goTo = goTo;
    const { canvas, host } = timeline;
    canvas.addEventListener('pointerdown', (event) => this.#down(event));
    canvas.addEventListener('pointermove', (event) => this.#move(event));
    canvas.addEventListener('pointerup', (event) => this.#up(event));
    canvas.addEventListener('pointercancel', ({ pointerId }) => this.#fingers.delete(pointerId));
    canvas.addEventListener('pointerleave', () => this.#point(''));
    canvas.addEventListener('dblclick', (event) => timeline.zoom(1 / zoomStep ** 3, timeline.atOf(event.offsetX)));
    canvas.addEventListener('wheel', (event) => this.#wheel(event), { passive: false });
    host.addEventListener('keydown', (event) => this.#key(event));
    this.#buttons();
    this.#grips();
  }

  zoomToEvent(): void {
    const { event } = this.#timeline.data;
    const minute = 60_000;
    if (event !== null) this.#timeline.show({ since: event - 2 * minute, until: event + 2 * minute });
  }

  #buttons(): void {
    const timeline = this.#timeline;
    element('zoom', HTMLElement).hidden = false;
    button('zoom-in').addEventListener('click', () => timeline.zoom(1 / zoomStep));
    button('zoom-out').addEventListener('click', () => timeline.zoom(zoomStep));
    button('zoom-whole').addEventListener('click', () => timeline.show(timeline.whole()));
    button('zoom-event').hidden = timeline.data.event === null;
    button('zoom-event').addEventListener('click', () => this.zoomToEvent());
    const byCluster = button('by-cluster');
    byCluster.hidden = !timeline.byCluster;
    byCluster.setAttribute('aria-pressed', String(timeline.byCluster));
    byCluster.addEventListener('click', () => {
      timeline.byCluster = !timeline.byCluster;
      byCluster.setAttribute('aria-pressed', String(timeline.byCluster));
      timeline.draw();
    });
    checkbox('own-work').addEventListener('change', () => {
      timeline.showsOwnWork = checkbox('own-work').checked;
      timeline.draw();
    });
  }

  /** The begin and the end of what is seen, for keys and readers. */
  #grips(): void {
    for (const end of ['since', 'until'] as const)
      element(`grip-${end}`, HTMLElement).addEventListener('keydown', (event) => {
        const steps: Record<string, number> = { ArrowLeft: -1, ArrowDown: -1, ArrowRight: 1, ArrowUp: 1 };
        const step = steps[event.key];
        if (step === undefined) return;
        event.preventDefault();
        event.stopPropagation();
        const { view } = this.#timeline;
        const moved = view[end] + (step * (view.until - view.since)) / 50;
        this.#timeline.show({ ...view, [end]: moved });
      });
  }

  #down(event: PointerEvent): void {
    this.#timeline.canvas.setPointerCapture(event.pointerId);
    this.#fingers.set(event.pointerId, { x: event.offsetX, y: event.offsetY });
    this.#moved = 0;
  }

  #move(event: PointerEvent): void {
    const before = this.#fingers.get(event.pointerId);
    const here = { x: event.offsetX, y: event.offsetY };
    if (before === undefined) {
      this.#point(this.#timeline.pointed(here.x, here.y));
      return;
    }
    this.#moved += Math.abs(here.x - before.x);
    if (this.#fingers.size === 2) this.#pinch(event.pointerId, before, here);
    else if (this.#moved > clickPx) this.#timeline.pan((before.x - here.x) / this.#timeline.picture.width);
    this.#fingers.set(event.pointerId, here);
  }

  #pinch(id: number, before: Point, here: Point): void {
    const other = [...this.#fingers].find(([each]) => each !== id)?.[1];
    if (other === undefined) return;
    const [was, is] = [Math.abs(before.x - other.x), Math.abs(here.x - other.x)].map((px) => Math.max(px, 20));
    this.#timeline.zoom((was ?? 1) / (is ?? 1), this.#timeline.atOf((here.x + other.x) / 2));
  }

  #up(event: PointerEvent): void {
    const wasDown = this.#fingers.delete(event.pointerId);
    if (wasDown && this.#moved <= clickPx && this.#fingers.size === 0) this.#goTo(this.#timeline.atOf(event.offsetX));
  }

  /** A wheel alone scrolls the page; with Ctrl, as a pinch on a touch pad tells it, it zooms. */
  #wheel(event: WheelEvent): void {
    const isAcross = Math.abs(event.deltaX) > Math.abs(event.deltaY);
    if (!event.ctrlKey && !event.metaKey && !isAcross) return;
    event.preventDefault();
    if (isAcross) this.#timeline.pan(event.deltaX / this.#timeline.picture.width);
    else this.#timeline.zoom(event.deltaY > 0 ? zoomStep ** 0.5 : zoomStep ** -0.5, this.#timeline.atOf(event.offsetX));
  }

  #key(event: KeyboardEvent): void {
    const timeline = this.#timeline;
    const { since, until } = timeline.view;
    const keys: Record<string, () => void> = {
      ArrowLeft: () => timeline.pan(-0.2),
      ArrowRight: () => timeline.pan(0.2),
      '+': () => timeline.zoom(1 / zoomStep),
      '=': () => timeline.zoom(1 / zoomStep),
      '-': () => timeline.zoom(zoomStep),
      '0': () => timeline.show(timeline.whole()),
      Enter: () => this.#goTo((since + until) / 2),
    };
    const act = event.ctrlKey || event.metaKey || event.altKey ? undefined : keys[event.key];
    if (act === undefined) return;
    event.preventDefault();
    event.stopPropagation();
    act();
  }

  #point(text: string): void {
    this.#pointed.textContent = text;
  }
}
