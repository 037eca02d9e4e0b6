import { UserError } from '../errors.js';
import { beforeOf } from './facts/before.js';
import { factsOf } from './facts/facts.js';
import type { Layout } from './layout.js';
import type { OpenBundle } from './open-bundle.js';
import type { Missing, Reading } from './reading.js';

type States = Pick<Reading, 'facts' | 'before'> & { lost: Missing[] };

/** What is known of servers beside their logs. What is damaged there costs only that, and is said. */
export async function statesOf(bundle: OpenBundle, layout: Layout, signal: AbortSignal): Promise<States> {
  try {
    return { facts: await factsOf(bundle, layout, signal), before: await beforeOf(bundle, layout, signal), lost: [] };
  } catch (error) {
    if (!(error instanceof UserError) || error.code !== 'archive-damaged') throw error;
    const lost: Missing = {
      state: 'partial',
      server: undefined,
      what: 'facts',
      text: `servers are not compared: ${error.message}`,
    };
    return { facts: [], before: [], lost: [lost] };
  }
}
