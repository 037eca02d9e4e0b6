import { Argument, Command } from 'commander';
import type { Context } from '../context.js';
import type { VerbOutcome } from '../domain/line.js';
import { exitCode } from '../errors.js';
import { commandTree } from '../manual/command-tree.js';
import { completionScript, type Shell, shells } from '../manual/completion.js';
import type { RunVerb } from './verb.js';

const examples = `
At a TAB no program is started. Names of servers, clusters and runs are those of
the last icepack that read a configuration (see: icepack help files).

It is one line in the startup file of your shell:
  source <(icepack completion bash)   in ~/.bashrc
  source <(icepack completion zsh)    in ~/.zshrc, behind compinit
  icepack completion fish | source    in ~/.config/fish/config.fish

Examples:
  icepack completion bash
  icepack completion zsh
  icepack completion fish`;

export function completionCommand(run: RunVerb): Command {
  const command = new Command('completion');
  return command
    .description('print what makes a shell complete the words of icepack')
    .addArgument(new Argument('<shell>', shells.join(', ')).choices(shells))
    .addHelpText('after', examples)
    .action((shell: Shell) => run(command, (context) => completionVerb(shell, command, context)));
}

async function completionVerb(shell: Shell, command: Command, { ui }: Context): Promise<VerbOutcome> {
  const { document } = await import('../domain/result.js');
  const script = completionScript(shell, commandTree(command.parent ?? command));
  const json = document('completion', exitCode.ok, { shell, text: script });
  await ui.printResult([{ text: script.trimEnd(), unbroken: true }], json);
  return { exitCode: exitCode.ok, lines: [], json: undefined };
}
