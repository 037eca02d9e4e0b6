import { describe, expect, it, onTestFinished } from 'vitest';
import { spelled } from '../../src/domain/command.ts';
import type { IncidentLog } from '../../src/domain/incident.ts';
import type { DeskSettings } from '../../src/helpdesk/desk-settings.ts';
import { RestDesk } from '../../src/helpdesk/rest/desk.ts';
import { startMockHelpDesk } from '../../src/mock/help-desk.ts';
import { openIncidents } from '../../src/state/incidents.ts';
import { openRunStore } from '../../src/state/runs.ts';
import { openTicketJournals } from '../../src/state/ticket-journals.ts';
import type { Operator } from '../../src/ui/operator.ts';
import { incidentStandings } from '../../src/watch/incident/standing.ts';
import {
  lookAtTicket,
  registerFor,
  type TicketTools,
  tellTicket,
  ticketOf,
  untold,
} from '../../src/watch/incident/ticket.ts';
import { aboutOf } from '../../src/watch/incident/words.ts';
import { joined, opened, stampAt } from '../support/made-incident.ts';
import { temporaryFolder } from '../support/rig.ts';

const token = 'tok-canary-0123456789';

async function startDesk() {
  const folder = await temporaryFolder();
  const mock = await startMockHelpDesk({ port: 0, token, folder, maxFileBytes: undefined });
  onTestFinished(() => mock.close());
  return mock;
}

type Caps = Partial<RestDesk['caps']>;

/** A watch with a state folder of its own, and its incident. @param caps what the help desk can, where it is not as usual */
async function startWatch({ url }: { url: string }, about = opened, caps: Caps = {}) {
  const folder = await temporaryFolder();
  let seconds = 0;
  const now = () => new Date(Date.parse('2026-11-20T10:00:00Z') + 1000 * seconds++);
  const operator = { emit: () => undefined, sleep: async () => undefined, now } as unknown as Operator;
  const desk = new RestDesk({ url, token, env: {} });
  Object.assign(desk.caps, caps);
  const settings = { desk, place: url, licenses: {}, fields: [], attachmentLimit: 1 } as unknown as DeskSettings;
  const tools: TicketTools = {
    ...{ operator, runs: openRunStore(folder, now), tickets: openTicketJournals(folder, now) },
    settings: async () => settings,
    about: await aboutOf({ watched: [], organization: 'Example AB', zone: 'UTC' }, true),
    ...{ escalation: undefined, signal: new AbortController().signal },
    stamp: async () => stampAt(30),
  };
  const incident = await openIncidents(folder, now).create(about, [joined('ice01')]);
  return { incident, tools, desk };
}

/** An incident with its ticket at a mock help desk. */
async function startIncident() {
  const mock = await startDesk();
  const { incident, tools } = await startWatch(mock);
  await registerFor(incident, tools);
  const bodies = () => mock.tickets[0]?.comments.map(({ body }) => body) ?? [];
  return { incident, tools, mock, bodies };
}

describe('two watches on two machines that see the same', () => {
  const later = { ...opened, reference: 'icepack-w-0123456789ab-202611201003' };
  const other = { ...opened, reference: 'icepack-w-ba9876543210-202611201000' };

  it('have one ticket: the later one takes up that of the first, another group has its own (W06)', async () => {
    const mock = await startDesk();
    const watches = [await startWatch(mock), await startWatch(mock, later), await startWatch(mock, other)];

    for (const { incident, tools } of watches) await registerFor(incident, tools);

    expect(watches.map(({ incident }) => ticketOf(incident)?.key)).toEqual(['TIC-1001', 'TIC-1001', 'TIC-1002']);
    expect(mock.tickets).toHaveLength(2);
  });

  it('in the same seconds make two at most, of which the later is marked, where keys are not known (W06)', async () => {
    const mock = await startDesk();
    mock.switches.idempotency = false;
    const caps = { idempotencyKey: false };
    const [one, two] = [await startWatch(mock, opened, caps), await startWatch(mock, opened, caps)];
    const find = two.desk.findByReference.bind(two.desk);
    let isFirstLook = true; // the first has registered nothing yet when the second looks
    two.desk.findByReference = async (reference, signal) => {
      const found = isFirstLook ? [] : await find(reference, signal);
      isFirstLook = false;
      return found;
    };
    two.desk.list = async () => [];

    await registerFor(one.incident, one.tools);
    await registerFor(two.incident, two.tools);

    expect([one, two].map(({ incident }) => ticketOf(incident)?.key)).toEqual(['TIC-1001', 'TIC-1001']);
    expect(mock.tickets.map(({ comments }) => comments.map(({ body }) => body).join())).toEqual([
      '',
      expect.stringContaining('Duplicate of TIC-1001'),
    ]);
  });
});

describe('a help desk that shows new tickets late', () => {
  it('gets no second one of an incident, however often it is tried after a lost answer (W11)', async () => {
    const mock = await startDesk();
    mock.faults.push({ route: 'POST /tickets', fault: 'reset-after' });
    const { incident, tools, desk } = await startWatch(mock, opened, { idempotencyKey: false, searchLagMs: 60_000 });
    const find = desk.findByReference.bind(desk);
    let isShown = false;
    desk.findByReference = async (reference, signal) => (isShown ? find(reference, signal) : []);
    desk.list = async () => [];

    for (let tries = 0; tries < 3; tries++)
      await expect(registerFor(incident, tools)).rejects.toMatchObject({ code: 'outcome-unknown' });
    const made = mock.tickets.length;
    isShown = true;
    await registerFor(incident, tools);

    expect([made, mock.tickets.length, ticketOf(incident)?.key]).toEqual([1, 1, 'TIC-1001']);
  });
});

