import { copyText } from './copying.js';
import { announce, element } from './dom.js';
import type { LineWords } from './line-words.js';
import type { Texts } from './texts.js';

/** The line of the cursor, whole: its text wraps, and both its times stand there. */
export class Detail {
  readonly #box = element('detail', HTMLElement);
  readonly #words: LineWords;
  readonly #texts: Texts;
  readonly #linkOf: (line: number) => string;
  #line = -1;

  constructor(words: LineWords, texts: Texts, linkOf: (line: number) => string) {
    this.#words = words;
    this.#texts = texts;
    this.#linkOf = linkOf;
  }

  async show(line: number): Promise<void> {
    this.#line = line;
    const text = await this.#texts.of(line);
    if (this.#line !== line) return; // the cursor went on meanwhile
    const head = document.createElement('p');
    head.className = 'quiet';
    head.append(`${this.#words.source(line)} · ${this.#words.times(line)} · ${this.#words.levelName(line)} `);
    const code = document.createElement('code');
    code.dir = 'ltr';
    code.translate = false;
    code.textContent = text;
    head.append(this.#button('copy', () => `${this.#words.source(line)}  ${this.#words.times(line)}  ${text}`));
    head.append(
      ' ',
      this.#button('copy link', () => this.#linkOf(line)),
    );
    this.#box.replaceChildren(head, code);
    this.#box.hidden = false;
  }

  #button(label: string, textOf: () => string): HTMLButtonElement {
    const made = document.createElement('button');
    made.type = 'button';
    made.textContent = label;
    made.addEventListener('click', () => copyText(textOf()).then(() => announce('copied')));
    return made;
  }
}
