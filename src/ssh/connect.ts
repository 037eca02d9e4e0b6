import { setMaxListeners } from 'node:events';
import ssh2 from 'ssh2';
import type { HostKeyPin, ShownHostKey } from '../domain/host-key.js';
import { trace } from '../domain/trace.js';
import { UserError } from '../errors.js';
import { abortable } from './abort.js';
import { currentOffer, legacyOffer } from './algorithms.js';
import { refuseUnusableKey } from './auth.js';
import { connectionLost, isNoSuchKeyType } from './connect-failures.js';
import type { ConnectTarget } from './connect-target.js';
import { type Connection, connectionOf } from './connection.js';
import { hostKeyAlgorithms, judgeHostKey } from './host-keys.js';
import { LoginAttempt } from './login-attempt.js';
import { newProbe, probeOf } from './probe.js';
import { openTransport } from './transport.js';

/** Connects with the options of the attempt, and reports the result. */
type ConnectWith<T> = (attempt: LoginAttempt, signal: AbortSignal) => Promise<T>;
/** A target, and the host key types to ask it for; undefined where any will do. */
type Attempted = { target: ConnectTarget; keyTypes: readonly string[] | undefined };

/**
 * Connects and logs in. Each credential is tried once, and only after the host key was found to be pinned.
 * @param through the last jump host before the target
 * @throws UserError `unreachable`, `no-common-algorithm`, `host-key-unknown`, `host-key-changed`, `host-key-revoked`,
 * `login-refused`, each with `probe` telling how far it came
 */
export async function connect(target: ConnectTarget, signal: AbortSignal, through?: Connection): Promise<Connection> {
  return connectWith(target, connectOwnClient, signal, through);
}

/**
 * Connects like `connect`, with the SSH client that another library makes. The callback lets the attempt watch the
 * client, connects with its options, and ends the client when the attempt is stopped or fails.
 */
export async function connectWith<T>(
  target: ConnectTarget,
  client: ConnectWith<T>,
  signal: AbortSignal,
  through?: Connection,
): Promise<T> {
  const keyTypes = hostKeyAlgorithms(target.pins, target.legacyAlgorithms ?? false);
  try {
    return await attemptLogin({ target, keyTypes }, client, signal, through);
  } catch (error) {
    // A pinned fingerprint does not tell its type: the server may have that key, too.
    if (!isChangedKey(error) || keyTypes !== undefined || !target.pins.every((pin) => 'fingerprint' in pin))
      throw error;
    return await tryOtherKeys(target, error, (other) =>
      attemptLogin({ target, keyTypes: [other] }, client, signal, through),
    );
  }
}

async function tryOtherKeys<T>(
  target: ConnectTarget,
  first: unknown,
  attemptWith: (algorithm: string) => Promise<T>,
): Promise<T> {
  for (const algorithm of otherAlgorithms(target, probeOf(first)?.hostKey?.type)) {
    try {
      return await attemptWith(algorithm);
    } catch (error) {
      if (!isChangedKey(error)) throw error;
    }
  }
  throw first;
}

/** Host key algorithms for keys of other types than the one shown. */
function otherAlgorithms({ legacyAlgorithms }: ConnectTarget, shown: string | undefined): string[] {
  return (legacyAlgorithms ? legacyOffer : currentOffer).hostKey.filter(
    (algorithm) => algorithm !== shown && !(shown === 'ssh-rsa' && algorithm.startsWith('rsa-')),
  );
}

function isChangedKey(error: unknown): boolean {
  return error instanceof UserError && error.code === 'host-key-changed';
}

/**
 * Asks a server for its host key and sends nothing else; where a type is pinned, asks for a key of that type.
 * @throws UserError `unreachable`, `no-common-algorithm`
 */
export async function askHostKey(
  target: ConnectTarget,
  signal: AbortSignal,
  through?: Connection,
): Promise<ShownHostKey> {
  const types = hostKeyAlgorithms(target.pins, target.legacyAlgorithms ?? false);
  /** The shown key; undefined where the server has none of these types. */
  const ask = async (wanted: readonly string[] | undefined): Promise<ShownHostKey | undefined> => {
    try {
      const withoutSecrets = { ...target, pins: [], secrets: {} };
      const connection = await attemptLogin(
        { target: withoutSecrets, keyTypes: wanted },
        connectOwnClient,
        signal,
        through,
      );
      connection.close(); // cannot be: without pins every key is unknown
    } catch (error) {
      const shown = probeOf(error)?.hostKey;
      if (shown === undefined && (wanted === undefined || !isNoSuchKeyType(error))) throw error;
      return shown;
    }
    throw new Error('a connection without a pinned key was accepted');
  };
  const first = (types && (await ask(types))) ?? (await ask(undefined));
  if (first === undefined) throw new Error('a server without a host key was connected to');
  if (types !== undefined || target.pins.length === 0 || isPinned(first, target.pins)) return first;
  for (const algorithm of otherAlgorithms(target, first.type)) {
    const shown = await ask([algorithm]);
    if (shown !== undefined && isPinned(shown, target.pins)) return shown;
  }
  return first;
}

function isPinned(shown: ShownHostKey, pins: readonly HostKeyPin[]): boolean {
  return judgeHostKey(shown, pins).kind === 'trusted';
}

async function attemptLogin<T>(
  { target, keyTypes }: Attempted,
  client: ConnectWith<T>,
  signal: AbortSignal,
  through?: Connection,
): Promise<T> {
  const probe = newProbe();
  const started = performance.now();
  try {
    refuseUnusableKey(target);
    const transport = await openTransport(target, probe, signal, through);
    return await new LoginAttempt(target, transport, keyTypes, probe).carryOut(client, signal);
  } catch (error) {
    if (error instanceof UserError) Object.assign(error, { probe });
    throw error;
  } finally {
    probe.elapsedMs = Math.round(performance.now() - started);
    trace('ssh', () => `${target.title}: reached ${probe.reached} in ${probe.elapsedMs} ms`);
  }
}

async function connectOwnClient(attempt: LoginAttempt, signal: AbortSignal): Promise<Connection> {
  const { target, probe } = attempt;
  const client = new ssh2.Client();
  const lost = new AbortController();
  setMaxListeners(0, lost.signal); // every session listens
  let activeAt = performance.now();
  const onActivity = () => {
    activeAt = performance.now();
  };
  client.on('error', (error) => lost.abort(attempt.lossOf(error, performance.now() - activeAt)));
  client.on('close', () => lost.abort(connectionLost(target)));
  try {
    await untilReady(client, attempt, signal);
  } catch (error) {
    client.destroy();
    throw error;
  }
  return connectionOf({ title: target.title, client, probe, lost: lost.signal, onActivity });
}

function untilReady(client: ssh2.Client, attempt: LoginAttempt, signal: AbortSignal): Promise<void> {
  return abortable<void>(signal, (resolve, reject) => {
    attempt.stopped.addEventListener('abort', () => reject(attempt.stopped.reason), { once: true });
    attempt.watch(client);
    client.on('ready', resolve);
    client.on('error', reject);
    client.on('close', () => reject(new Error('the server closed the connection')));
    client.connect(attempt.options);
  });
}
