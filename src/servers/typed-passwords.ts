import type { Endpoint } from '../domain/endpoint.js';
import type { Operator } from '../ui/operator.js';
import type { Access } from './access.js';
import { askPassword } from './ask-password.js';
import type { FirstLogins, Outcome } from './first-logins.js';

/** How often a password is asked for, as by `ssh`. */
const tries = 3;

/**
 * Asks for passwords and logs in with them, and asks again where one is refused: a slip of the finger is mended while somebody
 * is there, before anything has begun. Each login is the one that is then used, be it good or bad, so no password is sent
 * more often than it was typed, and one for a single use is not used up.
 */
export class TypedPasswords {
  private readonly logins: FirstLogins;
  private readonly operator: Operator;
  private readonly access: Access;

  constructor(logins: FirstLogins, operator: Operator, access: Access) {
    this.logins = logins;
    this.operator = operator;
    this.access = access;
  }

  /** One place after the other. A password that is right is offered for the servers of the cluster that have the same login. */
  async logInAll(endpoints: readonly Endpoint[]): Promise<void> {
    let left = [...endpoints];
    for (let endpoint = left.shift(); endpoint !== undefined; endpoint = left.shift()) {
      const password = await this.logIn(endpoint, (each) => this.logins.attempt(each));
      if (password === undefined) continue;
      const kin = await this.agreedKin(endpoint, left);
      left = left.filter((each) => !kin.includes(each));
      await this.logInAtOnce(kin, password);
    }
  }

  /** Asks for the password of a jump host, which then stays open for all behind it. */
  async openJumpHost(hop: Endpoint): Promise<void> {
    await this.logIn(hop, (each) => this.logins.holdJumpHost(each));
  }

  /** @returns the password, where it was not found wrong */
  private async logIn(
    endpoint: Endpoint,
    attempt: (endpoint: Endpoint) => Promise<Outcome>,
  ): Promise<string | undefined> {
    const { ask } = this.operator;
    const typed = ask && (await askPassword(endpoint, ask, this.access));
    return typed === undefined ? undefined : this.retryRefused(endpoint, typed, await attempt(endpoint), attempt);
  }

  /** Asks until it is let in, or nobody wants to go on. */
  private async retryRefused(
    endpoint: Endpoint,
    first: string,
    outcomeOfFirst: Outcome,
    attempt: (endpoint: Endpoint) => Promise<Outcome>,
  ): Promise<string | undefined> {
    let [password, outcome] = [first, outcomeOfFirst];
    for (let typed = 1; typed < tries && outcome === 'refused'; typed++) {
      const again = await this.askAgain(endpoint);
      if (!again) break;
      password = again;
      this.access.setTypedPassword(endpoint, password);
      outcome = await attempt(endpoint);
    }
    return outcome === 'in' || outcome === 'late' ? password : undefined;
  }

  private async askAgain({ title, login }: Endpoint): Promise<string | undefined> {
    this.operator.emit({ type: 'note', text: `${title} refused the password of "${login.user}"`, asked: true });
    return this.operator.ask?.secret('Password again (Enter: go on without)');
  }

  /** The places that may have the same password, where that is agreed to: it is sent nowhere else. */
  private async agreedKin(endpoint: Endpoint, others: readonly Endpoint[]): Promise<Endpoint[]> {
    const kin = others.filter((other) => isKin(endpoint, other));
    if (kin.length === 0) return [];
    const names = kin.map(({ server }) => server).join(', ');
    return (await this.operator.ask?.confirm(`The same for ${names}?`, true)) ? kin : [];
  }

  private async logInAtOnce(endpoints: readonly Endpoint[], password: string): Promise<void> {
    for (const endpoint of endpoints) this.access.setTypedPassword(endpoint, password);
    const outcomes = await Promise.all(endpoints.map((endpoint) => this.logins.attempt(endpoint)));
    for (const [index, endpoint] of endpoints.entries())
      await this.retryRefused(endpoint, password, outcomes[index] ?? 'failed', (each) => this.logins.attempt(each));
  }
}

/** The same user at the same face of another server of the cluster. */
function isKin(one: Endpoint, other: Endpoint): boolean {
  const faceOf = ({ key }: Endpoint) => key.split('.').at(-1);
  return (
    one.cluster !== undefined &&
    one.cluster === other.cluster &&
    one.login.user === other.login.user &&
    faceOf(one) === faceOf(other)
  );
}
