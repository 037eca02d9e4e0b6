import type { Person } from '../../domain/person.js';
import type { Attempt } from './attempts.js';
import { mailChannels, type Setting, type Target, targetsBy } from './targets.js';

/** What a page is for. */
export type Kind = 'step' | 'reminder' | 'missed' | 'expired' | 'over' | 'copy' | 'summary';

/** What is to be told now, to whom; what was told of it since an entry counts. */
export type Order = {
  why: string;
  kind: Kind;
  since: number;
  to: readonly Target[];
  /** So late it is; 0 where it is told in time, or was begun. */
  lateMs: number;
};

/** The attempts for one reason, at one person. */
export function mine(attempts: readonly Attempt[], why: string, person: string | undefined): Attempt[] {
  return attempts.filter((attempt) => attempt.why === why && attempt.person === person);
}

/** A page of its own, once. */
export function once(kind: Kind, why: string, since: number, to: readonly Target[]): Order[] {
  return to.length === 0 ? [] : [{ why, kind, since, to, lateMs: 0 }];
}

export function byMail(people: readonly (Person | undefined)[], { channels }: Setting): Target[] {
  const [mail] = mailChannels(channels);
  const known = people.filter((person) => person !== undefined);
  return mail === undefined ? [] : targetsBy(mail, known, channels);
}
