import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type Rig, startRig, startRun, until } from '../support/rig.ts';

/** Times that a test can wait for. */
const quick = {
  every: '3s', // a busy machine may look later: what is not looked at for three times as long begins from the start
  retry: '1s',
  bundles: false,
  flood: { wait: '1s' },
  checks: { data: { every: '3s', for: '2s', clearFor: '1s' } },
};

async function incidentRig(watch: object = {}, options: Parameters<typeof startRig>[0] = {}): Promise<Rig> {
  const rig = await startRig({ cluster: 'east', ...options });
  await rig.configure((document) => {
    document.watch = { ...quick, ...watch };
    document.timeouts = { connect: '3s' };
  });
  return rig;
}

const full = (rig: Rig, fullPercent?: number) =>
  rig.mock.appliances[0]?.fail(fullPercent === undefined ? {} : { fullPercent });
const tickets = (rig: Rig) => rig.mock.helpdesk?.tickets ?? [];
const openFolder = (rig: Rig) => join(rig.folder, '.local', 'state', 'icepack', 'watch', 'open');

async function watching<T>(rig: Rig, work: (watch: ReturnType<typeof startRun>) => Promise<T>): Promise<T> {
  const watch = startRun(rig, ['watch', '--batch']);
  try {
    return await work(watch);
  } finally {
    watch.kill('SIGTERM');
    await watch.ended;
  }
}

const incidentsOf = async (rig: Rig) => (await rig.icepack(['watch', 'status', '--json'])).json().incidents;

