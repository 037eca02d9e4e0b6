import { serverTitle } from '../domain/appliance.js';
import type { DeskSettings } from '../helpdesk/desk-settings.js';
import { lastAnswers } from '../runs/last-answers.js';
import type { RunStore } from '../state/runs.js';
import type { KnownAnswers } from '../tickets/question-form.js';

type About = {
  settings: Pick<DeskSettings, 'contact' | 'product' | 'version'> & { desk?: { readonly origin: string } | undefined };
  servers: readonly { id: number }[];
  /** The run that is described: its own answers are not those of another time. */
  run?: string;
};

/** What is known of an event before anybody is asked: by the configuration, and by the ticket before. */
export async function knownAnswers({ settings, servers, run }: About, runs: RunStore): Promise<KnownAnswers> {
  const { desk, contact, product = 'InCenter', version } = settings;
  const software = [product, version].filter(Boolean).join(' ');
  return {
    contact,
    system: `${software}: ${servers.map(({ id }) => serverTitle(id)).join(', ')}`,
    last: desk === undefined ? {} : await lastAnswers(runs, desk.origin, run),
  };
}
