import { type BundleName, parseBundleName } from '../domain/bundle-layout.js';
import { latest } from '../domain/journal.js';
import { folderTime } from '../domain/zone.js';
import type { Run, RunStore } from '../state/runs.js';

/** The events of a ticket: by the names of its attachments and by the runs on this machine. */
export async function knownBundles(
  ticket: string,
  files: readonly { name: string }[],
  runs: RunStore,
  thisRun: Run,
): Promise<BundleName[]> {
  const names = files.map((file) => file.name);
  const others = (await runs.ids()).filter((id) => id !== thisRun.id);
  for await (const run of runs.each(others)) {
    const bundled = latest(run.journal, 'bundled');
    if (bundled?.ticket === ticket && originOf(run) === originOf(thisRun)) names.push(bundled.name);
  }
  return names.flatMap((name) => parseBundleName(name) ?? eventIn(name) ?? []);
}

/** The help desk of a run: the same ticket number at another desk is another ticket. */
function originOf(run: Run): string | undefined {
  return latest(run.journal, 'registered')?.origin;
}

/** A file that is not one of our bundles may still tell that a number is taken. */
function eventIn(name: string): BundleName | undefined {
  const number = /(?:^|_)Event(\d{1,6})_/.exec(name)?.[1];
  return number === undefined ? undefined : { number: Number(number), time: '', sequence: 0 };
}

/** The number of an event and the sequence of its bundle: the same minute is the same event, another one gets the next number. */
export function assignEvent(
  known: readonly BundleName[],
  at: Date,
  zone: string,
  given: number | undefined,
): { number: number; sequence: number; outOfOrder: boolean } {
  const time = folderTime(at, zone);
  const same = known.find((bundle) => bundle.time === time);
  const number = given ?? same?.number ?? 1 + Math.max(0, ...known.map((bundle) => bundle.number));
  const sequence =
    1 +
    Math.max(
      0,
      ...known.filter((bundle) => bundle.number === number && bundle.time === time).map((bundle) => bundle.sequence),
    );
  const outOfOrder = known.some((bundle) =>
    bundle.number < number ? bundle.time > time : bundle.number > number && bundle.time < time,
  );
  return { number, sequence, outOfOrder };
}