describe('an event that lasts', () => {
  it('gets one ticket with organization, cluster, kind of event and a message; its end is told there', async () => {
    const rig = await incidentRig();
    await full(rig, 93);

    const said = await watching(rig, async (watch) => {
      await until(() => tickets(rig).length > 0);
      await full(rig);
      await until(() => (tickets(rig)[0]?.comments.length ?? 0) > 0);
      return watch.said();
    });

    const [ticket, ...others] = tickets(rig);
    expect(others).toEqual([]);
    expect(ticket?.subject).toBe('Example AB, cluster east: data volume over 90 % (ICE01)');
    expect(ticket?.severity).toBe('medium');
    expect(ticket?.reference).toMatch(/^icepack-w-[0-9a-f]{12}-\d{12}$/);
    expect(ticket?.body).toMatch(
      /^ICE01 data \/data: data volume over 90 % since .*: 93\.0 % used\n\nEVENT\nOrganization: Example AB\nCluster: cluster east\nServer: ICE01\nEvent: data volume over 90 %\nSeverity: medium: .*\nSince: .*\nMessage: ICE01 data \/data: .*93\.0 % used\n/,
    );
    const comment = ticket?.comments.map(({ body }) => body).join('\n');
    expect(comment).toMatch(
      /Well again: ICE01 data \/data at .*: 41\.0 % used\nAll of it is well again\. Whether it is repaired, a person says\./,
    );
    expect(said).toMatch(/I1 opened: Example AB, cluster east: .*\nI1: ticket TIC-1001, http:\S+\n/);
  });

  it('makes no second ticket when the watch is started again, or its state is lost (W05)', async () => {
    const rig = await incidentRig();
    await full(rig, 93);
    await watching(rig, () => until(() => tickets(rig).length > 0));
    await watching(rig, (watch) => new Promise((resolve) => setTimeout(() => resolve(watch), 2000)));
    rmSync(join(rig.folder, '.local', 'state', 'icepack', 'watch'), { recursive: true });

    const said = await watching(rig, async (watch) => {
      await until(() => watch.said().includes('ticket TIC-1001'));
      return watch.said();
    });

    expect(said).toContain('I1 opened');
    expect(tickets(rig).map(({ key }) => key)).toEqual(['TIC-1001']);
  });

  it('keeps its incident while the help desk is down, says so once, and registers when it is back (W07)', async () => {
    const rig = await incidentRig();
    await full(rig, 93);
    const desk = rig.mock.helpdesk;
    for (let count = 0; count < 200; count++)
      desk?.faults.push({ route: 'GET /tickets', fault: 'status-before', status: 401 });

    await watching(rig, async (watch) => {
      await until(() => watch.said().includes('no ticket yet'));
      expect(watch.said()).toMatch(/I1: no ticket yet: /);
      desk?.faults.splice(0);
    });
    const [standing] = await incidentsOf(rig);
    expect(standing).toMatchObject({ id: 'I1', state: 'firing', ticket: null });
    await watching(rig, () => until(() => tickets(rig).length > 0));

    expect(tickets(rig)).toHaveLength(1);
  });

  it('settles a registration whose answer was lost, and makes no second one (W08)', async () => {
    const rig = await incidentRig();
    await full(rig, 93);
    rig.mock.helpdesk?.faults.push({ route: 'POST /tickets', fault: 'reset-after' });

    await watching(rig, (watch) => until(() => watch.said().includes('ticket TIC-1001')));

    expect(tickets(rig).map(({ key }) => key)).toEqual(['TIC-1001']);
  });

  it('has the bundle brought to its ticket by collect, as the event of when it was seen bad', async () => {
    const rig = await incidentRig({ bundles: true });
    await full(rig, 93);

    await watching(rig, () => until(() => (tickets(rig)[0]?.files.length ?? 0) > 0));

    const [ticket, ...others] = tickets(rig);
    expect(others).toEqual([]);
    expect(ticket?.files[0]?.name).toMatch(/^TIC-1001_Event1_\d{8}_\d{4}\.zip$/);
    const runs = (await rig.icepack(['runs', '--json'])).json().runs;
    expect(runs).toHaveLength(1);
  });

  it('makes no ticket of a server that is being set up', async () => {
    const rig = await incidentRig();
    await rig.configure((document) => {
      document.appliances.ice01.staging = true;
    });
    await full(rig, 93);
    const state = async () => {
      const { servers } = (await rig.icepack(['watch', 'status', '--json'])).json();
      return servers[0].things.map((thing: { state: string }) => thing.state);
    };

    for (let rounds = 0; rounds < 20 && !(await state()).includes('suppressed'); rounds++)
      await watching(rig, () => new Promise((resolve) => setTimeout(resolve, 2500)));

    expect(await state()).toContain('suppressed');
    expect([tickets(rig).length, await incidentsOf(rig)]).toEqual([0, []]);
  });

  it('whose server gets maintenance is suppressed: its ticket and the status say so, and when that ends (W34)', async () => {
    const rig = await incidentRig();
    await full(rig, 93);
    const comments = () =>
      tickets(rig)[0]
        ?.comments.map(({ body }) => body)
        .join('\n') ?? '';
    const standing = async () => (await incidentsOf(rig))[0];

    const shown = await watching(rig, async () => {
      await until(() => tickets(rig).length > 0);
      await rig.icepack(['maintenance', 'add', 'ice01', '--for', '1h', '--batch', '--reason', 'x']);
      await until(() => comments().includes('suppressed: M1 until'));
      const silent = { standing: await standing(), text: (await rig.icepack(['watch', 'status'])).stdout };
      await rig.icepack(['maintenance', 'end', 'M1']);
      await until(() => comments().includes('Suppressed no more, and still bad'));
      return silent;
    });

    expect(shown.standing).toMatchObject({ state: 'firing', suppressed: { by: 'M1', until: expect.any(String) } });
    expect(shown.text).toMatch(/suppressed: M1 until [\d -:]+; nobody is told meanwhile/);
    expect((await standing()).suppressed).toBeUndefined();
    expect(comments().match(/uppressed/g)).toHaveLength(2);
    expect(tickets(rig)).toHaveLength(1);
  });

  it('that comes and goes is flapping: one ticket, and its end is told when it is calm (W50)', async () => {
    const rig = await incidentRig({ flood: { wait: '1s', flapping: { cycles: 2, within: '10m', calm: '15s' } } });
    const comments = () =>
      tickets(rig)[0]
        ?.comments.map(({ body }) => body)
        .join('\n') ?? '';
    const journal = () => readFileSync(join(openFolder(rig), 'I1', 'journal.jsonl'), 'utf8');
    const ends = () => journal().match(/"type":"left"/g)?.length ?? 0;
    await full(rig, 93);

    await watching(rig, async () => {
      await until(() => tickets(rig).length > 0);
      await full(rig);
      await until(() => ends() === 1);
      await full(rig, 93);
      await until(() => (journal().match(/"type":"joined"/g)?.length ?? 0) === 2);
      await full(rig);
      await until(() => comments().includes('Flapping: '));
      expect((await incidentsOf(rig))[0]).toMatchObject({ state: 'firing', isFlapping: true });
      await until(() => comments().includes('Calm: '));
    });

    expect(comments()).toMatch(/Calm: ICE01 data \/data at .*: it is well again\.\nAll of it is well again\./);
    expect((await incidentsOf(rig))[0].state).toBe('well again');
    expect(tickets(rig)).toHaveLength(1);
  });

  it('gets its ticket at the help desk of a configuration that was changed meanwhile', {
    timeout: 180_000,
  }, async () => {
    const rig = await incidentRig();
    const { url } = rig.mock.helpdesk ?? {};
    await rig.configure((document) => {
      document.helpdesk.url = 'http://127.0.0.1:1';
    });
    await full(rig, 93);

    await watching(rig, async (watch) => {
      await until(() => watch.said().includes('no ticket yet'));
      await rig.configure((document) => {
        document.helpdesk.url = url;
      });
      await until(() => tickets(rig).length > 0);
    });

    expect(tickets(rig)).toHaveLength(1);
  });

  it('makes no ticket where tickets are off, and is an incident all the same', async () => {
    const rig = await incidentRig({ tickets: false });
    await full(rig, 93);

    await watching(rig, async (watch) => {
      await until(() => watch.said().includes('I1 opened'));
      await new Promise((resolve) => setTimeout(resolve, 3000));
    });

    expect(tickets(rig)).toEqual([]);
    expect(await incidentsOf(rig)).toMatchObject([{ id: 'I1', state: 'firing', ticket: null }]);
  });
});

