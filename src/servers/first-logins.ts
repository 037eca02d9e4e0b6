import type { Endpoint } from '../domain/endpoint.js';
import type { Connection } from '../ssh/connection.js';
import type { Dialer } from '../ssh/dialer.js';
import { probeOf } from '../ssh/probe.js';
import type { Operator } from '../ui/operator.js';
import type { Access } from './access.js';
import { logInTo, targetOf } from './server-faces.js';

/** What came of a login; `late` is one that is left to the collection, as the others are waiting. */
export type Outcome = 'in' | 'refused' | 'failed' | 'late';

/** How long a first login is waited for. */
const patienceMs = 5000;

/** The first login to each place, by its key in the configuration: each is kept for whoever dials the place next. */
export class FirstLogins {
  private readonly operator: Operator;
  private readonly access: Access;
  private readonly signal: AbortSignal;
  private readonly logins = new Map<string, Promise<Connection>>();
  private readonly held: Promise<() => void>[] = [];

  constructor(operator: Operator, access: Access, signal: AbortSignal) {
    this.operator = operator;
    this.access = access;
    this.signal = signal;
  }

  async attempt(endpoint: Endpoint): Promise<Outcome> {
    const login = logInTo(endpoint, this.access, this.signal);
    this.logins.set(endpoint.key, login);
    return this.outcomeOf(login);
  }

  /** Logs in to a jump host and keeps it open. */
  async holdJumpHost(hop: Endpoint): Promise<Outcome> {
    const target = await targetOf(hop, this.access);
    const holding = this.access.dialer.holdJumpHost(target, this.signal);
    this.held.push(holding);
    return this.outcomeOf(holding);
  }

  /** Why a place was not even asked for a login: whoever dials it first is told that. */
  noteFailure({ key }: Endpoint, error: unknown): void {
    const failed = Promise.reject(error);
    failed.catch(() => undefined); // it may be that nobody dials it
    this.logins.set(key, failed);
  }

  private async outcomeOf(login: Promise<unknown>): Promise<Outcome> {
    const waiting = new AbortController();
    const outcome = await Promise.race([
      outcomeOf(login),
      this.operator.sleep(patienceMs, waiting.signal).then((): Outcome => 'late'),
    ]);
    waiting.abort();
    this.signal.throwIfAborted();
    return outcome;
  }

  /** Hands out the first login to each place, then dials. */
  dialer(): Dialer {
    const { dialer } = this.access;
    return {
      dial: async (to, signal) => (await this.take(to.key)) ?? dialer.dial(to, signal),
      askHostKey: (to, signal) => dialer.askHostKey(to, signal),
      holdJumpHost: (hop, signal) => dialer.holdJumpHost(hop, signal),
    };
  }

  /** Closes what nobody took. */
  close(): void {
    for (const login of this.logins.values()) login.then((connection) => connection.close()).catch(() => undefined); // never opened
    for (const hop of this.held) hop.then((leave) => leave()).catch(() => undefined); // never opened
  }

  /** A login is given once where it was good, and always where its password was refused. */
  private async take(key: string): Promise<Connection | undefined> {
    try {
      const connection = await this.logins.get(key);
      this.logins.delete(key);
      return connection?.lost.aborted ? undefined : connection;
    } catch (error) {
      if (!probeOf(error)?.passwordRefused) this.logins.delete(key); // it may be there later
      throw error;
    }
  }
}

function outcomeOf(login: Promise<unknown>): Promise<Outcome> {
  return login.then(
    () => 'in',
    (error) => (probeOf(error)?.passwordRefused ? 'refused' : 'failed'),
  );
}
