import { button, checkbox, element } from './dom.js';

/** Keys and settings: what `?` shows. Nothing is kept: a file has no place for it that is its own. */
export function openSettings(): { show(): void; areSingleKeys(): boolean } {
  const dialog = element('keys', HTMLDialogElement);
  const theme = element('theme', HTMLSelectElement);
  const opener = button('show-keys');
  opener.hidden = false;
  opener.addEventListener('click', () => dialog.showModal());
  button('close-keys').addEventListener('click', () => dialog.close());
  theme.addEventListener('change', () => {
    document.documentElement.dataset['theme'] = theme.value;
    document.dispatchEvent(new Event('themechange'));
  });
  return { show: () => dialog.showModal(), areSingleKeys: () => checkbox('single-keys').checked };
}
