import { once, setMaxListeners } from 'node:events';
import net from 'node:net';
import type { Duplex } from 'node:stream';
import ssh2, { type ConnectConfig } from 'ssh2';
import type { HostKeyPin, ShownHostKey } from '../domain/host-key.js';
import { printableLine } from '../domain/text.js';
import { reasonOf, UserError } from '../errors.js';
import { abortable } from './abort.js';
import { algorithmsFor, currentOffer, legacyOffer } from './algorithms.js';
import { loginMethods, refuseUnusableKey } from './auth.js';
import { connectionLost, explain, isNoSuchKeyType, socketReason, unreachable } from './connect-failures.js';
import type { ConnectTarget } from './connect-target.js';
import { type Connection, connectionOf } from './connection.js';
import { type HostKeyVerdict, hostKeyAlgorithms, judgeHostKey, shownHostKey, strictVerifier } from './host-keys.js';
import { newProbe, type Probe, probeOf } from './probe.js';
import { hasStrictKex, watchServerOffer } from './server-offer.js';

const defaultTimeoutMs = 10_000;
/** Some servers end after five seconds what is idle, and take this for activity. */
const keepaliveMs = 4000;
const deadAfterMs = 32_000;

/**
 * Connects and logs in. Each credential is tried once, and only after the host key was found to be a pinned one.
 * @param through the jump host next to it
 * @throws UserError `unreachable`, `no-common-algorithm`, `host-key-unknown`, `host-key-changed`, `host-key-revoked`,
 * `login-refused`, each with `probe` telling how far it came
 */
export async function connect(target: ConnectTarget, signal: AbortSignal, through?: Connection): Promise<Connection> {
  const types = hostKeyAlgorithms(target.pins, target.legacyAlgorithms ?? false);
  try {
    return await attempt(target, types, signal, through);
  } catch (error) {
    // A pinned fingerprint does not tell its type: the server may have that key, too.
    if (!isChangedKey(error) || types !== undefined || !target.pins.every((pin) => 'fingerprint' in pin)) throw error;
    return await tryOtherKeys(target, error, signal, through);
  }
}

