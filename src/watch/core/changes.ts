import type { Seen } from '../../domain/watch-event.js';
import { isSameThing } from './observe.js';

/** What has changed at one thing that is looked at, as far as anybody is told. */
export type Change = {
  /** The name of the server, or of the jump host. */
  server: string;
  isJumpHost?: true;
  what: 'fires' | 'is over' | 'has no answer' | 'has an answer again';
  seen: Seen;
  /** As it was before. */
  before: Seen | undefined;
};

/** What has changed between two visits, but for what is suppressed. The end of what was told is told whatever is suppressed then. */
export function changesOf(server: string, before: readonly Seen[], after: readonly Seen[]): Change[] {
  return after.flatMap((seen) => {
    const earlier = before.find((each) => isSameThing(each, seen));
    const of = (what: Change['what']): Change => ({ server, what, seen, before: earlier });
    const [wasTold, isTold] = [earlier?.event?.told, seen.event?.told];
    const [wasBlind, isBlind] = [earlier?.blind?.told, seen.blind?.told];
    return [
      ...(isTold && !wasTold ? [of('fires')] : []),
      ...(wasTold && !isTold ? [of('is over')] : []),
      ...(isBlind && !wasBlind ? [of('has no answer')] : []),
      ...(wasBlind && !isBlind ? [of('has an answer again')] : []),
    ];
  });
}
