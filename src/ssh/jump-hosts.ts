import type { ConnectTarget } from './connect-target.js';
import type { Connection } from './connection.js';
import { onlyOnce } from './only-once.js';
import { mayComeBack } from './redial.js';

type Dial = (target: ConnectTarget, signal: AbortSignal) => Promise<Connection>;

type Hop = {
  target: ConnectTarget;
  /**
   * The connection to the jump host. A failure is kept, so that a refused credential is not tried again for every server
   * behind it.
   */
  connection: Promise<Connection>;
  users: number;
};

/** Jump hosts. Each is logged in to once for all servers behind it, and left when none of them needs it any longer. */
export class JumpHosts {
  readonly #dial: Dial;
  readonly #hops = new Map<string, Hop>();
  readonly #wereThere = new Set<string>();

  /** @param dial connects to a jump host, through the jump hosts before it */
  constructor(dial: Dial) {
    this.#dial = dial;
  }

  /**
   * Does work that needs the way to a target. @returns the result, and a function that closes the way, which is open
   * until then
   */
  async through<T>(
    target: ConnectTarget,
    signal: AbortSignal,
    work: (through: Connection | undefined) => Promise<T>,
  ): Promise<{ result: T; leave: () => void }> {
    if (target.via === undefined) return { result: await work(undefined), leave: () => undefined };
    const hop = this.#hopTo(target.via, signal);
    hop.users++;
    const leave = onlyOnce(() => this.#leave(hop));
    try {
      return { result: await work(await hop.connection), leave };
    } catch (error) {
      leave();
      throw error;
    }
  }

  #hopTo(target: ConnectTarget, signal: AbortSignal): Hop {
    const known = this.#hops.get(wayName(target));
    // With another password it is another login: one was typed in the place of what was refused.
    if (known !== undefined && known.target.secrets.password === target.secrets.password) return known;
    const hop: Hop = { target, connection: this.#dial(target, signal), users: 0 };
    this.#hops.set(wayName(target), hop);
    hop.connection.then(
      (opened) => {
        this.#wereThere.add(wayName(target));
        opened.lost.addEventListener('abort', () => this.#forget(hop), { once: true });
      },
      (error) => {
        // Whoever needs the way gets the error.
        if (this.#wereThere.has(wayName(target)) && mayComeBack(error)) this.#forget(hop);
      },
    );
    return hop;
  }

  #leave(hop: Hop): void {
    hop.users--;
    if (hop.users === 0) this.#close(hop);
  }

  #close(hop: Hop): void {
    hop.connection.then(
      (opened) => {
        if (hop.users > 0) return; // somebody came along meanwhile
        this.#forget(hop);
        opened.close();
      },
      () => undefined, // it never opened
    );
  }

  #forget(hop: Hop): void {
    if (this.#hops.get(wayName(hop.target)) === hop) this.#hops.delete(wayName(hop.target));
  }
}

function wayName(target: ConnectTarget): string {
  const before = target.via === undefined ? '' : `${wayName(target.via)} > `;
  return `${before}${target.user}@${target.address}:${target.port}`;
}
