import { type UserError, usageError } from '../errors.js';
import type { ConnectTarget } from '../ssh/connect-target.js';
import { probeOf } from '../ssh/probe.js';
import type { Standing } from '../state/capture-standing.js';
import type { Access } from './access.js';

type Refused = Standing['refused'];

/**
 * Access that tries no password a second time which was refused: an account that is locked is worse than a capture that is
 * missing. It is tried again when the configuration, or the file with the password, has changed.
 * @param under the configuration and its secrets as they are now
 * @param note is told what was refused
 */
export function cautiousAccess(
  access: Access,
  refused: Refused,
  under: string,
  note: (key: string, reason: string) => void,
): Access {
  const known = new Map(
    Object.entries(refused).flatMap(([key, each]) => (each.under === under ? [[key, each.reason]] : [])),
  );
  const dial: Access['dialer']['dial'] = async (target, signal) => {
    const place = placesOn(target).find(({ key }) => known.has(key));
    if (place !== undefined) throw notTried(known.get(place.key) ?? '');
    try {
      return await access.dialer.dial(target, signal);
    } catch (error) {
      if (!probeOf(error)?.passwordRefused || !(error instanceof Error)) throw error;
      const at = placesOn(target).find(({ title }) => error.message.startsWith(title)) ?? target;
      known.set(at.key, error.message);
      note(at.key, error.message);
      throw error;
    }
  };
  return { ...access, dialer: { ...access.dialer, dial } };
}

function placesOn(target: ConnectTarget): ConnectTarget[] {
  return [target, ...(target.via === undefined ? [] : placesOn(target.via))];
}

function notTried(reason: string): UserError {
  const message = `${reason}; not tried again until the configuration or the file with the password changes`;
  return usageError('no-credential', message, 'Mend the password where the configuration takes it from');
}
