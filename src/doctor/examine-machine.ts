import type { Appliance } from '../domain/appliance.js';
import { icepack, say } from '../domain/command.js';
import { formatSize } from '../domain/quantities.js';
import { reasonOf, UserError } from '../errors.js';
import type { Access } from '../servers/access.js';
import { describeLeftover, leftByCaptures, leftoversOf } from '../servers/job/leftovers.js';
import { endpointsOf } from '../servers/server-faces.js';
import type { Workplace } from '../servers/workplace.js';
import type { Check } from './check.js';
import type { MachineFacts } from './machine-facts.js';

const here = 'this machine';
/** Enough room for evidence and ZIP of a cluster. */
const enoughBytes = 2_000_000_000;

/** Checks this machine for what would stop a collection before it reaches a server. */
export async function examineMachine(
  { node, state, holdsLocks, environment }: MachineFacts,
  appliances: readonly Appliance[],
  { access, runs, captures, program }: Pick<Workplace, 'access' | 'runs' | 'captures' | 'program'>,
): Promise<Check[]> {
  const checks: Check[] = [
    { check: 'node', status: 'ok', place: here, text: `icepack ${program.version} on Node ${node}`, hint: null },
    state.problem === undefined
      ? { check: 'state', status: 'ok', place: here, text: `state folder ${state.path}`, hint: null }
      : { check: 'state', status: 'fail', place: here, text: state.problem, hint: state.hint ?? null },
  ];
  if (state.doubt !== undefined)
    checks.push({
      check: 'state',
      status: 'warn',
      place: here,
      text: `${state.path}: ${state.doubt}`,
      hint: 'Set XDG_STATE_HOME to a folder on a disk of this machine',
    });
  if (!holdsLocks) checks.push(withoutLocks);
  if (state.freeBytes !== undefined) {
    const enough = state.freeBytes >= enoughBytes;
    checks.push({
      check: 'free-space',
      status: enough ? 'ok' : 'warn',
      place: here,
      text: `${formatSize(state.freeBytes)} free in ${state.path}`,
      hint: enough ? null : 'Evidence of one server may take that much: remove old runs, or set XDG_STATE_HOME',
    });
  }
  for (const { text, hint, fatal } of environment)
    checks.push({
      check: 'environment',
      status: fatal ? 'fail' : hint === undefined ? 'ok' : 'warn',
      place: here,
      text,
      hint: hint ?? null,
    });
  const leftovers = state.problem === undefined ? await examineLeftovers(appliances, { runs, captures }) : [];
  return [...checks, ...(await examineSecrets(appliances, access)), ...leftovers];
}

const withoutLocks: Check = {
  check: 'state',
  status: 'warn',
  place: here,
  text:
    'two runs at once are not kept apart on this system: they may disturb each other on a server, and make two tickets ' +
    'of one incident',
  hint: 'Run one icepack at a time here, also from cron; Linux keeps them apart, in WSL or a container, too',
};

async function examineSecrets(appliances: readonly Appliance[], access: Access): Promise<Check[]> {
  const endpoints = endpointsOf(appliances);
  const checks: Check[] = [];
  let toBeTyped = 0;
  for (const endpoint of endpoints) {
    try {
      if ((await access.loginSecrets(endpoint)).toBeTyped) toBeTyped++; // one after the other: a program may ask
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
      checks.push({ check: 'secret', status: 'fail', place: here, text: reasonOf(error), hint: error.hint ?? null });
    }
  }
  if (checks.length > 0) return checks;
  const count = toBeTyped === 0 ? `${endpoints.length}` : `${endpoints.length - toBeTyped} of ${endpoints.length}`;
  const rest = toBeTyped === 0 ? '' : '; the rest is asked for where it can be used';
  const text = `credentials of ${count} ${endpoints.length === 1 ? 'login' : 'logins'} are at hand${rest}`;
  return [{ check: 'secret', status: 'ok', place: here, text, hint: null }];
}

async function examineLeftovers(
  appliances: readonly Appliance[],
  { runs, captures }: Pick<Workplace, 'runs' | 'captures'>,
): Promise<Check[]> {
  const leftovers = [
    ...(await leftoversOf(appliances, undefined, runs)),
    ...(await leftByCaptures(appliances, captures)),
  ];
  return leftovers.map((leftover) => ({
    check: 'leftovers',
    status: 'warn',
    place: here,
    server: leftover.server,
    text: `may still be there: ${describeLeftover(leftover)}`,
    hint: say`The next "${icepack('collect')}" removes it`,
  }));
}
