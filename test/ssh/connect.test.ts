import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import type net from 'node:net';
import ssh2, { type AuthContext, type Connection as Client, type ServerConfig } from 'ssh2';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { HostKeyPin } from '../../src/domain/host-key.ts';
import { UserError } from '../../src/errors.ts';
import { connect, connectWith } from '../../src/ssh/connect.ts';
import type { ConnectTarget } from '../../src/ssh/connect-target.ts';
import { openDialer } from '../../src/ssh/dialer.ts';
import { exec } from '../../src/ssh/exec.ts';
import { shownHostKey } from '../../src/ssh/host-keys.ts';
import type { LoginAttempt } from '../../src/ssh/login-attempt.ts';
import { probeOf } from '../../src/ssh/probe.ts';
import { openKnownHosts } from '../../src/state/known-hosts.ts';
import { type Direction, startChaosProxy, type Toxics } from '../support/chaos-proxy.ts';
import { connected, failureOf, targetOf } from '../support/connect-target.ts';
import { hintOf } from '../support/hint.ts';
import { escapeSequences } from '../support/peers.ts';
import { temporaryFolder } from '../support/rig.ts';
import { newKeyPair, startScriptedServer, startTcpServer } from '../support/scripted-server.ts';

const never = new AbortController().signal;
/** Waited for in full where a server goes silent; each handshake has three of it. */
const shortMs = 300;

const target = (port: number, hostKey?: string) => targetOf('hostOs', { port, hostKey });

/** What a person is told: message and next step. */
function toldBy(error: unknown): string {
  return error instanceof UserError ? `${error.message}\n${hintOf(error)}` : String(error);
}

/** An SSH server in whose conversations the test has its own hand. */
async function startServer(converse: (client: Client) => void, options: Partial<ServerConfig> = {}) {
  const key = newKeyPair('ed25519');
  const config: ServerConfig = { hostKeys: [key.privateKey], ...options };
  const { port } = await startTcpServer((socket) => {
    new ssh2.Server(config, (client) => {
      client.on('error', () => undefined); // clients leave as they like
      converse(client);
    }).injectSocket(socket);
  });
  return { port, hostKey: shownHostKey(key.blob).fingerprint };
}

const lettingIn = (client: Client) => void client.on('authentication', (attempt) => attempt.accept());

async function until(isTrue: () => boolean): Promise<void> {
  while (!isTrue()) await new Promise((resolve) => setTimeout(resolve, 5));
}

describe('a host key', () => {
  it('of the one face is refused at the other (A06)', async () => {
    const [cli, hostOs] = [await startScriptedServer({}), await startScriptedServer({})];
    const known = openKnownHosts(`${await temporaryFolder()}/known_hosts`, []);
    await known.pin('127.0.0.1', cli.port, await keyShownBy(hostOs.port));
    await known.pin('127.0.0.1', hostOs.port, await keyShownBy(cli.port));

    const failures = await Promise.all(
      [cli.port, hostOs.port].map(async (port) =>
        failureOf(connect({ ...target(port), pins: await known.pinsOf('127.0.0.1', port) }, never)),
      ),
    );

    expect(failures).toMatchObject([{ code: 'host-key-changed' }, { code: 'host-key-changed' }]);
    expect([...cli.logins, ...hostOs.logins]).toEqual([]);
  });

  it('of another type than the pinned one gets no credential (A03)', async () => {
    const server = await startScriptedServer({});
    const { blob } = newKeyPair('ecdsa');
    const pin: HostKeyPin = { source: 'known_hosts:7', ...shownHostKey(blob) };

    const failure = await failureOf(connect({ ...target(server.port), pins: [pin] }, never));

    expect(failure).toMatchObject({ code: 'host-key-changed', message: expect.stringContaining('known_hosts:7') });
    expect(server.logins).toEqual([]);
  });

  it('that is another one at a key re-exchange ends the connection, as a changed key (A07)', async () => {
    const clients: Client[] = [];
    const server = await startServer((client) => {
      clients.push(client);
      lettingIn(client);
    });
    const connection = await connected(target(server.port, server.hostKey));

    for (const client of clients) exchangeKeysAs(client, newKeyPair('ed25519').privateKey);
    await until(() => connection.lost.aborted);

    expect(connection.lost.reason).toMatchObject({ name: 'UserError', code: 'host-key-changed' });
  });

  it('that is the same at a key re-exchange keeps the connection (A07)', async () => {
    const { privateKey, blob } = newKeyPair('ed25519');
    const rekeyed: Promise<void>[] = [];
    const server = await startServer(
      (client) => {
        lettingIn(client);
        client.on('ready', () => rekeyed.push(new Promise((resolve) => client.rekey(() => resolve()))));
      },
      { hostKeys: [privateKey] },
    );

    const connection = await connected(target(server.port, shownHostKey(blob).fingerprint));
    await until(() => rekeyed.length > 0);
    await Promise.all(rekeyed);

    expect(connection.lost.aborted).toBe(false);
  });
});

