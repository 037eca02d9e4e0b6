import type { Manifest } from '../domain/manifest.js';
import { nextSteps } from '../domain/next-step.js';
import { collectionExit } from '../domain/outcome.js';
import type { RunResult } from '../domain/result.js';
import { formatLocal, minuteAfter } from '../domain/zone.js';
import type { DeskSettings } from '../helpdesk/desk-settings.js';
import type { Run } from '../state/runs.js';
import { limitAt, ticketSoFar } from '../tickets/ended-early.js';
import type { Operator } from '../ui/operator.js';
import { bundleOf } from './run-page.js';

/** The result where all that a run owes are the logs of a window that is not over: as it stands, and no bundle is made. */
export function tooEarly(run: Run, manifest: Manifest, settings: DeskSettings, operator: Operator): RunResult {
  const now = operator.now();
  const until = `${formatLocal(minuteAfter(new Date(manifest.event.window.until)), operator.zone)} ${operator.zone}`;
  const ticket = ticketSoFar(run);
  operator.emit({
    type: 'warning',
    text: `the log window is open until ${until}: nothing new can be had before, and no bundle is made`,
  });
  return {
    exitCode: collectionExit(manifest.servers),
    manifest,
    ticket: ticket && { ...ticket, created: false },
    bundle: bundleOf(run),
    next: nextSteps({ run: run.id, journal: run.journal, manifest, now, limit: limitAt(settings) }),
    error: null,
  };
}
