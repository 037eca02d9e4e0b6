import { prepareZip } from '../bundle/zip.js';
import { lockFromCaptures } from '../capture/meet-captures.js';
import type { Manifest, ServerRecord } from '../domain/manifest.js';
import { formatDuration } from '../domain/quantities.js';
import type { RunResult } from '../domain/result.js';
import { holdRoom } from '../fs/room.js';
import type { DeskSettings } from '../helpdesk/desk-settings.js';
import type { Account } from '../helpdesk/help-desk.js';
import type { Access } from '../servers/access.js';
import { watchLocalClock } from '../servers/clock.js';
import { type FirstContact, makeContact } from '../servers/first-contact.js';
import { endpointsOf } from '../servers/server-faces.js';
import type { Workplace } from '../servers/workplace.js';
import { checkDesk } from '../tickets/check-desk.js';
import { knownMissing, namesGiven, tellMissing } from '../tickets/missing-fields.js';
import type { Operator } from '../ui/operator.js';
import { startedEntry } from './begin-again.js';
import type { CollectRequest } from './collect-request.js';
import { gatherAll } from './gather-all.js';
import { deliverCollected } from './halves.js';
import { manifestOf, referenceOf } from './incident-manifest.js';
import { redactSaid } from './redact-said.js';
import { warnOfRoom } from './room-warning.js';
import { facesFor } from './selection.js';

const zipIsLoadedAfterMs = 1000;

/** The main job: evidence from all servers at once, one manifest, then the ticket. */
export async function collect(
  asked: CollectRequest,
  settings: DeskSettings,
  workplace: Workplace,
  signal: AbortSignal,
): Promise<RunResult> {
  const { operator, access } = workplace;
  const { appliances, handOvers, free } = await lockFromCaptures(asked.appliances, workplace, signal);
  const intent = redactSaid(asked.intent, asked.redact, operator);
  const request = { ...asked, appliances, handOvers, intent };
  let contact: FirstContact | undefined;
  const leaveServers = () => {
    contact?.close();
    free();
  };
  try {
    contact = await firstContact(request, operator, access, signal);
    const loggedIn = { ...access, dialer: contact.dialer };
    return await collectLocked(request, settings, { ...workplace, access: loggedIn }, signal, leaveServers);
  } finally {
    leaveServers();
  }
}

/** @param leaveServers lets other runs at them; called when they are no longer needed */
async function collectLocked(
  request: CollectRequest,
  settings: DeskSettings,
  workplace: Workplace,
  signal: AbortSignal,
  leaveServers: () => void,
): Promise<RunResult> {
  const { operator, runs, program, deskFacts } = workplace;
  const run = await runs.create(request.label, operator.now(), operator.zone);
  const reference = referenceOf(request, run, settings);
  await run.journal.write(startedEntry(request, reference, program));
  const names = request.appliances.map(({ name }) => name);
  await warnOfRoom(names, run, operator, runs);
  const freeRoom = await holdRoom(run.folder);
  sayAtOnce(settings, operator);
  const account = await deskFor(request, settings, { operator, deskFacts }, signal);
  const clockMoved = watchLocalClock(operator.now);
  setTimeout(() => void prepareZip().catch(() => undefined), zipIsLoadedAfterMs).unref(); // while servers are waited for

  const gathered = await gatherAll(request, run, workplace, signal).finally(freeRoom);
  leaveServers();
  const describe = (servers: ServerRecord[]) => ({
    ...manifestOf(request, run, reference, servers, operator, program),
    ...localJump(clockMoved, operator),
  });
  const localFailure = gathered.find((each) => each.localFailure !== undefined)?.localFailure;
  const collected = { request, run, settings, account: account.asked, localFailure, describe };
  const servers = gathered.map(({ server }) => server);
  return deliverCollected(collected, servers, workplace, signal);
}

/** Whom to call is told while evidence is collected: somebody may be called meanwhile. */
function sayAtOnce({ route }: DeskSettings, { ask, emit }: Operator): void {
  if (ask === undefined || route?.say === undefined) return;
  emit({ type: 'note', text: `Now, while evidence is collected: ${route.say}`, asked: true });
}

/** Says what a new ticket lacks as far as that is known, and asks the help desk itself meanwhile. */
async function deskFor(
  { submit, intent }: CollectRequest,
  settings: DeskSettings,
  { operator, deskFacts }: Pick<Workplace, 'operator' | 'deskFacts'>,
  signal: AbortSignal,
): Promise<{ asked: Promise<Account | undefined> }> {
  if (submit.noSubmit) return { asked: Promise.resolve(undefined) };
  const missing = await knownMissing(settings, intent, deskFacts);
  tellMissing(missing, operator);
  const given = namesGiven(settings, intent)?.concat(missing.map(({ field }) => field));
  return { asked: checkDesk(settings.desk, operator, signal, { ticket: intent.ticket, fields: given }) };
}

/** Whoever is there is asked about keys, then for passwords, before anything begins; a damaged file ends it here, too. */
async function firstContact(
  { appliances, selection }: CollectRequest,
  operator: Operator,
  access: Access,
  signal: AbortSignal,
): Promise<FirstContact> {
  const endpoints = endpointsOf(appliances, facesFor(selection));
  for (const endpoint of endpoints) await access.loginSecrets(endpoint);
  for (const endpoint of endpoints) await access.pinsOf(endpoint);
  const wishes = { pinning: { pin: operator.ask !== undefined, fingerprints: [] }, everyone: false };
  return makeContact(endpoints, wishes, operator, access, signal);
}

function localJump(moved: () => number | undefined, operator: Operator): Pick<Manifest, 'localClockJumpedMs'> {
  const jumpedMs = moved();
  if (jumpedMs === undefined) return {};
  const text = `the clock of this machine was set ${formatDuration(jumpedMs)} ${jumpedMs > 0 ? 'forward' : 'back'} during the run`;
  operator.emit({
    type: 'warning',
    text,
    hint: 'Times in the manifest may be off by that; the logs are cut by the clocks of the servers',
  });
  return { localClockJumpedMs: jumpedMs };
}
