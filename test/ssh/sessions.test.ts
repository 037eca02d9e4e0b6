import { getEventListeners } from 'node:events';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { type ErrorCode, itemError } from '../../src/errors.ts';
import type { Connection } from '../../src/ssh/connection.ts';
import { exec, execPlain } from '../../src/ssh/exec.ts';
import { openFiles } from '../../src/ssh/files/open-files.ts';
import type { Patience } from '../../src/ssh/redial.ts';
import { openSessions, type Sessions } from '../../src/ssh/sessions.ts';
import { startChaosProxy } from '../support/chaos-proxy.ts';
import { type Peer, startDropbear, startPeer } from '../support/peers.ts';
import { lacks } from '../support/requirements.ts';
import { temporaryFolder } from '../support/rig.ts';
import { type Liar, type LiarOptions, type Source, startLiar } from '../support/scp-liar.ts';
import { connectTo } from './remote-files.contract.ts';

const never = new AbortController().signal;
const until = (isTrue: () => boolean) => vi.waitUntil(isTrue, { timeout: 30_000, interval: 5 });

/** `hold` runs until it is told to end or is left; what else is asked for has ended at once. */
async function facing(limit: number, options: LiarOptions = {}, patience: Patience = {}) {
  const held: Source[] = [];
  const liar = await startLiar((source) => {
    if (source.command.startsWith('hold')) held.push(source);
    else source.exit(0);
  }, options);
  return { liar, held, ...(await sessionsTo(liar, limit, undefined, patience)) };
}

async function sessionsTo(
  server: Pick<Liar, 'port' | 'hostKey'>,
  limit: number,
  login?: Peer['login'],
  patience: Patience = { patienceMs: 0 },
) {
  let dials = 0;
  const connections: Connection[] = [];
  const dial = async () => {
    dials++;
    const connection = await connectTo(server, login);
    connections.push(connection);
    return connection;
  };
  const sessions = openSessions(await dial(), dial, limit, patience);
  onTestFinished(() => sessions.close());
  return { sessions, connections, dials: () => dials };
}

const run = (sessions: Sessions, command: string, signal = new AbortController().signal) =>
  execPlain(sessions, command, signal);

