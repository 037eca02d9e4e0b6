import { button } from './dom.js';
import type { Filter } from './filter.js';

/** The buttons that choose severities, servers and logs. */
export class Chips {
  readonly #filter: Filter;
  readonly #onChange: () => void;
  readonly #chips = [...document.querySelectorAll<HTMLButtonElement>('.chip[data-kind]')];

  constructor(filter: Filter, onChange: () => void) {
    this.#filter = filter;
    this.#onChange = onChange;
    for (const chip of this.#chips) {
      chip.title = 'Alt and click: only this one';
      chip.addEventListener('click', (event) => this.#clicked(chip, event.altKey));
    }
    button('fold').addEventListener('click', () => {
      filter.fold = !filter.fold;
      this.#changed();
    });
    button('no-filter').addEventListener('click', () => {
      filter.clear();
      this.#changed();
    });
  }

  toggleServer(server: number): void {
    const chip = this.#chips.find(({ dataset }) => dataset['kind'] === 'server' && dataset['value'] === String(server));
    if (chip !== undefined) this.#clicked(chip, false);
  }

  /** Shows what is chosen, after it was changed elsewhere. */
  refresh(): void {
    for (const chip of this.#chips) chip.setAttribute('aria-pressed', String(this.#isOn(chip)));
    button('fold').setAttribute('aria-pressed', String(this.#filter.fold));
  }

  #clicked(chip: HTMLButtonElement, isAlone: boolean): void {
    const isOn = this.#isOn(chip);
    const kind = chip.dataset['kind'];
    if (isAlone) for (const each of this.#chips) if (each.dataset['kind'] === kind) this.#turn(each, each === chip);
    if (!isAlone) this.#turn(chip, !isOn);
    this.#changed();
  }

  #changed(): void {
    this.refresh();
    this.#onChange();
  }

  #turn(chip: HTMLButtonElement, on: boolean): void {
    const { chosen, value } = this.#chosenBy(chip);
    if (on) chosen.add(value);
    else chosen.delete(value);
  }

  #isOn(chip: HTMLButtonElement): boolean {
    const { chosen, value } = this.#chosenBy(chip);
    return chosen.has(value);
  }

  #chosenBy({ dataset }: HTMLButtonElement): { chosen: Set<unknown>; value: unknown } {
    const { kind, value = '' } = dataset;
    if (kind === 'log') return { chosen: this.#filter.logs, value };
    const chosen = kind === 'server' ? this.#filter.servers : this.#filter.severities;
    return { chosen, value: Number(value) };
  }
}
