import type { List } from './list.js';

/** Arrows and their like, in the list. */
export function listenInList(view: HTMLElement, list: List, copy: () => void): void {
  view.addEventListener('keydown', (event) => {
    if ((event.ctrlKey || event.metaKey) && event.key === 'c' && getSelection()?.isCollapsed !== false) {
      event.preventDefault();
      return copy();
    }
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const { cursor } = list;
    const rows: Record<string, number> = {
      ArrowDown: cursor + 1,
      ArrowUp: cursor - 1,
      PageDown: cursor + list.page(),
      PageUp: cursor - list.page(),
      Home: 0,
      End: list.rows.count - 1,
    };
    const row = rows[event.key];
    if (row === undefined) return;
    event.preventDefault();
    list.moveCursor(row, event.shiftKey);
  });
}
