'use strict';
// The page is read without this as well: the buttons are shown only where they do something.
for (const button of document.querySelectorAll('button[data-from]')) {
  button.hidden = false;
  button.addEventListener('click', () => copyFrom(button));
}

async function copyFrom(button) {
  const value = document.getElementById(button.dataset.from);
  const isCopied = await copied(value.textContent);
  button.focus();
  if (!isCopied) getSelection().selectAllChildren(value);
  button.classList.toggle('done', isCopied);
  button.textContent = isCopied ? 'Copied' : 'Copy';
  document.getElementById('said').textContent = isCopied
    ? `${button.dataset.label} copied`
    : `${button.dataset.label} is selected; copy it with the keyboard`;
}

async function copied(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return copiedByCommand(text); // not every browser has that for a file, or allows it
  }
}

function copiedByCommand(text) {
  const area = document.createElement('textarea');
  area.className = 'offscreen';
  area.readOnly = true;
  area.value = text;
  document.body.append(area);
  area.select();
  try {
    return document.execCommand('copy');
  } finally {
    area.remove();
  }
}
