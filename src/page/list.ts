import { announce, element, grouped } from './dom.js';
import { Rows } from './filter.js';
import { RowView, type ShownRow } from './row.js';
import { ScrollRoom } from './scroll-room.js';

export const rowPx = 22;

/** The list of lines: as many rows as are seen, whatever there are. */
export class List {
  readonly #view = element('list', HTMLElement);
  readonly #rowsOf = element('rows', HTMLElement);
  readonly #room = new ScrollRoom(this.#view, element('spacer', HTMLElement), () => this.draw());
  readonly #pool: RowView[] = [];
  readonly #shownRow: (line: number) => ShownRow;
  #rows = new Rows(0, 0, undefined);
  #cursor = 0;
  #anchor = 0;
  onCursor: (line: number) => void = () => undefined;
  onMove: () => void = () => undefined;

  constructor(shownRow: (line: number) => ShownRow) {
    this.#shownRow = shownRow;
    new ResizeObserver(() => this.#resized()).observe(this.#view);
    this.#rowsOf.addEventListener('click', (event) => this.#clicked(event));
    this.#resized();
  }

  get rows(): Rows {
    return this.#rows;
  }

  /** The line of the cursor. */
  get line(): number {
    return this.#rows.lineOf(this.#cursor);
  }

  get cursor(): number {
    return this.#cursor;
  }

  /** The rows that are selected, first and last. */
  get selected(): readonly [first: number, last: number] {
    return [Math.min(this.#anchor, this.#cursor), Math.max(this.#anchor, this.#cursor)];
  }

  /** First and last line that are seen. */
  get seen(): readonly [first: number, last: number] {
    const first = Math.floor(this.#room.top / rowPx);
    const last = Math.min(this.#rows.count - 1, first + this.#page());
    return [this.#rows.lineOf(first), this.#rows.lineOf(Math.max(0, last))];
  }

  /** Shows other rows; the line of the cursor stays where it is, or the next one that is shown. */
  show(rows: Rows): void {
    const line = this.line;
    const offset = this.#cursor * rowPx - this.#room.top;
    this.#rows = rows;
    this.#cursor = rows.rowOf(line);
    this.#anchor = this.#cursor;
    this.#view.setAttribute('aria-rowcount', String(rows.count));
    this.#view.style.maxHeight = `${Math.max(rows.count, 1) * rowPx + 2}px`;
    this.#room.resize(rows.count * rowPx);
    const isSeen = offset >= 0 && offset < this.#view.clientHeight;
    this.#room.moveTo(this.#cursor * rowPx - (isSeen ? offset : this.#view.clientHeight / 3));
  }

  /** Puts the cursor on a line, in the upper third of the view where it was not seen. */
  goTo(line: number): void {
    this.moveCursor(this.#rows.rowOf(line), false, true);
  }

  moveCursor(row: number, selects = false, isJump = false): void {
    this.#cursor = Math.max(0, Math.min(row, this.#rows.count - 1));
    if (!selects) this.#anchor = this.#cursor;
    const [top, height] = [this.#cursor * rowPx, this.#view.clientHeight];
    const isSeen = top >= this.#room.top && top + rowPx <= this.#room.top + height;
    if (!isSeen && isJump) this.#room.moveTo(top - height / 3);
    else if (top < this.#room.top) this.#room.moveTo(top);
    else if (!isSeen) this.#room.moveTo(top + rowPx - height);
    this.draw();
    if (selects) announce(`${grouped(this.selected[1] - this.selected[0] + 1)} lines selected`);
    if (this.#rows.count > 0) this.onCursor(this.line);
  }

  /** How many whole rows are seen. */
  page(): number {
    return Math.max(1, this.#page() - 1);
  }

  #page(): number {
    return Math.ceil(this.#view.clientHeight / rowPx);
  }

  draw(): void {
    const first = Math.floor(this.#room.top / rowPx);
    const [from, to] = this.selected;
    const shift = first * rowPx - this.#room.top;
    this.#pool.forEach((view, place) => {
      const row = first + place;
      if (row >= this.#rows.count) {
        view.hide();
        return;
      }
      const shown = this.#shownRow(this.#rows.lineOf(row));
      view.show(row, shown, { isCursor: row === this.#cursor, isSelected: row >= from && row <= to });
      view.moveTo(shift + place * rowPx);
    });
    const place = this.#cursor - first;
    if (this.#pool[place]?.element.hidden === false) this.#view.setAttribute('aria-activedescendant', `row-${place}`);
    else this.#view.removeAttribute('aria-activedescendant');
    this.onMove();
  }

  #resized(): void {
    while (this.#pool.length < this.#page() + 2) {
      const view = new RowView(this.#pool.length);
      this.#pool.push(view);
      this.#rowsOf.append(view.element);
    }
    this.#room.resize(this.#rows.count * rowPx);
  }

  #clicked(event: MouseEvent): void {
    if (getSelection()?.isCollapsed === false) return; // somebody marks a text to copy it
    const row = (event.target as Element).closest('[aria-rowindex]')?.getAttribute('aria-rowindex');
    if (row !== null && row !== undefined) this.moveCursor(Number(row) - 1, event.shiftKey);
  }
}