/** As a library does that makes its own client. */
async function connectOther(attempt: LoginAttempt): Promise<ssh2.Client> {
  const client = new ssh2.Client();
  onTestFinished(() => void client.destroy());
  attempt.watch(client);
  const ready = once(client, 'ready'); // an error is one of it
  client.connect(attempt.options);
  await ready;
  client.on('error', () => undefined);
  return client;
}

describe('a client of somebody else', () => {
  it('gets in with the options of ours, through the same checks', async () => {
    const server = await startScriptedServer({});
    let probe: LoginAttempt['probe'] | undefined;

    const client = await connectWith(
      target(server.port, server.hostKey),
      (attempt) => {
        probe = attempt.probe;
        return connectOther(attempt);
      },
      never,
    );
    const ended = once(client, 'close');
    client.end();
    await ended;

    expect(server.logins).toEqual(['none', 'password']);
    expect(probe).toMatchObject({ reached: 'login', login: 'password', algorithms: expect.any(String) });
  });

  it('shows no credential to another host key, and the failure is ours', async () => {
    const server = await startScriptedServer({});
    const other = shownHostKey(newKeyPair('ed25519').blob).fingerprint;

    const connecting = connectWith(target(server.port, other), connectOther, never);

    await expect(connecting).rejects.toMatchObject({ code: 'host-key-changed', probe: { reached: 'ssh' } });
    expect(server.logins).toEqual([]);
  });
});

async function keyShownBy(port: number) {
  const shown = probeOf(await failureOf(connect(target(port), never)))?.hostKey;
  if (shown === undefined) throw new Error('the server showed no key');
  return shown;
}

type List = { array: string[] };
type Side = { cipher: List; mac: List };
/** Of ssh2's server, for what it has no function for. */
type Insides = {
  _chanMgr: { add(answer: unknown): number };
  _protocol: {
    _hostKeys: Record<string, unknown>;
    _offer: { lists: { kex: List; serverHostKey: List; cs: Side; sc: Side } };
    _strictMode: boolean;
    disconnect(reason: number): void;
    openssh_authAgent(channel: number, window: number, packet: number): void;
  };
};

function insidesOf(client: Client): Insides {
  return client as unknown as Insides;
}

/** As a liar would who has taken over the connection. */
function exchangeKeysAs(client: Client, privateKey: string): void {
  const key = ssh2.utils.parseKey(privateKey);
  insidesOf(client)._protocol._hostKeys['ssh-ed25519'] = key;
  client.rekey();
}

describe('a server that does not speak SSH as it should', () => {
  it('is waited for once only, and left (A10)', async () => {
    const closed: Promise<unknown>[] = [];
    const { port } = await startTcpServer((socket) => {
      closed.push(new Promise((resolve) => socket.resume().on('close', resolve)));
    });

    const failure = await failureOf(openDialer().dial({ ...target(port), timeoutMs: shortMs }, never));

    expect(failure).toMatchObject({ code: 'unreachable', message: expect.stringContaining('no SSH greeting') });
    expect(closed).toHaveLength(1);
    await Promise.all(closed);
  });

  it.each([
    ['a line that never ends', '', Buffer.alloc(65_536, 'x')],
    ['lines that never end', '', Buffer.alloc(65_536, 'not yet\r\n')],
    ['a web page that never ends', 'HTTP/1.1 200 OK\r\n\r\n', Buffer.alloc(65_536, '<p>hello</p>\n')],
    ['a greeting and then noise', 'SSH-2.0-Noise\r\n', randomBytes(65_536)],
    ['a greeting and then a packet without end', 'SSH-2.0-Huge\r\n', Buffer.alloc(65_536, 0xff)],
    ['a greeting and then zeros', 'SSH-2.0-Zero\r\n', Buffer.alloc(65_536)],
  ])('but sends %s is left after a few megabytes (A11)', async (_what, start, block) => {
    const flood = await startFlood(start, block);

    const failure = await failureOf(connect({ ...target(flood.port), timeoutMs: 3000 }, never));

    expect(failure).toMatchObject({ name: 'UserError', code: 'unreachable' });
    expect(await flood.sentBytes()).toBeLessThan(32 * 1024 * 1024);
  });

  it('but SSH 1.5 is told what it answered (A11)', async () => {
    const { port } = await startTcpServer((socket) => socket.write('SSH-1.5-1.2.27\r\n'));

    const failure = await failureOf(connect({ ...target(port), timeoutMs: shortMs }, never));

    expect(failure).toMatchObject({ code: 'unreachable' });
    expect(probeOf(failure)).toMatchObject({ banner: 'SSH-1.5-1.2.27' });
  });
});

