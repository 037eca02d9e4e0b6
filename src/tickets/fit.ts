import { packedIn } from '../bundle/unzip.js';
import { formatSize } from '../domain/quantities.js';
import { attempts } from './fit-attempts.js';
import { estimate, mustStay } from './fit-size.js';
import type { BundleToSend, Submission } from './submission.js';
import { zipRun } from './zip-run.js';

const strongest = 9;
/**
 * Makes a bundle that is over the limit fit, where that is wanted: first by stronger compression, then by what support needs
 * least. What is left out stays in the run, and the manifest of the bundle names it. Nothing is written before it is known
 * that it may fit, by what each file took in the ZIP that is there.
 * @returns the bundle as it is, when that is not wanted or does not help; `unfit` says why it cannot
 */
export async function fitted(submission: Submission, written: BundleToSend, limitBytes: number): Promise<BundleToSend> {
  if (written.zip.bytes <= limitBytes) return written;
  const { run, intent, operator, signal } = submission;
  const made = {
    ...written,
    zip: { ...written.zip, packed: written.zip.packed ?? (await packedIn(written.zip.path)) },
  };
  const leastBytes = mustStay(made);
  if (leastBytes > limitBytes) return unfit(submission, written, leastBytes, mandatoryParts, limitBytes);
  if (!intent.fit && operator.ask === undefined) return written;
  let smallest = made.zip.bytes;
  let last = written;
  for await (const attempt of attempts(submission, made)) {
    const { said, manifest, report, instead } = attempt;
    const expected = estimate(made, attempt);
    smallest = Math.min(smallest, expected);
    if (expected > limitBytes) continue;
    const plan = `to fit ${formatSize(limitBytes)}: ${said}; that makes about ${formatSize(expected)} of ${formatSize(made.zip.bytes)}`;
    if (last === written && !(await isWanted(submission, plan))) return written;
    const zip = await zipRun({ ...made, run, manifest, report }, operator, signal, { level: strongest, instead });
    last = { ...made, zip, manifest, report };
    if (zip.bytes <= limitBytes) return last;
  }
  if (last === written) return unfit(submission, written, smallest, 'what never leaves', limitBytes);
  const zip = await zipRun({ ...made, run }, operator, signal, { level: strongest, instead: new Map() });
  return unfit(submission, { ...made, zip }, smallest, 'what never leaves', limitBytes);
}

const mandatoryParts = 'configuration backup, techsupport and the texts of icepack';

function unfit(
  { operator }: Submission,
  made: BundleToSend,
  leastBytes: number,
  what: string,
  limitBytes: number,
): BundleToSend {
  const text = `it cannot be made to fit: with ${what} it has at least ${leastBytes} bytes, the limit is ${limitBytes} bytes`;
  operator.emit({ type: 'note', text: `${text}; nothing is left out` });
  return { ...made, unfit: text };
}

/** Tells the plan, and asks where it was not said already. */
async function isWanted({ intent, operator }: Submission, plan: string): Promise<boolean> {
  if (intent.fit || operator.ask === undefined) {
    operator.emit({ type: 'note', text: plan });
    return true;
  }
  operator.emit({
    type: 'note',
    text: `${plan}. The event's own configuration backup and techsupport always stay`,
    asked: true,
  });
  return operator.ask.confirm('Make it fit?', true);
}
