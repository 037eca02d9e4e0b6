import { randomBytes } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { ConnectTarget } from '../../src/ssh/connect-target.ts';
import type { Connection } from '../../src/ssh/connection.ts';
import { type Dialer, openDialer } from '../../src/ssh/dialer.ts';
import { exec } from '../../src/ssh/exec.ts';
import { openFiles } from '../../src/ssh/files/open-files.ts';
import { steadyFiles } from '../../src/ssh/files/steady-files.ts';
import { openSessions } from '../../src/ssh/sessions.ts';
import { startChaosProxy } from '../support/chaos-proxy.ts';
import { startPasswordSshd } from '../support/peers.ts';
import { lacks } from '../support/requirements.ts';
import { temporaryFolder } from '../support/rig.ts';
import { type Login, makeLogin, type RealServer, startSshd } from '../support/sshd.ts';

const never = new AbortController().signal;
const another = 'SHA256:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA';

type Server = RealServer & { login: Login };

/** Each has a host key and a login key of its own, and tells what is asked of it. */
async function startServer(name: string, lines: string[] = []): Promise<Server> {
  const folder = await temporaryFolder();
  const { authorizedKeys, ...login } = makeLogin(folder);
  return { ...(await startSshd(folder, name, authorizedKeys, ['LogLevel DEBUG2', ...lines])), login };
}

type Place = Pick<RealServer, 'port' | 'hostKey'> & {
  login: { user: string; privateKey?: string; password?: string };
};

function placeOf(title: string, { port, hostKey, login }: Place, via?: ConnectTarget): ConnectTarget {
  const { user, privateKey, password } = login;
  return {
    title,
    server: 'ice01',
    key: title.startsWith('jump host') ? `jumpHosts.${title.split(' ')[2]}` : 'appliances.ice01.hostOs',
    address: '127.0.0.1',
    port,
    user,
    secrets: {
      ...(privateKey && { privateKey: { content: readFileSync(privateKey) } }),
      ...(password && { password }),
    },
    pins: [{ source: `${title} in icepack.yaml`, fingerprint: hostKey }],
    ...(via && { via }),
  };
}

function pinnedTo(fingerprint: string | undefined, target: ConnectTarget): ConnectTarget {
  return { ...target, pins: fingerprint === undefined ? [] : [{ source: 'icepack.yaml', fingerprint }] };
}

async function dialled(dialer: Dialer, to: ConnectTarget): Promise<Connection> {
  const connection = await dialer.dial(to, never);
  onTestFinished(() => connection.close());
  return connection;
}

function failureOf(dialling: Promise<unknown>): Promise<unknown> {
  return dialling.then(
    () => 'no failure',
    (error: unknown) => error,
  );
}

const whereAmI = 'echo $SSH_CONNECTION';
const logins = (server: RealServer) => server.log().match(/Accepted publickey/g)?.length ?? 0;
/** Whether a user name, the first thing of a login, was told to it. */
const wasAskedToLogIn = (server: RealServer) => /userauth-request/.test(server.log());

async function until(isTrue: () => boolean): Promise<void> {
  while (!isTrue()) await new Promise((resolve) => setTimeout(resolve, 5));
}