/** Sends as fast as it is read, until the reader leaves. */
async function startFlood(start: string, block: Buffer): Promise<{ port: number; sentBytes(): Promise<number> }> {
  let tell: (bytes: number) => void;
  const sent = new Promise<number>((resolve) => {
    tell = resolve;
  });
  const { port } = await startTcpServer((socket) => {
    socket.write(start);
    const pour = () => {
      while (!socket.destroyed && socket.write(block));
    };
    socket.on('drain', pour);
    socket.on('close', () => tell(socket.bytesWritten));
    pour();
  });
  return { port, sentBytes: () => sent };
}

describe('a handshake', () => {
  it.each([
    ['by FIN, from the server', 'down', 'fin'],
    ['by RST, from the server', 'down', 'rst'],
    ['by FIN, to the server', 'up', 'fin'],
    ['by RST, to the server', 'up', 'rst'],
  ] as const)('that is cut %s, ends in an error wherever it is cut (A13)', async (_how, way, by) => {
    const outcomes = await sweep(way, 37, 10_000, (afterBytes) => ({ cut: { afterBytes, by } }));

    expect(outcomes.length).toBeGreaterThan(20);
    expect(outcomes.filter(({ failure }) => failure !== 'UserError unreachable')).toEqual([]);
    expect(outcomes.filter(({ at, passed }) => passed !== at)).toEqual([]);
  });

  it.each([
    ['from', 'down'],
    ['to', 'up'],
  ] as const)('that stalls, %s the server, ends in an error wherever it stalls (A12)', async (_how, way) => {
    const outcomes = await sweep(way, 97, shortMs, (afterBytes) => ({ stall: { afterBytes } }));

    expect(outcomes.length).toBeGreaterThan(10);
    expect(outcomes.filter(({ failure }) => failure !== 'UserError unreachable')).toEqual([]);
  });

  it('without an answer to the login ends at its deadline, and is not begun again (A12)', async () => {
    const attempts: AuthContext[] = [];
    const server = await startServer((client) => client.on('authentication', (attempt) => attempts.push(attempt)));

    const failure = await failureOf(
      openDialer().dial({ ...target(server.port, server.hostKey), timeoutMs: shortMs }, never),
    );

    expect(failure).toMatchObject({ code: 'unreachable', message: expect.stringMatching(/timed? ?out/i) });
    expect(attempts).toHaveLength(1);
  });
});

type Point = { at: number; passed: number | undefined; failure: string };

/** Connects through a proxy that lets so many bytes pass in one direction, for every step-th byte and the last one. */
async function sweep(way: Direction, step: number, timeoutMs: number, toxics: (bytes: number) => Toxics) {
  const server = await startScriptedServer({});
  const whole = (await startAndConnect(server, {}, 10_000)).passed[way];
  const points = [...Array.from({ length: Math.ceil(whole / step) }, (_, index) => index * step), whole - 1];
  const outcomes: Point[] = [];
  while (points.length > 0) {
    const some = points.splice(0, 16); // more at once would not come so far in their time
    outcomes.push(
      ...(await Promise.all(
        some.map(async (at) => {
          const { failure, passed } = await startAndConnect(server, { [way]: toxics(at) }, timeoutMs);
          return { at, passed: passed[way], failure };
        }),
      )),
    );
  }
  return outcomes;
}

