import pLimit from 'p-limit';
import { defined } from '../../domain/defined.js';
import type { Reported } from '../../domain/reported.js';
import { printableLine } from '../../domain/text.js';
import type { WatchNotes } from '../../state/watch-notes.js';
import type { Said } from './alertmanager.js';

/** Who says it and when; texts of strangers lose their secrets before they are kept. */
type By = { by: string; now: Date; mask(text: string): string };

const keptAtOnce = 8;
const [longestName, longestText] = [250, 1000];

/** Keeps all that was said; it is on the disk then. @throws UserError `local-write`, `state-exposed` */
export async function keepAll(
  said: readonly Said[],
  by: By,
  { reported }: Pick<WatchNotes, 'reported'>,
): Promise<Reported[]> {
  const limit = pLimit(keptAtOnce);
  return Promise.all(said.map((each) => limit(() => reported.keep(sayingOf(each, by)))));
}

function sayingOf({ server, event, key, is, severity, message, since }: Said, { by, now, mask }: By) {
  const clean = (text: string, length: number) => printableLine(mask(printableLine(text, 4 * length)), length);
  const began = since === undefined ? now : new Date(Math.min(now.getTime(), Date.parse(since)));
  return {
    ...{ server, is, severity, by },
    event: clean(event, longestName) || 'alert',
    ...defined({ key: key === undefined ? undefined : clean(key, longestName) || undefined }),
    text: clean(message, longestText) || `${by} says that it is ${is === 'ok' ? 'well again' : 'bad, and no more'}`,
    since: began.toISOString(),
    at: now.toISOString(),
  };
}
