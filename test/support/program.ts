import type { Command } from 'commander';
import { programOf } from '../../src/cli/program.ts';

/** The program as it is, doing nothing. */
export function idleProgram(): Promise<Command> {
  return programOf(
    async () => undefined,
    { argv: [], stdout: { columns: 80 } },
    () => undefined,
  );
}

/** Every command with the words that call it. */
export function everyCommand(command: Command, words: readonly string[] = []): [words: string, command: Command][] {
  const parts = command.createHelp().visibleCommands(command);
  return [[words.join(' '), command], ...parts.flatMap((part) => everyCommand(part, [...words, part.name()]))];
}

/** The options in a help, as people read it. */
export function optionsShown(help: string): string[] {
  const terms = [...help.matchAll(/^ {2}(-[^\s,]+)(?:, (--\S+))?(?= |$)/gm)];
  return terms.flatMap(([, first = '', second]) => (second === undefined ? [first] : [first, second]));
}
