import { type Appliance, faceAddress, faceTitle, serverTitle } from '../domain/appliance.js';
import type { CaptureWish } from '../domain/capture-choice.js';
import type { CollectorId } from '../domain/collector-id.js';
import type { Intent } from '../domain/journal.js';
import type { OutputLine, VerbOutcome } from '../domain/line.js';
import type { RemotePath } from '../domain/recipe.js';
import { document } from '../domain/result.js';
import type { Routes } from '../domain/route.js';
import { windowAround } from '../domain/window.js';
import { exitCode } from '../errors.js';
import { instantText } from '../tickets/event-text.js';
import type { Operator } from '../ui/operator.js';
import { routeLines } from './plan-route.js';

/** What `collect --dry-run` speaks of. */
export type Plan = {
  appliances: readonly Appliance[];
  at: Date;
  selection: {
    window: { beforeMs: number; afterMs: number };
    skipped: ReadonlyMap<CollectorId, string>;
    cliCommands: readonly string[];
    hostCommands: readonly string[];
    paths: readonly RemotePath[];
  };
  keepRemote: boolean;
  captures: CaptureWish;
  intent: Intent;
  submit: { noSubmit: boolean };
};

/** What would be done, for `collect --dry-run`. */
export function planOf(
  plan: Plan,
  { desk, desks }: { desk: { origin: string; kind: string } | undefined; desks?: Routes },
  { zone, now }: Pick<Operator, 'zone' | 'now'>,
): VerbOutcome {
  const { since, until } = windowAround(plan.at, plan.selection.window);
  const lines: OutputLine[] = [
    { text: 'Nothing is connected to. This would be done:', tone: 'strong' },
    { text: `Event ${instantText(plan.at, zone)}` },
    { text: `Log window ${instantText(since, zone)} to ${instantText(until, zone)}` },
    ...plan.appliances.flatMap((appliance) => applianceLines(appliance, plan)),
    ...(desks === undefined || plan.submit.noSubmit ? [] : routeLines(plan.intent, desks, now())),
    { text: ticketLine(plan, desk, desks !== undefined) },
  ];
  return {
    exitCode: exitCode.ok,
    lines,
    json: document('collect', exitCode.ok, {
      outcome: 'dry-run',
      event: { at: plan.at.toISOString(), window: { since: since.toISOString(), until: until.toISOString() } },
      ticket: null,
      bundle: null,
      servers: plan.appliances.map(({ name, id, address }) => ({ name, id, address })),
      plan: lines.map((line) => line.text),
    }),
  };
}

function applianceLines(appliance: Appliance, { selection, keepRemote, captures }: Plan): OutputLine[] {
  const { skipped, cliCommands, hostCommands, paths } = selection;
  const steps: [CollectorId, string][] = [
    ['techsupport', `run techsupport on the ${faceAddress(appliance, 'cli')}, fetch the file`],
    ['logs', 'fetch system, audit and debug logs and cut the window out of them; exception reports of the window'],
    ['cli', `run on the CLI: ${cliCommands.join('; ')}`],
    [
      'config',
      `run ${appliance.backupScript ?? 'the backup script'} on the ${faceAddress(appliance, 'hostOs')}, fetch the file`,
    ],
    ['vm', 'describe the virtual machine from the host OS'],
    ...hostCommands.map((command): [CollectorId, string] => ['recipe', `run on the host OS: ${command}`]),
    ...paths.map(({ face, path }): [CollectorId, string] => ['recipe', `fetch ${path} from the ${faceTitle[face]}`]),
  ];
  const tidy = keepRemote ? 'leave on the server what was made there' : 'remove from the server what was made there';
  return [
    { text: `${serverTitle(appliance.id)} ${appliance.name}${wayOf(appliance)}`, tone: 'strong' },
    ...steps.map(
      ([id, text]): OutputLine =>
        skipped.has(id) ? { text: `  not: ${id} (${skipped.get(id)})`, tone: 'dim' } : { text: `  ${text}` },
    ),
    ...(captures === 'none' || skipped.has('techsupport') ? [] : [{ text: `  ${captureTexts[captures]}` }]),
    { text: `  ${tidy}` },
  ];
}

const captureTexts = {
  near: 'take along its last capture before the event, up to 24 h old, and the first after it, where there are some',
  any: 'take along its last capture before the event, and the first after it, where there are some',
};

function wayOf({ via }: Appliance): string {
  return via.length === 0
    ? ''
    : `, through ${via.map((hop) => `${hop.name} (${hop.address}:${hop.port})`).join(' and ')}`;
}

function ticketLine(
  { submit, intent }: Plan,
  desk: { origin: string; kind: string } | undefined,
  hasRoutes: boolean,
): string {
  const isOpen =
    hasRoutes && intent.route === undefined && intent.ticket === undefined && intent.severity === undefined;
  if (isOpen && !submit.noSubmit) return 'Register a ticket there, attach the ZIP and read it back';
  if (submit.noSubmit || desk === undefined) return 'No ticket: the ZIP stays on this machine';
  if (desk.kind === 'portal') return 'Write the texts for the web form of the help desk; the ZIP is attached by hand';
  return intent.ticket === undefined
    ? `Register a ticket at ${desk.origin}, attach the ZIP and read it back`
    : `Attach the ZIP to ${intent.ticket} at ${desk.origin} and read it back`;
}
