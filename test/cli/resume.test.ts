import { appendFileSync, cpSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { editJournal } from '../support/journal.ts';
import { batch, type Rig, startRig } from '../support/rig.ts';

type Item = { path: string; status: string; fromRun?: string };

function killAt(word: string): (text: string, kill: (signal: NodeJS.Signals) => void) => void {
  return (text, kill) => {
    if (text.includes(word)) kill('SIGKILL');
  };
}

function folderOf(rig: Rig, run: string): string {
  return join(rig.folder, '.local', 'state', 'icepack', 'runs', run);
}

async function listed(rig: Rig): Promise<{ id: string; state: string; owes: boolean; missing: string[] }[]> {
  return (await rig.icepack(['runs', '--json'])).json().runs;
}

describe('runs', () => {
  it('lists what there is and what it still owes, and owing runs alone when asked', async () => {
    const rig = await startRig();
    await rig.icepack(['collect', ...batch]);
    await rig.icepack(['collect', '--batch', '--at', '-2h', '--no-submit']);
    const { helpdesk } = rig.mock;
    await rig.configure((document) => {
      document.helpdesk.url = 'http://127.0.0.1:1/api/v1';
    });
    await rig.icepack(['collect', '--batch', '--at', '-50m', '--summary', 'x', '--severity', 'low', '--only', 'cli']);

    const done = await rig.icepack(['runs', '--owing']);
    const runs = await listed(rig);

    expect(helpdesk?.tickets).toHaveLength(1);
    expect(runs.map(({ state }) => state).sort()).toEqual(['attached', 'collected', 'not registered']);
    expect(done.stdout).toMatch(/it has no ticket yet[\s\S]*icepack resume \S+/);
    expect(done.stdout).not.toContain('attached  ');
  });

  it('are the newest ones, each that owes something, and all when asked', async () => {
    const rig = await startRig();
    await rig.icepack(['collect', ...batch, '--only', 'cli']);
    const [run = ''] = await rig.runs();
    const id = (nth: number) => `20200101-00${nth}-done-aaaa`;
    for (let nth = 10; nth < 33; nth++) {
      cpSync(folderOf(rig, run), folderOf(rig, id(nth)), { recursive: true });
      editJournal(join(folderOf(rig, id(nth)), 'journal.jsonl'), (text) =>
        text.replaceAll(/"at":"\d{4}/g, '"at":"2020'),
      );
    }
    rmSync(join(folderOf(rig, id(10)), 'manifest.json'));
    editJournal(join(folderOf(rig, id(10)), 'journal.jsonl'), (text) =>
      text.slice(0, text.indexOf('\n') + 1).replace(/"event":"\d{4}/, '"event":"2020'),
    );

    const few = (await rig.icepack(['runs'])).stdout;
    const all = (await rig.icepack(['runs', '--all'])).stdout;

    expect([11, 12, 13].map((nth) => few.includes(id(nth)))).toEqual([false, false, false]);
    expect([run, id(10), id(14), id(32)].map((each) => few.includes(each))).toEqual([true, true, true, true]);
    expect(few).toContain('3 older runs owe nothing: icepack runs --all');
    expect([11, 12, 13].map((nth) => all.includes(id(nth)))).toEqual([true, true, true]);
    expect(await listed(rig)).toHaveLength(24);
  });

  it('says so when there are none', async () => {
    const rig = await startRig();

    expect((await rig.icepack(['runs'])).stdout).toBe('There are no runs yet.\n');
    expect(await rig.icepack(['resume', '--batch'])).toMatchObject({ code: 2 });
  });

  it('that are old and done are deleted by the next collect; what owes something, and the newest, stay (G17)', async () => {
    const rig = await startRig();
    await rig.icepack(['collect', ...batch, '--no-submit', '--only', 'cli']);
    const [run = ''] = await rig.runs();
    const journal = (id: string) => join(folderOf(rig, id), 'journal.jsonl');
    const again = (id: string) => {
      cpSync(folderOf(rig, run), folderOf(rig, id), { recursive: true });
      editJournal(journal(id), (text) => text.replaceAll(/"at":"\d{4}/g, '"at":"2020'));
    };
    again('20200101-0000-done-aaaa');
    again('20200102-0000-cut-aaaa');
    again('20200103-0000-open-aaaa');
    editJournal(journal('20200102-0000-cut-aaaa'), (text) => text.slice(0, text.indexOf('\n') + 1));
    editJournal(journal('20200103-0000-open-aaaa'), (text) => text.replace('"noSubmit":true,', ''));

    const done = await rig.icepack(['collect', ...batch, '--no-submit', '--only', 'cli', '--at', '-2h']);

    const left = await rig.runs();
    expect(done.stderr).toContain('20200101-0000-done-aaaa');
    expect(left).not.toContain('20200101-0000-done-aaaa');
    expect(left).toEqual(expect.arrayContaining([run, '20200102-0000-cut-aaaa', '20200103-0000-open-aaaa']));
  });

  it('that were killed before they noted anything keep nobody from resuming another one, and are deleted when old', async () => {
    const rig = await startRig({ techsupport: { durationMs: 3000, bytes: 1000 } });
    await rig.icepack(['collect', ...batch], { onStderr: killAt('techsupport') });
    const [cut = ''] = await rig.runs();
    for (const id of ['20200101-0000-cut-aaaa', '20991231-2300-cut-aaaa']) {
      mkdirSync(folderOf(rig, id), { mode: 0o700 });
      writeFileSync(join(folderOf(rig, id), 'process.json'), '{"pid":99999999}', { mode: 0o600 });
    }
    const states = await listed(rig);

    const done = await rig.icepack(['resume', '--batch', '--json']);
    const named = await rig.icepack(['resume', '20991231-2300-cut-aaaa', '--batch']);
    await rig.icepack(['collect', ...batch, '--no-submit', '--only', 'cli', '--at', '-3h']);

    expect(states.map(({ id, state, owes }) => `${id} ${state} ${owes}`)).toEqual([
      '20991231-2300-cut-aaaa not begun false',
      `${cut} unfinished true`,
      '20200101-0000-cut-aaaa not begun false',
    ]);
    expect(done.json()).toMatchObject({ exitCode: 0, bundle: { attached: true } });
    expect(named.code).toBe(2);
    expect(await rig.runs()).not.toContain('20200101-0000-cut-aaaa');
  });

  it('are deleted by size too, oldest first', async () => {
    const rig = await startRig();
    await rig.configure((document) => {
      document.keep = { size: '1kB' };
    });
    await rig.icepack(['collect', ...batch, '--no-submit', '--only', 'cli']);
    const [first = ''] = await rig.runs();

    await rig.icepack(['collect', ...batch, '--no-submit', '--only', 'cli', '--at', '-2h']);

    const left = await rig.runs();
    expect(left).toHaveLength(1);
    expect(left).not.toContain(first);
  });
});

describe('resume', () => {
  it('registers and attaches what a dead help desk left, once (F02)', async () => {
    const rig = await startRig();
    let url = '';
    await rig.configure((document) => {
      url = document.helpdesk.url;
      document.helpdesk.url = 'http://127.0.0.1:1/api/v1';
    });
    const dead = await rig.icepack(['collect', ...batch]);
    await rig.configure((document) => {
      document.helpdesk.url = url;
    });

    const done = await rig.icepack(['resume', '--batch', '--json']);
    const again = await rig.icepack(['resume', '--batch']);

    expect(dead.code).toBe(6);
    expect(done.json()).toMatchObject({
      verb: 'resume',
      exitCode: 0,
      ticket: { key: 'TIC-1001' },
      bundle: { attached: true },
    });
    expect(again.code).toBe(2);
    expect(again.stderr).toContain('no run owes anything');
    expect(rig.mock.helpdesk?.tickets.map(({ files }) => files.length)).toEqual([1]);
  });

  it('collects the evidence that failed, keeps the rest, and attaches the whole event to the same ticket', async () => {
    const rig = await startRig();
    let password: unknown;
    await rig.configure((document) => {
      password = document.appliances.ice01.hostOs.password;
      document.appliances.ice01.hostOs.password = { env: 'WRONG' };
    });
    const first = (await rig.icepack(['collect', ...batch, '--json'], { env: { WRONG: 'x' } })).json();
    await rig.configure((document) => {
      document.appliances.ice01.hostOs.password = password;
    });

    const resumed = await rig.icepack(['resume', first.run, '--batch', '--json']);

    const second = resumed.json();
    const items: Item[] = second.servers[0].items;
    const runs = await listed(rig);
    const circle = await rig.icepack(['resume', first.run, '--batch']);
    expect(first.exitCode).toBe(4);
    expect(circle.code).toBe(2);
    expect(resumed.stderr).toContain(`configuration ${rig.config}`);
    expect(circle.stderr).toContain(`was taken up by run ${second.run}, which owes nothing`);
    expect(circle.stderr.replace(/\s+/g, ' ')).toContain(`Nothing to do: TIC-1001 has ${second.bundle.name}.`);
    expect(second).toMatchObject({
      exitCode: 0,
      reference: first.reference,
      ticket: { key: 'TIC-1001' },
      event: { number: 1 },
      bundle: { name: expect.stringMatching(/_Event1_/), attached: true },
    });
    expect(items.find(({ path }) => path.startsWith('Techsupport/'))).toMatchObject({
      status: 'ok',
      fromRun: first.run,
    });
    expect(items.find(({ path }) => path.startsWith('Config/'))).toMatchObject({ status: 'ok' });
    expect(runs.find(({ id }) => id === first.run)).toMatchObject({ state: 'continued', owes: false });
    expect(rig.mock.helpdesk?.tickets).toHaveLength(1);
  });

  it('before the window is over says until when, makes no bundle, and ends as partial', async () => {
    const rig = await startRig();
    const call = ['collect', '--batch', '--at', 'now', '--summary', 'x', '--severity', 'low', '--json'];
    const first = (await rig.icepack(call)).json();

    const early = await rig.icepack(['resume', first.run, '--batch', '--json']);

    const wholeMinute = new Date(Math.ceil(Date.parse(first.event.window.until) / 60_000) * 60_000); // it is over by then
    const until = `${wholeMinute.toISOString().slice(0, 16).replace('T', ' ')} UTC`;
    expect(JSON.stringify(early.stderr)).toContain(`the log window is open until ${until}: nothing new`);
    expect(early.json()).toMatchObject({ exitCode: 3, run: first.run, bundle: first.bundle, next: first.next });
    expect(early.json().steps[0]).toMatchObject({ command: `icepack resume ${first.run}` });
    expect(early.json().steps[0].why).toMatch(/^after \d{4}-\d\d-\d\d \d\d:\d\d \S+: takes the rest of the logs$/);
    expect(await rig.runs()).toEqual([first.run]);
    expect(rig.mock.helpdesk?.tickets.map(({ files }) => files.length)).toEqual([1]);
  });

  it('begins again what was killed while it was collecting', async () => {
    const rig = await startRig({ techsupport: { durationMs: 3000, bytes: 1000 } });
    const killed = await rig.icepack(['collect', ...batch], {
      onStderr: killAt('techsupport'),
    });
    const [run = ''] = await rig.runs();

    const done = (await rig.icepack(['resume', '--batch', '--json'])).json();

    expect(killed.code).toBeNull();
    expect(done).toMatchObject({ exitCode: 0, ticket: { key: 'TIC-1001' }, bundle: { attached: true } });
    expect((await listed(rig)).find(({ id }) => id === run)).toMatchObject({ state: 'continued' });
  });

  it('begins again what was killed as it was meant: reference, kinds, window and recipe', async () => {
    const rig = await startRig({ techsupport: { durationMs: 3000, bytes: 1000 } });
    const recipe = 'hostCommands: [uname -a]\nwindow: { before: 5m }\ntimeouts: { techsupport: 7s }\n';
    writeFileSync(join(rig.folder, 'ask.yaml'), recipe);
    const meant = ['--reference', 'mine', '--skip', 'logs', '--recipe', './ask.yaml', '--yes'];
    await rig.icepack(['collect', ...batch, ...meant], { onStderr: killAt('techsupport') });
    rmSync(join(rig.folder, 'ask.yaml'));

    const { json, stderr } = await rig.icepack(['resume', '--batch', '--json']);

    const done = json();
    const items: Item[] = done.servers[0].items;
    const { at, window } = done.event;
    expect(stderr).toContain('its recipe runs again on the host OS: uname -a');
    expect(done).toMatchObject({ exitCode: 0, reference: 'mine', ticket: { key: 'TIC-1001' } });
    expect(items.find(({ path }) => path === 'VM/commands.txt')).toMatchObject({ status: 'ok' });
    expect(items.filter(({ path }) => path.startsWith('Logs/')).map(({ status }) => status)).not.toContain('ok');
    expect(Date.parse(at) - Date.parse(window.since)).toBe(5 * 60_000);
  });

  it('that is killed itself goes on with the run it was completing, and keeps what that had', async () => {
    const rig = await startRig({ techsupport: { durationMs: 3000, bytes: 1000 } });
    const call = ['collect', ...batch, '--reference', 'mine', '--json'];
    await rig.configure((document) => {
      document.timeouts = { techsupport: '1s' };
    });
    const first = (await rig.icepack(call)).json();
    await rig.configure((document) => {
      document.timeouts = {};
    });
    await rig.icepack(['resume', '--batch'], { onStderr: killAt('techsupport') });

    const done = (await rig.icepack(['resume', '--batch', '--json'])).json();

    const items: Item[] = done.servers[0].items;
    expect(first.exitCode).toBe(4);
    expect(done).toMatchObject({ exitCode: 0, reference: 'mine', ticket: { key: 'TIC-1001' } });
    expect(items.find(({ path }) => path.startsWith('Techsupport/'))).toMatchObject({ status: 'ok' });
    expect(items.find(({ path }) => path.startsWith('Config/'))).toMatchObject({ fromRun: first.run });
    expect((await listed(rig)).map(({ owes }) => owes)).toEqual([false, false, false]);
    expect(rig.mock.helpdesk?.tickets).toHaveLength(1);
  });

  it('owes the ticket of a run without one from when somebody has tried to submit it', async () => {
    const rig = await startRig();
    const { run } = (await rig.icepack(['collect', ...batch, '--only', 'vm', '--no-submit', '--json'])).json();
    const state = async () => (await rig.icepack(['runs', '--json'])).json().runs[0];
    const before = await state();
    rig.mock.helpdesk?.faults.push({ route: 'POST /tickets', fault: 'status-before', status: 422 });

    const refused = await rig.icepack(['submit', run, '--batch', '--summary', 'x', '--severity', 'low']);
    const after = await state();
    const done = await rig.icepack(['resume', '--batch', '--json']);

    expect(refused.code).toBe(6);
    expect([before, after]).toMatchObject([
      { state: 'collected', owes: false },
      { state: 'not registered', owes: true },
    ]);
    expect(done.json()).toMatchObject({ exitCode: 0, bundle: { attached: true } });
  });

  it('does not ask the servers again a week after the event, and says so', async () => {
    const rig = await startRig();
    const at = new Date(Date.now() - 8 * 86_400_000).toISOString();
    const first = (await rig.icepack(['collect', '--batch', '--no-submit', '--at', at, '--json'])).json();
    await rig.configure((document) => {
      document.appliances.ice01.cli.password = { env: 'WRONG' };
    });
    const gone = (
      await rig.icepack(['collect', '--batch', '--no-submit', '--at', at, '--only', 'cli', '--json'], {
        env: { WRONG: 'x' },
      })
    ).json();

    const done = await rig.icepack(['resume', gone.run, '--batch']);

    expect(first.run).toBeDefined();
    expect(done.code).toBe(2);
    expect(done.stderr).toContain('not asked for again');
    expect((await listed(rig)).map(({ owes }) => owes)).toEqual([false, false]);
    expect(done.stderr).toContain('icepack collect ice01 --at');
  });

  describe('where nobody knows whether the ticket was registered', () => {
    async function unknownRun(): Promise<{ rig: Rig; run: string }> {
      const rig = await startRig();
      const { run, reference } = (await rig.icepack(['collect', ...batch, '--no-submit', '--json'])).json();
      const path = join(folderOf(rig, run), 'journal.jsonl');
      editJournal(path, (text) => text.replace('"noSubmit":true,', ''));
      const origin = rig.mock.helpdesk?.url ?? '';
      const at = new Date().toISOString();
      appendFileSync(path, `${JSON.stringify({ at, type: 'registering', origin, reference })}\n`);
      return { rig, run };
    }

    it('takes the ticket that a person names', async () => {
      const { rig, run } = await unknownRun();
      await rig.icepack(['collect', ...batch, '--at', '-3h', '--only', 'cli']);

      const done = await rig.icepack(['resume', run, '--it-is', '1001', '--batch', '--json']);

      expect(done.json()).toMatchObject({ ticket: { key: 'TIC-1001', created: false }, bundle: { attached: true } });
      expect(rig.mock.helpdesk?.tickets).toHaveLength(1);
    });

    it('registers it when a person has looked and there is none', async () => {
      const { rig, run } = await unknownRun();

      const done = await rig.icepack(['resume', run, '--it-does-not-exist', '--batch', '--json']);

      expect(done.json()).toMatchObject({ ticket: { key: 'TIC-1001' }, bundle: { attached: true } });
    });

    it('refuses both together, and either where it is no question', async () => {
      const { rig, run } = await unknownRun();
      const both = await rig.icepack(['resume', run, '--it-is', '1001', '--it-does-not-exist', '--batch']);
      await rig.icepack(['resume', run, '--batch']);
      const settled = await rig.icepack(['resume', run, '--it-does-not-exist', '--batch']);

      expect([both.code, settled.code]).toEqual([2, 2]);
      expect(both.stderr).toContain('exclude each other');
      expect(settled.stderr).toContain('owes nothing');
    });
  });
});

describe('two runs at the same server', () => {
  it('are one: the second ends at once with 9 and names the first (G06)', async () => {
    const rig = await startRig({ techsupport: { durationMs: 10_000, bytes: 1000 } });
    let first: ReturnType<Rig['icepack']> | undefined;
    await new Promise<void>((atWork) => {
      const onStderr = (text: string) => {
        if (text.includes('techsupport')) atWork();
      };
      first = rig.icepack(['collect', ...batch, '--no-submit'], { onStderr });
    });

    const resuming = rig.icepack(['resume', '--batch']);
    const others = await Promise.all([1, 2, 3].map(() => rig.icepack(['collect', ...batch, '--no-submit'])));

    const [run] = await rig.runs();
    const resumed = await resuming;
    expect(resumed).toMatchObject({ code: 9, stderr: expect.stringContaining(`run ${run} is still going on`) });
    expect(others.map(({ code }) => code)).toEqual([9, 9, 9]);
    expect(others[0]?.stderr).toContain(`ICE01 ice01 is being collected from by run ${run}`);
    expect((await first)?.code).toBe(0);
    expect(await rig.runs()).toHaveLength(1);
  });

  it('a run that was killed keeps nobody out (G07)', async () => {
    const rig = await startRig({ techsupport: { durationMs: 20_000, bytes: 1000 } });
    await rig.icepack(['collect', ...batch, '--no-submit'], {
      onStderr: killAt('techsupport'),
    });

    const next = await rig.icepack(['collect', ...batch, '--no-submit', '--only', 'cli']);

    expect(next.code).toBe(0);
    rmSync(folderOf(rig, (await rig.runs())[0] ?? ''), { recursive: true });
  });
});
