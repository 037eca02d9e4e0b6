import { execFileSync } from 'node:child_process';
import { copyFile, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { badZips } from '../support/bad-zips.ts';
import { madeZip } from '../support/made-zip.ts';
import { programPath } from '../support/requirements.ts';
import { batch, type Rig, startRig } from '../support/rig.ts';

const fault = (route: string, fault: string, status?: number) => ({ route, fault, status }) as never;

function expectOneTicketOneFile(rig: Rig): void {
  expect(rig.mock.helpdesk?.tickets.map((ticket) => ticket.files.length)).toEqual([1]);
}

/** The command a finished run tells to type next. */
function nextOf(json: { next: string[] }): string[] {
  return (json.next[0] ?? '').split(' ').slice(1);
}

describe('one incident, one ticket', () => {
  it('to another ticket than that of the run says so: the number may be mistyped', async () => {
    const rig = await startRig();
    const first = (await rig.icepack(['collect', ...batch, '--only', 'cli', '--json'])).json();
    await rig.icepack(['collect', '--batch', '--at', '-3h', '--only', 'cli', '--summary', 'y', '--severity', 'low']);

    const other = await rig.icepack(['submit', first.run, '--ticket', 'TIC-1002', '--batch']);
    const same = await rig.icepack(['submit', first.run, '--ticket', 'TIC-1002', '--batch']);

    const text = `run ${first.run} is at TIC-1001 already; now it goes to TIC-1002 as well`;
    expect(other.stderr).toContain(text);
    expect(same.stderr).not.toContain('as well');
    expect(rig.mock.helpdesk?.tickets.map(({ files }) => files.length)).toEqual([1, 2]);
  });

  it('a lost answer to the registration makes no second ticket (F01)', async () => {
    const rig = await startRig();
    rig.mock.helpdesk?.faults.push(fault('POST /tickets', 'reset-after'));

    const done = await rig.icepack(['collect', ...batch, '--json']);

    expect(done.code).toBe(0);
    expect(done.json().ticket).toMatchObject({ key: 'TIC-1001', created: true });
    expectOneTicketOneFile(rig);
  });

  it('a 502 after the upload makes no second attachment (F14, F21)', async () => {
    const rig = await startRig();
    rig.mock.helpdesk?.faults.push(fault('PUT /tickets/{id}/files/{name}', 'status-after', 502));

    const done = await rig.icepack(['collect', ...batch, '--json']);

    expect(done.code).toBe(0);
    expectOneTicketOneFile(rig);
  });

  it('a help desk that says 2xx and keeps nothing is not believed (F22)', async () => {
    const rig = await startRig();
    for (let times = 0; times < 3; times++)
      rig.mock.helpdesk?.faults.push(fault('PUT /tickets/{id}/files/{name}', 'drop-file'));

    const done = await rig.icepack(['collect', ...batch, '--json']);

    expect(done.code).toBe(6);
    expect(done.json()).toMatchObject({ error: { code: 'attachment-not-there' }, bundle: { attached: false } });
    const again = await rig.icepack([...nextOf(done.json()), '--json']);
    expect(again.json()).toMatchObject({ exitCode: 0, bundle: { attached: true } });
    expectOneTicketOneFile(rig);
  });

  it('the same incident again adopts the ticket and adds a second bundle of the event', async () => {
    const rig = await startRig();
    const at = new Date(Date.now() - 45 * 60_000).toISOString();
    const args = ['collect', '--batch', '--at', at, '--summary', 'VPN down', '--severity', 'high', '--json'];

    const first = (await rig.icepack(args)).json();
    const second = (await rig.icepack(args)).json();

    expect(second.reference).toBe(first.reference);
    expect(second).toMatchObject({
      exitCode: 0,
      ticket: { key: first.ticket.key, created: false },
      event: { number: 1 },
    });
    expect(second.bundle.name).toBe(first.bundle.name.replace('.zip', '_2.zip'));
    expect(rig.mock.helpdesk?.tickets).toHaveLength(1);
  });

  it('another incident in the same ticket is the next event', async () => {
    const rig = await startRig();

    const first = (await rig.icepack(['collect', ...batch, '--json'])).json();
    const second = (await rig.icepack(['collect', '--batch', '--at', '-90m', '--ticket', '1001', '--json'])).json();

    expect(first.event.number).toBe(1);
    expect(second).toMatchObject({
      event: { number: 2 },
      ticket: { key: 'TIC-1001', created: false },
      bundle: { attached: true },
    });
  });

  it('--new-ticket registers a second one on purpose', async () => {
    const rig = await startRig();
    const at = new Date(Date.now() - 45 * 60_000).toISOString();
    const args = ['collect', '--batch', '--at', at, '--summary', 'x', '--severity', 'low', '--only', 'vm'];

    await rig.icepack(args);
    await rig.icepack([...args, '--new-ticket']);

    expect(rig.mock.helpdesk?.tickets).toHaveLength(2);
  });
});

describe('a bundle keeps its name', () => {
  const vmOnly = ['--batch', '--summary', 'x', '--severity', 'low', '--only', 'vm', '--json'];

  it('submitting a run again after a later one attaches nothing twice', async () => {
    const rig = await startRig();
    const at = new Date(Date.now() - 45 * 60_000).toISOString();
    const first = (await rig.icepack(['collect', '--at', at, ...vmOnly])).json();
    await rig.icepack(['collect', '--at', at, ...vmOnly]);

    const again = (await rig.icepack(['submit', first.run, '--batch', '--json'])).json();

    expect(again).toMatchObject({ exitCode: 0, bundle: { name: first.bundle.name, attached: true } });
    expect(rig.mock.helpdesk?.tickets.map((ticket) => ticket.files.length)).toEqual([2]);
  });

  it('a ZIP of another machine that is submitted twice is attached once, and its run can be named', async () => {
    const rig = await startRig();
    const { bundle, run } = (
      await rig.icepack(['collect', '--at', '-45m', '--no-submit', ...vmOnly.slice(0, 1), '--only', 'vm', '--json'])
    ).json();
    const elsewhere = await startRig();
    const submit = (what: string) => elsewhere.icepack(['submit', what, ...vmOnly.slice(0, 5), '--json']);

    await submit(bundle.path);
    await submit(bundle.path);
    const byRun = await submit(run);

    expect(byRun.json()).toMatchObject({ exitCode: 0, run, bundle: { attached: true } });
    expectOneTicketOneFile(elsewhere);
  });

  it('another bundle under its name at the ticket makes it take a new one (F31)', async () => {
    const rig = await startRig();
    const at = new Date(Date.now() - 45 * 60_000).toISOString();
    const first = (await rig.icepack(['collect', '--at', at, ...vmOnly])).json();
    const [file] = rig.mock.helpdesk?.tickets[0]?.files ?? [];
    if (file !== undefined) file.sha256 = 'f'.repeat(64);

    const again = (await rig.icepack(['submit', first.run, '--batch', '--json'])).json();

    expect(again).toMatchObject({
      exitCode: 0,
      bundle: { name: first.bundle.name.replace('.zip', '_2.zip'), attached: true },
    });
  });

  it('what is said of another event of a ticket stands in its comment, and in its description only once', async () => {
    const rig = await startRig();
    await rig.icepack(['collect', ...batch, '--only', 'vm', '--description', 'the first outage']);

    const said = ['--summary', 'Down again', '--severity', 'high', '--description', 'the second outage'];
    await rig.icepack(['collect', '--batch', '--at', '-3h', '--only', 'vm', '--ticket', '1001', ...said]);

    const [ticket] = rig.mock.helpdesk?.tickets ?? [];
    const [first, second] = ticket?.comments.map(({ body }) => body) ?? [];
    expect(ticket?.body).toContain('the first outage');
    expect(first).not.toContain('outage');
    expect(second).toContain('Down again\nthe second outage\nSeverity: high');
  });

  it('an attached bundle whose comment was refused is attached all the same (F21)', async () => {
    const rig = await startRig();
    rig.mock.helpdesk?.faults.push(fault('POST /tickets/{id}/comments', 'status-before', 403));

    const done = await rig.icepack(['collect', '--at', '-45m', ...vmOnly]);

    expect(done.json()).toMatchObject({ exitCode: 0, bundle: { attached: true } });
    expect(done.stderr).toContain('perhaps without its comment');
  });

  it('what was said at submit is kept for the next try', async () => {
    const rig = await startRig();
    const { run } = (
      await rig.icepack(['collect', '--at', '-45m', '--no-submit', '--batch', '--only', 'vm', '--json'])
    ).json();
    for (let times = 0; times < 4; times++) rig.mock.helpdesk?.faults.push(fault('GET /tickets', 'status-before', 503));

    const failed = (
      await rig.icepack(['submit', run, '--batch', '--summary', 'said once', '--severity', 'low', '--json'])
    ).json();
    const done = (await rig.icepack([...nextOf(failed), '--batch', '--json'])).json();

    expect(failed.exitCode).toBe(6);
    expect(done).toMatchObject({ exitCode: 0, ticket: { created: true } });
    expect(rig.mock.helpdesk?.tickets[0]?.subject).toBe('said once');
  });
});

describe('a ZIP that was made by hand', () => {
  it('is refused, with the verb that attaches it', async () => {
    const rig = await startRig();
    const zip = join(rig.folder, 'mock', 'by-hand.zip');
    const entries = [{ name: 'TIC-1234/Event1_ICE01_20261120_1032/CLI/notes.txt', content: 'seen' }];
    await writeFile(zip, madeZip({ entries }));

    const done = await rig.icepack(['submit', zip, '--batch']);

    expect(done.code).toBe(2);
    expect(done.stderr).toMatch(/to attach any file: icepack .*ticket attach TICKET .*by-hand\.zip$/m);
  });
});

describe('nothing that was collected is lost', () => {
  it('a help desk that is down costs exit 6; the command that is printed finishes the job without the servers (F14)', async () => {
    const rig = await startRig();
    for (let times = 0; times < 4; times++) rig.mock.helpdesk?.faults.push(fault('GET /tickets', 'status-before', 503));

    const failed = await rig.icepack(['collect', ...batch, '--json']);
    await Promise.all(rig.mock.appliances.map((appliance) => appliance.close()));
    const done = await rig.icepack([...nextOf(failed.json()), '--json']);

    expect(failed.code).toBe(6);
    expect(failed.json()).toMatchObject({
      ticket: null,
      bundle: { name: expect.stringContaining('TIC-pending') },
      error: { code: 'helpdesk-unavailable' },
    });
    expect(done.code).toBe(0);
    expect(done.json()).toMatchObject({
      verb: 'resume',
      ticket: { key: 'TIC-1001', created: true },
      bundle: { name: expect.stringMatching(/^TIC-1001_Event1_/) },
    });
    expectOneTicketOneFile(rig);
  });

  it('a token that is refused is never shown, and the bundle is kept (F09, F24)', async () => {
    const rig = await startRig();
    await rig.configure((document) => {
      document.helpdesk.token = { env: 'TOKEN' };
    });

    const done = await rig.icepack(['collect', ...batch, '--json', '--only', 'vm'], { env: { TOKEN: 'canary-token' } });

    expect(done.code).toBe(6);
    expect(done.json()).toMatchObject({
      error: { code: 'helpdesk-auth', hint: expect.stringContaining('icepack resume') },
      bundle: { attached: false },
    });
    expect(done.stdout + done.stderr).not.toContain('canary');
  });

  it('a bundle that was collected without a ticket is sent later, from its ZIP, by another machine', async () => {
    const rig = await startRig();
    const collected = (await rig.icepack(['collect', '--batch', '--at', '-45m', '--no-submit', '--json'])).json();
    const elsewhere = await startRig();
    const zip = join(elsewhere.folder, 'from-a-customer.zip');
    await copyFile(collected.bundle.path, zip);

    const done = await elsewhere.icepack([
      'submit',
      zip,
      '--batch',
      '--summary',
      'sent for a customer',
      '--severity',
      'medium',
      '--json',
    ]);

    expect(collected).toMatchObject({
      exitCode: 0,
      ticket: null,
      bundle: { name: expect.stringMatching(/^TIC-pending_/), attached: false },
    });
    expect(done.json()).toMatchObject({
      exitCode: 0,
      ticket: { key: 'TIC-1001' },
      reference: collected.reference,
      bundle: { attached: true },
    });
    const names = execFileSync(programPath('unzip'), ['-Z1', done.json().bundle.path]).toString();
    expect(names).not.toContain('TIC-pending');
    expectOneTicketOneFile(elsewhere);
  });

  it('a bundle that another machine has attached is said by the name that it has at the ticket', async () => {
    const rig = await startRig();
    const call = ['collect', '--batch', '--at', '-45m', '--only', 'vm', '--no-submit', '--json'];
    const { run, bundle } = (await rig.icepack(call)).json();
    const said = ['--batch', '--summary', 'x', '--severity', 'low'];
    const elsewhere = { env: { XDG_STATE_HOME: join(rig.folder, 'mock', 'elsewhere') } };
    const first = (await rig.icepack(['submit', bundle.path, ...said, '--json'], elsewhere)).json();

    const done = await rig.icepack(['submit', run, ...said]);
    const page = (await rig.icepack(['runs', run])).stdout.replace(/\s+/g, ' ');

    expect(first).toMatchObject({ exitCode: 0, bundle: { attached: true } });
    expect(done.stdout.replace(/\s+/g, ' ')).toContain(`attached to TIC-1001 as ${first.bundle.name}`);
    expect(page).toContain(`at the ticket: ${first.bundle.name}`);
    expectOneTicketOneFile(rig);
  });

  it('a ZIP whose evidence was changed is refused (E12)', async () => {
    const rig = await startRig();
    const { bundle } = (
      await rig.icepack(['collect', '--batch', '--at', '-45m', '--no-submit', '--only', 'vm', '--json'])
    ).json();
    const zip = join(rig.folder, 'changed.zip');
    const elsewhere = await startRig();
    execFileSync(programPath('python3'), [
      '-c',
      'import zipfile,sys\na=zipfile.ZipFile(sys.argv[1]); b=zipfile.ZipFile(sys.argv[2],"w")\nfor i in a.infolist(): b.writestr(i, a.read(i)+(b"x" if i.filename.endswith("txt") else b""))\nb.close()',
      bundle.path,
      zip,
    ]);

    const done = await elsewhere.icepack(['submit', zip, '--batch', '--ticket', '1', '--json']);

    expect(done.code).toBe(10);
    expect(done.json().error).toMatchObject({
      code: 'archive-damaged',
      message: expect.stringContaining('virtual-machine.txt'),
    });
    expect(elsewhere.mock.helpdesk?.tickets).toEqual([]);
  });

  it.each([
    'a way out',
    'twins',
    'two manifests',
    'a symbolic link',
    'a bomb',
    'bytes before',
    'encrypted',
  ])('a ZIP with %s is refused, and nothing of it is kept (V01 V02 V03 V06 V07)', async (what) => {
    const rig = await startRig();
    const zip = join(rig.folder, 'foreign.zip');
    await writeFile(zip, badZips[what]?.[1] ?? '');

    const done = await rig.icepack(['submit', zip, '--batch', '--ticket', '1', '--json']);

    expect(done.code).toBe(10);
    expect(done.json().error.code).toBe('archive-unsafe');
    expect(rig.mock.helpdesk?.tickets).toEqual([]);
    expect(await readdir(rig.folder)).not.toContain('.local');
  });

  it('evidence that was changed on this machine is not sent (E11)', async () => {
    const rig = await startRig();
    const { run } = (
      await rig.icepack(['collect', '--batch', '--at', '-45m', '--no-submit', '--only', 'vm', '--json'])
    ).json();
    const folder = join(rig.folder, '.local/state/icepack/runs', run);
    await writeFile(join(folder, 'staging/ice01/VM/virtual-machine.txt'), 'something else');

    const done = await rig.icepack(['submit', run, '--batch', '--summary', 'x', '--severity', 'low', '--json']);

    expect(done.code).toBe(8);
    expect(done.json().error.code).toBe('evidence-changed');
  });

  it('Ctrl-C keeps what came and prints the command that sends it', async () => {
    const rig = await startRig({ techsupport: { durationMs: 60_000, bytes: 1000 } });
    let struck = 0;

    const stopped = await rig.icepack(['collect', ...batch, '--json'], {
      onStderr: (text, kill) => {
        if (struck === 0 && text.includes('"path":"CLI/transcript.txt"')) {
          struck = Date.now();
          kill('SIGINT');
        }
      },
    });
    const tookMs = Date.now() - struck;
    const sent = await rig.icepack(['submit', stopped.json().run, '--batch', '--json']);

    expect(stopped.code).toBe(130);
    expect(stopped.json().next[0]).toBe(`icepack resume ${stopped.json().run}`);
    expect(tookMs).toBeLessThan(30_000); // it did not wait for techsupport
    expect(stopped.json()).toMatchObject({ outcome: 'interrupted', ticket: null });
    expect(sent.code).toBe(4);
    expect(sent.json().servers[0].items).toContainEqual(
      expect.objectContaining({ path: 'Techsupport/', status: 'failed', reason: 'interrupted' }),
    );
    expect(sent.json().servers[0].items).toContainEqual(
      expect.objectContaining({ path: 'CLI/transcript.txt', status: 'ok' }),
    );
    expectOneTicketOneFile(rig);
  });
});

describe('the 25 MB limit', () => {
  it('exactly the limit is attached, one byte more is not: the ticket asks for upload instructions once (E05)', async () => {
    const rig = await startRig();
    const { bundle, run } = (await rig.icepack(['collect', '--batch', '--at', '-45m', '--no-submit', '--json'])).json();
    const padded = async (limit: number) =>
      rig.configure((document) => {
        document.attachmentLimit = limit;
      });
    const submit = async () => rig.icepack(['submit', run, '--batch', '--summary', 'x', '--severity', 'low', '--json']);

    await padded(bundle.bytes - 500);
    const over = await submit();
    await padded(over.json().bundle.bytes - 1);
    const overAgain = await submit();
    await padded(over.json().bundle.bytes);
    const exact = await submit();

    expect(over.code).toBe(7);
    expect(overAgain.code).toBe(7);
    expect(over.json()).toMatchObject({ error: { code: 'over-limit' }, bundle: { attached: false } });
    expect(exact.code).toBe(0);
    const [ticket] = rig.mock.helpdesk?.tickets ?? [];
    expect(
      ticket?.comments.map((comment) => comment.body).filter((body) => body.includes('instructions')),
    ).toHaveLength(1);
    expect(ticket?.comments[0]?.body).toContain(String(over.json().bundle.bytes));
    expectOneTicketOneFile(rig);
  });

  it('a help desk that takes less than that is believed: 7, not 6', async () => {
    const rig = await startRig({ maxFileBytes: 5000 });

    const done = await rig.icepack(['collect', ...batch, '--json']);

    expect(done.code).toBe(7);
    expect(rig.mock.helpdesk?.tickets[0]?.comments).toHaveLength(1);
    expect(rig.mock.helpdesk?.requests.filter((request) => request.startsWith('PUT'))).toEqual([]);
  });
});

describe('a help desk that only people can use', () => {
  const portal = {
    provider: 'portal',
    url: 'https://portal.example.com/',
    product: 'InCenter',
    version: '2.2.5',
    license: '1234',
  };

  it('gets its texts prepared in batch, and the bundle is named when the number is known', async () => {
    const rig = await startRig();
    await rig.configure((document) => {
      document.helpdesk = portal;
    });

    const prepared = await rig.icepack(['collect', ...batch, '--json']);
    const { run, next } = prepared.json();
    const done = await rig.icepack([
      ...nextOf({ next }).map((word) => (word === 'NUMBER' ? '4711' : word)),
      '--batch',
      '--json',
    ]);

    expect(prepared.code).toBe(0);
    expect(prepared.json()).toMatchObject({ ticket: null, bundle: { name: expect.stringContaining('TIC-pending') } });
    const texts = join(rig.folder, '.local/state/icepack/runs', run, 'portal');
    expect((await readdir(texts)).sort()).toEqual([
      'description.txt',
      'form.html',
      'license.txt',
      'product.txt',
      'reference.txt',
      'severity.txt',
      'summary.txt',
      'version.txt',
    ]);
    expect(await readFile(join(texts, 'summary.txt'), 'utf8')).toBe('VPN down\n');
    expect(done.json()).toMatchObject({
      exitCode: 0,
      ticket: { key: 'TIC-4711', created: false },
      bundle: { name: expect.stringMatching(/^TIC-4711_Event1_/), attached: false },
    });
    expect(rig.mock.helpdesk?.requests).toEqual([]);
  });

  it('says where to drop the ZIP', async () => {
    const rig = await startRig();
    await rig.configure((document) => {
      document.helpdesk = portal;
    });

    const done = await rig.icepack(['collect', '--batch', '--at', '-45m', '--ticket', 'tic-7', '--only', 'vm']);

    expect(done.stdout).toContain('TIC-7_Event1_');
    expect(done.stdout).toContain('open TIC-7 at https://portal.example.com/ and drop the ZIP into its attachment box');
  });
});
