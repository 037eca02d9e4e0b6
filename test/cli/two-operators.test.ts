import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { collected, filesOf } from '../support/collected.ts';
import { batch, type Finished, type Rig, startRig } from '../support/rig.ts';

/** Two machines with a state folder each that know the same help desk, and servers of the same ids. */
async function twoMachines(): Promise<{ here: Rig; there: Rig }> {
  const here = await startRig();
  const there = await startRig();
  await there.configure((document) => {
    document.helpdesk.url = here.mock.helpdesk?.url;
    document.helpdesk.token = { file: join(here.folder, 'mock', 'token.secret') };
  });
  return { here, there };
}

const at = new Date(Date.now() - 45 * 60_000).toISOString();

function collect(rig: Rig, onStderr?: (text: string) => void): Promise<Finished> {
  const args = ['collect', ...batch, '--at', at, '--only', 'vm', '--json'];
  return rig.icepack(args, onStderr === undefined ? {} : { onStderr });
}

describe('two operators who report the same incident from two machines', () => {
  it('have one ticket: the second one is told that it was there, and adds its bundle (F31)', async () => {
    const { here, there } = await twoMachines();

    const first = (await collect(here)).json();
    const second = await collect(there);

    expect(second.json()).toMatchObject({
      exitCode: 0,
      reference: first.reference,
      ticket: { key: first.ticket.key, created: false },
      bundle: { attached: true, name: first.bundle.name.replace('.zip', '_2.zip') },
    });
    expect(second.stderr).toContain(`${first.ticket.key} taken up`);
    expect(filesOf(here.mock.helpdesk)).toEqual([2]);
  });

  it('have one ticket with both bundles when they do it at the same time (F31)', async () => {
    const { here, there } = await twoMachines();

    const done = await Promise.all([collect(here), collect(there)]);

    expect(done.map(({ code }) => code)).toEqual([0, 0]);
    const bundles = done.map((each) => each.json().bundle);
    expect(filesOf(here.mock.helpdesk)).toEqual([2]);
    const kept = here.mock.helpdesk?.tickets[0]?.files.map(({ name, sha256 }) => ({ name, sha256 }));
    expect(kept).toEqual(expect.arrayContaining(bundles.map(({ name, sha256 }) => ({ name, sha256 }))));
  });

  it('go on with the older of two tickets where the help desk knows no keys; the other one says what it is (F31)', async () => {
    const { here, there } = await twoMachines();
    for (const rig of [here, there])
      await rig.configure((document) => {
        document.helpdesk = { ...document.helpdesk, idempotencyKeys: false, settle: '3s' };
      });
    Object.assign(here.mock.helpdesk?.switches ?? {}, { preCommitMs: 2500, idempotency: false });

    const done = await Promise.all([collect(here), collect(there)]);

    const [older, newer] = here.mock.helpdesk?.tickets ?? [];
    expect(done.map((each) => each.json().ticket.key)).toEqual([older?.key, older?.key]);
    expect([older?.files.length, newer?.files.length]).toEqual([2, 0]);
    expect(newer?.comments.map(({ body }) => body)).toEqual([expect.stringContaining(`Duplicate of ${older?.key}`)]);
    expect(done.map(({ stderr }) => stderr).join()).toContain(`${newer?.key} is marked as its duplicate`);
  });

  it('take the next name when the other one was faster with the same one (F31)', async () => {
    const { rig, desk, run, submit } = await collected();
    const path = join(rig.folder, '.local', 'state', 'icepack', 'runs', run);
    const other = { id: '1001-1', bytes: 12, sha256: 'f'.repeat(64) };
    desk.faults.push({ route: 'PUT /tickets/{id}/files/{name}', fault: 'status-before', status: 409 });
    const submitting = submit([], {
      onStderr: () => {
        const name = /TIC-1001_Event1_[\d_]+\.zip/.exec(readFileSync(join(path, 'journal.jsonl'), 'utf8'))?.[0];
        const [ticket] = desk.tickets;
        if (ticket?.files.length === 0 && name !== undefined) ticket.files.push({ ...other, name });
      },
    });

    const done = await submitting;

    const names = desk.tickets[0]?.files.map(({ name }) => name) ?? [];
    expect(done.json()).toMatchObject({ exitCode: 0, bundle: { name: names[1], attached: true } });
    expect(names[1]).toBe(names[0]?.replace('.zip', '_2.zip'));
  });
});