describe('the sessions of a face', () => {
  it.each([1, 2, 3, 7])('are never more than %i at once, and all of them where there is work', async (limit) => {
    const { liar, held, sessions } = await facing(limit);
    const commands = Array.from({ length: 3 * limit }, (_, index) => `hold ${index}`);
    const works = commands.map((command) => run(sessions, command));

    for (let ended = 0; ended < commands.length; ended++) {
      await until(() => held.length > 0);
      held.shift()?.exit(0);
    }
    await Promise.all(works);

    expect(liar.most).toBe(limit);
    expect(liar.commands).toHaveLength(commands.length);
  });

  it('come in the order they were asked for', async () => {
    const { liar, sessions } = await facing(1);
    const commands = Array.from({ length: 10 }, (_, index) => `true ${index}`);

    await Promise.all(commands.map((command) => run(sessions, command)));

    expect(liar.commands).toEqual(commands);
  });

  it('need not be waited for: who has enough leaves at once, and the next one has the turn', async () => {
    const { liar, held, sessions } = await facing(1);
    const first = run(sessions, 'hold');
    await until(() => held.length === 1);
    const patience = new AbortController();
    const reason = new Error('Ctrl-C');
    const second = run(sessions, 'never run', patience.signal);
    const third = run(sessions, 'true');
    const secondLeft = expect(second).rejects.toBe(reason);
    await until(() => sessions.wanted());

    patience.abort(reason);
    await secondLeft;
    held[0]?.exit(0);
    await Promise.all([first, third]);

    expect(liar.commands).toEqual(['hold', 'true']);
    expect([sessions.wanted(), liar.most]).toEqual([false, 1]);
  });

  it('leave nobody listening: on a connection that lives long, or on the signal of who asked', async () => {
    const { sessions, connections } = await facing(2);
    const signal = new AbortController().signal;
    const before = connections.map(({ lost }) => getEventListeners(lost, 'abort').length);

    for (let round = 0; round < 20; round++)
      await Promise.all([1, 2, 3].map((each) => run(sessions, `true ${each}`, signal)));

    expect(connections.map(({ lost }) => getEventListeners(lost, 'abort').length)).toEqual(before);
    expect(getEventListeners(signal, 'abort')).toEqual([]);
  });

  it('are given back by a command that is refused, as often as it is', async () => {
    const liar = await startLiar(undefined);
    const { sessions } = await sessionsTo(liar, 1);

    for (let round = 0; round < 5; round++)
      await expect(run(sessions, 'true')).rejects.toMatchObject({ code: 'request-refused' });

    await vi.waitUntil(() => liar.open === 0).catch(() => undefined);
    expect(liar).toMatchObject({ most: 1, open: 0 });
  });

  it.skipIf(lacks('sshd', 'scp'))('are given back by SFTP that is refused, where there is only one', async () => {
    const folder = await temporaryFolder();
    const peer = await startPeer(folder, 'scp-only', ['MaxSessions 1']);
    const { sessions } = await sessionsTo(peer, 1, peer.login);

    const files = await openFiles(sessions, true, never, () => undefined);
    const entries = await files.list(folder, never);

    expect(entries).toContainEqual(expect.objectContaining({ name: 'scp-only', kind: 'folder' }));
  });

  it('are given back by a session that is refused, as often as it is', async () => {
    const { liar, sessions, dials } = await facing(1, { maxSessions: 0 });

    for (let round = 0; round < 5; round++)
      await expect(run(sessions, 'true')).rejects.toMatchObject({ code: 'session-refused' });

    expect([liar.most, dials()]).toEqual([0, 1]);
  });

  it('are given back by who leaves while one is opened, and that one is closed when it comes', async () => {
    let open: () => void = () => undefined;
    const gate = new Promise<void>((resolve) => {
      open = resolve;
    });
    let asked = 0;
    const { liar, sessions } = await facing(1, {
      beforeSession: () => (asked++ === 0 ? gate : Promise.resolve()),
    });
    const patience = new AbortController();
    const reason = new Error('Ctrl-C');
    const first = expect(run(sessions, 'hold', patience.signal)).rejects.toBe(reason);
    await until(() => asked === 1);

    patience.abort(reason);
    await first;
    open();
    await run(sessions, 'true');

    await until(() => liar.open === 0);
    expect(liar.commands.filter((command) => command === 'true')).toEqual(['true']);
  });

  it('are given back although the server never says that they are closed', async () => {
    const { liar, held, sessions } = await facing(1, { neverCloses: true });
    const patience = new AbortController();
    const first = run(sessions, 'hold', patience.signal).catch((error: unknown) => error);
    await until(() => held.length === 1);

    patience.abort(new Error('time is up'));
    await first;
    void run(sessions, 'next').catch(() => undefined); // it never hears of its end
    await until(() => liar.commands.includes('next'));

    expect(liar.commands).toEqual(['hold', 'next']);
  });

  it('call whoever holds an idle one when somebody has to wait, and not before', async () => {
    const { held, sessions } = await facing(1);
    const calls: boolean[] = [];
    sessions.onWanted(() => calls.push(sessions.wanted()));
    const first = run(sessions, 'hold');
    await until(() => held.length === 1);
    const before = [...calls];

    const second = run(sessions, 'true');
    await until(() => calls.length > 0);
    held[0]?.exit(0);
    await Promise.all([first, second]);

    expect(before).toEqual([]);
    expect(calls).toEqual([true]);
    expect(sessions.wanted()).toBe(false);
  });
});

