import { Command } from 'commander';
import type { Context } from '../context.js';
import type { VerbOutcome } from '../domain/line.js';
import { exitCode } from '../errors.js';
import type { RunVerb } from './verb.js';

const examples = `
Examples:
  icepack captures         the ring of each server, and whether it is filled
  icepack captures ice01   of one server`;

export function capturesCommand(run: RunVerb): Command {
  const command = new Command('captures');
  return command
    .description('list what was captured ahead of incidents on this machine')
    .argument('[server|cluster...]', 'whose ring (default: of all servers)')
    .addHelpText('after', examples)
    .action((names: string[]) => run(command, (context) => capturesVerb(names, context)));
}

async function capturesVerb(names: string[], context: Context): Promise<VerbOutcome> {
  const { listRings, otherRings, ringDocument, ringLines } = await import('../capture/ring-list.js');
  const { chooseTargets } = await import('../servers/targets.js');
  const { document } = await import('../domain/result.js');
  const config = await context.config();
  const workplace = await context.workplace();
  const { operator } = workplace;
  const isAll = names.length === 0;
  const { appliances } = await chooseTargets(names, isAll, config.appliances, operator, 'captures');
  const others = isAll ? await otherRings(config.appliances, workplace) : [];
  const rings = [...(await listRings(appliances, workplace)), ...others];
  const { maxBytes } = config.captures;
  return {
    exitCode: exitCode.ok,
    lines: ringLines(rings, config.captures, operator.zone, isAll),
    json: document('captures', exitCode.ok, { rings: ringDocument(rings), maxBytes }),
  };
}