describe('icepack watch --once with an incident', () => {
  it('waits for nobody: the ticket is there when it ends; where it is not, it ends with 6', async () => {
    const rig = await incidentRig({ every: '1s', flood: { wait: '1h' }, checks: { data: { every: '1s', for: '1s' } } });
    await full(rig, 93);
    const once = () => rig.icepack(['watch', '--once', '--batch']);
    const desk = rig.mock.helpdesk;
    for (let count = 0; count < 200; count++)
      desk?.faults.push({ route: 'GET /tickets', fault: 'status-before', status: 401 });
    const codes: (number | null)[] = [];
    while (!codes.includes(6) && codes.length < 20) codes.push((await once()).code);

    expect(codes.at(-1)).toBe(6);
    desk?.faults.splice(0);
    expect((await once()).code).toBe(0);
    expect(tickets(rig)).toHaveLength(1);
  });
});

describe('icepack watch --once, which has the evidence collected', () => {
  it('does not wait for that: it goes on by itself, and the next round knows how it ended', async () => {
    const once = { every: '1s', bundles: true, checks: { data: { every: '1s', for: '1s' } } };
    const rig = await incidentRig(once);
    await full(rig, 93);
    const journal = join(openFolder(rig), 'I1', 'journal.jsonl');
    const has = (type: string) => existsSync(journal) && readFileSync(journal, 'utf8').includes(`"type":"${type}"`);

    for (let rounds = 0; rounds < 20 && !has('collecting'); rounds++) await rig.icepack(['watch', '--once', '--batch']);
    await until(() => (tickets(rig)[0]?.files.length ?? 0) > 0);
    for (let rounds = 0; rounds < 20 && !has('collected'); rounds++) await rig.icepack(['watch', '--once', '--batch']);

    expect(tickets(rig).map(({ files }) => files.length)).toEqual([1]);
    const ended =
      readFileSync(journal, 'utf8')
        .split('\n')
        .find((line) => line.includes('"type":"collected"')) ?? '';
    expect(JSON.parse(ended)).toMatchObject({ servers: ['ice01'], exit: 3, run: expect.stringMatching(/ice01/) });
  });
});

