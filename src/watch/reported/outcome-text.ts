import { icepack, say, type Text } from '../../domain/command.js';
import type { OutputLine, VerbOutcome } from '../../domain/line.js';
import { thingOf } from '../../domain/reported.js';
import { document } from '../../domain/result.js';
import { printableLine } from '../../domain/text.js';
import { type ExitCode, exitCode, mostUrgent } from '../../errors.js';
import type { IncidentStanding } from '../incident/standing.js';
import { type About, titleOf } from '../incident/words.js';
import { suppressionText, thingName } from '../standing.js';
import type { Watching } from '../watching.js';
import type { Alerts } from './alertmanager.js';
import type { Outcome } from './outcome.js';
import type { TakenUp } from './take-up.js';

/** What a monitor, and whoever reads its log, is told of what became of what it said. */
export function outcomeOf(taken: TakenUp, read: Alerts, about: About): VerbOutcome {
  const exit = exitOf(taken, read);
  const notTaken = read.notPlaced.map(({ why }) => why);
  const { truncated } = read;
  return {
    exitCode: exit,
    lines: taken.outcomes.map((outcome) => lineOf(outcome, taken, about)),
    json: document('event', exit, {
      reported: taken.outcomes.map(outcomeDocument),
      notTaken: read.notPlaced,
      truncated,
    }),
    ...(exit === exitCode.ok
      ? {}
      : { trouble: { reasons: [...owedReasons(taken), ...notTaken], hint: say`See: ${icepack('watch', 'status')}` } }),
  };
}

/** What nobody does later, where no watch is at work and none comes again and again; undefined where there is nothing. */
export function leftAlone(
  { outcomes }: TakenUp,
  { escalation }: Pick<Watching, 'escalation'>,
  isWatched: boolean,
): Text | undefined {
  if (isWatched) return undefined;
  const isPaged = escalation !== undefined && outcomes.some(({ incident }) => incident?.state === 'firing');
  const isHidden = outcomes.some(({ said, suppressed }) => said.is === 'bad' && suppressed !== undefined);
  if (!isPaged && !isHidden) return undefined;
  const what = isPaged ? 'the later steps of escalation: come' : 'what is bad when that is over becomes an incident';
  return say`Nobody watches: ${what} with the next event only, or with ${icepack('watch', '--once')} each minute, or ${icepack('watch')}`;
}

function exitOf(taken: TakenUp, { notPlaced, truncated }: Alerts): ExitCode {
  const isPartial = notPlaced.length > 0 || truncated > 0;
  return mostUrgent([
    ...(owed(taken).length > 0 ? [exitCode.helpDesk] : []),
    ...(isPartial ? [exitCode.partial] : []),
    exitCode.ok,
  ]);
}

/** What has no ticket yet, and no watch that goes on to get it one. */
function owed({ outcomes, atWork }: TakenUp): Outcome[] {
  const goesOn = atWork !== undefined && atWork.passing === undefined;
  return goesOn ? [] : outcomes.filter(({ owesTicket }) => owesTicket);
}

function owedReasons(taken: TakenUp): string[] {
  return [...new Set(owed(taken).map(({ incident }) => `${incident?.id} has no ticket yet`))];
}

function lineOf(outcome: Outcome, taken: TakenUp, about: About): OutputLine {
  const { said, incident, isTaken } = outcome;
  const name = printableLine(thingName(thingOf(said)), 120);
  const head = `${titleOf(said.server, about)} ${name}: ${printableLine(said.event, 120)}`;
  if (!isTaken) return { text: say`${head}: kept. ${whoTakes(taken)} ${icepack('watch', 'status')}`, tone: 'warn' };
  if (said.is === 'ok') return { text: `${head} is over: ${overText(incident)}`, tone: 'good' };
  if (incident === undefined)
    return { text: `${head}: kept, and nobody is told: ${suppressionText(outcome.suppressed ?? '')}` };
  const isOwed = owed(taken).includes(outcome);
  const ticket = ticketText(incident, outcome.owesTicket, isOwed);
  return { text: say`${head}: ${incident.id}, ${ticket}`, tone: isOwed ? 'warn' : 'good' };
}

function whoTakes({ atWork }: TakenUp): string {
  const who = atWork === undefined ? 'Another icepack' : `Process ${atWork.process.pid}`;
  return `${who} is at work, and has not taken it up yet; what lies there is taken up by it, or by the next one. See:`;
}

function overText(incident: IncidentStanding | undefined): string {
  if (incident === undefined) return 'no incident is open for it';
  const { id, bad, ticket } = incident;
  const name = ticket === null ? id : `${id} (${ticket.key})`;
  if (bad === 0) return `all of ${name} is well again`;
  return `${bad === 1 ? '1 thing' : `${bad} things`} of ${name} ${bad === 1 ? 'is' : 'are'} bad still`;
}

function ticketText({ ticket, noTicket, next }: IncidentStanding, isComing: boolean, isOwed: boolean): Text {
  if (ticket !== null) return `ticket ${ticket.key}  ${ticket.url}`;
  if (isOwed)
    return say`no ticket yet${noTicket === undefined ? '' : `: ${noTicket}`}. The next event tries again, and so does ${icepack('watch', '--once')}`;
  if (noTicket === undefined) return isComing ? 'no ticket yet' : 'for which no ticket is opened';
  return next === null ? `no ticket: ${noTicket}` : say`no ticket: ${noTicket}: ${next}`;
}

function outcomeDocument({ said, suppressed, incident, isTaken }: Outcome) {
  const { schema: _, ...facts } = said;
  const of = incident && { id: incident.id, state: incident.state, subject: incident.subject, ticket: incident.ticket };
  return { ...facts, key: said.key ?? null, suppressed: suppressed ?? null, taken: isTaken, incident: of ?? null };
}
