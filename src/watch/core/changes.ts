import type { Seen } from '../../domain/watch-event.js';
import { fires } from './event.js';
import { isSameThing } from './observe.js';

/** What has changed at one thing that is looked at, as far as anybody is told. */
export type Change = {
  server: string;
  what: 'fires' | 'is over' | 'has no answer' | 'has an answer again';
  seen: Seen;
  /** As it was before. */
  before: Seen | undefined;
};

/** What has changed between two visits. */
export function changesOf(server: string, before: readonly Seen[], after: readonly Seen[]): Change[] {
  return after.flatMap((seen) => {
    const earlier = before.find((each) => isSameThing(each, seen));
    const of = (what: Change['what']): Change => ({ server, what, seen, before: earlier });
    const [wasFiring, isFiring] = [fires(earlier?.event), fires(seen.event)];
    const [wasBlind, isBlind] = [fires(earlier?.blind), fires(seen.blind)];
    return [
      ...(isFiring && !wasFiring ? [of('fires')] : []),
      ...(wasFiring && !isFiring ? [of('is over')] : []),
      ...(isBlind && !wasBlind ? [of('has no answer')] : []),
      ...(wasBlind && !isBlind ? [of('has an answer again')] : []),
    ];
  });
}
