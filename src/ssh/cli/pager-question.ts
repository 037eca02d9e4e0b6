/** What a pager waits for: a key that turns the page, Enter where it says so, or being left because its end is shown. */
export type PagerQuestion = { text: string; wants: 'turn' | 'enter' | 'leave' };

/** `--More--` and its kin, and what may follow it: `(42%)`, `or (q)uit`, `, next page: Space, quit: Control-C`. */
const plainMore = /^[<([{*=-]*\s*-*\s*(?:more|mehr|mer)\b[\s.…]*-*(?:\s*\(?\d+%\)?)?\s*[>)\]}*=-]*$/i;
const decoratedMore = /^(?:[*=-]{2,}|[<([{][<([{*=-]*)\s*(?:more|mehr|mer)\b\s*[-*=>)\]},.:;(<[][^\n]{0,120}$/i;

/** less, most and man: `lines 1-24/60 40%`, `Manual page ls(1) line 1 (press h for help or q to quit)`. */
const lineCount =
  /^(?:\S{1,200}\s+)?lines \d+-\d+(?:\/\d+)?(?:\s+byte \d+(?:\/\d+)?)?(?:\s+\(?\d+%\)?)?\s*(?:\(END\))?$/i;
const manualPage = /^manual page \S[^\n]{0,100} line \d+[^\n]{0,60}$/i;

const press = 'press|hit|strike|type|push|use|tryck(?: på)?|drücken sie|weiter mit|appuyez sur|pulse|presione';
const keyName =
  'any key|a key|space(?: ?bar)?(?: key)?|(?:enter|return|cr)(?: key)?|valfri tangent|(?:eine |beliebiger? )taste|une touche|(?:una|cualquier) tecla';
const pressKey = new RegExp(
  `^[-<([*=.\\s]*(?:please,? )?(?:${press}) (?:the )?[<(\\['"]*(?:${keyName})[>)\\]'"]*(?<purpose>[\\s,.:;…()*\\]=>-][^\\n]{0,120})?$`,
  'i',
);
/** Keys may be pressed unread for these purposes only; anything else is for a person to agree to. */
const harmless =
  /^[\s:.,;…>)\]*=-]*$|^[\s,]*(?:to|for|för att|um|zum|pour|para|and)\s+(?:continue|go on|proceed|resume|scroll|more|next|see|show|view|list|fortsätta|fortzufahren|fortsetzen|continuer|continuar)\b(?![^\n]*\b(?:reboot|restart|shut|delete|erase|format|reset|install\w*|upgrade|confirm|with)\b)|^[\s,]*(?:or |\()['"<]?q\b/i;

/** `<space> for next page, <CR> for next line`, `Next page: Space, quit: q`, `any key for more`. */
const keyHints =
  /^[^\w\n]*(?:space|spacebar|any key|enter|return|cr)\b[^\n]{0,20}\b(?:next (?:page|screen|line)|for more)\b|^[^\w\n]*next (?:page|screen|line)\b[^\n]{0,20}\b(?:space|enter|return|any key)\b/i;

/** The pager's question in the last line, if it is one. */
export function pagerQuestion(line: string): PagerQuestion | undefined {
  const text = line.trim();
  if (text === '' || text.length > 200) return undefined;
  if (/^\(END\)$/i.test(text) || (/\(END\)$/i.test(text) && lineCount.test(text))) return { text, wants: 'leave' };
  if (text === ':' || lineCount.test(text) || manualPage.test(text)) return { text, wants: 'turn' };
  if (plainMore.test(text) || decoratedMore.test(text)) return { text, wants: 'turn' };
  if (!isKeyQuestion(text)) return undefined;
  const byEnter = /\b(?:enter|return|cr)\b/i.test(text) && !/\b(?:space|any)\b/i.test(text);
  return { text, wants: byEnter ? 'enter' : 'turn' };
}

function isKeyQuestion(text: string): boolean {
  const pressed = pressKey.exec(text);
  return pressed === null ? keyHints.test(text) : harmless.test(pressed.groups?.['purpose'] ?? '');
}
