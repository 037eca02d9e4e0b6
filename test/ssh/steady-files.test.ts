import { randomBytes } from 'node:crypto';
import { readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import net from 'node:net';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import type { Connection } from '../../src/ssh/connection.ts';
import { exec } from '../../src/ssh/exec.ts';
import type { RemoteFiles } from '../../src/ssh/files/remote-files.ts';
import { openScpFiles } from '../../src/ssh/files/scp-files.ts';
import { openSftpFiles } from '../../src/ssh/files/sftp-files.ts';
import { steadyFiles } from '../../src/ssh/files/steady-files.ts';
import { openSessions, type Sessions } from '../../src/ssh/sessions.ts';
import { type ChaosProxy, startChaosProxy } from '../support/chaos-proxy.ts';
import { type Peer, startPeer } from '../support/peers.ts';
import { lacks } from '../support/requirements.ts';
import { temporaryFolder } from '../support/rig.ts';
import { startLiar } from '../support/scp-liar.ts';
import { type ScriptedFile, startCable, startScriptedServer, startTcpServer } from '../support/scripted-server.ts';
import { connectTo, drained, localFiles, sha256, testRemoteFiles } from './remote-files.contract.ts';

const never = new AbortController().signal;
const until = (isTrue: () => boolean) => vi.waitUntil(isTrue, { timeout: 30_000, interval: 5 });
const maxBytes = 16 * 1024 * 1024;

type Open = (sessions: Sessions, signal: AbortSignal) => Promise<RemoteFiles>;

const bySftp: Open = (sessions, signal) => openSftpFiles(sessions, signal);
const byScp: Open = async (sessions) => openScpFiles(sessions, true);

/** Files that are opened again over sessions that are dialled again, as a face has them. */
async function steady(dial: () => Promise<Connection>, open: Open = bySftp, limit = 2) {
  const opened: AbortSignal[] = [];
  const sessions = openSessions(await dial(), dial, limit, { firstPauseMs: 20 });
  onTestFinished(() => sessions.close());
  const files = steadyFiles(
    sessions.title,
    (signal) => {
      opened.push(signal);
      return open(sessions, signal);
    },
    sessions,
  );
  return { files, sessions, opened };
}

describe.skipIf(lacks('sshd', 'ssh-keygen'))('at a real server', () => {
  testRemoteFiles(
    'SFTP that outlives its connection',
    async () => {
      const own = await temporaryFolder();
      const peer = await startPeer(own, 'one-session');
      const cable = await startCable(peer.port);
      const { files } = await steady(() => connectTo({ ...peer, port: cable.port }, peer.login));
      return { ...localFiles(join(own, 'files')), files, cut: cable.cut };
    },
    { links: true, steady: true },
  );
});

describe.skipIf(lacks('sshd', 'ssh-keygen', 'scp', 'sftp-server'))('a file whose connection is cut', () => {
  const content = randomBytes(3_000_000);

  async function cutting(open: Open) {
    const own = await temporaryFolder();
    const path = join(own, 'file');
    writeFileSync(path, content);
    const peer = await startPeer(own, 'one-session', ['MaxSessions 10']);
    const proxy = await startChaosProxy(peer.port);
    return { own, path, peer, proxy, open };
  }

  /** Files behind a cut after so many bytes from now on, and healthy from the next dial on, before which something is done. */
  async function cutOnce(
    { peer, proxy, open }: { peer: Peer; proxy: ChaosProxy; open: Open },
    cut: { afterBytes: number; by: 'fin' | 'rst' },
    before: () => void = () => undefined,
  ) {
    let dials = 0;
    const { files } = await steady(async () => {
      if (dials++ > 0) before();
      proxy.change({ down: {} });
      return connectTo({ ...peer, port: proxy.port }, peer.login);
    }, open);
    const afterBytes = (proxy.connections.at(-1)?.down ?? 0) + cut.afterBytes;
    proxy.change({ down: { ...cut, cut: { ...cut, afterBytes } } });
    return { files, dials: () => dials };
  }

  const everywhere = [
    0, 1, 50, 200, 500, 1000, 5000, 32_768, 261_120, 262_144, 1e6, 1_800_000, 2_500_000, 2_990_000, 3e6,
  ];

  it.each([
    ['SFTP', 'fin', bySftp],
    ['SFTP', 'rst', bySftp],
    ['SCP', 'fin', byScp],
    ['SCP', 'rst', byScp],
  ] as const)('comes whole over %s wherever in it a %s comes (C20)', async (_way, by, open) => {
    const rig = await cutting(open);
    const places = open === bySftp ? everywhere : everywhere.filter((_at, index) => index % 2 === 0);
    const results: unknown[] = [];
    let dialled = 0;

    for (const afterBytes of places) {
      const { files, dials } = await cutOnce(rig, { afterBytes, by });
      const read = await drained(files.read(rig.path, { signal: never, maxBytes })).catch((error: unknown) => ({
        verdict: error,
        content: Buffer.alloc(0),
      }));
      dialled += dials();
      results.push([afterBytes, read.verdict, sha256(read.content), dials()]);
    }

    expect(results).toEqual(places.map((at) => [at, { kind: 'whole' }, sha256(content), 2]));
    expect(rig.peer.log().match(/Accepted publickey/g)).toHaveLength(dialled);
  });

  it('is given up when it happens again and again, after so many connections (C20)', async () => {
    const { path, peer, proxy } = await cutting(bySftp);
    const { files } = await steady(() => connectTo({ ...peer, port: proxy.port }, peer.login));
    proxy.change({ down: { cut: { afterBytes: 1_000_000, by: 'rst' } } });

    const failure = drained(files.read(path, { signal: never, maxBytes }));

    await expect(failure).rejects.toMatchObject({ name: 'UserError', code: 'connection-lost' });
    expect(proxy.connections).toHaveLength(5);
  });

  it('is not read on at a server with another host key (C20)', async () => {
    const { own, path, peer } = await cutting(bySftp);
    const stranger = await startPeer(join(own, 'stranger'), 'one-session', [
      `AuthorizedKeysFile ${peer.login.privateKey}.pub`,
    ]);
    const ends: net.Socket[] = [];
    let leadsTo = peer.port;
    const cable = await startTcpServer((near) => {
      const far = net.connect(leadsTo, '127.0.0.1');
      far.on('error', () => undefined);
      ends.push(near, far);
      near.pipe(far).pipe(near);
    });
    const { files } = await steady(() => connectTo({ ...peer, port: cable.port }, peer.login));

    const failure = drained(files.read(path, { signal: never, maxBytes }), () => {
      leadsTo = stranger.port;
      for (const end of ends) end.resetAndDestroy();
    });

    await expect(failure).rejects.toMatchObject({ name: 'UserError', code: 'host-key-changed' });
    expect(stranger.log()).not.toMatch(/Accepted/);
  });

  describe.each([
    ['SFTP', bySftp],
    ['SCP', byScp],
  ] as const)('and which is another one (over %s) when it is asked for again', (_way, open) => {
    it.each<[what: string, change: (path: string, done: number) => void]>([
      ['has another first byte', (path) => overwrite(path, 0)],
      ['has another byte somewhere', (path, done) => overwrite(path, Math.floor(done / 2))],
      ['has another byte where it was cut', (path, done) => overwrite(path, done - 1)],
      ['is shorter than what has come', (path, done) => truncateSync(path, done - 1)],
      ['is empty', (path) => truncateSync(path, 0)],
    ])('is not spliced: one that %s (C21)', async (_what, change) => {
      const rig = await cutting(open);
      const got: Buffer[] = [];
      const received = () => Buffer.concat(got);
      const { files } = await cutOnce(rig, { afterBytes: 1_500_000, by: 'rst' }, () =>
        change(rig.path, received().length),
      );
      const reading = (async () => {
        for await (const chunk of files.read(rig.path, { signal: never, maxBytes }).chunks)
          got.push(Buffer.from(chunk));
      })();

      await expect(reading).rejects.toMatchObject({ name: 'UserError', code: 'file-changed' });
      expect(received().length).toBeGreaterThan(0);
      expect(received().equals(content.subarray(0, received().length))).toBe(true);
    });

    it('comes whole when it has only grown (C20)', async () => {
      const rig = await cutting(open);
      const more = randomBytes(500_000);
      const { files } = await cutOnce(rig, { afterBytes: 1_500_000, by: 'rst' }, () =>
        writeFileSync(rig.path, more, { flag: 'a' }),
      );

      const read = await drained(files.read(rig.path, { signal: never, maxBytes }));

      expect(sha256(read.content)).toBe(sha256(Buffer.concat([content, more])));
      expect(read.verdict).toEqual({ kind: 'whole' });
    });

    it('is refused when it is not the expected one any longer (C21)', async () => {
      const rig = await cutting(open);
      const { files } = await cutOnce(rig, { afterBytes: 1_500_000, by: 'rst' }, () =>
        writeFileSync(rig.path, Buffer.from('x'), { flag: 'a' }),
      );
      const expected = { sizeBytes: content.length };

      const failure = drained(files.read(rig.path, { signal: never, maxBytes, expect: expected }));

      await expect(failure).rejects.toMatchObject({ name: 'UserError', code: 'file-changed' });
    });
  });

  function overwrite(path: string, at: number): void {
    const changed = readFileSync(path);
    changed[at] = (changed[at] ?? 0) ^ 1;
    writeFileSync(path, changed);
  }

  it('up to the limit comes up to the limit (C07)', async () => {
    const rig = await cutting(bySftp);
    const { files } = await cutOnce(rig, { afterBytes: 1_500_000, by: 'rst' });

    const read = await drained(files.read(rig.path, { signal: never, maxBytes: 2_000_000 }));

    expect(read.verdict).toEqual({ kind: 'capped', bytes: 2_000_000 });
    expect(sha256(read.content)).toBe(sha256(content.subarray(0, 2_000_000)));
  });

  it('is no file that cannot be read: that is not asked for again', async () => {
    const rig = await cutting(bySftp);
    const { files, opened } = await steady(() => connectTo(rig.peer, rig.peer.login));

    const failures = [
      drained(files.read(join(rig.own, 'nothing'), { signal: never, maxBytes })),
      drained(files.read(rig.own, { signal: never, maxBytes })),
    ];

    const settled = await Promise.allSettled(failures);
    expect(settled.map((each) => each.status === 'rejected' && each.reason.code)).toEqual([
      'no-such-file',
      'transfer-failed',
    ]);
    expect(opened).toHaveLength(1);
  });

  it('is left when the signal says so, and not asked for again', async () => {
    const rig = await cutting(bySftp);
    const { files, dials } = await cutOnce(rig, { afterBytes: 1_500_000, by: 'rst' });
    const patience = new AbortController();
    const reason = new Error('Ctrl-C');

    const failure = drained(files.read(rig.path, { signal: patience.signal, maxBytes }), () => patience.abort(reason));

    await expect(failure).rejects.toBe(reason);
    expect(dials()).toBe(1);
  });

  it.each(['fin', 'rst'] as const)('beside it lets listings and searches be done again, by %s (C20)', async (by) => {
    const rig = await cutting(bySftp);
    const first = await cutOnce(rig, { afterBytes: 300, by });
    const entries = await first.files.list(rig.own, never);
    const second = await cutOnce(rig, { afterBytes: 300, by });
    const found = await second.files.find(rig.path, never);

    expect(entries.map(({ name }) => name)).toContain('file');
    expect(found).toMatchObject({ name: 'file', sizeBytes: content.length });
    expect([first.dials(), second.dials()]).toEqual([2, 2]);
  });

  it.each([
    'fin',
    'rst',
  ] as const)('beside it lets a removal be done again, by %s, and what has gone with it is removed (IO-13)', async (by) => {
    const rig = await cutting(bySftp);
    const before = await cutOnce(rig, { afterBytes: 0, by });
    await before.files.remove(rig.path, never);
    writeFileSync(rig.path, content);
    const meanwhile = await cutOnce(rig, { afterBytes: 100, by }, () => rmSync(rig.path, { force: true }));

    await meanwhile.files.remove(rig.path, never);

    expect([before.dials(), meanwhile.dials()]).toEqual([2, 2]);
    await expect(meanwhile.files.remove(rig.path, never)).rejects.toMatchObject({ code: 'no-such-file' });
  });
});

describe.skipIf(lacks('sshd', 'ssh-keygen', 'scp', 'sftp-server'))('a server that is being restarted', () => {
  const content = randomBytes(6_000_000);

  it.each([
    ['SFTP', bySftp],
    ['SCP', byScp],
  ] as const)('costs no file that is being fetched over %s, nor what is asked meanwhile (IO-2)', async (_way, open) => {
    const own = await temporaryFolder();
    const path = join(own, 'file');
    writeFileSync(path, content);
    const peer = await startPeer(own, 'one-session', ['MaxSessions 10']);
    const proxy = await startChaosProxy(peer.port);
    let dials = 0;
    const { files } = await steady(() => {
      dials++;
      return connectTo({ ...peer, port: proxy.port }, peer.login);
    }, open);
    const restart = async () => {
      await proxy.refuse(true);
      proxy.change({ down: { cut: { afterBytes: 0, by: 'rst' } } });
    };
    const comesBack = async () => {
      await until(() => dials >= 3);
      proxy.change({ down: {} });
      await proxy.refuse(false);
    };
    let back: Promise<unknown> = Promise.resolve();
    let asked: Promise<unknown> = Promise.resolve();

    const read = await drained(files.read(path, { signal: never, maxBytes }), () => {
      back = restart().then(comesBack);
      asked = files.list(own, never);
      asked.catch(() => undefined); // looked at below
    });
    await back;

    expect(read.verdict).toEqual({ kind: 'whole' });
    expect(sha256(read.content)).toBe(sha256(content));
    expect(await asked).toContainEqual(expect.objectContaining({ name: 'file', kind: 'file' }));
  });
});

describe('a file that comes short', () => {
  const content = randomBytes(700_000);

  /** A file that ends early as often as it is said here. */
  async function shortly(ends: readonly number[]) {
    let attempts = -1;
    const file: ScriptedFile = {
      statBytes: content.length,
      read: (offset, length) => {
        if (offset === 0) attempts++;
        return content.subarray(offset, Math.min(offset + length, ends[attempts] ?? content.length));
      },
    };
    const server = await startScriptedServer({ sftp: { files: { log: file } } });
    const { files } = await steady(() => connectTo(server));
    return { read: () => drained(files.read('log', { signal: never, maxBytes })), asked: () => attempts + 1 };
  }

  it('once is asked for once more, and comes whole (C06)', async () => {
    const { read, asked } = await shortly([400_000]);

    const { content: got, verdict } = await read();

    expect(verdict).toEqual({ kind: 'whole' });
    expect(sha256(got)).toBe(sha256(content));
    expect(asked()).toBe(2);
  });

  it.each([
    ['at the same place', [400_000, 400_000], 400_000],
    ['a little later', [400_000, 500_000], 500_000],
    ['from its beginning on', [0, 0], 0],
  ])('twice, %s, is short, and that is said (C06)', async (_where, ends, bytes) => {
    const { read, asked } = await shortly(ends);

    const { content: got, verdict } = await read();

    expect(verdict).toEqual({ kind: 'short', expectedBytes: content.length, bytes });
    expect(sha256(got)).toBe(sha256(content.subarray(0, bytes)));
    expect(asked()).toBe(2);
  });

  it('and then shorter still is another file than the one that was begun (C04)', async () => {
    const { read } = await shortly([400_000, 300_000]);

    await expect(read()).rejects.toMatchObject({ name: 'UserError', code: 'file-changed' });
  });
});

describe.skipIf(lacks('sshd', 'ssh-keygen'))('where one session has to do for everything', () => {
  async function single() {
    const own = await temporaryFolder();
    const peer = await startPeer(own, 'one-session');
    const proxy = await startChaosProxy(peer.port);
    const dial = () => connectTo({ ...peer, port: proxy.port }, peer.login);
    return { own, proxy, ...(await steady(dial, bySftp, 1)) };
  }

  it('idle SFTP is given up for who waits, and opened again when it is wanted', async () => {
    const { own, files, sessions, opened, proxy } = await single();

    const before = await files.list(own, never);
    const said = await exec(sessions, 'echo done', never);
    const after = await files.list(own, never);
    const again = await files.list(own, never);

    expect(said.stdout).toBe('done\n');
    expect([after, again].map((entries) => entries.length)).toEqual([before.length, before.length]);
    expect(opened).toHaveLength(2);
    expect(proxy.connections.length).toBeLessThanOrEqual(3); // OpenSSH may not have noticed yet that a session has ended
  });

  it('SFTP in use is not given up, and the one who waits comes next', async () => {
    const { own, files, sessions, opened } = await single();
    const content = randomBytes(6_000_000);
    writeFileSync(join(own, 'file'), content);
    const order: string[] = [];
    let waiting: Promise<unknown> = Promise.resolve();

    const read = await drained(files.read(join(own, 'file'), { signal: never, maxBytes }), () => {
      waiting = exec(sessions, 'true', never).then(() => order.push('command'));
    });
    order.push('file');
    await waiting;

    expect(sha256(read.content)).toBe(sha256(content));
    expect(order).toEqual(['file', 'command']);
    expect(opened).toHaveLength(1);
  });

  it('a reader who stops early gives SFTP up for who waits', async () => {
    const { own, files, sessions } = await single();
    writeFileSync(join(own, 'file'), randomBytes(6_000_000));
    let waiting: Promise<{ stdout: string }> | undefined;

    for await (const _chunk of files.read(join(own, 'file'), { signal: never, maxBytes }).chunks) {
      waiting = exec(sessions, 'echo next', never);
      await until(() => sessions.wanted());
      break;
    }

    expect((await waiting)?.stdout).toBe('next\n');
  });

  it('is opened once for many who want files at the same time', async () => {
    const { own, files, opened } = await single();

    const lists = await Promise.all([1, 2, 3, 4].map(() => files.list(own, never)));

    expect(new Set(lists.map((entries) => entries.length)).size).toBe(1);
    expect(opened).toHaveLength(1);
  });

  it('is given back when it is closed', async () => {
    const { own, files, sessions } = await single();
    await files.list(own, never);

    files.close();

    expect((await exec(sessions, 'echo done', never)).stdout).toBe('done\n');
  });
});

describe('files that are being opened', () => {
  it('are not taken from the others by one who leaves', async () => {
    let open: () => void = () => undefined;
    const gate = new Promise<void>((resolve) => {
      open = resolve;
    });
    let asked = 0;
    const beforeSession = () => {
      asked++;
      return gate;
    };
    const liar = await startLiar(
      async (source) => {
        await source.say('C0644 5 file\nhello\0');
        source.exit(0);
      },
      { beforeSession, sftp: (take) => void take() },
    );
    const { files } = await steady(
      () => connectTo(liar),
      async (sessions, signal) => {
        const { close } = await sessions.openSftp(signal);
        close();
        return openScpFiles(sessions, true);
      },
    );
    const patience = new AbortController();
    const reason = new Error('its own deadline');
    const leaving = expect(files.find('logs/file', patience.signal)).rejects.toBe(reason);
    const staying = drained(files.read('logs/file', { signal: never, maxBytes }));
    staying.catch(() => undefined); // looked at below
    await until(() => asked === 1);

    patience.abort(reason);
    await leaving;
    open();

    expect((await staying).content.toString()).toBe('hello');
  });

  it('and fail to are tried anew by the next one', async () => {
    const liar = await startLiar(async (source) => {
      await source.say('C0644 5 file\nhello\0');
      source.exit(0);
    });
    let attempts = 0;
    const { files } = await steady(
      () => connectTo(liar),
      async (sessions) => {
        if (attempts++ === 0) throw new Error('not now');
        return openScpFiles(sessions, true);
      },
    );

    const first = drained(files.read('logs/file', { signal: never, maxBytes }));
    await expect(first).rejects.toThrow('not now');
    const second = await drained(files.read('logs/file', { signal: never, maxBytes }));

    expect(second.content.toString()).toBe('hello');
  });
});
