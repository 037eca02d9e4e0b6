import type { Context } from '../context.js';
import type { Sources } from '../weekly/gather.js';
import { firstDesk } from './first-desk.js';

/** What the status of a week is made of, in the zone of `weekly:`. */
export async function weeklySources(
  config: Awaited<ReturnType<Context['config']>>,
  context: Context,
): Promise<Omit<Sources, 'signal'>> {
  const { watchedIn } = await import('../watch/watching.js');
  const { aboutOf } = await import('../watch/incident/words.js');
  const { appliances, watch: policy, organization, redaction, escalation, weekly } = config;
  const { operator, watch } = await context.workplace();
  const zone = weekly?.zone ?? context.zone;
  return {
    about: await aboutOf({ watched: watchedIn(appliances, policy), organization, zone }, redaction),
    escalation,
    settings: () => firstDesk(context),
    ...{ watch, operator },
  };
}
