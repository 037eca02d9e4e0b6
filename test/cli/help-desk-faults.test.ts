import { readFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { collected, create, filesOf, find, foreignTicket, get, put } from '../support/collected.ts';
import { batch, startRig } from '../support/rig.ts';

describe('a help desk that asks to wait', () => {
  const itsNow = Date.parse('2031-05-06T07:08:09Z');
  const inAnHour = { date: new Date(itsNow).toUTCString(), 'retry-after': new Date(itsNow + 3_600_000).toUTCString() };

  it.each([
    ['for years, before anything is registered', find, 429, { 'retry-after': '1000000000' }, 'In 24 h', null],
    ['for an hour by its own clock, when a ticket is to be registered', create, 429, inAnHour, 'In 1 h', null],
    ['although it is only unavailable', find, 503, { 'retry-after': '600' }, 'In 10 min', null],
    ['when the bundle is to be attached', put, 429, { 'retry-after': '200' }, 'In 3 min 20 s', 'TIC-1001'],
  ])('%s, ends it at once with 9; the command that is told goes on (F13)', async (_what, route, status, headers, hint, key) => {
    const { rig, desk, submit, fails } = await collected();
    fails(route, 'status-before', status, { headers });

    const asked = await submit();
    const done = await rig.icepack([...(asked.json().next[0] ?? '').split(' ').slice(1), '--batch', '--json']);

    expect(asked.json()).toMatchObject({
      exitCode: 9,
      outcome: 'busy',
      bundle: { attached: false },
      error: { code: expect.stringMatching(/^helpdesk-/), hint: expect.stringContaining(`${hint}: icepack resume`) },
    });
    expect(asked.json().ticket?.key ?? null).toBe(key);
    expect(done.json()).toMatchObject({ exitCode: 0, bundle: { attached: true } });
    expect(filesOf(desk)).toEqual([1]);
  });
});

describe('a registration', () => {
  it('whose answer was lost is not called undone because the look for it failed (F01)', async () => {
    const { desk, submit, fails } = await collected();
    fails(create, 'reset-after');
    desk.onRequest = (request) => {
      if (request.startsWith('POST')) for (let nth = 0; nth < 20; nth++) fails(find, 'status-before', 503);
    };

    const { error } = (await submit()).json();

    expect(desk.tickets).toHaveLength(1);
    expect(error.message).toContain('whether a ticket was registered is not known');
  });

  it('whose reference several tickets have chooses none of them; a person names the right one (F06)', async () => {
    const { desk, submit, reference, rig } = await collected();
    await foreignTicket({ rig, desk });
    for (const number of [1001, 1002]) {
      const twin = { ...structuredClone(desk.tickets[0]), id: `${number}`, key: `TIC-${number}`, reference, files: [] };
      desk.tickets.push(twin as never);
    }
    desk.tickets.shift();

    const stopped = await submit();
    const settled = await submit(['--ticket', 'TIC-1002']);

    expect(stopped.json()).toMatchObject({ exitCode: 6, ticket: null, error: { code: 'ambiguous-reference' } });
    expect(stopped.json().error.message).toContain('TIC-1001, TIC-1002');
    expect(settled.json()).toMatchObject({ exitCode: 0, ticket: { key: 'TIC-1002' } });
    expect(filesOf(desk)).toEqual([0, 1]);
  });

  it('answered by a login page makes one ticket, which is found (F07)', async () => {
    const { desk, submit, fails } = await collected();
    fails(create, 'status-after', 200, { body: '<html>Sign in</html>' });

    const done = await submit();

    expect(done.json()).toMatchObject({ exitCode: 0, ticket: { key: 'TIC-1001', created: true } });
    expect(filesOf(desk)).toEqual([1]);
  });

  it.each([
    [401, 'helpdesk-auth', 'Renew the credential'],
    [403, 'helpdesk-forbidden', 'Ask the administrator'],
  ])('that is refused with %i is tried once, and an echoed token is shown to nobody (F09, F24)', async (status, code, hint) => {
    const { rig, submit, fails, count } = await collected();
    const token = readFileSync(join(rig.folder, 'mock', 'token.secret'), 'utf8').trim();
    fails(create, 'status-before', status, { body: { detail: `"Bearer ${token}" may not`, token } });

    const refused = await submit();

    expect(refused.json()).toMatchObject({ exitCode: 6, ticket: null, error: { code } });
    expect(refused.json().error).toMatchObject({
      hint: expect.stringContaining(hint),
      message: expect.stringContaining('"Bearer ***" may not'),
    });
    expect(count('POST')).toBe(1);
  });

  it('that is refused for what it says shows what is possible, and can be corrected (F10, F28)', async () => {
    const { rig, desk, submit, fails } = await collected();
    const errors = ['product is one of InCenter 3, InCenter 4'];
    fails(create, 'status-before', 422, { body: { detail: 'Not valid\u001b[31m', errors } });

    const refused = await submit();
    await rig.configure((document) => {
      document.helpdesk.product = 'InCenter 4';
    });
    const done = await submit(['--summary', 'VPN down, in other words']);

    expect(refused.json()).toMatchObject({ exitCode: 6, ticket: null, error: { code: 'helpdesk-invalid' } });
    expect(refused.json().error.message).toContain('Not valid: product is one of InCenter 3, InCenter 4');
    expect(done.code).toBe(0);
    expect(desk.tickets).toMatchObject([{ subject: 'VPN down, in other words', product: 'InCenter 4' }]);
  });

  it.each([
    ['registering', create],
    ['reading it back', get],
  ])('that is answered with a foreign ticket when %s attaches nothing to it; the next try finds the right one (F33)', async (_what, route) => {
    const { rig, desk, submit, fails, resume } = await collected();
    const foreign = await foreignTicket({ rig, desk });
    fails(route, 'status-after', 201, { body: foreign });

    const stopped = await submit();
    const filesThen = filesOf(desk);
    const done = await resume();

    expect(stopped.json()).toMatchObject({ exitCode: 6, ticket: null, error: { code: 'reference-not-kept' } });
    expect(filesThen).toEqual([1, 0]);
    expect(done.json()).toMatchObject({ exitCode: 0, ticket: { key: 'TIC-1002' }, bundle: { attached: true } });
    expect(filesOf(desk)).toEqual([1, 1]);
  });
});

describe('a redirect', () => {
  it.each([create, put])('of %s takes neither token nor evidence to another server (F17)', async (route) => {
    const { desk, submit, fails } = await collected();
    const elsewhere = await startRig();
    const location = `${elsewhere.mock.helpdesk?.url}/tickets`;
    fails(route, 'status-before', 307, { headers: { location } });

    const stopped = await submit();

    expect(stopped.json()).toMatchObject({ exitCode: 6, error: { message: expect.stringContaining('a redirect') } });
    expect(elsewhere.mock.helpdesk?.requests).toEqual([]);
    expect(filesOf(desk)).toEqual(route === put ? [0] : []);
  });
});

describe('a proxy of the environment', () => {
  async function proxy(): Promise<{ env: Record<string, string>; asked: () => number }> {
    let asked = 0;
    const server = createServer((socket) => {
      asked++;
      socket.end('HTTP/1.1 407 Proxy Authentication Required\r\n\r\n');
    });
    await new Promise<void>((resolve) => {
      server.listen(0, '127.0.0.1', resolve);
    });
    onTestFinished(() => void server.close());
    const url = `http://someone:proxy-canary@127.0.0.1:${(server.address() as AddressInfo).port}`;
    return { env: { HTTPS_PROXY: url, http_proxy: url, NO_PROXY: 'example.com' }, asked: () => asked };
  }

  it('is not used, and that is said when the help desk cannot be reached, and by doctor (F20)', async () => {
    const rig = await startRig();
    const { env, asked } = await proxy();
    await rig.mock.helpdesk?.close();

    const doctor = await rig.icepack(['doctor', '--batch', '--json'], { env });

    const texts: string[] = doctor.json().checks.map(({ check, text }: Record<string, string>) => `${check}: ${text}`);
    expect(texts).toContainEqual(expect.stringMatching(/^environment: HTTPS_PROXY, http_proxy is set and not used/));
    expect(texts).toContainEqual(
      expect.stringMatching(
        /^help-desk: .*cannot be reached.*\(directly: HTTPS_PROXY, http_proxy is set and not used\)/,
      ),
    );
    expect(doctor.stdout + doctor.stderr).not.toContain('proxy-canary');
    expect(asked()).toBe(0);
  });

  it('changes nothing where the help desk can be reached (F20)', async () => {
    const { submit } = await collected();
    const { env, asked } = await proxy();

    const done = await submit([], { env });

    expect([done.code, asked()]).toEqual([0, 0]);
  });
});

describe('a clock that is not that of the help desk', () => {
  it('is said by collect and by doctor, and stops nothing (F27)', async () => {
    const { rig, fails } = await collected();
    fails('GET /account', 'none', undefined, { headers: { date: new Date(Date.now() - 600_000).toUTCString() } }, 2);

    const done = await rig.icepack(['collect', ...batch, '--only', 'vm']);
    const doctor = await rig.icepack(['doctor', '--batch']);

    expect([done.code, doctor.code]).toEqual([0, 0]);
    for (const said of [done.stderr, doctor.stdout])
      expect(said).toMatch(/the clock of this machine is (10 min|9 min 5\d s).* ahead of the help desk's/);
  });
});
