import { randomBytes } from 'node:crypto';
import { withSmallZip } from '../bundle/small-zip.js';
import type { Bundle } from '../domain/bundle-layout.js';
import { icepack, spelled } from '../domain/command.js';
import { formatDuration } from '../domain/quantities.js';
import { type CreatedTicket, isAttached, type Ticket, type TicketDraft } from '../domain/ticket.js';
import { reasonOf } from '../errors.js';
import { type ApiHelpDesk, HelpDeskError } from '../helpdesk/help-desk.js';
import type { Operator } from '../ui/operator.js';
import type { Check } from './check.js';

type Trial = { desk: ApiHelpDesk; operator: Operator; signal: AbortSignal; checks: Check[] };

/**
 * Does at a help desk once what icepack ever does there, with a ticket of its own, and says what holds. It is for a
 * sandbox: the ticket stays, closed where the help desk lets us.
 */
export async function deskSelftest(desk: ApiHelpDesk, operator: Operator, signal: AbortSignal): Promise<Check[]> {
  const trial: Trial = { desk, operator, signal, checks: [] };
  const { held } = stepsOf(trial);
  const account = await held('answers', async () => {
    const { account: name, problems } = await desk.check(signal);
    if (problems.length > 0) throw new Error(problems.join('; '));
    return [`knows us as ${name}`, name];
  });
  if (account === undefined) return trial.checks; // nothing is registered where that is not sure
  const draft = draftNow(operator.now());
  const created = await held('registers', async () => {
    const ticket = await desk.create(draft, signal);
    return [`registers a ticket: ${ticket.key}, ${ticket.url}`, ticket];
  });
  if (created !== undefined) await tryTicket(created, draft, trial);
  return trial.checks;
}

async function tryTicket(created: CreatedTicket, { reference }: TicketDraft, trial: Trial): Promise<void> {
  const { desk, signal } = trial;
  const { id, key } = created;
  const { held } = stepsOf(trial);
  await held('keeps', async () => {
    let ticket = await desk.get(id, signal);
    if (ticket.reference === undefined && desk.setReference !== undefined) {
      await desk.setReference(id, reference, signal);
      ticket = await desk.get(id, signal);
    }
    if (ticket.reference !== reference) throw new Error(`${key} has lost its reference: it would not be found again`);
    return ['keeps its reference'];
  });
  await held('finds', async () => {
    const afterMs = await foundAfter(reference, id, trial);
    return [`finds it by its reference${afterMs < 1000 ? '' : `, after ${formatDuration(afterMs)}`}`];
  });
  await held('comments', async () => {
    const marker = `[comment ${reference.slice(-8)}]`;
    const comment = { body: `A comment of a test.\n${marker}`, public: false, marker };
    for (let times = 0; times < 2; times++) await desk.comment(id, comment, signal);
    const told = (await desk.comments?.(id, signal))?.filter(({ body }) => body.includes('A comment of a test.'));
    if (told !== undefined && told.length !== 1) throw new Error(`has the comment ${told.length} times, not once`);
    return [
      `comments it, twice the same is there once${told === undefined ? ' (it does not show comments: not read back)' : ''}`,
    ];
  });
  await held('attaches', () => withSmallZip('icepack-selftest.zip', (zip) => attachTwice(id, zip, trial)));
  await held('closes', async () => [`closes it: ${shownState(await desk.setState(id, 'closed', {}, signal))}`]);
}

async function attachTwice(id: string, bundle: Bundle, { desk, signal }: Trial): Promise<[string]> {
  const marker = `[bundle ${bundle.sha256.slice(0, 16)}]`;
  for (let times = 0; times < 2; times++)
    await desk.attach(id, bundle, { body: `A file of a test.\n${marker}`, public: true, marker }, signal);
  const { files } = await desk.get(id, signal);
  const same = files.filter(({ name }) => name === bundle.name);
  if (!isAttached(same, bundle)) throw new Error('the file that it took is not there, or not whole');
  if (same.length > 1) throw new Error(`has the file ${same.length} times, not once`);
  return ['attaches 1 kB and reads it back, twice the same is there once'];
}

/** Looks as long as the help desk says it may take. */
async function foundAfter(reference: string, id: string, { desk, operator, signal }: Trial): Promise<number> {
  const everyMs = 5000;
  for (let waitedMs = 0; ; waitedMs += everyMs) {
    const found = await desk.findByReference(reference, signal);
    if (found.some((ticket) => ticket.id === id)) return waitedMs;
    if (waitedMs >= desk.caps.searchLagMs) throw new Error('does not find the ticket by its reference');
    await operator.sleep(everyMs, signal);
    signal.throwIfAborted();
  }
}

/** Runs a step and writes down what came of it. @returns what the step found, or undefined where it failed */
function stepsOf({ desk, operator, signal, checks }: Trial) {
  const place = `help desk ${desk.origin}`;
  return {
    async held<T>(step: string, work: () => Promise<[text: string, found?: T]>): Promise<T | undefined> {
      operator.emit({ type: 'note', text: `${step} …` });
      try {
        const [text, found] = await work();
        checks.push({ check: 'help-desk', status: 'ok', place, text, hint: null });
        return found;
      } catch (error) {
        signal.throwIfAborted();
        const doubt = error instanceof HelpDeskError && error.maybeApplied ? ' (it may be done all the same)' : '';
        checks.push({
          check: 'help-desk',
          status: 'fail',
          place,
          text: `${step}: ${reasonOf(error)}${doubt}`,
          hint: null,
        });
        return undefined;
      }
    },
  };
}

function draftNow(now: Date): TicketDraft {
  const reference = `selftest-${now.toISOString().slice(0, 10)}-${randomBytes(4).toString('hex')}`;
  return {
    reference,
    subject: 'Test of icepack: please ignore',
    body: `${spelled(icepack('doctor', '--desk-selftest'))} tries this help desk. Nothing has happened.\nReference: ${reference}`,
    severity: 'low',
  };
}

function shownState({ state, nativeState }: Ticket): string {
  return state === nativeState ? state : `${state} (${nativeState})`;
}
