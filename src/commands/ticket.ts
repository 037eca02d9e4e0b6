import { Command } from 'commander';
import { attachCommand } from './ticket/attach.js';
import { closeCommand, reopenCommand } from './ticket/change.js';
import { commentCommand, describeCommand } from './ticket/comment.js';
import { listCommand } from './ticket/list.js';
import { showCommand } from './ticket/show.js';
import type { RunVerb } from './verb.js';

const examples = `
Examples:
  icepack ticket list   open tickets, and which of them wait for you
  icepack ticket show 1234
  icepack help ticket close   the help of one of them`;

const parts = [listCommand, showCommand, commentCommand, attachCommand, describeCommand, closeCommand, reopenCommand];

export function ticketCommand(run: RunVerb): Command {
  const command = new Command('ticket').description('look at tickets, answer, attach, close and reopen them');
  for (const part of parts)
    command.addCommand(part(run).option('--route <name>', 'at the help desk of this route of the configuration'));
  return command.addHelpText('after', examples);
}
