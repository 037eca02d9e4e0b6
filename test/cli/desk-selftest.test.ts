import { describe, expect, it } from 'vitest';
import { startRig } from '../support/rig.ts';

const selftest = ['doctor', '--desk-selftest', '--yes'];

async function startTried() {
  const rig = await startRig();
  const desk = rig.mock.helpdesk;
  if (desk === undefined) throw new Error('the rig has no help desk');
  return { rig, desk };
}

describe('icepack doctor --desk-selftest', () => {
  it('does once what is ever done at a help desk, says what holds, and looks at no server', async () => {
    const { rig, desk } = await startTried();

    const done = await rig.icepack(selftest);

    expect(done.code, done.stderr).toBe(0);
    expect(done.stdout).toMatch(/registers a ticket: TIC-1001, http/);
    for (const text of [
      'keeps its reference',
      'finds it by its reference',
      'twice the same is there once',
      'closes it: closed',
    ])
      expect(done.stdout).toContain(text);
    expect(done.stdout).toContain('Ready: 7 checks, all well');
    expect(desk.tickets).toMatchObject([
      {
        state: 'closed',
        comments: [{ marker: expect.stringMatching(/^\[comment/) }, { marker: expect.stringMatching(/^\[bundle/) }],
      },
    ]);
    expect(desk.tickets[0]?.files).toMatchObject([{ name: 'icepack-selftest.zip', bytes: 1024 }]);
    expect(rig.mock.appliances[0]?.logins).toEqual({ cli: [], hostOs: [] });
  });

  it.each([
    ['registers', 'POST /tickets', 'registers: ', 1],
    ['keeps', 'GET /tickets/{id}', 'keeps: ', 6],
    ['comments', 'POST /tickets/{id}/comments', 'comments: ', 6],
    ['attaches', 'PUT /tickets/{id}/files/{name}', 'attaches: ', 6],
    ['closes', 'PATCH /tickets/{id}', 'closes: ', 6],
  ])('says that it %s no more, and goes on with what can be tried', async (_step, route, said, wellDone) => {
    const { rig, desk } = await startTried();
    desk.faults.push({ route, fault: 'status-before', status: 403 });

    const done = await rig.icepack([...selftest, '--json']);

    expect(done.code).toBe(6);
    const { checks } = done.json() as { checks: { status: string; text: string }[] };
    const failed = checks.filter(({ status }) => status === 'fail');
    expect(failed.map(({ text }) => text)).toEqual([expect.stringContaining(said)]);
    expect(checks.length - failed.length).toBe(wellDone);
  });

  it('finds out that a help desk drops the reference, or a file', async () => {
    const { rig, desk } = await startTried();
    desk.switches.dropReference = true;
    desk.faults.push({ route: 'PUT /tickets/{id}/files/{name}', fault: 'drop-file' });
    desk.faults.push({ route: 'PUT /tickets/{id}/files/{name}', fault: 'drop-file' });

    const done = await rig.icepack(selftest);

    expect(done.code).toBe(6);
    expect(done.stdout).toContain('keeps: TIC-1001 has lost its reference');
    expect(done.stdout).toContain('finds: does not find the ticket');
    expect(done.stdout).toContain('attaches: the file that it took is not there');
  });

  it('registers nothing where nobody said yes, or no help desk has an API', async () => {
    const { rig, desk } = await startTried();

    const unasked = await rig.icepack(['doctor', '--desk-selftest', '--batch']);
    await rig.configure((document) => {
      document.helpdesk = { provider: 'portal' };
    });
    const portal = await rig.icepack(selftest);

    expect([unasked.code, portal.code]).toEqual([2, 2]);
    expect(unasked.stderr).toContain('add --yes');
    expect(desk.tickets).toEqual([]);
  });
});
