import type { Appliance } from '../domain/appliance.js';
import type { Endpoint } from '../domain/endpoint.js';
import type { Connection } from '../ssh/connection.js';
import type { Dialer } from '../ssh/dialer.js';
import { probeOf } from '../ssh/probe.js';
import type { Operator } from '../ui/operator.js';
import type { Access } from './access.js';
import { logInTo, placesOf } from './server-faces.js';

export type TypedLogins = {
  /** Hands out the first login to each place, then dials. */
  dialer: Dialer;
  /** Closes what nobody took, as of a face that was not needed. */
  close(): void;
};

/** What came of the first login to each place, by its key in the configuration. */
type Logins = Map<string, Promise<Connection>>;
type Outcome = 'in' | 'refused' | 'failed' | 'late';

/** As many as `ssh` asks for. */
const tries = 3;
/** A server that takes longer is left to the collection: the others are waiting. */
const patienceMs = 5000;

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
  const logins: Logins = new Map();
  const made: TypedLogins = {
    dialer: {
      ...access.dialer,
      dial: async (to, wanted) => (await taken(logins, to.key)) ?? access.dialer.dial(to, wanted),
    },
    close: () => {
      for (const login of logins.values()) login.then((connection) => connection.close()).catch(() => undefined); // never opened
    },
  };

  const attempt = async (place: Endpoint): Promise<Outcome> => {
    const login = logInTo(place, access, signal);
    logins.set(place.key, login);
    const waiting = new AbortController();
    const outcome = await Promise.race([
      login.then(
        (): Outcome => 'in',
        (error): Outcome => (probeOf(error)?.passwordRefused ? 'refused' : 'failed'),
      ),
      operator.sleep(patienceMs, waiting.signal).then((): Outcome => 'late'),
    ]);
    waiting.abort();
    signal.throwIfAborted();
    return outcome;
  };

  /** Asks until it is let in, or nobody wants to go on; `others` get what is typed, too. */
  const insist = async (place: Endpoint, first: Outcome, others: readonly Endpoint[]): Promise<Outcome> => {
    let outcome = first;
    for (let typed = 1; typed < tries && outcome === 'refused'; typed++) {
      operator.emit({
        type: 'note',
        text: `${place.title} refused the password of "${place.login.user}"`,
        asked: true,
      });
      const password = await operator.ask?.secret('Password again (Enter: go on without)');
      if (!password) break;
      for (const each of [place, ...others]) access.setTypedPassword(each, password);
      outcome = await attempt(place);
    }
    return outcome;
  };

  /** One after the other until the password is found right, then all others at once. */
  const logInAll = async (group: readonly Endpoint[]): Promise<void> => {
    for (let rest = group; rest[0] !== undefined; ) {
      const [first, ...others] = rest as [Endpoint, ...Endpoint[]];
      if ((await insist(first, await attempt(first), others)) !== 'in') {
        rest = others;
        continue;
      }
      const outcomes = await Promise.all(others.map(attempt));
      for (const [index, other] of others.entries()) await insist(other, outcomes[index] ?? 'failed', []);
      return;
    }
  };

  try {
    for (const group of await groupsByPassword(appliances, access)) await logInAll(group);
    return made;
  } catch (error) {
    made.close();
    throw error;
  }
}

/** Where a password was typed, directly: places with the same one together. */
async function groupsByPassword(appliances: readonly Appliance[], access: Access): Promise<Endpoint[][]> {
  const groups = new Map<string, Endpoint[]>();
  for (const place of placesOf(appliances)) {
    const { typed, password } = await access.loginSecrets(place);
    if (!typed || password === undefined || place.via !== undefined || place.key.startsWith('jumpHosts.')) continue;
    groups.set(password, [...(groups.get(password) ?? []), place]);
  }
  return [...groups.values()];
}

/** A login is given once where it was good, and always where its password was refused. */
async function taken(logins: Logins, key: string): Promise<Connection | undefined> {
  try {
    const connection = await logins.get(key);
    logins.delete(key);
    return connection?.lost.aborted ? undefined : connection;
  } catch (error) {
    if (!probeOf(error)?.passwordRefused) logins.delete(key); // it may be there later
    throw error;
  }
}
