import { type Endpoint, wayTo } from '../domain/endpoint.js';
import { UserError } from '../errors.js';
import type { Dialer } from '../ssh/dialer.js';
import type { Operator } from '../ui/operator.js';
import type { Access } from './access.js';
import { FirstLogins } from './first-logins.js';
import { isTrusted, type Met, meet, type PinOptions } from './host-keys.js';
import { TypedPasswords } from './typed-passwords.js';

export type FirstContact = {
  /** Hands out the first login to each place, then dials. */
  dialer: Dialer;
  /** What was found at the places that were contacted, by their key in the configuration. */
  met: ReadonlyMap<string, Met>;
  /** Closes what nobody took, as of a face that was not needed. */
  close(): void;
};

type Wishes = {
  pinning: PinOptions;
  /** Whether also those are contacted about whom nothing is to be asked. */
  everyone: boolean;
};

/**
 * First contact with places, in the order in which nothing is asked in vain: who answers, whose key is known or pinned now,
 * and only then the passwords that are typed, of those and once each. Jump hosts come before what lies behind them. What
 * cannot be reached is left to what comes then, which records it.
 * @throws UserError for a secret that is missing, a damaged `known_hosts`, or Ctrl-C
 */
export async function makeContact(
  endpoints: readonly Endpoint[],
  wishes: Wishes,
  operator: Operator,
  access: Access,
  signal: AbortSignal,
): Promise<FirstContact> {
  const logins = new FirstLogins(operator, access, signal);
  const contact = new Contact(logins, wishes, { operator, access, signal });
  try {
    const hops = endpoints.filter(isJumpHost);
    for (const hop of hops) await contact.openJumpHost(hop); // one after the other: the way to all behind it
    await contact.logInToFaces(endpoints.filter((endpoint) => !hops.includes(endpoint)));
    return { dialer: logins.dialer(), met: contact.met, close: () => logins.close() };
  } catch (error) {
    logins.close();
    throw error instanceof UserError && error.code === 'interrupted' ? nothingBegun(error) : error;
  }
}

class Contact {
  readonly met = new Map<string, Met>();
  private readonly logins: FirstLogins;
  private readonly wishes: Wishes;
  private readonly operator: Operator;
  private readonly access: Access;
  private readonly signal: AbortSignal;
  private readonly passwords: TypedPasswords;

  constructor(
    logins: FirstLogins,
    wishes: Wishes,
    { operator, access, signal }: { operator: Operator; access: Access; signal: AbortSignal },
  ) {
    this.logins = logins;
    this.wishes = wishes;
    this.operator = operator;
    this.access = access;
    this.signal = signal;
    this.passwords = new TypedPasswords(logins, operator, access);
  }

  async openJumpHost(hop: Endpoint): Promise<void> {
    for (const wanted of await this.wantedOf([hop])) await this.passwords.openJumpHost(wanted);
  }

  async logInToFaces(faces: readonly Endpoint[]): Promise<void> {
    await this.passwords.logInAll(await this.wantedOf(faces));
  }

  /** Meets them. @returns those that can be logged in to with a password that is to be typed */
  private async wantedOf(endpoints: readonly Endpoint[]): Promise<Endpoint[]> {
    const concerned: Endpoint[] = [];
    for (const endpoint of endpoints) if (await this.isConcerned(endpoint)) concerned.push(endpoint);
    const wanted: Endpoint[] = [];
    for (const met of await meet(concerned, this.wishes.pinning, this.operator, this.access, this.signal)) {
      const { endpoint } = met;
      this.met.set(endpoint.key, met);
      if ('error' in met) this.logins.noteFailure(endpoint, met.error);
      else if (isTrusted(met) && (await this.isToBeTyped(endpoint))) wanted.push(endpoint);
    }
    return wanted;
  }

  private async isConcerned(endpoint: Endpoint): Promise<boolean> {
    if (this.wishes.everyone) return true;
    if (this.operator.ask === undefined || wayTo(endpoint).some((place) => this.isClosed(place))) return false;
    return (await this.isToBeTyped(endpoint)) || (await this.access.pinsOf(endpoint)).length === 0;
  }

  private isClosed({ key }: Endpoint): boolean {
    const met = this.met.get(key);
    return met !== undefined && !isTrusted(met);
  }

  private async isToBeTyped(endpoint: Endpoint): Promise<boolean> {
    return (await this.access.loginSecrets(endpoint)).toBeTyped === true;
  }
}

function nothingBegun(cause: UserError): UserError {
  const message = `${cause.message}: nothing was begun; host keys that were pinned stay pinned`;
  return new UserError('interrupted', message, { exit: cause.exit, cause });
}

function isJumpHost({ key }: Endpoint): boolean {
  return key.startsWith('jumpHosts.');
}