async function tryOtherKeys(
  target: ConnectTarget,
  first: unknown,
  signal: AbortSignal,
  through?: Connection,
): Promise<Connection> {
  for (const algorithm of otherAlgorithms(target, probeOf(first)?.hostKey?.type)) {
    try {
      return await attempt(target, [algorithm], signal, through);
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
 * Asks a server for its host key and sends nothing else: for one of the type that is pinned, where it has one.
 * @throws UserError `unreachable`, `no-common-algorithm`
 */
export async function askHostKey(
  target: ConnectTarget,
  signal: AbortSignal,
  through?: Connection,
): Promise<ShownHostKey> {
  const types = hostKeyAlgorithms(target.pins, target.legacyAlgorithms ?? false);
  /** undefined where it has no key of these types */
  const ask = async (wanted: readonly string[] | undefined): Promise<ShownHostKey | undefined> => {
    try {
      const connection = await attempt({ ...target, pins: [], secrets: {} }, wanted, signal, through);
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

async function attempt(
  target: ConnectTarget,
  keyTypes: readonly string[] | undefined,
  signal: AbortSignal,
  through?: Connection,
): Promise<Connection> {
  const probe = newProbe();
  const started = performance.now();
  try {
    refuseUnusableKey(target);
    const transport = await openTransport(target, probe, signal, through);
    return await login(target, { transport, keyTypes, probe }, signal);
  } catch (error) {
    if (error instanceof UserError) Object.assign(error, { probe });
    throw error;
  } finally {
    probe.elapsedMs = Math.round(performance.now() - started);
  }
}

async function openTransport(
  target: ConnectTarget,
  probe: Probe,
  signal: AbortSignal,
  through?: Connection,
): Promise<Duplex> {
  const timeoutMs = target.timeoutMs ?? defaultTimeoutMs;
  // Referred to below, too: a time-out that only a combined signal knows may be collected before it fires.
  const limit = AbortSignal.timeout(timeoutMs);
  const either = AbortSignal.any([signal, limit]);
  try {
    const transport =
      through === undefined
        ? await openSocket(target, probe, either)
        : await through.forward(target.address, target.port, either);
    probe.reached = 'tcp';
    return transport;
  } catch (error) {
    if (signal.aborted) throw signal.reason;
    const reason = through === undefined ? socketReason(error) : reasonOf(error);
    throw unreachable(target, limit.aborted ? `no answer within ${timeoutMs / 1000} s` : reason, error);
  }
}

async function openSocket(target: ConnectTarget, probe: Probe, signal: AbortSignal): Promise<net.Socket> {
  const socket = net.connect({ host: target.address, port: target.port, noDelay: true });
  socket.on('lookup', (_error, address: string) => {
    if (address && !probe.addresses.includes(address)) probe.addresses.push(address);
    if (address) probe.reached = 'dns';
  });
  try {
    await once(socket, 'connect', { signal });
    return socket;
  } catch (error) {
    socket.destroy();
    throw error;
  }
}

type Opened = { transport: Duplex; keyTypes: readonly string[] | undefined; probe: Probe };

async function login(
  target: ConnectTarget,
  { transport, keyTypes, probe }: Opened,
  signal: AbortSignal,
): Promise<Connection> {
  const client = new ssh2.Client();
  const lost = new AbortController();
  setMaxListeners(0, lost.signal); // every session listens
  let verdict: HostKeyVerdict | undefined;
  let activeAt = performance.now();
  const onActivity = () => {
    activeAt = performance.now();
  };
  const silentMs = () => performance.now() - activeAt;
  let giveUp: () => void = () => undefined;
  const methods = loginMethods(target.user, target.secrets, () => giveUp());
  const timeoutMs = target.timeoutMs ?? defaultTimeoutMs;
  transport.once('data', (first: Buffer) => {
    probe.banner = printableLine(first.subarray(0, 255).toString('latin1').split('\n')[0] ?? '');
    if (probe.banner.startsWith('SSH-')) probe.reached = 'ssh';
    clearTimeout(silent);
  });
  const offered = watchServerOffer(transport);
  const explained = (error: unknown) =>
    explain(target, error, {
      verdict,
      shown: probe.hostKey,
      offer: offered(),
      tried: methods.tried,
      refusal: methods.refusal(),
      agentKeys: methods.agentKeys(),
    });
  const silent = setTimeout(
    () => transport.destroy(new Error(`no SSH greeting within ${timeoutMs / 1000} s`)),
    timeoutMs,
  );

  try {
    await abortable<void>(signal, (resolve, reject) => {
      giveUp = () => reject(Object.assign(new Error('no answer'), { level: 'client-authentication' }));
      client.on('ready', resolve);
      client.on('error', (error) => {
        reject(error);
        // Keys are exchanged again now and then: whoever shows another one then is no longer the server.
        lost.abort(verdict?.kind === 'trusted' ? connectionLost(target, error, silentMs()) : explained(error));
      });
      client.on('close', () => {
        reject(new Error('the server closed the connection'));
        lost.abort(connectionLost(target));
      });
      client.on('change password', (prompt) => {
        methods.refuse(`the server wants a new password: "${printableLine(prompt)}"`);
        reject(Object.assign(new Error('password expired'), { level: 'client-authentication' }));
      });
      client.on('handshake', ({ kex, serverHostKey, cs }) => {
        probe.algorithms = [kex, serverHostKey, cs.cipher, cs.mac].filter(Boolean).join(', ');
        const offer = offered();
        if (offer !== undefined && !hasStrictKex(offer)) probe.notStrict = true;
      });
      client.connect({
        sock: transport,
        username: target.user,
        algorithms: algorithmsFor(target.legacyAlgorithms ?? false, keyTypes),
        authHandler: methods.next as NonNullable<ConnectConfig['authHandler']>,
        tryKeyboard: true,
        readyTimeout: 3 * timeoutMs,
        keepaliveInterval: keepaliveMs,
        keepaliveCountMax: Math.round(deadAfterMs / keepaliveMs),
        hostVerifier: strictVerifier((blob) => {
          probe.hostKey = shownHostKey(blob);
          verdict = judgeHostKey(probe.hostKey, target.pins);
          return verdict.kind === 'trusted';
        }),
      });
    });
    probe.reached = 'login';
    probe.login = methods.tried.at(-1) ?? 'none';
  } catch (error) {
    client.destroy();
    transport.destroy();
    if (signal.aborted) throw signal.reason;
    const told = explained(error);
    if (methods.tried.length > 0) probe.credentialSent = true;
    if (told.code === 'login-refused' && methods.wasPasswordRefused()) probe.passwordRefused = true;
    throw told;
  } finally {
    clearTimeout(silent);
  }
  return connectionOf({ title: target.title, client, probe, lost: lost.signal, onActivity });
}
