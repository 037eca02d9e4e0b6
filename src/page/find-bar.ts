import { announce, button, checkbox, element, grouped } from './dom.js';
import type { Lines } from './lines.js';
import type { List } from './list.js';
import { Search } from './search.js';
import type { Texts } from './texts.js';

const typedMs = 250;

/** The field that finds a text in all lines, and what it tells of it. */
export class FindBar {
  search: Search | undefined;
  readonly #query = checkbox('query');
  readonly #isRegex = checkbox('is-regex');
  readonly #found = element('found', HTMLElement);
  readonly #stop = button('stop-find');
  readonly #lines: Lines;
  readonly #texts: Texts;
  readonly #list: List;
  #timer: number | undefined;
  #drawing = false;
  /** Told when there are other hits. */
  onHits: () => void = () => undefined;

  constructor(lines: Lines, texts: Texts, list: List) {
    this.#lines = lines;
    this.#texts = texts;
    this.#list = list;
    this.#query.addEventListener('input', () => this.#later());
    this.#isRegex.addEventListener('change', () => this.start());
    this.#query.addEventListener('keydown', (event) => this.#typed(event));
    button('next-hit').addEventListener('click', () => this.next(1));
    button('previous-hit').addEventListener('click', () => this.next(-1));
    this.#stop.addEventListener('click', () => this.search?.stop());
    element('find', HTMLElement).hidden = false;
  }

  get query(): string {
    return this.#query.value;
  }

  focus(): void {
    this.#query.focus();
    this.#query.select();
  }

  find(query: string): void {
    this.#query.value = query;
    this.start();
  }

  start(): void {
    window.clearTimeout(this.#timer);
    this.search?.stop();
    const query = this.#query.value;
    this.search =
      query === ''
        ? undefined
        : new Search(query, this.#isRegex.checked, this.#lines.count, this.#texts, this.#order(), () => this.#news());
    this.#tell();
    this.onHits();
  }

  /** Goes to the next hit among the lines that are shown, round the end. */
  next(step: 1 | -1): void {
    const { rows, cursor } = this.#list;
    const { search } = this;
    if (search === undefined) this.focus();
    if (search === undefined || search.count === 0) return;
    for (let far = 1; far <= rows.count; far++) {
      const row = (cursor + step * far + rows.count * 2) % rows.count;
      if (search.hits[rows.lineOf(row)] !== 1) continue;
      this.#list.moveCursor(row, false, true);
      return;
    }
    announce('not in the lines that are shown');
  }

  /** Blocks in the order of their distance from what is seen. */
  #order(): number[] {
    const center = this.#texts.blockOf(this.#list.line);
    const count = this.#texts.blockOf(this.#lines.count - 1) + 1;
    return Array.from({ length: count }, (_, block) => block).sort(
      (a, b) => Math.abs(a - center) - Math.abs(b - center),
    );
  }

  #later(): void {
    window.clearTimeout(this.#timer);
    this.#timer = window.setTimeout(() => this.start(), typedMs);
  }

  #typed(event: KeyboardEvent): void {
    if (event.key === 'Escape') {
      event.preventDefault();
      this.find('');
      element('list', HTMLElement).focus();
    }
    if (event.key !== 'Enter') return;
    event.preventDefault();
    if (this.#timer !== undefined && this.search === undefined) this.start();
    this.next(event.shiftKey ? -1 : 1);
  }

  /** At most once a frame. */
  #news(): void {
    if (this.#drawing) return;
    this.#drawing = true;
    requestAnimationFrame(() => {
      this.#drawing = false;
      this.#tell();
      this.onHits();
    });
  }

  #tell(): void {
    const { search } = this;
    this.#stop.hidden = search?.state !== 'working';
    this.#found.textContent = search === undefined ? '' : foundText(search);
  }
}

function foundText({ state, count, share, damaged }: Search): string {
  const lines = `${grouped(count)} ${count === 1 ? 'line' : 'lines'}`;
  const unread = damaged === 0 ? '' : `, ${damaged} blocks unreadable`;
  switch (state) {
    case 'working':
      return `${lines}, ${Math.floor(share * 100)} %`;
    case 'done':
      return `${lines}${unread}`;
    case 'stopped':
      return `${lines}, stopped at ${Math.floor(share * 100)} %`;
    case 'too-slow':
      return `${lines}, stopped after 10 s`;
    case 'bad-pattern':
      return 'not a regular expression';
  }
}