async function startAndConnect(
  server: { port: number; hostKey: string },
  toxics: Partial<Record<Direction, Toxics>>,
  timeoutMs: number,
) {
  const proxy = await startChaosProxy(server.port, toxics);
  const { signal } = new AbortController(); // one each: many listeners to one are warned of
  const failure = await failureOf(connect({ ...target(proxy.port, server.hostKey), timeoutMs }, signal));
  const [{ up, down } = { up: 0, down: 0 }] = proxy.connections;
  const told =
    failure instanceof Error && 'code' in failure ? `${failure.name} ${String(failure.code)}` : String(failure);
  return { failure: told, passed: { up, down } };
}

describe('a connection that is idle', () => {
  it('is kept alive every four seconds, and one that the server ends is said to be silent (IO-11, IO-12)', async () => {
    let end = () => {};
    const server = await startServer((client) => {
      lettingIn(client);
      end = () => insidesOf(client)._protocol.disconnect(2); // which is called a protocol error
    });
    const proxy = await startChaosProxy(server.port);
    const connection = await connected(target(proxy.port, server.hostKey));
    const before = proxy.connections[0]?.up ?? 0;
    const idleAt = performance.now();

    await until(() => (proxy.connections[0]?.up ?? 0) > before);
    const keptAliveMs = performance.now() - idleAt;
    end();
    await until(() => connection.lost.aborted);

    expect(keptAliveMs).toBeGreaterThan(2000);
    expect(keptAliveMs).toBeLessThan(5000);
    expect(String(connection.lost.reason)).toMatch(/was lost: the server ended it after [34] s of silence$/);
  });

  it('is told in the words of the server where it was not silent (IO-12)', async () => {
    let end = () => {};
    const server = await startServer((client) => {
      lettingIn(client);
      end = () => insidesOf(client)._protocol.disconnect(2);
    });
    const connection = await connected(target(server.port, server.hostKey));

    end();
    await until(() => connection.lost.aborted);

    expect(String(connection.lost.reason)).toMatch(/protocol[ _]error/i);
  });
});

describe('algorithms', () => {
  const modern = {
    kex: 'curve25519-sha256',
    hostKey: 'ssh-ed25519',
    cipher: 'aes128-ctr',
    mac: 'hmac-sha2-256',
  };

  it('in common by none: what the server offers is told, and no switch that would not help (A14)', async () => {
    const { port } = await startOffering({ ...modern, cipher: 'chacha20-poly1305@openssh.com,arcfour' });

    const failure = await failureOf(connect({ ...target(port), timeoutMs: 2000 }, never));

    expect(failure).toMatchObject({
      code: 'no-common-algorithm',
      message: expect.stringContaining('no cipher in common, it offers chacha20-poly1305@openssh.com, arcfour'),
    });
    expect(toldBy(failure)).not.toContain('legacyAlgorithms');
  });

  it.each([
    ['kex', 'diffie-hellman-group1-sha1', 'key exchange'],
    ['hostKey', 'ssh-dss', 'host key algorithm'],
    ['cipher', '3des-cbc', 'cipher'],
    ['mac', 'hmac-md5', 'MAC'],
  ])('of an old server (%s): the hint names the switch for it (A14)', async (kind, name, words) => {
    const { port } = await startOffering({ ...modern, [kind]: name });

    const failure = await failureOf(connect({ ...target(port), timeoutMs: 2000 }, never));

    expect(failure).toMatchObject({ code: 'no-common-algorithm' });
    expect(toldBy(failure)).toContain(`no ${words} in common, it offers ${name}`);
    expect(toldBy(failure)).toContain('appliances.ice01.legacyAlgorithms: true');
  });

  it('of an old jump host: the hint names the switch of that (A14)', async () => {
    const { port } = await startOffering({ ...modern, kex: 'diffie-hellman-group1-sha1' });

    const failure = await failureOf(connect({ ...target(port), key: 'jumpHosts.bastion', timeoutMs: 2000 }, never));

    expect(toldBy(failure)).toContain('jumpHosts.bastion.legacyAlgorithms: true');
  });

  it('with names that would write on the terminal, or fill it, are told in plain words (A14, A20)', async () => {
    const names = [escapeSequences.trim(), ...Array.from({ length: 2000 }, (_, index) => `cipher-${index}`)].join(',');
    const { port } = await startOffering({ ...modern, cipher: names });

    const failure = await failureOf(connect({ ...target(port), timeoutMs: 2000 }, never));

    expect(failure).toMatchObject({ code: 'no-common-algorithm' });
    expect(toldBy(failure)).not.toMatch(/[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e]|owned/);
    expect(toldBy(failure).length).toBeLessThan(2000);
  });

  it('that are offered by default hold no ChaCha20, and put every classic MAC before the others (A15)', async () => {
    const { ciphers, macs, kex } = await offeredTo({});

    expect(ciphers).not.toContain('chacha20-poly1305@openssh.com');
    expect(ciphers.filter((name) => name.includes('cbc'))).toEqual([]);
    expect(macs.map((name) => name.includes('etm'))).toEqual([false, false, false, true, true, true]);
    expect(kex).toContain('kex-strict-c-v00@openssh.com');
  });

  it('that are offered to an old server hold CBC, and then no MAC of the other order (A15)', async () => {
    const { ciphers, macs } = await offeredTo({ legacyAlgorithms: true });

    expect(ciphers.filter((name) => name.includes('cbc'))).not.toEqual([]);
    expect(ciphers).not.toContain('chacha20-poly1305@openssh.com');
    expect(macs.filter((name) => name.includes('etm'))).toEqual([]);
  });

  it('agreed on with a server without strict key exchange are safe ones, and it is noted (A15)', async () => {
    const server = await startServer(
      (client) => {
        withoutStrictKex(client);
        lettingIn(client);
      },
      {
        algorithms: {
          cipher: ['chacha20-poly1305@openssh.com', 'aes128-ctr', 'aes128-cbc'],
          hmac: ['hmac-sha2-256-etm@openssh.com', 'hmac-sha2-256'],
        },
      },
    );

    const connection = await connected({ ...target(server.port, server.hostKey), legacyAlgorithms: true });

    expect(connection.probe).toMatchObject({ reached: 'login', notStrict: true });
    expect(connection.probe.algorithms).toMatch(/, aes128-ctr, hmac-sha2-256$/);
  });

  it('agreed on with a server that has strict key exchange are not noted as unsafe (A15)', async () => {
    const server = await startServer(lettingIn);

    const connection = await connected(target(server.port, server.hostKey));

    expect(connection.probe.notStrict).toBeUndefined();
  });
});

