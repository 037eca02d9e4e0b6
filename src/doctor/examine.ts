import type { Appliance } from '../domain/appliance.js';
import type { Escalation } from '../domain/escalation.js';
import { assigneesOf } from '../domain/on-duty.js';
import type { WatchPolicy } from '../domain/watch-policy.js';
import type { Weekly } from '../domain/weekly.js';
import type { DeskSettings } from '../helpdesk/desk-settings.js';
import type { ConfiguredChannel } from '../notify/channel.js';
import { makeContact } from '../servers/first-contact.js';
import type { PinOptions } from '../servers/host-keys.js';
import { endpointsOf } from '../servers/server-faces.js';
import type { Workplace } from '../servers/workplace.js';
import type { Check } from './check.js';
import { examineCaptures } from './examine-captures.js';
import { examineChannels } from './examine-channels.js';
import { configured, examineDesks } from './examine-desks.js';
import { examineMachine } from './examine-machine.js';
import { examineOnDuty } from './examine-on-duty.js';
import { checksOfContact, examineServer } from './examine-server.js';
import { examineWatch } from './examine-watch.js';
import { examineWeekly } from './examine-weekly.js';
import type { MachineFacts } from './machine-facts.js';

export type Examination = {
  /** The path of the configuration that was read. */
  config: string;
  appliances: readonly Appliance[];
  pinning: PinOptions;
  cliCommands: readonly string[];
  /** Whether the configuration speaks of captures. */
  wantsCaptures: boolean;
  /** Who is told of incidents, where the configuration names anybody. */
  escalation?: Escalation | undefined;
  /** Who gets a weekly status. */
  weekly?: Weekly | undefined;
  /** How servers are watched, where the configuration speaks of that. */
  watch?: WatchPolicy | undefined;
  machineFacts(): Promise<MachineFacts>;
  /** Throws when the token cannot be read, unless the help desk is only named. */
  deskSettings(contacted: boolean): Promise<DeskSettings>;
  /** The ways by which pages go out. */
  channels(): Promise<readonly ConfiguredChannel[]>;
};

/** Everything that can fail before trouble starts: this machine, the help desk, the channels of pages, jump hosts, and both faces of each server. */
export async function examine(
  {
    config,
    appliances,
    pinning,
    cliCommands,
    wantsCaptures,
    escalation,
    weekly,
    watch,
    machineFacts,
    deskSettings,
    channels,
  }: Examination,
  { operator, access, runs, captures, fileRoots, heartbeat, program }: Workplace,
  signal: AbortSignal,
): Promise<Check[]> {
  const facts = await machineFacts();
  const ways = await channels();
  const needs = new Map(ways.map(({ channel }) => [channel.name, channel.needs]));
  const machine = [
    configCheck(config, appliances),
    ...(await examineMachine(facts, appliances, { access, runs, captures, program })),
    ...(facts.state.problem === undefined
      ? await examineCaptures(appliances, captures, wantsCaptures, operator.zone)
      : []),
    ...(escalation === undefined ? [] : examineOnDuty(escalation, operator.now(), operator.zone, needs)),
    ...(weekly === undefined ? [] : [examineWeekly(weekly, operator.now(), operator.zone)]),
    ...(watch === undefined ? [] : await examineWatch(appliances, watch, heartbeat, signal)),
  ];
  if (machine.some((check) => check.check === 'secret' && check.status === 'fail')) return machine; // nobody can be logged in to
  const desk = examineDesks(deskSettings, assigneesOf(escalation, appliances), operator.now(), signal);
  const pages = examineChannels(ways, signal);
  const endpoints = endpointsOf(appliances);
  const contact = await makeContact(endpoints, { pinning, everyone: true }, operator, access, signal);
  try {
    const reached = { operator, access: { ...access, dialer: contact.dialer }, fileRoots };
    const hops = endpoints.filter((endpoint) => endpoint.key.startsWith('jumpHosts.'));
    const hopChecks = hops.flatMap((hop) => checksOfContact(hop, contact.met.get(hop.key)));
    const servers = await Promise.all(
      appliances.map((appliance) => {
        const wanted = { cliCommands, watchChecks: watch?.checks.get(appliance.name) ?? [] };
        return examineServer(appliance, contact.met, wanted, reached, signal);
      }),
    );
    return [...machine, ...(await desk), ...(await pages), ...hopChecks, ...servers.flat()];
  } finally {
    contact.close();
  }
}

function configCheck(config: string, appliances: readonly Appliance[]): Check {
  const servers = appliances.map((appliance) => appliance.name).join(', ');
  return {
    ...configured,
    status: 'ok',
    text: `configuration ${config}: ${servers}`,
    hint: null,
  };
}
