import type { PageData, PageMarker } from '../report/page-data.js';
import { askedIn, linkTo } from './address.js';
import { Chips } from './chips.js';
import { copySelected } from './copying.js';
import { Detail } from './detail.js';
import { announce, button, checkbox, element, grouped } from './dom.js';
import { Filter } from './filter.js';
import { FindBar } from './find-bar.js';
import type { KeyActions } from './keys.js';
import { LineWords } from './line-words.js';
import { error, type Lines } from './lines.js';
import { List } from './list.js';
import { listenInList } from './list-keys.js';
import type { ShownRow } from './row.js';
import { Texts } from './texts.js';
import type { Timeline } from './timeline.js';

/** The list of all lines with its filters, find, and the way between it and the timeline. */
export class Viewer {
  readonly #data: PageData;
  readonly #lines: Lines;
  readonly #texts: Texts;
  readonly #words: LineWords;
  readonly #filter: Filter;
  readonly #list: List;
  readonly #chips: Chips;
  readonly #find: FindBar;
  readonly #detail: Detail;
  readonly #timeline: Timeline | undefined;
  readonly #eventLine: number;

  constructor(data: PageData, lines: Lines, timeline: Timeline | undefined) {
    element('viewer', HTMLElement).hidden = false;
    this.#data = data;
    this.#lines = lines;
    this.#timeline = timeline;
    this.#texts = new Texts(data.blocks);
    this.#words = new LineWords(data, lines);
    this.#filter = new Filter(data);
    this.#eventLine = data.event === null ? -1 : Math.min(lines.lineAt(data.event), lines.count - 1);
    this.#list = new List((line) => this.#shownRow(line));
    this.#chips = new Chips(this.#filter, () => this.#refilter());
    this.#find = new FindBar(lines, this.#texts, this.#list);
    this.#detail = new Detail(this.#words, this.#texts, (line) => this.#linkOf(line));
    this.#texts.onCome = () => this.#list.draw();
    this.#list.onCursor = (line) => this.#detail.show(line);
    this.#list.onMove = () => this.#tellSeen();
    this.#find.onHits = () => this.#showHits();
    this.#listen();
    this.#refilter();
    this.goTo(Math.max(0, this.#eventLine));
  }

  /** Puts the cursor on a line; filters that hide it are lifted. */
  goTo(line: number): void {
    if (!this.#list.rows.has(line) && this.#lines.count > 0) {
      this.#filter.clear();
      this.#onlyHits(false);
      this.#chips.refresh();
      this.#refilter();
    }
    this.#list.goTo(line);
  }

  goToTime(at: number): void {
    this.#list.goTo(Math.min(this.#lines.lineAt(at), this.#lines.count - 1));
  }

  /** Follows the part of the address behind `#`. @returns whether it leads into the list */
  follow(hash: string): boolean {
    const { time, line, servers, query } = askedIn(hash);
    if (servers !== undefined) {
      this.#filter.servers.clear();
      this.#data.servers.forEach(({ label }, server) => {
        if (servers.includes(label)) this.#filter.servers.add(server);
      });
      this.#chips.refresh();
      this.#refilter();
    }
    if (query !== undefined) this.#find.find(query);
    const at = time === undefined ? undefined : this.#timeOf(time);
    if (line !== undefined) this.goTo(this.#lines.lineOfPlace(line));
    else if (at !== undefined) this.goToTime(at);
    return line !== undefined || at !== undefined || servers !== undefined || query !== undefined;
  }

  actions(): KeyActions {
    const marker = (step: 1 | -1) => () => this.#nextMarker(step);
    const servers = this.#data.servers.slice(0, 9).map((_, server): [string, () => void] => {
      return [String(server + 1), () => this.#chips.toggleServer(server)];
    });
    return {
      '/': () => this.#find.focus(),
      n: () => this.#find.next(1),
      N: () => this.#find.next(-1),
      e: () => this.#toEvent(),
      x: () => this.#nextError(1),
      X: () => this.#nextError(-1),
      ']': marker(1),
      '[': marker(-1),
      c: () => this.#copy(),
      g: () => this.#askTime(),
      ...Object.fromEntries(servers),
    };
  }

