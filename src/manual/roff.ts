/** Requests and text of man(7), the language of manual pages. */

const longest = 72;

const special: Record<string, string> = {
  '\\': '\\e',
  '-': '\\-',
  "'": '\\(aq',
  '`': '\\(ga',
  '^': '\\(ha',
  '~': '\\(ti',
  '"': '\\(dq',
  '–': '\\(en',
  '…': '...',
};

/** Text as it is meant, whatever roff would make of its characters. */
export function escaped(text: string): string {
  const shown = text.replace(/[\\\-'`^~"–…]/g, (character) => special[character] ?? character);
  return shown
    .replace(
      /[^\x20-\x7e]/gu,
      (character) => `\\[u${character.codePointAt(0)?.toString(16).toUpperCase().padStart(4, '0')}]`,
    )
    .replace(/^[.]/, '\\&.');
}

/** A paragraph in lines of its source: a sentence begins a new one. */
export function prose(text: string): string {
  const lines: string[] = [];
  let line = '';
  for (const word of text.trim().split(/\s+/).map(escaped)) {
    if (line !== '' && (/\w[)\]/]?[.!?:]$/.test(line) || line.length + word.length >= longest)) {
      lines.push(line);
      line = '';
    }
    line = line === '' ? word : `${line} ${word}`;
  }
  return [...lines, line].join('\n');
}

export function section(title: string, ...parts: readonly string[]): string {
  return [`.SH ${title.toUpperCase()}`, ...parts].join('\n');
}

export function paragraph(text: string): string {
  return `.PP\n${prose(text)}`;
}

export function bold(text: string): string {
  return `\\fB${escaped(text)}\\fR`;
}

/** A term, and what it means below it. */
export function item(term: string, meaning: string): string {
  return `.TP\n${bold(term)}\n${prose(meaning)}`;
}

/** A command as it is typed; one that is too long for a line goes on in the next. */
export function example(command: string): string {
  const lines: string[] = [];
  for (const part of command.split(/ (?=--)/)) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + part.length < longest - 4) lines[lines.length - 1] = `${last} ${part}`;
    else lines.push(lines.length === 0 ? part : `    ${part}`);
  }
  return `.PP\n.EX\n${lines.map(escaped).join(' \\e\n')}\n.EE`;
}
