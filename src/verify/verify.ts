import type { Layout } from '../reading/layout.js';
import type { OpenBundle } from '../reading/open-bundle.js';
import type { Run } from '../state/runs.js';
import { type Check, check } from './check.js';
import { contentChecks, twiceChecks } from './contents.js';
import { evidenceByGuide, evidenceByManifest } from './evidence.js';
import { formChecks, sizeChecks } from './form.js';
import { logChecks } from './logs-by-hand.js';
import { lookAtFiles, type SeenFile } from './look-at-files.js';
import { ownHashCheck } from './own-hash.js';
import { flawChecks, safetyChecks } from './safety.js';

export type ToVerify = {
  bundle: OpenBundle;
  layout: Layout;
  /** The run that made it, where that is on this machine. */
  run: Run | undefined;
  now: Date;
  signal: AbortSignal;
};

/** Looks at all of a bundle: is it safe, is it whole, is it what its manifest says, is it what support asks for. Writes nothing. */
export async function verify(toVerify: ToVerify): Promise<Check[]> {
  const { bundle, layout, run, signal } = toVerify;
  const flaws = flawChecks(bundle);
  if (flaws.length > 0)
    return [
      ...flaws,
      check('unknown', 'contents.unread', 'not checked', 'what is in it: it is not opened while it is not safe'),
    ];
  const seen = await lookAtFiles(bundle, signal);
  const { manifest } = bundle;
  return [
    ...safetyChecks(bundle, seen),
    ...sizeChecks(bundle),
    ...formChecks(bundle, layout),
    ...contentChecks(bundle, seen),
    ...(manifest === undefined ? await byGuide(toVerify, seen) : evidenceByManifest(manifest, seen)),
    ...(await ownHashCheck(bundle, run, signal)),
  ];
}

/** What only a bundle made by hand is asked. */
async function byGuide({ bundle, layout, now, signal }: ToVerify, seen: readonly SeenFile[]): Promise<Check[]> {
  return [
    ...twiceChecks(seen),
    ...evidenceByGuide(layout, seen),
    ...(await logChecks(bundle, layout, now, signal)),
    check('unknown', 'clock.offset', 'clocks', 'never measured: no manifest'),
  ];
}
