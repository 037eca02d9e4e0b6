import type { Appliance } from '../domain/appliance.js';
import { type CollectorId, collectorIds } from '../domain/collector-id.js';
import { defined } from '../domain/defined.js';
import { type Intent, latest } from '../domain/journal.js';
import type { Manifest } from '../domain/manifest.js';
import type { Recipe } from '../domain/recipe.js';
import type { Selection } from '../domain/selection.js';
import { usageError } from '../errors.js';
import type { DeskSettings } from '../helpdesk/desk-settings.js';
import { chooseTargets, serversOfRun } from '../servers/targets.js';
import type { Workplace } from '../servers/workplace.js';
import type { Hypervisors } from '../state/hypervisors.js';
import type { Run } from '../state/runs.js';
import { instantText } from '../tickets/event-text.js';
import { askQuestions, type KnownAnswers } from '../tickets/question-form.js';
import { interviewed } from '../ui/interview.js';
import type { Operator } from '../ui/operator.js';
import { askHypervisor } from './ask-hypervisor.js';
import { wantedAgain } from './begin-again.js';
import type { CollectRequest } from './collect-request.js';
import { askDraft, askEventTime, isDrafted } from './interview.js';
import { knownAnswers } from './known-answers.js';
import { settleOverlap } from './overlap.js';
import { addedCommands, type Configured, confirmCommands, selectionOf, withTimeouts } from './selection.js';

/** What somebody wants to have collected, before anything was asked. */
export type CollectSpec = Pick<
  CollectRequest,
  'reference' | 'newTicket' | 'intent' | 'keepRemote' | 'jobs' | 'captures' | 'submitAnyway' | 'wait' | 'submit'
> & {
  /** Servers and clusters; `all` of them. */
  names: readonly string[];
  all: boolean;
  at: string | undefined;
  /** Kinds that are not wanted, and by which option. */
  skipped: ReadonlyMap<CollectorId, string>;
  dryRun: boolean;
};

/** What the configuration and recipes say of it. */
type Configuration = {
  config: Configured & { appliances: readonly Appliance[]; redaction: boolean };
  standard: Recipe;
  /** The recipe that was named. */
  extra: Recipe | undefined;
  /** Where the ticket goes, and from whom. */
  settings: DeskSettings;
};

const assumedNow = ': now, as no --at was given; the logs of the time after it cannot be there yet';

/**
 * Makes the request of a first collection, and asks for what is missing where somebody is there.
 * @throws UserError `contradiction` where nothing is left to collect, and whatever a question may end in
 */
export async function askRequest(
  spec: CollectSpec,
  configuration: Configuration,
  operator: Operator,
  { runs, tickets, hypervisors }: Pick<Workplace, 'runs' | 'tickets' | 'hypervisors'>,
): Promise<CollectRequest> {
  let keepAnswer: () => Promise<void> = nothing;
  const keptLater: Hypervisors = {
    of: (server) => hypervisors.of(server),
    keep: async (...answer) => {
      keepAnswer = () => hypervisors.keep(...answer);
    },
  };
  const request = await interviewed(operator, (asking) => {
    keepAnswer = nothing;
    return askAll(spec, configuration, asking, { runs, tickets, hypervisors: keptLater });
  });
  await keepAnswer(); // as it was in the end
  return request;
}

async function nothing(): Promise<void> {}

