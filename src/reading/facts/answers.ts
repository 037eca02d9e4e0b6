const header = /^### \d{4}-\d\d-\d\dT\S+, [\d.]+ s$/;
const prompt = /^[\w.-]+@[\w.-]+:\S*[>#$]\s*(.*)$/;

/**
 * Takes a console transcript apart: the answer to each command, by what was typed. One without any prompt is one answer, by
 * the name of its file.
 */
export function answersIn(lines: readonly string[], name: string): Map<string, readonly string[]> {
  const answers = new Map<string, string[]>();
  let answer: string[] | undefined;
  for (const [at, line] of lines.entries()) {
    const isTyped = header.test(lines[at - 1] ?? '');
    const typed = prompt.exec(line)?.[1] ?? (isTyped ? line : undefined);
    if (typed !== undefined && typed.trim() !== '') {
      answer = [];
      answers.set(typed.trim(), answer);
    } else if (typed === undefined && !header.test(line)) (answer ?? startOf(answers, name)).push(line);
  }
  return answers;
}

/** What stands before the first prompt. */
function startOf(answers: Map<string, string[]>, name: string): string[] {
  const start = answers.get(name) ?? [];
  answers.set(name, start);
  return start;
}
