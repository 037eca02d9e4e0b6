import type { Escalation } from '../domain/escalation.js';
import type { Watched, WatchPolicy } from '../domain/watch-policy.js';
import type { DeskSettings } from '../helpdesk/desk-settings.js';
import type { ConfiguredChannel } from '../notify/channel.js';
import type { About } from './incident/words.js';

/** What a configuration says of the watch. */
export type Watching = {
  watched: readonly Watched[];
  policy: WatchPolicy;
  configPath: string;
  organization: string | undefined;
  /** What the words of an incident are made of. */
  about: About;
  /** The help desks. */
  settings(): Promise<DeskSettings>;
  /** Who is told of incidents, and by which ways. */
  escalation: Escalation | undefined;
  channels: readonly ConfiguredChannel[];
  /** Sends the weekly status where that is due; absent where nobody gets one. */
  weekly?: { look(signal: AbortSignal): Promise<void> };
};

/** The servers of a configuration, and what is looked at there. */
export function watchedIn(
  appliances: readonly Watched['appliance'][],
  { checks, staging }: Pick<WatchPolicy, 'checks' | 'staging'>,
): Watched[] {
  return appliances.map((appliance) => {
    const { name } = appliance;
    return { appliance, checks: checks.get(name) ?? [], isStaging: staging.has(name) };
  });
}
