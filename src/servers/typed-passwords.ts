import type { Appliance } from '../domain/appliance.js';
import type { Endpoint } from '../domain/endpoint.js';
import type { Dialer } from '../ssh/dialer.js';
import type { Operator } from '../ui/operator.js';
import type { Access } from './access.js';
import { FirstLogins, type Outcome } from './first-logins.js';
import { endpointsOf } from './server-faces.js';

export type TypedLogins = {
  /** Hands out the first login to each place, then dials. */
  dialer: Dialer;
  /** Closes what nobody took, as of a face that was not needed. */
  close(): void;
};

/** How often a password is asked for, as by `ssh`. */
const tries = 3;

/**
 * Logs in where a password was typed, and asks again where it is refused: a slip of the finger is mended while somebody is
 * there, before anything has begun. Each login is the one that the collection uses, be it good or bad, so no password is
 * sent more often than it was typed, and one for a single use is not used up. Where several servers have the same one, it is
 * tried at one of them first. What lies behind a jump host is left to the collection.
 */
export async function logInWhereTyped(
  appliances: readonly Appliance[],
  operator: Operator,
  access: Access,
  signal: AbortSignal,
): Promise<TypedLogins> {
  const logins = new FirstLogins(operator, access, signal);
  const passwords = new TypedPasswords(logins, operator, access);
  try {
    for (const group of await groupsByPassword(appliances, access)) await passwords.logInAll(group);
    return { dialer: logins.dialer(), close: () => logins.close() };
  } catch (error) {
    logins.close();
    throw error;
  }
}

/** Tries passwords while the one who typed them is there. */
class TypedPasswords {
  private readonly logins: FirstLogins;
  private readonly operator: Operator;
  private readonly access: Access;

  constructor(logins: FirstLogins, operator: Operator, access: Access) {
    this.logins = logins;
    this.operator = operator;
    this.access = access;
  }

  /** One after the other until the password is found right, then all others at once. */
  async logInAll(group: readonly Endpoint[]): Promise<void> {
    const others = [...group];
    for (let endpoint = others.shift(); endpoint !== undefined; endpoint = others.shift()) {
      const outcome = await this.retryRefusedPassword(endpoint, await this.logins.attempt(endpoint), others);
      if (outcome === 'in') return this.logInAtOnce(others);
    }
  }

  private async logInAtOnce(endpoints: readonly Endpoint[]): Promise<void> {
    const outcomes = await Promise.all(endpoints.map((endpoint) => this.logins.attempt(endpoint)));
    for (const [index, endpoint] of endpoints.entries())
      await this.retryRefusedPassword(endpoint, outcomes[index] ?? 'failed', []);
  }

  /** Asks until it is let in, or nobody wants to go on; `others` get what is typed, too. */
  private async retryRefusedPassword(
    endpoint: Endpoint,
    first: Outcome,
    others: readonly Endpoint[],
  ): Promise<Outcome> {
    let outcome = first;
    for (let typed = 1; typed < tries && outcome === 'refused'; typed++) {
      const password = await this.askAgain(endpoint);
      if (!password) break;
      for (const each of [endpoint, ...others]) this.access.setTypedPassword(each, password);
      outcome = await this.logins.attempt(endpoint);
    }
    return outcome;
  }

  private async askAgain({ title, login }: Endpoint): Promise<string | undefined> {
    this.operator.emit({ type: 'note', text: `${title} refused the password of "${login.user}"`, asked: true });
    return this.operator.ask?.secret('Password again (Enter: go on without)');
  }
}

/** The places whose password was typed, those with the same one together. */
async function groupsByPassword(appliances: readonly Appliance[], access: Access): Promise<Endpoint[][]> {
  const groups = new Map<string, Endpoint[]>();
  for (const endpoint of endpointsOf(appliances)) {
    const { typed, password } = await access.loginSecrets(endpoint);
    if (!typed || password === undefined || endpoint.via !== undefined || endpoint.key.startsWith('jumpHosts.'))
      continue;
    groups.set(password, [...(groups.get(password) ?? []), endpoint]);
  }
  return [...groups.values()];
}
