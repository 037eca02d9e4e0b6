/** An element that the page has. */
export function element<T extends HTMLElement>(id: string, type: abstract new () => T): T {
  const found = document.getElementById(id);
  if (found instanceof type) return found;
  throw new Error(`the page has no ${id}`);
}

export function button(id: string): HTMLButtonElement {
  return element(id, HTMLButtonElement);
}

export function checkbox(id: string): HTMLInputElement {
  return element(id, HTMLInputElement);
}

/** Tells a reader who cannot see it what has just happened. */
export function announce(text: string): void {
  element('said', HTMLElement).textContent = text;
}

/** Shows a number as the page does: `1 004 117`. */
export function grouped(value: number): string {
  return String(value).replace(/\B(?=(\d{3})+$)/g, '\u202f');
}