async function askAll(
  spec: CollectSpec,
  { config, standard, extra, settings }: Configuration,
  operator: Operator,
  { runs, tickets, hypervisors }: Pick<Workplace, 'runs' | 'tickets' | 'hypervisors'>,
): Promise<CollectRequest> {
  const { dryRun, submit, keepRemote, jobs, captures, submitAnyway, wait } = spec;
  const { appliances, label } = await chooseTargets(spec.names, spec.all, config.appliances, operator);
  const askedAt = await askEventTime(spec.at, operator);
  const assumed = spec.at === undefined && operator.ask === undefined ? assumedNow : '';
  operator.emit({ type: 'note', text: `event ${instantText(askedAt, operator.zone)}${assumed}` });
  const selection = selectionOf(config, standard, extra);
  for (const [id, reason] of spec.skipped) selection.skipped.set(id, reason);
  refuseNothing(selection);
  if (!dryRun && !selection.skipped.has('recipe')) {
    const brought = { cliCommands: addedCommands(config, standard, extra), hostCommands: selection.hostCommands };
    await confirmCommands(brought, appliances, submit.yes, operator);
  }
  const meant = { at: askedAt, reference: spec.reference, newTicket: spec.newTicket, intent: spec.intent };
  const desk = settings.desk?.origin;
  const { at, reference, newTicket, intent } =
    desk === undefined || dryRun || saysWhichIncident(spec)
      ? meant
      : await settleOverlap(
          meant,
          {
            ...{ appliances, window: selection.window, routes: settings.desks?.all ?? [] },
            ...{ origin: desk, home: settings.home ?? desk },
          },
          operator,
          { runs, tickets },
        );
  const needsDraft = !submit.noSubmit && intent.ticket === undefined && !dryRun;
  const said = needsDraft
    ? await askIntent(intent, operator, () => knownAnswers({ settings, servers: appliances }, runs))
    : { intent, toAsk: operator };
  const servers = withTimeouts(appliances, selection.timeouts);
  return {
    appliances: selection.skipped.has('vm') || dryRun ? servers : await askHypervisor(servers, said.toAsk, hypervisors),
    ...{ label, at, reference, newTicket, intent: said.intent, selection, redact: config.redaction },
    ...{ keepRemote, jobs, captures, submitAnyway, wait, submit },
  };
}

/** @returns what the ticket says, and whom to ask the rest: nobody where more than the essentials is not wanted now */
async function askIntent(
  intent: Intent,
  operator: Operator,
  known: () => Promise<KnownAnswers>,
): Promise<{ intent: Intent; toAsk: Operator }> {
  const { ask } = operator;
  if (ask === undefined || !isDrafted(intent))
    return { intent: await askDraft(intent, operator, known), toAsk: operator };
  if (intent.description !== undefined) return { intent, toAsk: operator };
  const detailed = await askQuestions(intent, ask, await known());
  return { intent: detailed, toAsk: detailed === intent ? { ...operator, ask: undefined } : operator };
}

/** Makes the request of a run that is taken up: what it lacks, from the same servers, for the same ticket. */
export function requestAgain(
  run: Run,
  missing: { servers: readonly string[]; kinds: readonly CollectorId[]; at: Date; manifest: Manifest | undefined },
  { config, standard }: Pick<Configuration, 'config' | 'standard'>,
  { intent, submit }: Pick<CollectRequest, 'intent' | 'submit'>,
): CollectRequest {
  const targets = serversOfRun(missing.servers, config.appliances);
  const asBefore = wantedAgain(run, missing, config, standard);
  const event = latest(run.journal, 'bundled')?.event;
  return {
    ...asBefore,
    appliances: withTimeouts(targets.appliances, asBefore.selection.timeouts),
    label: asBefore.label ?? targets.label,
    intent: { ...intent, ...defined({ event }) },
    ...{ at: missing.at, newTicket: false, redact: config.redaction, submitAnyway: true, wait: false },
    ...{ continues: run, submit },
  };
}

/** Whether nothing is left to be asked about earlier runs of the same servers. */
function saysWhichIncident({ submit, intent, reference, newTicket }: CollectSpec): boolean {
  const { ticket, event } = intent;
  return submit.noSubmit || ticket !== undefined || event !== undefined || reference !== undefined || newTicket;
}

function refuseNothing({ skipped, hostCommands, paths }: Selection): void {
  const isLeft = (id: CollectorId) => !skipped.has(id) && (id !== 'recipe' || hostCommands.length + paths.length > 0);
  if (!collectorIds.some(isLeft))
    throw usageError(
      'contradiction',
      'with these --only, --skip and --recipe nothing is left to collect',
      `Kinds are: ${collectorIds.join(', ')}`,
    );
}
