import { describe, expect, it, onTestFinished } from 'vitest';
import type { DeskSettings } from '../../src/helpdesk/desk-settings.ts';
import { RestDesk } from '../../src/helpdesk/rest/desk.ts';
import { startMockHelpDesk } from '../../src/mock/help-desk.ts';
import { openIncidents } from '../../src/state/incidents.ts';
import { openRunStore } from '../../src/state/runs.ts';
import { openTicketJournals } from '../../src/state/ticket-journals.ts';
import type { Operator } from '../../src/ui/operator.ts';
import { registerFor, type TicketTools, tellTicket, untold } from '../../src/watch/incident/ticket.ts';
import { aboutOf } from '../../src/watch/incident/words.ts';
import { joined, opened, stampAt } from '../support/made-incident.ts';
import { temporaryFolder } from '../support/rig.ts';

const token = 'tok-canary-0123456789';

/** An incident with its ticket at a mock help desk. */
async function startIncident() {
  const folder = await temporaryFolder();
  const mock = await startMockHelpDesk({ port: 0, token, folder, maxFileBytes: undefined });
  onTestFinished(() => mock.close());
  let seconds = 0;
  const now = () => new Date(Date.parse('2026-11-20T10:00:00Z') + 1000 * seconds++);
  const operator = { emit: () => undefined, sleep: async () => undefined, now } as unknown as Operator;
  const desk = new RestDesk({ url: mock.url, token, env: {} });
  const settings = { desk, place: mock.url, licenses: {}, fields: [], attachmentLimit: 1 } as unknown as DeskSettings;
  const tools: TicketTools = {
    ...{ operator, runs: openRunStore(folder, now), tickets: openTicketJournals(folder, now) },
    settings: async () => settings,
    about: await aboutOf({ watched: [], organization: 'Example AB', zone: 'UTC' }, true),
    ...{ escalation: undefined, signal: new AbortController().signal },
  };
  const incident = await openIncidents(folder, now).create(opened, [joined('ice01')]);
  await registerFor(incident, tools);
  const bodies = () => mock.tickets[0]?.comments.map(({ body }) => body) ?? [];
  return { incident, tools, mock, bodies };
}

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
