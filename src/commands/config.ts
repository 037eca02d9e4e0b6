import { Command } from 'commander';
import type { Context } from '../context.js';
import type { VerbOutcome } from '../domain/line.js';
import { exitCode } from '../errors.js';
import type { RunVerb } from './verb.js';

const examples = `
Examples:
  icepack config check    is it right, and what does it say
  icepack config path     the file that is used
  icepack config schema   what may stand in it, as a JSON Schema`;

export function configCommand(run: RunVerb): Command {
  return new Command('config')
    .description('check the configuration, print where it is and what may stand in it')
    .addCommand(checkCommand(run))
    .addCommand(schemaCommand(run))
    .addCommand(pathCommand(run))
    .addHelpText('after', examples);
}

const checkExamples = `
It connects to nothing, runs no command and shows no secret; a secret that is
missing is told, and is no fault of the file. Each fault has file, line and key.

Examples:
  icepack config check
  icepack config check --json

Exit codes: 0 it is well formed; 2 it is not, or there is none.`;

function checkCommand(run: RunVerb): Command {
  const command = new Command('check');
  return command
    .description('read the configuration, and say what it says and which secrets are missing')
    .addHelpText('after', checkExamples)
    .action(() => run(command, checkVerb));
}

async function checkVerb(context: Context): Promise<VerbOutcome> {
  const { configLines, configReport } = await import('../doctor/config-report.js');
  const { document } = await import('../domain/result.js');
  const report = await configReport(await context.config(), context);
  return { exitCode: exitCode.ok, lines: configLines(report), json: document('config check', exitCode.ok, report) };
}

const schemaExamples = `
An editor with a YAML language server completes and checks icepack.yaml by it:
save it beside the configuration, whose first line is then
  # yaml-language-server: $schema=icepack.schema.json

Examples:
  icepack config schema
  icepack config schema --json`;

function schemaCommand(run: RunVerb): Command {
  const command = new Command('schema');
  return command
    .description('print the JSON Schema of icepack.yaml')
    .addHelpText('after', schemaExamples)
    .action(() => run(command, schemaVerb));
}

/** The schema alone is what is saved; in a document it stands below `jsonSchema`. */
async function schemaVerb({ configSchema, ui }: Context): Promise<VerbOutcome> {
  const { document } = await import('../domain/result.js');
  const jsonSchema = await configSchema();
  const json = document('config schema', exitCode.ok, { jsonSchema });
  await ui.printResult([{ text: JSON.stringify(jsonSchema, null, 2), unbroken: true }], json);
  return { exitCode: exitCode.ok, lines: [], json: undefined };
}

const pathExamples = `
Examples:
  icepack config path`;

function pathCommand(run: RunVerb): Command {
  const command = new Command('path');
  return command
    .description('print the file that is used; --verbose also where it is looked for')
    .addHelpText('after', pathExamples)
    .action(() => run(command, pathVerb));
}

async function pathVerb({ configPlaces, options, ui }: Context): Promise<VerbOutcome> {
  const { document } = await import('../domain/result.js');
  const { path, places } = await configPlaces();
  if (options.verbose) ui.emit({ type: 'note', text: `looked for, in this order: ${places.join(', ')}` });
  return {
    exitCode: exitCode.ok,
    lines: [{ text: path }],
    json: document('config path', exitCode.ok, { config: path, places }),
  };
}
