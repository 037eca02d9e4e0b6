/** Commands that a text shows below each other, as a shell takes them: lines that go on are one, comments are left out. */
export function commandsShown(text: string): string[] {
  return text
    .replace(/ \\\n\s*/g, ' ')
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => /^(?:[A-Z_]+=\S+ )?icepack\b/.test(line))
    .map((line) => line.split(/ {2,}|\s+#/)[0] ?? '');
}

/** The words of a command as a shell would see them, without its variables and the name of the program. */
export function wordsOf(command: string): string[] {
  const words = [...command.matchAll(/"([^"]*)"|(\S+)/g)].map((match) => match[1] ?? match[2] ?? '');
  return words.slice(words.indexOf('icepack') + 1);
}
