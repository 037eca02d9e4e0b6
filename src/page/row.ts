export type ShownRow = {
  server: string;
  time: string;
  level: string;
  log: string;
  text: string;
  /** Names of styles, e.g. that it was found. */
  marks: string;
};

/** One row of the list, used for one line after the other. */
export class RowView {
  readonly element = document.createElement('div');
  readonly #cells: readonly HTMLElement[];
  #shown = '';

  constructor(place: number) {
    this.element.setAttribute('role', 'row');
    this.element.id = `row-${place}`;
    this.element.dir = 'ltr';
    this.element.translate = false;
    this.#cells = ['server', 'time', 'level', 'log', 'text'].map((name) => {
      const cell = document.createElement('span');
      cell.setAttribute('role', 'gridcell');
      cell.className = name;
      this.element.append(cell);
      return cell;
    });
    this.hide();
  }

  hide(): void {
    this.element.hidden = true;
  }

  moveTo(top: number): void {
    this.element.style.transform = `translateY(${top}px)`;
  }

  show(row: number, shown: ShownRow, { isCursor, isSelected }: { isCursor: boolean; isSelected: boolean }): void {
    this.element.hidden = false;
    const { server, time, level, log, text, marks } = shown;
    const state = `row ${level || 'none'} ${marks}${isCursor ? ' cursor' : ''}${isSelected ? ' selected' : ''}`;
    const all = [state, row, server, time, log, text].join('\n');
    if (all === this.#shown) return;
    this.#shown = all;
    this.element.className = state;
    this.element.setAttribute('aria-rowindex', String(row + 1));
    this.element.setAttribute('aria-selected', String(isSelected));
    [server, time, level, log, text].forEach((value, place) => {
      const cell = this.#cells[place];
      if (cell !== undefined && cell.textContent !== value) cell.textContent = value;
    });
  }
}
