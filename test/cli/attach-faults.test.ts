import { describe, expect, it } from 'vitest';
import { type ChaosProxy, startChaosProxy } from '../support/chaos-proxy.ts';
import { type Collected, collected, filesOf, foreignTicket, get, put } from '../support/collected.ts';

describe('an attachment', () => {
  async function behindProxy(bytes: number): Promise<Collected & { proxy: ChaosProxy }> {
    const all = await collected({ techsupport: { durationMs: 0, bytes } });
    const port = Number(new URL(all.desk.url).port);
    const proxy = await startChaosProxy(port);
    await all.rig.configure((document) => {
      document.helpdesk.url = all.desk.url.replace(String(port), String(proxy.port));
    });
    return { ...all, proxy };
  }

  it('whose connection breaks in the middle, every time, leaves the ticket; what is missing is sent later, once (F12, F21)', async () => {
    const { desk, submit, resume, proxy, count } = await behindProxy(4_000_000);
    proxy.change({ up: { cut: { afterBytes: 1_000_000, by: 'rst' } } });

    const broken = await submit();
    proxy.change({ up: {} });
    const done = await resume();
    const sent = count('PUT');
    const again = await submit();

    expect(broken.json()).toMatchObject({ exitCode: 6, ticket: { key: 'TIC-1001' }, bundle: { attached: false } });
    expect(broken.json().error.message).toContain('nothing was attached to TIC-1001');
    expect(done.json()).toMatchObject({ exitCode: 0, ticket: { key: 'TIC-1001' }, bundle: { attached: true } });
    expect(again.json()).toMatchObject({ bundle: { attached: true } });
    expect(count('PUT'), 'nothing is sent again').toBe(sent);
    expect(filesOf(desk)).toEqual([1]);
  });

  it('that is too large for the help desk keeps the ticket, which asks for upload instructions (F12)', async () => {
    const { desk, submit } = await collected({ techsupport: { durationMs: 0, bytes: 3_000_000 }, maxFileBytes: 5000 });

    const done = await submit();

    expect(done.json()).toMatchObject({ exitCode: 7, ticket: { key: 'TIC-1001' }, error: { code: 'over-limit' } });
    expect(desk.tickets[0]?.comments).toHaveLength(1);
  });

  it('that was taken and shows no bytes is sent again, under a name that is free (F22)', async () => {
    const { desk, submit, fails } = await collected();
    fails(put, 'cut-file');

    const done = await submit();

    expect(done.json()).toMatchObject({
      exitCode: 0,
      bundle: { name: expect.stringContaining('_2.zip'), attached: true },
    });
    expect(desk.tickets[0]?.files.map(({ bytes }) => bytes > 0)).toEqual([false, true]);
  });

  it('that never keeps its bytes is said not to be there (F22)', async () => {
    const { submit, fails } = await collected();
    fails(put, 'cut-file', undefined, {}, 9);

    const done = await submit();

    expect(done.json()).toMatchObject({ exitCode: 6, ticket: { key: 'TIC-1001' }, bundle: { attached: false } });
    expect(done.json().error.message).toMatch(/is there with other content|0 bytes/);
  });

  it.each([
    403, 404,
  ])('that is refused with %i because the ticket was closed meanwhile says so; the ticket is named (F25)', async (status) => {
    const { desk, submit, resume, fails } = await collected();
    fails(put, 'status-before', status, { body: { detail: 'the ticket is closed' } });

    const stopped = await submit();
    const done = await resume();

    expect(stopped.json()).toMatchObject({ exitCode: 6, ticket: { key: 'TIC-1001' }, bundle: { attached: false } });
    expect(stopped.json().error.message).toMatch(/nothing was attached to TIC-1001: .*the ticket is closed/);
    expect(done.code).toBe(0);
    expect(filesOf(desk)).toEqual([1]);
  });

  it('of a ticket that was deleted meanwhile can go to another one (F25)', async () => {
    const { rig, desk, submit, resume, fails } = await collected();
    fails(put, 'status-before', 403);
    await submit();
    await foreignTicket({ rig, desk });
    desk.tickets.shift();

    const stopped = await resume();
    const done = await submit(['--ticket', '1002']);

    expect(stopped.json()).toMatchObject({
      exitCode: 6,
      error: { code: 'no-such-ticket', message: expect.stringContaining('TIC-1001') },
      next: [expect.stringContaining('--ticket NUMBER')],
    });
    expect(done.json()).toMatchObject({ exitCode: 0, ticket: { key: 'TIC-1002' }, bundle: { attached: true } });
  });

  it('for a ticket that the help desk answers with another one goes nowhere until a person says so (F25, F33)', async () => {
    const { rig, desk, submit, fails } = await collected();
    const merged = await foreignTicket({ rig, desk });
    fails(get, 'status-before', 200, { body: merged });

    const stopped = await submit(['--ticket', '1000']);
    const filesThen = filesOf(desk);
    const done = await submit(['--ticket', '1001']);

    expect(stopped.json()).toMatchObject({
      exitCode: 6,
      error: {
        code: 'another-ticket',
        message: expect.stringContaining('asked for TIC-1000 and answered with TIC-1001'),
      },
    });
    expect(filesThen).toEqual([1]);
    expect(done.json()).toMatchObject({ exitCode: 0, ticket: { key: 'TIC-1001' } });
  });
});