  #listen(): void {
    listenInList(element('list', HTMLElement), this.#list, () => this.#copy());
    const clock = element('clock', HTMLSelectElement);
    clock.addEventListener('change', () => {
      this.#words.isOwnTime = clock.value === 'own';
      this.#list.draw();
    });
    button('only-hits').addEventListener('click', () => this.#onlyHits(this.#filter.hits === undefined));
    checkbox('only-zoomed').addEventListener('change', () => this.zoomed());
    const go = element('go', HTMLDialogElement);
    button('close-go').addEventListener('click', () => go.close());
    button('go-there').addEventListener('click', () => this.#goThere());
    checkbox('go-time').addEventListener('keydown', (event) => {
      if (event.key === 'Enter') this.#goThere();
    });
  }

  /** The timeline shows another time. */
  zoomed(): void {
    const view = this.#timeline?.view;
    const range =
      checkbox('only-zoomed').checked && view !== undefined ? ([view.since, view.until] as const) : undefined;
    if (range === undefined && this.#filter.range === undefined) return;
    this.#filter.range = range;
    this.#refilter();
  }

  #refilter(): void {
    if (this.#filter.range === undefined) checkbox('only-zoomed').checked = false;
    this.#list.show(this.#filter.rows(this.#lines));
    const { count } = this.#list.rows;
    const all = this.#lines.count;
    const text = count === all ? `all ${grouped(all)} lines` : `${grouped(count)} of ${grouped(all)} lines`;
    element('shown', HTMLElement).textContent = count === 0 ? `${text}: nothing passes these filters` : text;
    announce(text);
  }

  #shownRow(line: number): ShownRow {
    const text = this.#texts.now(line);
    const isDamaged = typeof text === 'object';
    const isFound = this.#find.search?.hits[line] === 1;
    const marks = [
      ...(this.#lines.continued[line] === 1 ? ['continued'] : []),
      ...(isFound ? ['hit'] : []),
      ...(isDamaged ? ['damaged'] : []),
      ...(line === this.#eventLine ? ['event'] : []),
    ];
    return {
      server: this.#words.server(line),
      time: this.#words.time(line),
      level: this.#words.level(line),
      log: this.#words.log(line),
      text: isDamaged ? `these ${text.damaged} lines cannot be read` : (text ?? '…'),
      marks: ` ${this.#words.levelName(line)} ${marks.join(' ')}`,
    };
  }

  #showHits(): void {
    const { search } = this.#find;
    button('only-hits').hidden = search === undefined;
    if (this.#timeline !== undefined) {
      this.#timeline.hitTimes = search?.times(this.#lines.at) ?? [];
      this.#timeline.draw();
    }
    if (this.#filter.hits === undefined) this.#list.draw();
    else this.#onlyHits(search !== undefined);
  }

  #onlyHits(on: boolean): void {
    this.#filter.hits = on ? this.#find.search?.hits : undefined;
    button('only-hits').setAttribute('aria-pressed', String(on));
    this.#refilter();
  }

  #toEvent(): void {
    if (this.#eventLine < 0) {
      announce('The bundle does not tell when the event was');
      return;
    }
    this.goTo(this.#eventLine);
    this.#bringIntoView();
  }

  #nextError(step: 1 | -1): void {
    const { rows, cursor } = this.#list;
    for (let row = cursor + step; row >= 0 && row < rows.count; row += step) {
      const line = rows.lineOf(row);
      const isError = (this.#lines.severity[line] ?? 0) >= error;
      if (!isError || this.#lines.continued[line] === 1) continue;
      this.#list.moveCursor(row, false, true);
      return;
    }
    announce('no more errors there');
  }

  #nextMarker(step: 1 | -1): void {
    const here = this.#lines.at[this.#list.line] ?? 0;
    const shown: readonly PageMarker[] = this.#timeline?.picture.markers ?? this.#data.markers;
    const sorted = [...shown].sort((a, b) => (a.at - b.at) * step);
    const next = sorted.find(({ at }) => (at - here) * step > 0);
    if (next === undefined) {
      announce('no more marks there');
      return;
    }
    if (next.line === undefined) this.goToTime(next.at);
    else this.#list.goTo(this.#lines.lineOfPlace(next.line));
    announce(`${next.kind}: ${next.text}`);
  }

  async #copy(): Promise<void> {
    await copySelected(this.#list, this.#words, this.#texts);
  }

  #askTime(): void {
    element('go-fault', HTMLElement).textContent = '';
    element('go', HTMLDialogElement).showModal();
  }

  #goThere(): void {
    const at = this.#timeOf(checkbox('go-time').value);
    if (at === undefined) {
      element('go-fault', HTMLElement).textContent = 'A time of day is HH:MM or HH:MM:SS';
      return;
    }
    element('go', HTMLDialogElement).close();
    this.goToTime(at);
    this.#bringIntoView();
  }

  #timeOf(text: string): number | undefined {
    return this.#words.clock.instantOf(text, this.#data.event ?? this.#data.span[0]);
  }

  #bringIntoView(): void {
    element('lines', HTMLElement).scrollIntoView({ block: 'start' });
    element('list', HTMLElement).focus({ preventScroll: true });
  }

  #linkOf(line: number): string {
    const { query } = this.#find;
    const servers = this.#data.servers.filter((_, server) => this.#filter.servers.has(server));
    const isAll = servers.length === this.#data.servers.length;
    return linkTo({
      line: this.#lines.place[line] ?? 0,
      ...(isAll ? {} : { servers: servers.map(({ label }) => label) }),
      ...(query === '' ? {} : { query }),
    });
  }

  #tellSeen(): void {
    if (this.#timeline === undefined || this.#lines.count === 0) return;
    const [first, last] = this.#list.seen;
    this.#timeline.listed = { since: this.#lines.at[first] ?? 0, until: this.#lines.at[last] ?? 0 };
    this.#timeline.draw();
  }
}
