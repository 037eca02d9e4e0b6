export type KeyActions = Readonly<Record<string, () => void>>;

/** Fields take their keys themselves. */
function isTyping(target: EventTarget | null): boolean {
  return (
    target instanceof HTMLElement &&
    target.closest('input:not([type=checkbox]), textarea, select, dialog[open]') !== null
  );
}

/** Single letters are keys where nobody types and they were not turned off. */
export function listenToKeys(actions: KeyActions, areOn: () => boolean): void {
  document.addEventListener('keydown', (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return;
    const act = actions[event.key];
    if (act === undefined || !areOn() || document.querySelector('dialog[open]') !== null) return;
    event.preventDefault();
    act();
  });
}