type Lists = { kex: string; hostKey: string; cipher: string; mac: string };

/** Greets, tells what it offers, and goes no further. */
function startOffering({ kex, hostKey, cipher, mac }: Lists) {
  const lists = [kex, hostKey, cipher, cipher, mac, mac, 'none', 'none', '', ''].map((names) => {
    const length = Buffer.alloc(4);
    length.writeUInt32BE(Buffer.byteLength(names));
    return Buffer.concat([length, Buffer.from(names)]);
  });
  const payload = Buffer.concat([Buffer.from([20]), randomBytes(16), ...lists, Buffer.alloc(5)]);
  const padding = 8 + ((8 - ((5 + payload.length) % 8)) % 8);
  const head = Buffer.alloc(5);
  head.writeUInt32BE(1 + payload.length + padding);
  head[4] = padding;
  return startTcpServer((socket) => socket.write(Buffer.concat([greeting, head, payload, Buffer.alloc(padding)])));
}

const greeting = Buffer.from('SSH-2.0-Offering\r\n');

/** What a server reads of us, in plain bytes. */
async function offeredTo(wishes: Partial<ConnectTarget>) {
  const seen: Buffer[] = [];
  const { port } = await startTcpServer((socket: net.Socket) => {
    socket.write(greeting);
    socket.on('data', (data: Buffer) => {
      seen.push(data);
      if (Buffer.concat(seen).includes('none')) socket.destroy(); // compression: the last list
    });
  });
  await failureOf(connect({ ...target(port), ...wishes, timeoutMs: 2000 }, never));
  const bytes = Buffer.concat(seen);
  const lists: string[][] = [];
  let at = bytes.indexOf('\n') + 1 + 22; // after the greeting: length, padding length, message number, cookie
  while (lists.length < 6) {
    const end = at + 4 + bytes.readUInt32BE(at);
    lists.push(bytes.toString('latin1', at + 4, end).split(','));
    at = end;
  }
  const [kex = [], , ciphers = [], , macs = []] = lists;
  expect([lists[3], lists[5]]).toEqual([ciphers, macs]); // the same in both directions
  return { kex, ciphers, macs };
}

