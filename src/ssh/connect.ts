import { once } from 'node:events';
import net from 'node:net';
import ssh2, { type ClientChannel, type ConnectConfig, type SFTPWrapper } from 'ssh2';
import type { HostKeyPin, ShownHostKey } from '../domain/host-key.js';
import { printable, printableLine } from '../domain/text.js';
import { exitCode, itemError, reasonOf, UserError } from '../errors.js';
import { abortable } from './abort.js';
import { type LoginSecrets, loginMethods } from './auth.js';
import { type HostKeyVerdict, hostKeyAlgorithms, judgeHostKey, shownHostKey, strictVerifier } from './host-keys.js';

export type ConnectTarget = {
  /** How messages name it, e.g. `ICE01 host OS (192.0.2.10:2222)`. */
  title: string;
  /** The appliance's name, for the commands in hints. */
  server: string;
  address: string;
  port: number;
  user: string;
  secrets: LoginSecrets;
  pins: readonly HostKeyPin[];
  /** Each for the TCP connection, the server's greeting, and the handshake with login. */
  timeoutMs?: number;
};

/** How far we came, and what the server said of itself: evidence when nothing else can be had. */
export type Probe = {
  at: string;
  addresses: string[];
  banner?: string;
  reached: 'nothing' | 'dns' | 'tcp' | 'ssh' | 'login';
  elapsedMs: number;
  hostKey?: ShownHostKey;
};

export interface Connection {
  readonly title: string;
  readonly probe: Probe;
  /** Aborted with a UserError when the connection is gone. */
  readonly lost: AbortSignal;
  /** `onOpen` runs at once: what the server sends with its consent, the exit status too, would be missed later. */
  openExec<T>(command: string, signal: AbortSignal, onOpen: (channel: ClientChannel) => T): Promise<T>;
  openShell<T>(signal: AbortSignal, onOpen: (channel: ClientChannel) => T): Promise<T>;
  openSftp(signal: AbortSignal): Promise<SFTPWrapper>;
  close(): void;
}

const defaultTimeoutMs = 10_000;

/** GCM first: it is the fastest here. No ChaCha20: without strict key exchange it is open to CVE-2023-48795. */
const ciphers = ['aes128-gcm@openssh.com', 'aes256-gcm@openssh.com', 'aes128-ctr', 'aes192-ctr', 'aes256-ctr'] as const;

/**
 * Connects and logs in. Each credential is tried once, and only after the host key was found to be a pinned one.
 * @throws UserError `unreachable`, `host-key-unknown`, `host-key-changed`, `host-key-revoked`, `login-refused`, each
 * with `probe` telling how far it came
 */
export async function connect(target: ConnectTarget, signal: AbortSignal): Promise<Connection> {
  const probe = newProbe();
  const started = performance.now();
  try {
    const socket = await openSocket(target, probe, signal);
    return await login(target, socket, probe, signal);
  } catch (error) {
    if (error instanceof UserError) Object.assign(error, { probe });
    throw error;
  } finally {
    probe.elapsedMs = Math.round(performance.now() - started);
  }
}

/** The probe that a failed `connect` left on its error. */
export function probeOf(error: unknown): Probe | undefined {
  return error instanceof Error && 'probe' in error ? (error.probe as Probe) : undefined;
}

/** Asks a server for its host key and sends nothing else. @throws UserError `unreachable` */
export async function askHostKey(target: ConnectTarget, signal: AbortSignal): Promise<ShownHostKey> {
  try {
    const connection = await connect({ ...target, pins: [], secrets: {} }, signal);
    connection.close(); // cannot be: without pins every key is unknown
  } catch (error) {
    const shown = probeOf(error)?.hostKey;
    if (shown !== undefined) return shown;
    throw error;
  }
  throw new Error('a connection without a pinned key was accepted');
}

function newProbe(): Probe {
  return { at: new Date().toISOString(), addresses: [], reached: 'nothing', elapsedMs: 0 };
}