describe('what the ticket of an incident is told', () => {
  it('is nothing of what stands in it already', async () => {
    const { incident, tools, bodies } = await startIncident();

    expect(untold(incident)).toEqual([]);
    await tellTicket(incident, tools);

    expect(bodies()).toEqual([]);
  });

  it('tells it once, in the same words, where it was killed before it could note that', async () => {
    const { incident, tools, bodies } = await startIncident();
    await incident.log.write(joined('ice02', 5));
    const write = incident.log.write;
    incident.log.write = async (entry) => {
      if (entry.type === 'told') throw new Error('killed');
      return write(entry);
    };
    await expect(tellTicket(incident, tools)).rejects.toThrow('killed');
    incident.log.write = write;
    await incident.log.write(joined('ice03', 6));

    await tellTicket(incident, tools);
    await tellTicket(incident, tools);
    await tellTicket(incident, tools);

    expect(bodies().map((body) => body.split('\n').filter((line) => !line.startsWith('[')))).toEqual([
      [expect.stringMatching(/^Bad: ice02 silent: server silent since .*: timed out$/), '2 things are bad now.', ''],
      [expect.stringMatching(/^Bad: ice03 silent: /), '3 things are bad now.', ''],
    ]);
  });

  it('masks a secret that a server printed (W73)', async () => {
    const { incident, tools, mock } = await startIncident();
    expect(mock.tickets[0]?.body).toContain('timed out');
    await incident.log.write(joined('ice02', 5, { text: 'login failed: password=Hunter2-canary' }));

    await tellTicket(incident, tools);

    const said = JSON.stringify(mock.tickets);
    expect(said).toContain('ice02');
    expect(said).not.toContain('Hunter2-canary');
  });

  it('opens a ticket again that was Fixed, when something is bad again (W15)', async () => {
    const { incident, tools, mock } = await startIncident();
    const { log } = incident;
    await log.write({ type: 'left', stamp: stampAt(2), thing: { server: 'ice01', check: 'silent' }, text: 'answers' });
    await log.write({ type: 'cleared', stamp: stampAt(2) });
    await tellTicket(incident, tools);
    await log.write({ type: 'resolved', stamp: stampAt(3), by: 'kim' });
    const [ticket] = mock.tickets;
    if (ticket !== undefined) ticket.state = 'fixed';
    await log.write(joined('ice01', 20));

    await tellTicket(incident, tools);

    expect(mock.tickets.map(({ state }) => state)).toEqual(['open']);
  });
});

describe('a ticket that is deleted or merged at the help desk', () => {
  const gone = (log: IncidentLog) => log.entries.filter(({ type }) => type === 'ticket-gone');

  it.each([
    ['deleted', undefined],
    ['merged', 'TIC-1002'],
  ])('%s: that is written down once, and nothing is told to any ticket nor opened until a person says which (W13)', async (_, instead) => {
    const { incident, tools, mock } = await startIncident();
    const [own] = mock.tickets;
    const other = await startWatch(mock, { ...opened, reference: 'icepack-w-ba9876543210-202611201000' });
    await registerFor(other.incident, other.tools);
    if (instead === undefined) mock.tickets.splice(0, 1);
    else if (own !== undefined) own.key = instead;
    await incident.log.write(joined('ice02', 5));

    for (let looks = 0; looks < 3; looks++) {
      await tellTicket(incident, tools);
      await lookAtTicket(incident, tools);
      await registerFor(incident, tools);
    }

    expect(gone(incident.log)).toMatchObject([{ key: 'TIC-1001', ...(instead === undefined ? {} : { instead }) }]);
    expect(mock.requests.filter((request) => request === 'POST /api/v1/tickets')).toHaveLength(2);
    expect(mock.tickets.flatMap(({ comments }) => comments)).toEqual([]);
    const [standing] = incidentStandings([incident], tools.about);
    expect(standing && spelled(standing.next ?? '')).toBe(`icepack ack I1 --ticket ${instead ?? 'NUMBER'}`);
  });

  it('goes on at the ticket that a person names (W13)', async () => {
    const { incident, tools, mock } = await startIncident();
    const other = await startWatch(mock, { ...opened, reference: 'icepack-w-ba9876543210-202611201000' });
    await registerFor(other.incident, other.tools);
    mock.tickets.splice(0, 1);
    await lookAtTicket(incident, tools);
    await incident.log.write({ type: 'named', by: 'kim', ticket: 'TIC-1002' });
    await incident.log.write(joined('ice02', 41));

    await registerFor(incident, tools);
    await tellTicket(incident, tools);

    expect(ticketOf(incident)?.key).toBe('TIC-1002');
    expect(mock.tickets.map(({ comments }) => comments.length)).toEqual([1]);
    expect(gone(incident.log)).toHaveLength(1);
  });
});
