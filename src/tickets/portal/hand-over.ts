import { dirname } from 'node:path';
import type { FormField, PortalHelpDesk } from '../../helpdesk/help-desk.js';
import type { Browser } from '../../ui/handover.js';
import type { Operator } from '../../ui/operator.js';
import type { Prompter } from '../../ui/prompter.js';
import type { Texts } from './form-texts.js';

/** The form and what is to be put into it. */
export type ToFill = { desk: PortalHelpDesk; fields: readonly FormField[]; texts: Texts; page: string | undefined };

/** Brings the texts to where the form is: to a browser here, or else to the screen and the clipboard of the terminal. */
export async function handOver(form: ToFill, operator: Operator, ask: Prompter): Promise<void> {
  if (await isOpened(form, operator, ask)) return;
  showTexts(form, operator);
  const { clipboard } = operator.handover ?? {};
  if (form.desk.clipboard && clipboard !== undefined) await copyTexts(form, clipboard, operator, ask);
}

async function isOpened({ desk, page }: ToFill, operator: Operator, ask: Prompter): Promise<boolean> {
  const { browser } = operator.handover ?? {};
  if (page === undefined || browser === undefined) return false;
  if (!(desk.browser ?? (await isWanted(browser, ask)))) return false;
  const isTaken = await browser.open(page);
  const text = isTaken
    ? `Your browser has the texts for the form, and what to do: ${page}\nIf it may not read that file, as one from Snap or Flatpak, open a copy in your home folder`
    : `No browser could be opened; open it yourself: ${page}`;
  operator.emit({ type: 'note', text, asked: true });
  return isTaken;
}

/** Asked once: the answer is kept. */
async function isWanted(browser: Browser, ask: Prompter): Promise<boolean> {
  const answered = await browser.answered();
  if (answered !== undefined) return answered;
  const question =
    'Open the texts for the form in your browser? (kept for next time; helpdesk.browser counts for more)';
  const answer = await ask.confirm(question, true);
  await browser.keep(answer);
  return answer;
}

function showTexts({ desk, texts, page }: ToFill, { emit, handover }: Operator): void {
  const note = (text: string) => emit({ type: 'note', text, asked: true });
  const [first] = texts;
  const where = desk.url === undefined ? '' : ` at ${desk.url}`;
  note(`Register the ticket${where} with these texts; they are also in ${dirname(first?.path ?? '')}`);
  for (const { field, text } of texts) note(`--- ${field} ---\n${text}`);
  if (page === undefined) return;
  note(`A page for a browser has them too, with buttons that copy them:\n${page}`);
  if (handover?.fetch !== undefined) note(`To have it where your browser is, type there:\n${handover.fetch([page])}`);
}

async function copyTexts(
  { fields, texts }: ToFill,
  clipboard: (text: string) => boolean,
  { emit }: Operator,
  ask: Prompter,
): Promise<void> {
  const doubt = 'Where nothing arrives, your terminal does not take it; tmux takes it with: set -s set-clipboard on';
  emit({ type: 'note', text: `The texts go to the clipboard of your terminal. ${doubt}`, asked: true });
  for (const { field, label, text } of fields) {
    if (text === undefined) continue;
    if (!clipboard(text)) {
      const path = texts.find((each) => each.field === field)?.path;
      emit({
        type: 'note',
        text: `${label} is too large for the clipboard of a terminal; it is in ${path}`,
        asked: true,
      });
      continue;
    }
    const answer = await ask.text(
      `${label} was sent to the clipboard of your terminal (Enter: next, s: skip the rest)`,
    );
    if (answer.trim().toLowerCase() === 's') return;
  }
}