async function openSocket(target: ConnectTarget, probe: Probe, signal: AbortSignal): Promise<net.Socket> {
  const socket = net.connect({ host: target.address, port: target.port, noDelay: true });
  socket.on('lookup', (_error, address: string) => {
    if (address && !probe.addresses.includes(address)) probe.addresses.push(address);
    if (address) probe.reached = 'dns';
  });
  const timeoutMs = target.timeoutMs ?? defaultTimeoutMs;
  try {
    await once(socket, 'connect', { signal: AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]) });
    probe.reached = 'tcp';
    return socket;
  } catch (error) {
    socket.destroy();
    if (signal.aborted) throw signal.reason;
    throw unreachable(target, socketReason(error, timeoutMs), error);
  }
}

async function login(
  target: ConnectTarget,
  socket: net.Socket,
  probe: Probe,
  signal: AbortSignal,
): Promise<Connection> {
  const client = new ssh2.Client();
  const lost = new AbortController();
  let verdict: HostKeyVerdict | undefined;
  const methods = loginMethods(target.user, target.secrets);
  const timeoutMs = target.timeoutMs ?? defaultTimeoutMs;
  socket.once('data', (first: Buffer) => {
    probe.banner = printableLine(first.subarray(0, 255).toString('latin1').split('\n')[0] ?? '');
    if (probe.banner.startsWith('SSH-')) probe.reached = 'ssh';
    clearTimeout(silent);
  });
  const silent = setTimeout(() => socket.destroy(new Error(`no SSH greeting within ${timeoutMs / 1000} s`)), timeoutMs);

  const algorithms: ConnectConfig['algorithms'] = { cipher: [...ciphers] };
  const keyTypes = hostKeyAlgorithms(target.pins);
  if (keyTypes !== undefined) algorithms.serverHostKey = keyTypes as NonNullable<typeof algorithms.serverHostKey>;

  try {
    await abortable<void>(signal, (resolve, reject) => {
      client.on('ready', resolve);
      client.on('error', (error) => {
        reject(error);
        lost.abort(connectionLost(target, error));
      });
      client.on('close', () => {
        reject(new Error('the server closed the connection'));
        lost.abort(connectionLost(target));
      });
      client.connect({
        sock: socket,
        username: target.user,
        algorithms,
        authHandler: methods.next as NonNullable<ConnectConfig['authHandler']>,
        tryKeyboard: true,
        readyTimeout: 3 * timeoutMs,
        keepaliveInterval: 10_000,
        keepaliveCountMax: 3,
        hostVerifier: strictVerifier((blob) => {
          probe.hostKey = shownHostKey(blob);
          verdict = judgeHostKey(probe.hostKey, target.pins);
          return verdict.kind === 'trusted';
        }),
      });
    });
    probe.reached = 'login';
  } catch (error) {
    client.destroy();
    if (signal.aborted) throw signal.reason;
    throw explain(target, error, { verdict, shown: probe.hostKey, tried: methods.tried, refusal: methods.refusal() });
  } finally {
    clearTimeout(silent);
  }
  return connectionOf(target, client, probe, lost.signal);
}

function connectionOf(target: ConnectTarget, client: ssh2.Client, probe: Probe, lost: AbortSignal): Connection {
  const open = <C, T>(
    what: string,
    signal: AbortSignal,
    start: (done: (error: Error | undefined, opened: C) => void) => void,
    onOpen: (opened: C) => T,
  ) =>
    abortable<T>(AbortSignal.any([signal, lost]), (resolve, reject) => {
      start((error, opened) => {
        if (error)
          reject(
            itemError('channel-refused', `${target.title} refused ${what}: ${printableLine(error.message)}`, error),
          );
        else resolve(onOpen(opened));
      });
    });
  return {
    title: target.title,
    probe,
    lost,
    openExec: (command, signal, onOpen) =>
      open<ClientChannel, ReturnType<typeof onOpen>>('a command', signal, (done) => client.exec(command, done), onOpen),
    // Wide and tall: fewer wrapped lines and pagers to undo.
    openShell: (signal, onOpen) =>
      open<ClientChannel, ReturnType<typeof onOpen>>(
        'a shell',
        signal,
        (done) => client.shell({ term: 'vt100', cols: 500, rows: 1000 }, done),
        onOpen,
      ),
    openSftp: (signal) =>
      open<SFTPWrapper, SFTPWrapper>(
        'SFTP',
        signal,
        (done) => client.sftp(done),
        (sftp) => sftp,
      ),
    close: () => {
      client.end();
      client.destroy();
    },
  };
}

