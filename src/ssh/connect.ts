import { once } from 'node:events';
import net from 'node:net';
import ssh2, { type ClientChannel, type ConnectConfig, type SFTPWrapper } from 'ssh2';
import type { ShownHostKey } from '../domain/host-key.js';
import { printableLine } from '../domain/text.js';
import { itemError, UserError } from '../errors.js';
import { abortable } from './abort.js';
import { loginMethods } from './auth.js';
import { connectionLost, explain, isNoSuchKeyType, socketReason, unreachable } from './connect-failures.js';
import type { ConnectTarget } from './connect-target.js';
import { type HostKeyVerdict, hostKeyAlgorithms, judgeHostKey, shownHostKey, strictVerifier } from './host-keys.js';

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

/**
 * Asks a server for its host key and sends nothing else: for one of the type that is pinned, where it has one.
 * @throws UserError `unreachable`
 */
export async function askHostKey(target: ConnectTarget, signal: AbortSignal): Promise<ShownHostKey> {
  const keyTypes = hostKeyAlgorithms(target.pins);
  try {
    const connection = await connect({ ...target, pins: [], secrets: {}, keyTypes }, signal);
    connection.close(); // cannot be: without pins every key is unknown
  } catch (error) {
    const shown = probeOf(error)?.hostKey;
    if (shown !== undefined) return shown;
    if (keyTypes !== undefined && isNoSuchKeyType(error)) return askHostKey({ ...target, pins: [] }, signal);
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
  // Referred to below, too: a time-out that only a combined signal knows may be collected before it fires.
  const limit = AbortSignal.timeout(timeoutMs);
  try {
    await once(socket, 'connect', { signal: AbortSignal.any([signal, limit]) });
    probe.reached = 'tcp';
    return socket;
  } catch (error) {
    socket.destroy();
    if (signal.aborted) throw signal.reason;
    throw unreachable(target, limit.aborted ? `no answer within ${timeoutMs / 1000} s` : socketReason(error), error);
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
  const keyTypes = target.keyTypes ?? hostKeyAlgorithms(target.pins);
  if (keyTypes !== undefined) algorithms.serverHostKey = [...keyTypes] as NonNullable<typeof algorithms.serverHostKey>;

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
