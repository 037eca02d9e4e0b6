import { Command } from 'commander';
import type { Context } from '../context.js';
import { defined } from '../domain/defined.js';
import type { VerbOutcome } from '../domain/line.js';
import type { Manifest } from '../domain/manifest.js';
import { printableLine } from '../domain/text.js';
import { exitCode } from '../errors.js';
import type { Run, RunStore } from '../state/runs.js';
import * as parse from './arguments.js';
import { attachmentLimit } from './attachment-limit.js';
import type { RunVerb } from './verb.js';

type VerifyOptions = { event?: string; zone?: string };

const examples = `
Looks at a bundle of anybody and writes nothing: is it safe to unpack, whole, as
its manifest says, and what support asks for? One made by hand is judged by the
guide.
  ✓ as it should be   ! to object to   ✗ missing, or not what it should be
  ? could not be checked

Examples:
  icepack verify ./TIC-1234_Event1_20261120_1032.zip
  icepack verify 20261120-1032-east-k3f9
  icepack verify ./hand-made.zip --event "2026-11-20 10:32" \\
    --zone Europe/Stockholm`;

export function verifyCommand(run: RunVerb): Command {
  const command = new Command('verify');
  return command
    .description('say whether a bundle is safe, whole and what support asks for')
    .argument('<zip|run|folder>', 'a ZIP, the id of a run, or the folder a ZIP was unpacked in')
    .option('--event <time>', 'when the event was, where the bundle does not say it')
    .option('--zone <zone>', 'the time zone of the servers, where the bundle does not say it', parse.zone)
    .addHelpText('after', examples)
    .action((given: string, options: VerifyOptions) => run(command, (context) => verifyVerb(given, options, context)));
}

async function verifyVerb(given: string, options: VerifyOptions, context: Context): Promise<VerbOutcome> {
  const { openBundle } = await import('../reading/open-bundle.js');
  const { layoutOf } = await import('../reading/layout.js');
  const { parseEventTime } = await import('../domain/event-time.js');
  const { verify } = await import('../verify/verify.js');
  const { exitOf, reasonsIn } = await import('../verify/check.js');
  const { verifyLines, verifySteps } = await import('../verify/verify-text.js');
  const { formatSize } = await import('../domain/quantities.js');
  const { document, nextDocument } = await import('../domain/result.js');
  const now = context.now();
  const event =
    options.event === undefined
      ? undefined
      : parseEventTime(options.event, options.zone ?? context.zone, now, '--event');
  const runsOf = async () => (await context.workplace()).runs;
  const bundle = await openBundle(given, runsOf);
  try {
    context.ui.emit({ type: 'note', text: `looking at ${printableLine(bundle.name)}, ${formatSize(bundle.bytes)}` });
    const layout = layoutOf(bundle, { event, zone: options.zone, assumed: context.zone });
    const run = await runOf(bundle.manifest, runsOf);
    const checks = await verify({ bundle, layout, run, now, signal: context.signal });
    const own = run && { run, now, limit: await attachmentLimit(context) };
    const steps = verifySteps(bundle, layout, own);
    const exit = exitOf(checks);
    const { kind, name, bytes } = bundle;
    const about = { kind, name, bytes, ...defined({ sha256: await bundle.sha256(context.signal) }) };
    return {
      exitCode: exit,
      lines: verifyLines(bundle, layout, checks, steps),
      json: document('verify', exit, { verified: about, checks, ...nextDocument(steps) }),
      ...(exit === exitCode.ok ? {} : { trouble: { reasons: reasonsIn(checks), hint: steps[0]?.command ?? null } }),
    };
  } finally {
    await bundle.close();
  }
}

/** The run that made a bundle, where it is on this machine. A state folder that cannot be read knows nothing. */
async function runOf(manifest: Manifest | undefined, runsOf: () => Promise<RunStore>): Promise<Run | undefined> {
  if (manifest === undefined) return undefined;
  return runsOf()
    .then((runs) => runs.find(manifest.run))
    .catch(() => undefined);
}
