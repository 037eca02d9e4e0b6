import type { Appliance } from '../../domain/appliance.js';
import type { Endpoint } from '../../domain/endpoint.js';
import type { Connection } from '../../ssh/connection.js';
import type { Edges } from '../edges.js';
import { logInTo, placesOf } from '../server-faces.js';

/** What came of the first login to each place, by its key in the configuration. */
export type FirstLogins = Map<string, Promise<Connection>>;

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
 * @param logins gets them
 */
export async function logInWhereTyped(
  appliances: readonly Appliance[],
  logins: FirstLogins,
  edges: Edges,
  signal: AbortSignal,
): Promise<void> {
  const groups = new Map<string, Endpoint[]>();
  for (const place of placesOf(appliances)) {
    const { typed, password } = await edges.loginSecrets(place);
    if (!typed || password === undefined || place.via !== undefined || place.key.startsWith('jumpHosts.')) continue;
    groups.set(password, [...(groups.get(password) ?? []), place]);
  }

  const attempt = async (place: Endpoint): Promise<Outcome> => {
    const login = logInTo(place, edges, signal);
    logins.set(place.key, login);
    const waiting = new AbortController();
    const outcome = await Promise.race([
      login.then(
        (): Outcome => 'in',
        (error): Outcome => (edges.ssh.probeOf(error)?.passwordRefused ? 'refused' : 'failed'),
      ),
      edges.sleep(patienceMs, waiting.signal).then((): Outcome => 'late'),
    ]);
    waiting.abort();
    signal.throwIfAborted();
    return outcome;
  };

  /** Asks until it is let in, or nobody wants to go on; `others` get what is typed, too. */
  const insist = async (place: Endpoint, first: Outcome, others: readonly Endpoint[]): Promise<Outcome> => {
    let outcome = first;
    for (let typed = 1; typed < tries && outcome === 'refused'; typed++) {
      edges.report({ type: 'note', text: `${place.title} refused the password of "${place.login.user}"`, asked: true });
      const password = await edges.ask?.secret('Password again (Enter: go on without)');
      if (!password) break;
      for (const each of [place, ...others]) edges.setTypedPassword(each, password);
      outcome = await attempt(place);
    }
    return outcome;
  };

  for (const group of groups.values()) {
    for (let rest = group; rest[0] !== undefined; ) {
      const [first, ...others] = rest as [Endpoint, ...Endpoint[]];
      if ((await insist(first, await attempt(first), others)) !== 'in') {
        rest = others;
        continue;
      }
      const outcomes = await Promise.all(others.map(attempt));
      for (const [index, other] of others.entries()) await insist(other, outcomes[index] ?? 'failed', []);
      rest = [];
    }
  }
}

/** @returns the first login to a place, once where it was good, and always where its password was refused */
export async function takeFirstLogin(
  logins: FirstLogins,
  { key }: Endpoint,
  { ssh }: Edges,
): Promise<Connection | undefined> {
  const login = logins.get(key);
  if (login === undefined) return undefined;
  try {
    const connection = await login;
    logins.delete(key);
    return connection.lost.aborted ? undefined : connection;
  } catch (error) {
    if (!ssh.probeOf(error)?.passwordRefused) logins.delete(key); // it may be there later
    throw error;
  }
}

/** What nobody took, as of a face that was not needed. */
export function closeUnused(logins: FirstLogins): void {
  for (const login of logins.values()) login.then((connection) => connection.close()).catch(() => undefined); // never opened
}