describe('a person', () => {
  it('has an incident with ack, says with resolved what was done, and the ticket is Fixed with its hours', async () => {
    const rig = await incidentRig({ flood: { wait: '1s', reopen: '1s' } });
    await full(rig, 93);
    await watching(rig, (watch) => until(() => watch.said().includes('ticket TIC-1001')));

    const ack = await rig.icepack(['ack', 'i1', '--note', 'on my way']);
    const [had] = await incidentsOf(rig);
    const done = await rig.icepack(['resolved', 'I1', '--summary', 'Disk grown.', '--hours', '1.5']);
    const twice = await rig.icepack(['resolved', 'I1', '--summary', 'Disk grown.', '--hours', '1.5']);

    expect([ack.code, done.code, twice.code]).toEqual([0, 0, 0]);
    expect(had).toMatchObject({ state: 'acknowledged', note: 'on my way' });
    expect(done.stdout).toContain('1 thing is bad still.');
    const [ticket] = tickets(rig);
    expect(ticket?.state).toBe('fixed');
    const bodies = ticket?.comments.map(({ body }) => body) ?? [];
    expect(bodies.filter((body) => body.includes('Disk grown.') && body.includes('Hours: 1.5'))).toHaveLength(1);
    await full(rig);
    await watching(rig, (watch) => until(() => watch.said().includes('I1 closed: it was resolved')));
    expect(readdirSync(openFolder(rig))).toEqual([]);
  });

  it('is told which incidents are open when they speak of another one (W28)', async () => {
    const rig = await incidentRig();
    const none = await rig.icepack(['ack', 'I7']);
    await full(rig, 93);
    await watching(rig, () => until(() => tickets(rig).length > 0));
    const other = await rig.icepack(['ack', 'I7']);

    expect([none.code, other.code]).toEqual([2, 2]);
    expect(none.stderr).toMatch(/there is no incident "I7"\n.*None is open/);
    expect(other.stderr).toMatch(/there is no incident "I7"\n.*Open: I1/);
  });

  it('has another ticket opened where its own was deleted, and not before that (W13)', async () => {
    const rig = await incidentRig();
    await full(rig, 93);
    await watching(rig, (watch) => until(() => watch.said().includes('ticket TIC-1001')));
    const early = await rig.icepack(['ack', 'I1', '--ticket', 'new']);
    Object.assign(tickets(rig)[0] ?? {}, { id: '900', key: 'TIC-900', state: 'closed' }); // as good as deleted
    await watching(rig, (watch) => until(() => watch.said().includes('I1: its ticket TIC-1001 is not at')));
    const status = await rig.icepack(['watch', 'status']);
    expect(tickets(rig)).toHaveLength(1);

    const done = await rig.icepack(['ack', 'I1', '--ticket', 'new']);
    const meanwhile = await incidentsOf(rig);
    const said = await watching(rig, async (watch) => {
      await until(() => watch.said().includes('ticket TIC-1002'));
      return watch.said();
    });

    expect([early.code, done.code]).toEqual([2, 0]);
    expect(early.stderr).toContain(
      'I1 has the ticket TIC-1001, as far as is known\n  → See how it stands: icepack watch status',
    );
    expect(status.stdout).toContain('or that it gets a new one: icepack ack I1 --ticket new\n');
    expect(meanwhile).toMatchObject([{ id: 'I1', state: 'replaced', next: null }]);
    expect(said).toContain('I2 opened: Example AB, cluster east: data volume over 90 % (ICE01)');
    expect(tickets(rig).map(({ key }) => key)).toEqual(['TIC-900', 'TIC-1002']);
    expect((await incidentsOf(rig)).map(({ id, state }: { id: string; state: string }) => [id, state])).toEqual([
      ['I2', 'firing'],
      ['I1', 'replaced'],
    ]);
  });

  it('who closes the ticket at the help desk has resolved it; it is not opened again while that lasts (W12)', async () => {
    const rig = await incidentRig();
    await full(rig, 93);
    await watching(rig, (watch) => until(() => watch.said().includes('ticket TIC-1001')));
    const [ticket] = tickets(rig);
    if (ticket !== undefined) ticket.state = 'closed';

    await watching(rig, async () => {
      const journal = join(openFolder(rig), 'I1', 'journal.jsonl');
      await until(() => readFileSync(journal, 'utf8').includes('"resolved"'));
    });

    expect((await incidentsOf(rig))[0]).toMatchObject({ state: 'resolved', bad: 1 });
    expect(tickets(rig).map(({ state }) => state)).toEqual(['closed']);
  });
});

describe('who answers at the help desk', () => {
  it('has the incident: nobody else is asked to take it', async () => {
    const rig = await incidentRig();
    await full(rig, 93);
    await watching(rig, (watch) => until(() => watch.said().includes('ticket TIC-1001')));
    const [ticket] = tickets(rig);
    if (ticket !== undefined) ticket.state = 'awaiting-information';

    await watching(rig, async () => {
      const journal = join(openFolder(rig), 'I1', 'journal.jsonl');
      await until(() => readFileSync(journal, 'utf8').includes('"acknowledged"'));
    });

    expect((await incidentsOf(rig))[0]).toMatchObject({ state: 'acknowledged', by: 'the help desk' });
  });
});

describe('a help desk without an API', () => {
  it('gets the texts of its form once, and the number from a person (W14)', async () => {
    const rig = await incidentRig();
    await rig.configure((document) => {
      document.helpdesk = { provider: 'portal', url: 'https://support.example.com' };
    });
    await full(rig, 93);
    const form = join(openFolder(rig), 'I1', 'form');
    await watching(rig, () => until(() => existsSync(join(form, 'summary.txt'))));

    expect(readFileSync(join(form, 'summary.txt'), 'utf8')).toBe(
      'Example AB, cluster east: data volume over 90 % (ICE01)\n',
    );
    expect((await incidentsOf(rig))[0]).toMatchObject({
      ticket: null,
      noTicket: `a person registers it, with the texts in ${form}`,
    });
    await rig.icepack(['ack', 'I1', '--ticket', '1290']);
    await watching(rig, (watch) => until(() => watch.said().includes('ticket TIC-1290')));
    expect((await incidentsOf(rig))[0]).toMatchObject({ ticket: { key: 'TIC-1290' } });
  });
});
