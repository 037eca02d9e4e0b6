import { defined } from '../../domain/defined.js';
import type { NewIncidentEntry } from '../../domain/incident.js';
import { printableLine } from '../../domain/text.js';
import { reasonOf } from '../../errors.js';
import { type Channel, NotifyError } from '../../notify/channel.js';
import { withDeadline } from '../../servers/deadline.js';
import { whoOf } from '../replies/token.js';
import type { Case } from './case.js';
import { dueOf } from './due.js';
import { noLongerDue } from './failed-pages.js';
import { incidentStanding } from './incident-standing.js';
import type { Admitted } from './limits.js';
import type { PageParts } from './page-facts.js';
import { pageOf } from './page-of.js';
import type { PagedIncident, PagerTools } from './paged-incident.js';

/** So long a channel may take for one page. */
const sendMs = 60_000;

type Sending = {
  incident: PagedIncident;
  page: Admitted;
  n: number;
  /** The other pages of the incident that are being sent. */
  inFlight: ReadonlySet<number>;
};

/** Sends one page and notes what came of it. Where this is cut, its end is not known, and it is sent again. */
export async function sendPage(
  sending: Sending,
  incidents: readonly PagedIncident[],
  tools: PagerTools,
  signal: AbortSignal,
): Promise<void> {
  const { incident, page, n } = sending;
  const outcome = (await isDueStill(sending, tools)) ? await sent(sending, tools, signal) : notSent;
  if (outcome === undefined) return;
  await incident.log.write({ ...outcome, n, stamp: await tools.stamp() });
  if (outcome.type === 'paged') await noteBundled(page, `${incident.id}.${n}`, incidents, tools);
}

type Outcome = { type: 'paged'; receipt: string } | { type: 'page-failed'; maybeSent: boolean; reason: string };

const notSent: Outcome = {
  type: 'page-failed',
  maybeSent: false,
  reason: noLongerDue,
};

/** The journal is looked at right before a page leaves: somebody may have answered. */
async function isDueStill({ incident, n, inFlight }: Sending, { stamp, setting }: PagerTools): Promise<boolean> {
  await incident.log.refresh?.();
  const { pages } = dueOf(incident.log, setting, await stamp(), inFlight);
  return pages.some((due) => due.n === n);
}

/** @returns what came of it; undefined where it was cut off from here */
async function sent(sending: Sending, tools: PagerTools, signal: AbortSignal): Promise<Outcome | undefined> {
  const configured = tools.channels.get(sending.page.due.channel);
  const one = await caseOf(sending.incident, tools);
  if (configured === undefined || one === undefined)
    return { type: 'page-failed', maybeSent: false, reason: 'there is no such channel' };
  const { page, n, incident } = sending;
  const bundled = [...new Set(page.carries.map((each) => each.incident))].filter((id) => id !== incident.id);
  const answer = await answerOf(sending, configured.channel, tools);
  const ready = pageOf({ one, due: page.due, n, facts: incident.facts, bundled, ...defined({ answer }) });
  try {
    const receipt = await withDeadline(sendMs, signal, (limited) =>
      orAborted(configured.channel.send(ready, limited), limited),
    );
    return { type: 'paged', receipt };
  } catch (error) {
    if (signal.aborted) return undefined;
    const maybeSent = !(error instanceof NotifyError) || error.maybeSent;
    return { type: 'page-failed', maybeSent, reason: printableLine(reasonOf(error), 300) };
  }
}

/** What ends, is copied or asks for a summary is not answered. Without a token the page leaves all the same. */
async function answerOf(
  { incident, page: { due } }: Sending,
  { name, answeredBy: by }: Channel,
  { tokenOf }: PagerTools,
): Promise<PageParts['answer']> {
  const asks = due.kind !== 'over' && due.kind !== 'copy' && due.kind !== 'summary';
  if (!asks || by === undefined || tokenOf === undefined) return undefined;
  const token = await tokenOf(incident.id, whoOf(due.person, name)).catch(() => undefined);
  return token === undefined ? undefined : { by, token };
}

/** A channel that does not listen holds nothing up either. */
function orAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  const aborted = new Promise<never>((_resolve, reject) => {
    const stop = () => reject(signal.reason);
    if (signal.aborted) stop();
    signal.addEventListener('abort', stop, { once: true });
  });
  return Promise.race([work, aborted]);
}

async function caseOf({ log }: PagedIncident, { stamp, setting }: PagerTools): Promise<Case | undefined> {
  const standing = incidentStanding(log);
  return standing && { log, standing, setting, now: await stamp() };
}

/** What was told within it need not be told on its own. */
async function noteBundled(
  { carries }: Admitted,
  within: string,
  incidents: readonly PagedIncident[],
  { stamp }: PagerTools,
): Promise<void> {
  for (const { incident, due } of carries) {
    const { why, person, channel } = due;
    const log = incidents.find(({ id }) => id === incident)?.log;
    const entry: NewIncidentEntry | undefined =
      person === undefined ? undefined : { type: 'bundled', stamp: await stamp(), why, person, channel, within };
    if (entry !== undefined) await log?.write(entry);
  }
}