type Refusal = {
  verdict: HostKeyVerdict | undefined;
  shown: ShownHostKey | undefined;
  tried: string[];
  refusal: string | undefined;
};

function explain(target: ConnectTarget, error: unknown, { verdict, shown, tried, refusal }: Refusal): UserError {
  const key = `${shown?.type} ${shown?.fingerprint}`;
  if (verdict?.kind === 'unknown') {
    return new UserError('host-key-unknown', `${target.title} shows a host key nobody has pinned: ${key}`, {
      exit: exitCode.unreachable,
      hint: `Compare it with the server's own, then: icepack doctor ${target.server} --pin --fingerprint ${shown?.fingerprint}`,
    });
  }
  if (verdict?.kind === 'changed') {
    const old = verdict.pins.map(
      (pin) => ('key' in pin ? shownHostKey(Buffer.from(pin.key, 'base64')) : pin).fingerprint,
    );
    return new UserError(
      'host-key-changed',
      `${target.title} shows another host key than the pinned one: ${key}, pinned ${old.join(', ')} (${verdict.pins.map((pin) => pin.source).join(', ')})`,
      {
        exit: exitCode.unreachable,
        hint: `Someone may be in between. If the server was reinstalled, compare the key on its console, then: icepack doctor ${target.server} --pin --fingerprint ${shown?.fingerprint}`,
      },
    );
  }
  if (verdict?.kind === 'revoked') {
    return new UserError(
      'host-key-revoked',
      `${target.title} shows a host key that is marked as revoked: ${key} (${verdict.pin.source})`,
      {
        exit: exitCode.unreachable,
        hint: 'Do not log in to it; ask whoever revoked the key',
      },
    );
  }
  if (isAuthenticationError(error)) {
    const how =
      refusal ?? (tried.length > 0 ? `tried: ${tried.join(', ')}` : 'it takes none of the configured credentials');
    return new UserError('login-refused', `${target.title} refused the login of "${target.user}" (${how})`, {
      exit: exitCode.unreachable,
      hint: `Check the credential, then: icepack doctor ${target.server}`,
      cause: error,
    });
  }
  return unreachable(target, printable(reasonOf(error)), error);
}

function isAuthenticationError(error: unknown): boolean {
  return error instanceof Error && 'level' in error && error.level === 'client-authentication';
}

function unreachable(target: ConnectTarget, reason: string, cause: unknown): UserError {
  return new UserError('unreachable', `${target.title} cannot be reached: ${reason}`, {
    exit: exitCode.unreachable,
    hint: `Check the address and the network, then: icepack doctor ${target.server}`,
    cause,
  });
}

function connectionLost(target: ConnectTarget, cause?: Error): UserError {
  return itemError(
    'connection-lost',
    `the connection to ${target.title} was lost${cause ? `: ${printableLine(cause.message)}` : ''}`,
    cause,
  );
}

const socketReasons: Record<string, string> = {
  ECONNREFUSED: 'connection refused',
  EHOSTUNREACH: 'no route to host',
  ENETUNREACH: 'network unreachable',
  ENOTFOUND: 'the name is not in the DNS',
  EAI_AGAIN: 'the DNS does not answer',
  ETIMEDOUT: 'no answer',
};

function socketReason(error: unknown, timeoutMs: number): string {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  if (code === 'ABORT_ERR') return `no answer within ${timeoutMs / 1000} s`;
  const nested =
    error instanceof AggregateError ? error.errors.map((each) => reasonOf(each)).join('; ') : reasonOf(error);
  return socketReasons[code] ?? nested;
}