/** ssh2 always has it: here it is taken out before it is offered, as servers of before 2024 do without it. */
function withoutStrictKex(client: Client): void {
  const { _protocol: protocol } = insidesOf(client);
  const { kex, serverHostKey, cs, sc } = protocol._offer.lists;
  const side = ({ cipher, mac }: Side) => ({ cipher: cipher.array, mac: mac.array, compress: ['none'], lang: [] });
  const offer = {
    kex: kex.array.filter((name) => !name.startsWith('kex-strict')),
    serverHostKey: serverHostKey.array,
    cs: side(cs),
    sc: side(sc),
  };
  protocol._offer = Reflect.construct(protocol._offer.constructor, [offer]);
  protocol._strictMode = false;
}

describe('logging in', () => {
  it('ends with the text of a server that wants a new password, and sends none (A18)', async () => {
    const changed: string[] = [];
    const server = await startServer((client) =>
      client.on('authentication', (attempt) => {
        if (attempt.method !== 'password') return attempt.reject(['password']);
        attempt.requestChange(`Your password has expired.${escapeSequences}`, (password) => changed.push(password));
      }),
    );

    const failure = await failureOf(connect(target(server.port, server.hostKey), never));

    expect(failure).toMatchObject({
      code: 'login-refused',
      message: expect.stringContaining('Your password has expired.'),
    });
    expect(toldBy(failure)).not.toMatch(/[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e]/);
    expect(changed).toEqual([]);
  });

  it.each([
    ['in its question', '', 'You are required to change your password immediately.\nNew password: '],
    ['before its question', 'You are required to change your password immediately.', 'New password: '],
  ])('ends with what a server says %s after the password: it has expired (A18)', async (_where, said, question) => {
    const { server, answers } = await startAsking(['', 'Password: '], [said, question]);

    const failure = await failureOf(connect(target(server.port, server.hostKey), never));

    expect(failure).toMatchObject({
      code: 'login-refused',
      message: expect.stringContaining('You are required to change your password immediately.'),
    });
    expect(answers).toEqual([['secret']]); // no empty answer: it would count as a wrong login
  });

  it.each([
    'New password: ',
    'Enter new UNIX password:',
    'Retype new password: ',
  ])('does not give the password to a server that asks "%s" (A18)', async (question) => {
    const { server, answers } = await startAsking(['', question]);

    const failure = await failureOf(connect(target(server.port, server.hostKey), never));

    expect(failure).toMatchObject({ code: 'login-refused', message: expect.stringContaining(question.trim()) });
    expect(answers).toEqual([]);
  });

  it('does not give the password to a server that asks for an API token (A17)', async () => {
    const { server, answers } = await startAsking(['', 'Help desk API token:']);

    const failure = await failureOf(connect(target(server.port, server.hostKey), never));

    expect(failure).toMatchObject({ code: 'login-refused', message: expect.stringContaining('API token') });
    expect(answers).toEqual([]);
  });

  it('where anyone is let in is noted as that, and nothing is sent (A19)', async () => {
    const methods: string[] = [];
    const server = await startServer((client) =>
      client.on('authentication', (attempt) => {
        methods.push(attempt.method);
        attempt.accept();
      }),
    );

    const connection = await connected(target(server.port, server.hostKey));

    expect(connection.probe).toMatchObject({ reached: 'login', login: 'none' });
    expect(methods).toEqual(['none']);
  });

  it('goes along with a server that wants the password both ways, one after the other (A19)', async () => {
    const methods: string[] = [];
    const server = await startServer((client) =>
      client.on('authentication', (attempt) => {
        methods.push(attempt.method);
        if (attempt.method === 'keyboard-interactive')
          attempt.prompt([{ prompt: 'Password: ', echo: false }], '', '', () => attempt.accept());
        else
          attempt.reject([attempt.method === 'none' ? 'password' : 'keyboard-interactive'], attempt.method !== 'none');
      }),
    );

    const connection = await connected(target(server.port, server.hostKey));

    expect(connection.probe.login).toBe('keyboard-interactive');
    expect(methods).toEqual(['none', 'password', 'keyboard-interactive']);
  });

  it('does not go round with a server that is content with everything and lets nobody in (A19)', async () => {
    const methods: string[] = [];
    const server = await startServer((client) =>
      client.on('authentication', (attempt) => {
        methods.push(attempt.method);
        attempt.reject(['password', 'keyboard-interactive'], true);
      }),
    );

    const failure = await failureOf(connect(target(server.port, server.hostKey), never));

    expect(failure).toMatchObject({ code: 'login-refused' });
    expect(methods).toEqual(['none', 'password', 'keyboard-interactive']);
  });

  it('leaves a server with a banner of 10 MB (A20)', async () => {
    const server = await startServer(lettingIn, { banner: escapeSequences.repeat(140_000) });

    const failure = await failureOf(connect(target(server.port, server.hostKey), never));

    expect(failure).toMatchObject({ name: 'UserError', code: 'unreachable' });
    expect(toldBy(failure)).not.toMatch(/[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e]|owned/);
  });

  const locked = ssh2.utils.generateKeyPairSync('ed25519', {
    passphrase: 'open',
    cipher: 'aes256-ctr',
    rounds: 1,
  }).private;

  it.each([
    ['needs a passphrase', { content: Buffer.from(locked) }, /passphrase/],
    ['has another passphrase', { content: Buffer.from(locked), passphrase: 'wrong' }, /passphrase/],
    ['is none', { content: Buffer.from('-----BEGIN NONSENSE-----\n') }, /private key/],
    ['is a public key', { content: Buffer.from(ssh2.utils.generateKeyPairSync('ed25519').public) }, /private key/],
  ])('with a private key that %s ends with the reason and the key to set (A24)', async (_why, privateKey, reason) => {
    const server = await startScriptedServer({});

    const failure = await failureOf(
      connect({ ...target(server.port, server.hostKey), secrets: { privateKey } }, never),
    );

    expect(failure).toMatchObject({ name: 'UserError', message: expect.stringMatching(reason) });
    expect(toldBy(failure)).toMatch(/appliances\.ice01\.hostOs\.(passphrase|privateKey)/);
    expect(toldBy(failure)).not.toContain('wrong');
  });
});

