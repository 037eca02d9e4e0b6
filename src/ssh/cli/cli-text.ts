import { escapeRegExp } from '../../domain/quoting.js';
import { withoutEscapes } from '../../domain/text.js';

/**
 * What a person would have seen of raw terminal output: escape sequences gone, carriage returns and backspaces carried
 * out, lines ended by LF.
 */
export function screenText(raw: string): string {
  return withoutEscapes(
    raw
      .replace(/[\x0e\x0f]/g, '')
      .replace(/\x1b\[0?K/g, eraseToEnd)
      .replace(/\x1b\[2K/g, eraseLine),
  )
    .replace(/[\x00-\x07\x0b\x0c\x10-\x1f\x7f]/g, '') // they take no place on a line
    .split('\n')
    .map((line) => paint(line.replace(/\r+$/, '')))
    .join('\n');
}

/**
 * These two characters stand for the two erasing sequences while a line is painted: pagers erase their question with
 * them.
 */
const eraseToEnd = '\x0e';
const eraseLine = '\x0f';

/** Raw output in which the echo of the command is one line again, where a narrow terminal had wrapped it. */
export function unwrapEcho(raw: string, command: string): string {
  const letters = [...command].map((letter) => escapeRegExp(letter));
  const wrapped = new RegExp(`^([^\\n]{0,300}?)${letters.join('(?: ?\\r\\n?| \\x08)?')}`);
  return raw.replace(wrapped, (_echo, before: string) => before + command);
}

function paint(line: string): string {
  if (!/[\r\b\x0e\x0f]/.test(line)) return line;
  const cells: string[] = [];
  let column = 0;
  for (const character of line) {
    if (character === '\r') column = 0;
    else if (character === '\b') column = Math.max(0, column - 1);
    else if (character === eraseToEnd) cells.length = Math.min(cells.length, column);
    else if (character === eraseLine) cells.length = 0;
    else cells[column++] = character;
  }
  return Array.from(cells, (cell) => cell ?? ' ').join('');
}

/**
 * The prompt as a pattern: counters and clocks in it may change from line to line. Of a prompt of several lines the last
 * line decides; the lines before it may say how a command went, so only their beginning is compared.
 */
export function promptPattern(prompt: string): string {
  const lines = prompt.trimEnd().split('\n');
  const last = escapeRegExp(lines.at(-1) ?? '').replace(/\d+(?:(?:\\\.|[:,])\d+)*/g, '\\d+(?:[.:,]\\d+)*');
  const before = lines.slice(0, -1).map((line) => `${startOf(line)}[^\\n]*\\n`);
  return before.length === 0 ? last : `(?:${before.join('')})?${last}`;
}

/** How a line begins, whatever its first words are. */
function startOf(line: string): string {
  const start = /^\s*\S*/.exec(line)?.[0] ?? '';
  return escapeRegExp(start).replace(/[\p{L}\p{N}_]+/gu, '[\\p{L}\\p{N}_]+');
}

/** Whether text ends in `count` prompts, each on its own line, and nothing after. */
export function endsWithPrompts(text: string, pattern: string, count: number): boolean {
  return new RegExp(`(?:^|\\n)${pattern}[ \\t]*(?:(?:\\n\\s*)?${pattern}[ \\t]*){${count - 1}}$`, 'u').test(text);
}

/** Whether a line of text begins with the prompt: the prompt was shown, and then the server printed something unasked. */
export function hasPrompt(text: string, pattern: string): boolean {
  return new RegExp(`(?:^|\\n)${pattern}(?:[ \\t]|\\n)`, 'u').test(text);
}

/** Whether the last line waits for an answer, such as a password, yes or no. */
export function isQuestion(line: string): boolean {
  return /\b(?:password|passphrase|passcode|login|username)\b[^\n]{0,80}:\s*$|[[(](?:y|yes)\/(?:n|no)[\])]|\b(?:press|hit) (?:<?(?:enter|return)|any key)\b|\?\s*$/i.test(
    line,
  );
}

/** Whether the last line may be the prompt of another mode of the CLI. */
export function looksLikePrompt(line: string): boolean {
  return /^\S[^\n]{0,78}[>#$%\]]\s?$/.test(line);
}

/**
 * The output of one command: without its echo, the prompts after it and the questions of a pager.
 * @param text of the screen since the command was sent
 * @param questions of the pager, as they stood there
 */
export function outputOf(
  text: string,
  command: string,
  pattern: string,
  questions: ReadonlySet<string> = new Set(),
): string {
  let lines = text.split('\n');
  if (lines[0]?.trimEnd().endsWith(command.trimEnd())) lines = lines.slice(1);
  if (questions.size > 0) lines = lines.flatMap((line) => withoutQuestion(line, questions));
  const prompts = new RegExp(`(?:^|\\n)(?:${pattern}\\s*)+$`, 'u');
  lines = lines.join('\n').replace(prompts, '').split('\n');
  while (lines.at(-1)?.trim() === '') lines.pop();
  return lines.length === 0 ? '' : `${lines.join('\n')}\n`;
}

/** A pager's question may stand before the line that followed it, or alone. */
function withoutQuestion(line: string, questions: ReadonlySet<string>): string[] {
  const shown = line.trim();
  if (questions.has(shown)) return [];
  const question = [...questions].find((text) => text.length > 5 && shown.startsWith(text));
  return [
    question === undefined
      ? line
      : line
          .trimStart()
          .slice(question.length)
          .replace(/^[ \t]+/, ''),
  ];
}
