import type { Duplex } from 'node:stream';
import type { ConnectConfig, NegotiatedAlgorithms } from 'ssh2';
import { printableLine } from '../domain/text.js';
import type { UserError } from '../errors.js';
import { algorithmsFor } from './algorithms.js';
import { loginMethods } from './auth.js';
import { connectionLost, explain } from './connect-failures.js';
import { type ConnectTarget, timeoutOf } from './connect-target.js';
import { type HostKeyVerdict, judgeHostKey, shownHostKey, strictVerifier } from './host-keys.js';
import type { Probe } from './probe.js';
import { hasStrictKex, watchServerOffer } from './server-offer.js';
import { ssh2Debug } from './ssh2-debug.js';

/** Some servers end connections that are idle for five seconds; this interval keeps them busy. */
const keepaliveMs = 4000;
const deadAfterMs = 32_000;

/** The events of an ssh2 client that are listened to. */
type ClientEvents = {
  on(event: 'handshake', listener: (negotiated: NegotiatedAlgorithms) => void): unknown;
  on(event: 'change password', listener: (prompt: string) => void): unknown;
};

/**
 * One attempt to log in: the options that an ssh2 client connects with, and the result. Whichever client it is, the host
 * key is judged first, and then each credential is tried once.
 */
export class LoginAttempt {
  readonly target: ConnectTarget;
  readonly probe: Probe;
  readonly options: ConnectConfig;
  readonly #transport: Duplex;
  readonly #serverOffer: ReturnType<typeof watchServerOffer>;
  readonly #methods: ReturnType<typeof loginMethods>;
  readonly #stop = new AbortController();
  readonly #greetingTimer: NodeJS.Timeout;
  #verdict: HostKeyVerdict | undefined;

  /**
   * @param transport a stream of which nothing has been read yet
   * @param keyTypes host key algorithms to ask for; undefined where any will do
   */
  constructor(target: ConnectTarget, transport: Duplex, keyTypes: readonly string[] | undefined, probe: Probe) {
    this.target = target;
    this.probe = probe;
    this.#transport = transport;
    this.#methods = loginMethods(target.user, target.secrets, () => this.#giveUp('no answer'));
    transport.once('data', (first: Buffer) => this.#greet(first));
    this.#serverOffer = watchServerOffer(transport);
    this.#greetingTimer = this.#limitGreeting(timeoutOf(target));
    this.options = this.#connectConfig(keyTypes);
  }

  /** Is aborted when the login must not go on, because any answer to the server's question would be wrong. */
  get stopped(): AbortSignal {
    return this.#stop.signal;
  }

  /** Listens to the client; to be called before it connects. */
  watch(client: ClientEvents): void {
    client.on('handshake', (negotiated) => this.#noteAlgorithms(negotiated));
    client.on('change password', (prompt) => {
      this.#methods.refuse(`the server wants a new password: "${printableLine(prompt)}"`);
      this.#giveUp('password expired');
    });
  }

  /** Carries out the attempt. @throws UserError why nobody was let in; the signal's reason */
  async carryOut<T>(
    connect: (attempt: LoginAttempt, signal: AbortSignal) => Promise<T>,
    signal: AbortSignal,
  ): Promise<T> {
    try {
      const connected = await connect(this, signal);
      this.probe.reached = 'login';
      this.probe.login = this.#methods.tried.at(-1) ?? 'none';
      return connected;
    } catch (error) {
      this.#transport.destroy();
      if (signal.aborted) throw signal.reason;
      throw this.#failure(error);
    } finally {
      clearTimeout(this.#greetingTimer);
    }
  }

  /**
   * Why a connection ended. Keys are exchanged again from time to time: if another host key is shown then, it is no
   * longer the same server.
   * @param silentMs how long nothing had come in any session
   */
  lossOf(error: Error, silentMs: number): UserError {
    return this.#verdict?.kind === 'trusted' ? connectionLost(this.target, error, silentMs) : this.#explain(error);
  }

  #connectConfig(keyTypes: readonly string[] | undefined): ConnectConfig {
    return {
      sock: this.#transport,
      username: this.target.user,
      ...ssh2Debug(this.target.title),
      algorithms: algorithmsFor(this.target.legacyAlgorithms ?? false, keyTypes),
      authHandler: this.#methods.next as NonNullable<ConnectConfig['authHandler']>,
      tryKeyboard: true,
      readyTimeout: 3 * timeoutOf(this.target),
      keepaliveInterval: keepaliveMs,
      keepaliveCountMax: Math.round(deadAfterMs / keepaliveMs),
      hostVerifier: strictVerifier((blob) => this.#isTrusted(blob)),
    };
  }

  #isTrusted(blob: Buffer): boolean {
    this.probe.hostKey = shownHostKey(blob);
    this.#verdict = judgeHostKey(this.probe.hostKey, this.target.pins);
    return this.#verdict.kind === 'trusted';
  }

  #limitGreeting(timeoutMs: number): NodeJS.Timeout {
    const late = `no SSH greeting within ${timeoutMs / 1000} s`;
    return setTimeout(() => this.#transport.destroy(new Error(late)), timeoutMs);
  }

  #greet(first: Buffer): void {
    this.probe.banner = printableLine(first.subarray(0, 255).toString('latin1').split('\n')[0] ?? '');
    if (this.probe.banner.startsWith('SSH-')) this.probe.reached = 'ssh';
    clearTimeout(this.#greetingTimer);
  }

  #noteAlgorithms({ kex, serverHostKey, cs }: NegotiatedAlgorithms): void {
    this.probe.algorithms = [kex, serverHostKey, cs.cipher, cs.mac].filter(Boolean).join(', ');
    const offer = this.#serverOffer();
    if (offer !== undefined && !hasStrictKex(offer)) this.probe.notStrict = true;
  }

  #giveUp(reason: string): void {
    this.#stop.abort(Object.assign(new Error(reason), { level: 'client-authentication' }));
  }

  #failure(error: unknown): UserError {
    const failure = this.#explain(error);
    if (this.#methods.tried.length > 0) this.probe.credentialSent = true;
    if (failure.code === 'login-refused' && this.#methods.wasPasswordRefused()) this.probe.passwordRefused = true;
    return failure;
  }

  #explain(error: unknown): UserError {
    return explain(this.target, error, {
      verdict: this.#verdict,
      shown: this.probe.hostKey,
      offer: this.#serverOffer(),
      tried: this.#methods.tried,
      refusal: this.#methods.refusal(),
      agentKeys: this.#methods.agentKeys(),
    });
  }
}