describe.skipIf(lacks('sshd', 'ssh-keygen'))('a server behind a jump host', () => {
  it('is logged in to with its own key and checked by its own host key', async () => {
    const [hop, server] = [await startServer('hop'), await startServer('server')];

    const connection = await dialled(openDialer(), placeOf('ICE01 host OS', server, placeOf('jump host bastion', hop)));

    expect(await exec(connection, whereAmI, never)).toMatchObject({
      stdout: expect.stringContaining(`${server.port}`),
    });
    expect(connection.probe).toMatchObject({ reached: 'login', hostKey: { fingerprint: server.hostKey } });
    expect([logins(hop), logins(server)]).toEqual([1, 1]);
  });

  it('is reached through two of them, each with a login and a host key of its own', async () => {
    const [outer, inner, server] = [
      await startServer('outer'),
      await startServer('inner'),
      await startServer('server'),
    ];
    const way = placeOf('jump host inner', inner, placeOf('jump host outer', outer));

    const connection = await dialled(openDialer(), placeOf('ICE01 host OS', server, way));

    expect(await exec(connection, whereAmI, never)).toMatchObject({
      stdout: expect.stringContaining(`${server.port}`),
    });
    expect([logins(outer), logins(inner), logins(server)]).toEqual([1, 1, 1]);
  });

  it.each([
    ['nobody has pinned (A01)', undefined, 'host-key-unknown'],
    ['is not the pinned one (A02)', another, 'host-key-changed'],
  ])('is not gone to when the key of the jump host %s', async (_what, pin, code) => {
    const [hop, server] = [await startServer('hop'), await startServer('server')];
    const watched = await startChaosProxy(server.port);
    const way = pinnedTo(pin, placeOf('jump host bastion', hop));

    const failure = await failureOf(
      openDialer().dial(placeOf('ICE01 host OS', { ...server, port: watched.port }, way), never),
    );

    expect(failure).toMatchObject({ code, message: expect.stringContaining('jump host bastion') });
    expect(String(failure)).toContain(hop.hostKey);
    expect(wasAskedToLogIn(hop)).toBe(false);
    expect(watched.connections).toEqual([]);
  });

  it('is not gone to when the key of the second jump host is another one (A02)', async () => {
    const [outer, inner, server] = [
      await startServer('outer'),
      await startServer('inner'),
      await startServer('server'),
    ];
    const watched = await startChaosProxy(server.port);
    const way = pinnedTo(another, placeOf('jump host inner', inner, placeOf('jump host outer', outer)));

    const failure = await failureOf(
      openDialer().dial(placeOf('ICE01 host OS', { ...server, port: watched.port }, way), never),
    );

    expect(failure).toMatchObject({ code: 'host-key-changed', message: expect.stringContaining('jump host inner') });
    expect(wasAskedToLogIn(inner)).toBe(false);
    expect(watched.connections).toEqual([]);
    await until(() => /Received disconnect|Connection closed/.test(outer.log())); // nobody needs it any more
  });

  it('with another key than the pinned one gets no credential, also where the jump host would trust it (A02)', async () => {
    const [hop, server] = [await startServer('hop'), await startServer('server')];
    const target = pinnedTo(another, placeOf('ICE01 host OS', server, placeOf('jump host bastion', hop)));

    const failure = await failureOf(openDialer().dial(target, never));

    expect(failure).toMatchObject({ code: 'host-key-changed', message: expect.stringContaining(server.hostKey) });
    expect(wasAskedToLogIn(server)).toBe(false);
  });

  it('is asked for its host key and for nothing else', async () => {
    const [hop, server] = [await startServer('hop'), await startServer('server')];
    const stranger = pinnedTo(undefined, placeOf('ICE01 host OS', server, placeOf('jump host bastion', hop)));

    const shown = await openDialer().askHostKey(stranger, never);

    expect(shown.fingerprint).toBe(server.hostKey);
    expect(wasAskedToLogIn(server)).toBe(false);
    await until(() => /Received disconnect|Connection closed/.test(hop.log()));
  });

  it('is said not to be reached when the jump host leads nowhere', async () => {
    const [hop, server] = [await startServer('hop', ['AllowTcpForwarding no']), await startServer('server')];

    const failure = await failureOf(
      openDialer().dial(placeOf('ICE01 host OS', server, placeOf('jump host bastion', hop)), never),
    );

    expect(failure).toMatchObject({
      name: 'UserError',
      code: 'unreachable',
      message: expect.stringMatching(/^ICE01 host OS .*jump host bastion refused a connection to 127\.0\.0\.1:\d+/),
    });
    expect(server.log()).not.toContain('Connection from');
    await until(() => /Received disconnect|Connection closed/.test(hop.log()));
  });

  it('is said not to be reached when nobody listens there, and the next server is (A09)', async () => {
    const [hop, gone, server] = [await startServer('hop'), await startServer('gone'), await startServer('server')];
    const dialer = openDialer();
    const way = placeOf('jump host bastion', hop);
    await gone.close();

    const [failure, connection] = await Promise.all([
      failureOf(dialer.dial(placeOf('ICE01 host OS', gone, way), never)),
      dialled(dialer, placeOf('ICE02 host OS', server, way)),
    ]);

    expect(failure).toMatchObject({ code: 'unreachable', message: expect.stringContaining('refused') });
    expect((await exec(connection, 'echo here', never)).stdout).toBe('here\n');
    expect(logins(hop)).toBe(1);
  });

  it.skipIf(lacks('unshare'))(
    'is one of many that are given up when the jump host refuses the password, which is tried once (A16)',
    async () => {
      const hop = await startPasswordSshd(await temporaryFolder(), { password: 'right', method: 'password' });
      const server = await startServer('server');
      const watched = await startChaosProxy(server.port);
      const way = placeOf('jump host bastion', { ...hop, login: { user: hop.login.user, password: 'wrong' } });
      const target = placeOf('ICE01 host OS', { ...server, port: watched.port }, way);
      const dialer = openDialer();

      const atOnce = await Promise.all([1, 2, 3].map(() => failureOf(dialer.dial(target, never))));
      const later = [await failureOf(dialer.dial(target, never)), await failureOf(dialer.askHostKey(target, never))];

      for (const failure of [...atOnce, ...later])
        expect(failure).toMatchObject({
          code: 'login-refused',
          message: expect.stringContaining('jump host bastion'),
        });
      expect(hop.log().match(/Failed password/g)).toHaveLength(1);
      expect(watched.connections).toEqual([]);
    },
  );

  it('shares the login to the jump host, until the last one leaves', async () => {
    const [hop, first, second] = [await startServer('hop'), await startServer('first'), await startServer('second')];
    const watched = await startChaosProxy(hop.port);
    const way = placeOf('jump host bastion', { ...hop, port: watched.port });
    const dialer = openDialer();
    const [one, two] = await Promise.all([
      dialled(dialer, placeOf('ICE01 host OS', first, way)),
      dialled(dialer, placeOf('ICE02 host OS', second, way)),
    ]);

    one.close();
    const afterTheFirst = await exec(two, 'echo still here', never);
    const stillOpen = watched.connections.map(({ open }) => open);
    two.close();
    await until(() => watched.connections.every(({ open }) => !open));

    expect(afterTheFirst.stdout).toBe('still here\n');
    expect(stillOpen).toEqual([true]);
    expect(logins(hop)).toBe(1);
  });

  it('leads there again after the last one left', async () => {
    const [hop, server] = [await startServer('hop'), await startServer('server')];
    const dialer = openDialer();
    const target = placeOf('ICE01 host OS', server, placeOf('jump host bastion', hop));
    (await dialer.dial(target, never)).close();

    const again = await dialled(dialer, target);

    expect((await exec(again, 'echo here', never)).stdout).toBe('here\n');
  });

  it('closes both jump hosts of two with the last connection', async () => {
    const [outer, inner, server] = [
      await startServer('outer'),
      await startServer('inner'),
      await startServer('server'),
    ];
    const [toOuter, toInner] = [await startChaosProxy(outer.port), await startChaosProxy(inner.port)];
    const way = placeOf('jump host outer', { ...outer, port: toOuter.port });
    const target = placeOf('ICE01 host OS', server, placeOf('jump host inner', { ...inner, port: toInner.port }, way));

    (await openDialer().dial(target, never)).close();

    await until(() => [...toOuter.connections, ...toInner.connections].every(({ open }) => !open));
    expect([toOuter.connections, toInner.connections]).toMatchObject([{ length: 1 }, { length: 1 }]);
  });

  it('is lost with the jump host, as a lost connection', async () => {
    const [hop, server] = [await startServer('hop'), await startServer('server')];
    const cable = await startChaosProxy(hop.port);
    const way = placeOf('jump host bastion', { ...hop, port: cable.port });
    const connection = await dialled(openDialer(), placeOf('ICE01 host OS', server, way));
    const running = failureOf(exec(connection, 'echo started; sleep 60', never));

    cable.change({ down: { cut: { afterBytes: 0, by: 'rst' } } });

    expect(await running).toMatchObject({ code: 'connection-lost', message: expect.stringContaining('ICE01 host OS') });
  });

  it('goes on with a file where it was, when the jump host is lost in the middle', async () => {
    const folder = await temporaryFolder();
    const content = randomBytes(6_000_000);
    writeFileSync(join(folder, 'evidence'), content);
    const [hop, server] = [await startServer('hop'), await startServer('server')];
    const cable = await startChaosProxy(hop.port, { down: { cut: { afterBytes: 2_000_000, by: 'rst' } } });
    const target = placeOf('ICE01 host OS', server, placeOf('jump host bastion', { ...hop, port: cable.port }));
    const dialer = openDialer();
    const sessions = openSessions(await dialer.dial(target, never), () => dialer.dial(target, never), 2);
    onTestFinished(() => sessions.close());
    const files = steadyFiles(
      'ICE01 host OS',
      (signal) => openFiles(sessions, true, signal, () => undefined),
      sessions,
    );

    const download = files.read(join(folder, 'evidence'), { signal: never, maxBytes: content.length });
    const chunks: Buffer[] = [];
    const mended = until(() => cable.connections[0]?.open === false).then(() => cable.change({ down: {} }));
    for await (const chunk of download.chunks) chunks.push(chunk);
    await mended;

    expect(Buffer.concat(chunks).equals(content)).toBe(true);
    expect(download.verdict()).toMatchObject({ kind: 'whole' });
    expect(logins(hop)).toBeGreaterThan(1);
  });

  it('goes on with a file where it was, when the jump host is being restarted meanwhile (IO-2)', async () => {
    const [hop, server] = [await startServer('hop'), await startServer('server')];
    const cable = await startChaosProxy(hop.port);
    const path = join(await temporaryFolder(), 'file');
    const content = randomBytes(40_000_000); // more than is on its way when the cable is cut
    writeFileSync(path, content);
    const dialer = openDialer();
    let dials = 0;
    const dial = () => {
      dials++;
      return dialer.dial(
        placeOf('ICE01 host OS', server, placeOf('jump host bastion', { ...hop, port: cable.port })),
        never,
      );
    };
    const sessions = openSessions(await dial(), dial, 2, { firstPauseMs: 20 });
    onTestFinished(() => sessions.close());
    const files = steadyFiles(
      'ICE01 host OS',
      (signal) => openFiles(sessions, true, signal, () => undefined),
      sessions,
    );
    const got: Buffer[] = [];
    let back: Promise<unknown> = Promise.resolve();

    for await (const chunk of files.read(path, { signal: never, maxBytes: 100_000_000 }).chunks) {
      got.push(Buffer.from(chunk));
      if (got.length > 1) continue;
      await cable.refuse(true);
      cable.change({ down: { cut: { afterBytes: 0, by: 'rst' } } });
      back = until(() => dials >= 4).then(() => {
        cable.change({ down: {} });
        return cable.refuse(false);
      });
    }
    await back;

    expect(Buffer.concat(got).equals(content)).toBe(true);
  });

  it('ends with the reason of the signal while the jump host is silent', async () => {
    const hop = await startServer('hop');
    const silent = await startChaosProxy(hop.port, { down: { stall: { afterBytes: 0 } } });
    const patience = new AbortController();
    const reason = new Error('Ctrl-C');
    const way = placeOf('jump host bastion', { ...hop, port: silent.port });

    const failure = failureOf(openDialer().dial(placeOf('ICE01 host OS', hop, way), patience.signal));
    await until(() => silent.connections.length === 1);
    patience.abort(reason);

    expect(await failure).toBe(reason);
  });
});
