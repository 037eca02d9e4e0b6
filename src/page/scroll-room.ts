/** Browsers draw no element higher than some ten million pixels: beyond that the bar is proportional. */
const highestPx = 8_000_000;
const settledMs = 160;

/**
 * Where in all rows the view is. Small moves – wheel, finger, keys – move it by exact pixels, also where the room is
 * lower than the rows; only a jump of the bar is taken as a share of the whole.
 */
export class ScrollRoom {
  readonly #view: HTMLElement;
  readonly #spacer: HTMLElement;
  readonly #onMove: () => void;
  #rowsPx = 0;
  #top = 0;
  #seen = 0;
  #settle: number | undefined;

  constructor(view: HTMLElement, spacer: HTMLElement, onMove: () => void) {
    this.#view = view;
    this.#spacer = spacer;
    this.#onMove = onMove;
    view.addEventListener('scroll', () => this.#scrolled(), { passive: true });
  }

  get top(): number {
    return this.#top;
  }

  /** How high all rows are together. */
  resize(rowsPx: number): void {
    this.#rowsPx = rowsPx;
    this.#spacer.style.height = `${Math.min(rowsPx, highestPx)}px`;
    this.moveTo(this.#top);
  }

  moveTo(top: number): void {
    this.#top = Math.max(0, Math.min(top, this.#lastTop()));
    this.#place();
    this.#onMove();
  }

  #lastTop(): number {
    return Math.max(0, this.#rowsPx - this.#view.clientHeight);
  }

  #lastScroll(): number {
    return Math.max(0, Math.min(this.#rowsPx, highestPx) - this.#view.clientHeight);
  }

  #place(): void {
    const share = this.#lastTop() === 0 ? 0 : this.#top / this.#lastTop();
    this.#view.scrollTop = Math.round(share * this.#lastScroll());
    this.#seen = this.#view.scrollTop;
  }

  #scrolled(): void {
    const moved = this.#view.scrollTop - this.#seen;
    if (moved === 0) return;
    this.#seen = this.#view.scrollTop;
    const share = this.#lastScroll() === 0 ? 0 : this.#seen / this.#lastScroll();
    const isExact = this.#rowsPx <= highestPx || Math.abs(moved) > 2 * this.#view.clientHeight;
    const top = isExact ? share * this.#lastTop() : this.#top + moved;
    this.#top = Math.max(0, Math.min(top, this.#lastTop()));
    this.#onMove();
    window.clearTimeout(this.#settle);
    this.#settle = window.setTimeout(() => this.#place(), settledMs);
  }
}
