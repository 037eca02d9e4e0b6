import { Command } from 'commander';
import type { Context } from '../context.js';
import type { Line, VerbOutcome } from '../domain/line.js';
import type { FaceFinding } from '../flows/host-keys.js';
import * as parse from './arguments.js';
import type { RunVerb } from './verb.js';

type DoctorOptions = { all?: boolean; pin?: boolean; fingerprint?: string[] };

const examples = `
Examples:
  icepack doctor                          show the host keys of the only server or cluster, try to log in
  icepack doctor --all --pin              pin the keys of all servers (asks at a terminal)
  icepack doctor ice01 --pin --fingerprint SHA256:jMvAq…   pin only this key; also replaces an old one`;

export function doctorCommand(run: RunVerb): Command {
  const command = new Command('doctor');
  return command
    .description('check the connection to servers: host keys and logins; pin the keys')
    .argument('[server|cluster...]', 'what to check (default: the only server or cluster)')
    .option('--all', 'all servers of the configuration')
    .option('--pin', 'pin the host keys that are shown and not pinned yet')
    .option('--fingerprint <SHA256:...>', 'pin only a key with this fingerprint; may be repeated', parse.fingerprint)
    .addHelpText('after', examples)
    .action((names: string[], options: DoctorOptions) =>
      run(command, (context) => doctorVerb(names, options, context)),
    );
}

async function doctorVerb(names: string[], options: DoctorOptions, context: Context): Promise<VerbOutcome> {
  const { chooseTargets } = await import('../flows/targets.js');
  const { examinationExit, examineFace } = await import('../flows/host-keys.js');
  const { outcomeWord } = await import('../domain/result.js');
  const config = await context.config();
  const edges = await context.edges();
  context.ui.report({ type: 'note', text: `configuration ${config.path}` });
  const { appliances } = await chooseTargets(names, options.all ?? false, config.appliances, edges, 'doctor');
  const pinning = { pin: options.pin ?? options.fingerprint !== undefined, fingerprints: options.fingerprint ?? [] };
  const findings: FaceFinding[] = [];
  for (const appliance of appliances) {
    for (const face of ['cli', 'hostOs'] as const)
      findings.push(await examineFace(appliance, face, pinning, edges, context.signal));
  }
  const exitCode = examinationExit(findings);
  const next = findings.some((finding) => finding.pin === 'unknown' && !pinning.pin)
    ? [`icepack doctor ${[...new Set(findings.map((finding) => finding.server))].join(' ')} --pin`]
    : [];
  return {
    exitCode,
    lines: [
      ...findings.flatMap(linesOf),
      ...next.map((command): Line => ({ text: `Next: ${command}`, tone: 'strong' })),
    ],
    json: { schema: 1, verb: 'doctor', exitCode, outcome: outcomeWord(exitCode), faces: findings, next, error: null },
  };
}

const pinText: Record<FaceFinding['pin'], string> = {
  pinned: 'pinned',
  'now-pinned': 'now pinned',
  unknown: 'not pinned',
  changed: 'NOT THE PINNED KEY',
  'not-asked': 'not shown',
};

function linesOf({ title, key, pin, login, problem, hint }: FaceFinding): Line[] {
  const good = login === 'ok';
  const keyText = key === null ? '' : `  ${key.type} ${key.fingerprint}, ${pinText[pin]}`;
  const lines: Line[] = [
    { text: `${good ? 'ok  ' : 'FAIL'} ${title}${keyText}${good ? ', login ok' : ''}`, tone: good ? 'good' : 'bad' },
  ];
  if (problem !== null) lines.push({ text: `     ${problem}` });
  if (hint !== null) lines.push({ text: `     → ${hint}` });
  return lines;
}
