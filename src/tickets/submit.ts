import type { RunResult } from '../domain/result.js';
import { exitCode, UserError } from '../errors.js';
import { lockReference } from '../runs/locks.js';
import { atItsDesk } from './at-its-desk.js';
import { endedEarly, interruption } from './ended-early.js';
import { fitted } from './fit.js';
import { finish, type Submission, writeBundle } from './submission.js';
import { submitByApi } from './submit-by-api.js';
import { submitByHand } from './submit-by-hand.js';

/**
 * Brings a collected run to its ticket: register or take up the ticket, name and write the ZIP, review, attach, read
 * back. Whatever ends it on the way, the same call goes on where this one ended, and the result says so.
 */
export async function submitRun(submission: Submission): Promise<RunResult> {
  const { manifest, operator, runs, signal } = submission;
  let { run, settings } = submission;
  let unlock: (() => void) | undefined;
  try {
    unlock = await lockReference(manifest.reference, run.id, runs);
    run = (await runs.find(run.id)) ?? run; // another icepack may have submitted it since it was read
    const routed = await atItsDesk({ ...submission, run });
    settings = routed.settings;
    return await deliver(routed);
  } catch (error) {
    if (signal.aborted) return endedEarly({ run, manifest, settings, operator }, interruption(signal));
    if (error instanceof UserError) return endedEarly({ run, manifest, settings, operator }, error);
    throw error;
  } finally {
    unlock?.();
  }
}

async function deliver(submission: Submission): Promise<RunResult> {
  const { intent, options, settings } = submission;
  const { desk } = settings;
  if (options.noSubmit || desk === undefined) {
    const made = await writeBundle(submission, intent.ticket, []);
    const fits = intent.fit ? await fitted(submission, made, settings.attachmentLimit) : made;
    if (fits.unfit === undefined) return finish(submission, fits, null, { exit: exitCode.ok });
    const error = { code: 'over-limit' as const, message: fits.unfit, hint: 'The ZIP is kept as it is' };
    return finish(submission, fits, null, { exit: exitCode.overLimit, error });
  }
  if (desk.kind === 'portal') return submitByHand(submission, desk);
  return submitByApi(submission, desk);
}