describe('a server that takes few sessions in one connection', () => {
  it.each([1, 2])('(%i) gets the others over further connections, which end with them', async (maxSessions) => {
    const { liar, held, sessions } = await facing(4, { maxSessions });
    const works = [1, 2, 3, 4].map((each) => run(sessions, `hold ${each}`));
    await until(() => held.length === 4);
    const during = { open: liar.open, mostPerConnection: liar.mostPerConnection };

    for (const source of held) source.exit(0);
    await Promise.all(works);
    await until(() => liar.connections === 1);
    await run(sessions, 'true');

    expect(during).toEqual({ open: 4, mostPerConnection: maxSessions });
    expect(liar.connections).toBe(1);
    expect(liar.most).toBe(4);
  });

  it('is not asked again for what it has refused once', async () => {
    const { liar, held, sessions, dials } = await facing(2, { maxSessions: 1 });
    const first = run(sessions, 'hold');
    await until(() => held.length === 1);

    for (let round = 0; round < 3; round++) await run(sessions, 'true');
    held[0]?.exit(0);
    await first;

    expect([liar.refused, dials()]).toEqual([1, 4]); // each over a connection of its own, which ended with it
  });

  it.skipIf(lacks('sshd'))('is OpenSSH with MaxSessions 1: both sessions run, and one connection is left', async () => {
    const peer = await startPeer(await temporaryFolder(), 'one-session');
    const proxy = await startChaosProxy(peer.port);
    const { sessions } = await sessionsTo({ ...peer, port: proxy.port }, 2, peer.login);
    const patience = new AbortController();
    const first = exec(sessions, 'sleep 60', patience.signal).catch((error: unknown) => error);

    const results = [await exec(sessions, 'echo one', never), await exec(sessions, 'echo two', never)];
    await until(() => proxy.connections.filter(({ open }) => open).length === 1);
    patience.abort(new Error('enough'));
    await first;
    const last = await exec(sessions, 'echo three', never);

    expect([...results, last].map(({ stdout }) => stdout)).toEqual(['one\n', 'two\n', 'three\n']);
    await until(() => proxy.connections.filter(({ open }) => open).length === 1);
  });

  it.skipIf(lacks('sshd')).each([1, 2])(
    'and has one that hangs on still serves the next one (MaxSessions 1, limit %i)',
    async (limit) => {
      const folder = await temporaryFolder();
      const peer = await startPeer(folder, 'one-session');
      const { sessions } = await sessionsTo(peer, limit, peer.login);
      const patience = new AbortController();
      const stubborn = `trap '' TERM HUP PIPE; touch ${folder}/begun; sleep 20; sleep 20`;
      const left = expect(exec(sessions, stubborn, patience.signal)).rejects.toThrow('time is up');
      await until(() => existsSync(join(folder, 'begun')));

      patience.abort(new Error('time is up'));
      await left;
      const next = await exec(sessions, 'echo next', never);

      expect(next.stdout).toBe('next\n');
    },
  );

  it.skipIf(lacks('dropbear', 'dropbearkey', 'unshare'))(
    'is dropbear, which upsets sessions that overlap in one',
    async () => {
      const peer = await startDropbear(await temporaryFolder());
      const { sessions } = await sessionsTo(peer, 3, peer.login);
      const round = () => Promise.all([1, 2, 3, 4, 5, 6].map((each) => exec(sessions, `echo ${each}`, never)));

      const said: string[] = [];
      for (let rounds = 0; rounds < 3; rounds++) said.push(...(await round()).map(({ stdout }) => stdout.trim()));

      expect(said.join('')).toBe('123456'.repeat(3));
    },
  );

  it('and says so only at the request gets it over a connection of its own, and is not asked so again (IO-14)', async () => {
    const { liar, held, sessions, dials } = await facing(3, { maxRequests: 1 });
    const first = run(sessions, 'hold');
    await until(() => held.length === 1);

    const results = [await run(sessions, 'true'), await run(sessions, 'true')];
    held[0]?.exit(0);
    await first;

    expect(results.map(({ code }) => code)).toEqual([0, 0]);
    expect([dials(), liar.most]).toEqual([3, 3]); // the refused one is left open by ssh2
  });

  it('and refuses a request alone, too, is asked on its own only once (IO-14)', async () => {
    const { held, sessions, dials } = await facing(3);
    const first = run(sessions, 'hold');
    await until(() => held.length === 1);

    for (let round = 0; round < 3; round++)
      await expect(sessions.openSftp(never)).rejects.toMatchObject({ code: 'request-refused' });
    held[0]?.exit(0);
    await first;

    expect(dials()).toBe(2);
  });

  it('and does not answer to more is left after 5 s, and gets them over connections of their own (IO-15)', async () => {
    const { held, sessions, dials } = await facing(3, { maxAnswered: 1 });
    const first = run(sessions, 'hold');
    await until(() => held.length === 1);
    const startedAt = performance.now();

    const results = [await run(sessions, 'true'), await run(sessions, 'true')];
    const tookMs = performance.now() - startedAt;
    held[0]?.exit(0);
    await first;

    expect(results.map(({ code }) => code)).toEqual([0, 0]);
    expect(dials()).toBe(3);
    expect(tookMs).toBeLessThan(15_000); // once 5 s, not 30
  });

  it('and few connections, too, fails only what it does not take', async () => {
    const { held, sessions } = await facing(2, { maxSessions: 1, maxConnections: 1 });
    const first = run(sessions, 'hold');
    await until(() => held.length === 1);

    const second = await run(sessions, 'true').catch((error: unknown) => error);
    held[0]?.exit(0);
    await first;

    expect(second).toMatchObject({ name: 'UserError', code: 'unreachable' });
    expect(await run(sessions, 'true')).toMatchObject({ code: 0 });
  });
});

