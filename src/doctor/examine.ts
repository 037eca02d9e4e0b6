import type { Appliance } from '../domain/appliance.js';
import { reasonOf, UserError } from '../errors.js';
import type { DeskSettings } from '../helpdesk/desk-settings.js';
import { makeContact } from '../servers/first-contact.js';
import type { PinOptions } from '../servers/host-keys.js';
import { endpointsOf } from '../servers/server-faces.js';
import type { Workplace } from '../servers/workplace.js';
import type { Check } from './check.js';
import { examineDesk, examineMachine } from './examine-machine.js';
import { checksOfContact, examineServer } from './examine-server.js';
import type { MachineFacts } from './machine-facts.js';

export type Examination = {
  /** The path of the configuration that was read. */
  config: string;
  appliances: readonly Appliance[];
  pinning: PinOptions;
  cliCommands: readonly string[];
  machineFacts(): Promise<MachineFacts>;
  /** Throws when the token cannot be read. */
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
  const endpoints = endpointsOf(appliances);
  const contact = await makeContact(endpoints, { pinning, everyone: true }, operator, access, signal);
  try {
    const reached = { operator, access: { ...access, dialer: contact.dialer }, fileRoots };
    const hops = endpoints.filter((endpoint) => endpoint.key.startsWith('jumpHosts.'));
    const ways = hops.flatMap((hop) => checksOfContact(hop, contact.met.get(hop.key)));
    const servers = await Promise.all(
      appliances.map((appliance) => examineServer(appliance, contact.met, cliCommands, reached, signal)),
    );
    return [...machine, ...(await desk), ...ways, ...servers.flat()];
  } finally {
    contact.close();
  }
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