/** Takes nothing but answers to its questions, one after the other, and lets nobody in. */
async function startAsking(...questions: [said: string, question: string][]) {
  const answers: string[][] = [];
  const server = await startServer((client) =>
    client.on('authentication', (attempt) => {
      if (attempt.method !== 'keyboard-interactive') return attempt.reject(['keyboard-interactive']);
      const ask = ([next, ...more]: [string, string][]) => {
        if (next === undefined) return attempt.reject([]);
        const [said, prompt] = next;
        attempt.prompt([{ prompt, echo: false }], '', said, (given) => {
          answers.push(given);
          ask(more);
        });
      };
      ask(questions);
    }),
  );
  return { server, answers };
}

describe('what a server asks of us', () => {
  it('is refused: it gets no agent, no display and no way into our network (A23)', async () => {
    const clients: Client[] = [];
    const asked: string[] = [];
    const server = await startServer((client) => {
      clients.push(client);
      lettingIn(client);
      client.on('session', (accept) => {
        const session = accept();
        session.on('auth-agent', () => asked.push('agent'));
        session.on('x11', () => asked.push('x11'));
        session.on('env', () => asked.push('env'));
        session.on('exec', (agree) => {
          const channel = agree();
          channel.exit(0);
          channel.end();
        });
      });
    });
    const secrets = { password: 'secret', agentSocket: '/nowhere/agent' };
    const connection = await connected({ ...target(server.port, server.hostKey), secrets });
    const client = only(clients);
    const opened = (open: (done: (error: Error | undefined) => void) => void) =>
      new Promise<string>((resolve) => open((error) => resolve(error === undefined ? 'open' : 'refused')));

    const answers = await Promise.all([
      opened((done) => client.x11('127.0.0.1', 6000, done)),
      opened((done) => client.forwardOut('127.0.0.1', 22, '127.0.0.1', 4000, done)),
      opened((done) => client.openssh_forwardOutStreamLocal('/run/docker.sock', done)),
      opened((done) => openAgentChannel(client, done)),
    ]);

    expect(answers).toEqual(['refused', 'refused', 'refused', 'refused']);
    expect(await exec(connection, 'job', never)).toMatchObject({ code: 0 });
    expect(asked).toEqual([]);
  });
});

/** What OpenSSH's server does for a program that uses the agent; ssh2 has no function for it. */
function openAgentChannel(client: Client, done: (error: Error | undefined) => void): void {
  const { _chanMgr: channels, _protocol: protocol } = insidesOf(client);
  const answer = Object.assign((error: Error | undefined) => done(error), { type: 'auth-agent@openssh.com' });
  protocol.openssh_authAgent(channels.add(answer), 65_536, 32_768);
}

function only<T>(all: T[]): T {
  const [first] = all;
  if (first === undefined || all.length !== 1) throw new Error(`one was expected, not ${all.length}`);
  return first;
}