describe('a face that loses its connection', () => {
  const lose = async (liar: Liar, connections: Connection[]) => {
    liar.cutAll();
    await until(() => connections.at(-1)?.lost.aborted === true);
  };

  it('fails what was running, and is connected to again for the next (C20)', async () => {
    const { liar, held, sessions, connections } = await facing(1);
    const running = expect(run(sessions, 'hold')).rejects.toMatchObject({ code: 'connection-lost' });
    await until(() => held.length === 1);

    await lose(liar, connections);
    await running;

    expect(await run(sessions, 'true')).toMatchObject({ code: 0 });
    expect(liar.logins).toBe(2);
  });

  it('is connected to again five times and no more', async () => {
    const { liar, sessions, connections } = await facing(2);

    for (let round = 0; round < 5; round++) {
      await lose(liar, connections);
      await run(sessions, 'true');
    }
    await lose(liar, connections);

    for (let round = 0; round < 3; round++)
      await expect(run(sessions, 'true')).rejects.toMatchObject({ code: 'connection-lost' });
    expect(liar.logins).toBe(6);
  });

  it('is connected to once, however many want it, and no connection is left behind', async () => {
    const { liar, held, sessions, connections, dials } = await facing(3);
    await lose(liar, connections);

    const works = [1, 2, 3].map((each) => run(sessions, `hold ${each}`));
    await until(() => held.length === 3);
    for (const source of held) source.exit(0);
    await Promise.all(works);
    const connectionsUsed = liar.connections;
    sessions.close();
    await vi.waitUntil(() => liar.connections === 0, { timeout: 2000 }).catch(() => undefined);

    expect([dials(), connectionsUsed, liar.connections]).toEqual([2, 1, 0]);
  });

  it('may be away for a while: an attempt that fails is not the last one', async () => {
    const liar = await startLiar((source) => source.exit(0));
    const proxy = await startChaosProxy(liar.port);
    const { sessions, connections } = await sessionsTo({ ...liar, port: proxy.port }, 1);
    await lose(liar, connections);

    await proxy.refuse(true);
    await expect(run(sessions, 'true')).rejects.toMatchObject({ name: 'UserError', code: 'unreachable' });
    await proxy.refuse(false);

    expect(await run(sessions, 'true')).toMatchObject({ code: 0 });
  });

  /** A face that is lost and refuses whoever comes, and how it is waited for. */
  async function away(patience: Patience) {
    const liar = await startLiar((source) => source.exit(0));
    const proxy = await startChaosProxy(liar.port);
    const told: unknown[] = [];
    const onAway = (reason: Error, forMs: number) => told.push(reason.message, forMs);
    const rig = await sessionsTo({ ...liar, port: proxy.port }, 3, undefined, {
      firstPauseMs: 5,
      ...patience,
      onAway,
      onBack: () => told.push('back'),
    });
    await lose(liar, rig.connections);
    await proxy.refuse(true);
    return { ...rig, liar, proxy, told };
  }

  it('is waited for, once for all who want it, and the operator is told once (IO-2)', async () => {
    const { sessions, dials, liar, proxy, told } = await away({ patienceMs: 60_000 });

    const works = [1, 2, 3].map(() => run(sessions, 'true'));
    await until(() => dials() >= 4);
    await proxy.refuse(false);
    const results = await Promise.all(works);

    expect(results.map(({ code }) => code)).toEqual([0, 0, 0]);
    expect(liar.logins).toBe(2);
    expect(told).toEqual([expect.stringContaining('connection refused'), 60_000, 'back']);
  });

  it('and does not come back in that time is given up, and then asked once each time (IO-2)', async () => {
    const { sessions, dials } = await away({ patienceMs: 100 });

    await expect(run(sessions, 'true')).rejects.toMatchObject({ name: 'UserError', code: 'unreachable' });
    const waited = dials();
    await expect(run(sessions, 'true')).rejects.toMatchObject({ name: 'UserError', code: 'unreachable' });

    expect(waited).toBeGreaterThan(3);
    expect(dials()).toBe(waited + 1);
  });

  it('need not be waited for: who has enough leaves at once, and all do when it is closed (IO-2)', async () => {
    const { sessions, dials } = await away({ patienceMs: 120_000, firstPauseMs: 60_000 });
    const patience = new AbortController();
    const reason = new Error('Ctrl-C');
    const leaving = expect(run(sessions, 'true', patience.signal)).rejects.toBe(reason);
    const staying = expect(run(sessions, 'true')).rejects.toMatchObject({ code: 'unreachable' });
    await until(() => dials() === 2);

    patience.abort(reason);
    await leaving;
    sessions.close();
    await staying;

    expect(dials()).toBe(2);
  });

  it.each<ErrorCode>([
    'login-refused',
    'host-key-changed',
    'host-key-unknown',
    'no-common-algorithm',
  ])('is not waited for where another attempt is none of ours: %s (IO-2)', async (code) => {
    const liar = await startLiar((source) => source.exit(0));
    const first = await connectTo(liar);
    let dials = 0;
    const refused = () => {
      dials++;
      return Promise.reject(itemError(code, 'no'));
    };
    const sessions = openSessions(first, refused, 1, { patienceMs: 60_000, firstPauseMs: 1 });
    await lose(liar, [first]);

    await expect(run(sessions, 'true')).rejects.toMatchObject({ code });

    expect(dials).toBe(1);
  });

  it('and hangs up when it was sent the password is not sent it again (IO-2)', async () => {
    const liar = await startLiar((source) => source.exit(0));
    const hangingUp = await startLiar(undefined, { hangsUpAtLogin: true });
    const first = await connectTo(liar);
    const sessions = openSessions(first, () => connectTo(hangingUp), 1, { patienceMs: 60_000, firstPauseMs: 1 });
    await lose(liar, [first]);

    await expect(run(sessions, 'true')).rejects.toMatchObject({ code: 'unreachable' });

    expect(hangingUp.passwords).toBe(1);
  });

  it('and stays away is not asked for ever', async () => {
    const liar = await startLiar((source) => source.exit(0));
    const proxy = await startChaosProxy(liar.port);
    let dials = 0;
    const first = await connectTo({ ...liar, port: proxy.port });
    const dial = () => {
      dials++;
      return connectTo({ ...liar, port: proxy.port });
    };
    const sessions = openSessions(first, dial, 1, { patienceMs: 0 });
    await lose(liar, [first]);

    await proxy.refuse(true);
    for (let round = 0; round < 10; round++)
      await expect(run(sessions, 'true')).rejects.toMatchObject({ name: 'UserError' });

    expect(dials).toBeLessThanOrEqual(5);
  });

  it('is not connected to again once it was closed, and fails what is asked of it', async () => {
    const { liar, sessions, connections } = await facing(2);
    sessions.close();
    await until(() => connections[0]?.lost.aborted === true);

    await expect(run(sessions, 'true')).rejects.toMatchObject({ name: 'UserError', code: 'connection-lost' });
    expect(liar.logins).toBe(1);
  });

  it('while a session is opened says that it was lost, not that it was refused', async () => {
    for (const by of ['fin', 'rst'] as const) {
      const liar = await startLiar(() => undefined);
      const proxy = await startChaosProxy(liar.port);
      const connection = await connectTo({ ...liar, port: proxy.port });
      proxy.change({ down: { cut: { afterBytes: proxy.connections[0]?.down ?? 0, by } } });

      const failure = run(
        openSessions(connection, () => Promise.reject(new Error('no second one')), 1),
        'true',
      );

      await expect(failure).rejects.toMatchObject({ name: 'UserError', code: 'connection-lost' });
    }
  });
});
