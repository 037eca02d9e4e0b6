import type { Appliance } from '../domain/appliance.js';
import { reasonOf, UserError } from '../errors.js';
import type { DeskSettings } from '../helpdesk/desk-settings.js';
import type { PinOptions } from '../servers/host-keys.js';
import { endpointsOf } from '../servers/server-faces.js';
import type { Workplace } from '../servers/workplace.js';
import type { Check } from './check.js';
import { examineDesk, examineMachine } from './examine-machine.js';
import { examineEndpoint, examineServer } from './examine-server.js';
import type { MachineFacts } from './machine-facts.js';

export type Examination = {
  /** The path of the configuration, which was read. */
  config: string;
  appliances: readonly Appliance[];
  pinning: PinOptions;
  cliCommands: readonly string[];
  machineFacts(): Promise<MachineFacts>;
  /** Throws when the token cannot be had. */
  deskSettings(): Promise<DeskSettings>;
};

/** Everything that can fail before trouble starts: this machine, the help desk, jump hosts, and both faces of each server. */
export async function examine(
  { config, appliances, pinning, cliCommands, machineFacts, deskSettings }: Examination,
  { operator, access, runs, fileRoots, program }: Workplace,
  signal: AbortSignal,
): Promise<Check[]> {
  const machine = [
    configCheck(config, appliances),
    ...(await examineMachine(await machineFacts(), appliances, { access, runs, program })),
  ];
  if (machine.some((check) => check.check === 'secret' && check.status === 'fail')) return machine; // nobody can be logged in to
  const desk = examineDeskOf(deskSettings, signal);
  const hops = endpointsOf(appliances).filter((endpoint) => endpoint.key.startsWith('jumpHosts.'));
  const checks: Check[] = [];
  for (const hop of hops) checks.push(...(await examineEndpoint(hop, pinning, operator, access, signal)).checks); // the way to all behind it
  // Where keys are pinned a person may be asked: then one after the other.
  const servers: Check[][] = [];
  if (pinning.pin && operator.ask !== undefined)
    for (const appliance of appliances)
      servers.push(await examineServer(appliance, pinning, cliCommands, { operator, access, fileRoots }, signal));
  else
    servers.push(
      ...(await Promise.all(
        appliances.map((appliance) =>
          examineServer(appliance, pinning, cliCommands, { operator, access, fileRoots }, signal),
        ),
      )),
    );
  return [...machine, ...(await desk), ...checks, ...servers.flat()];
}

function configCheck(config: string, appliances: readonly Appliance[]): Check {
  const servers = appliances.map((appliance) => appliance.name).join(', ');
  return {
    check: 'config',
    status: 'ok',
    place: 'this machine',
    text: `configuration ${config}: ${servers}`,
    hint: null,
  };
}

async function examineDeskOf(deskSettings: () => Promise<DeskSettings>, signal: AbortSignal): Promise<Check[]> {
  try {
    return await examineDesk(await deskSettings(), signal);
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    return [
      { check: 'help-desk', status: 'fail', place: 'help desk', text: reasonOf(error), hint: error.hint ?? null },
    ];
  }
}
