import type { WatchCheck } from '../domain/watch-check.js';
import { troubleOf, unknown } from './answers.js';
import type { Look } from './core/observe.js';
import { fillAnswer, isPattern, matching, type Volume, volumesIn } from './core/volumes.js';
import type { Printed } from './fenced.js';

type VolumeCheck = Extract<WatchCheck, { kind: 'volume' }>;

/** What was asked of the volumes of a server. */
export type AskedVolumes = {
  /** Of its own disks. */
  local: Printed | undefined;
  /** Of mount points that are named and not on its own disks; undefined where there was no answer. */
  named: ReadonlyMap<string, Printed | undefined>;
};

/** What is seen of all mount points that a check means. */
export function volumeLooks(check: VolumeCheck, asked: AskedVolumes, wasBad: (instance: string) => boolean): Look[] {
  const trouble = troubleOf(asked.local);
  const volumes = volumesIn(asked.local?.text ?? '');
  if (trouble !== undefined || volumes.size === 0)
    return [{ check: check.name, answer: unknown(`df: ${trouble ?? 'it lists no file system'}`) }];
  const fill = (mount: string, volume: Volume | undefined): Look => ({
    check: check.name,
    instance: mount,
    answer:
      volume === undefined ? unknown('df tells two different things of it') : fillAnswer(volume, check, wasBad(mount)),
  });
  const patterns = check.mounts.filter(isPattern);
  const found = new Set(patterns.flatMap((pattern) => matching(volumes.keys(), pattern)));
  const named = check.mounts.filter((mount) => !isPattern(mount) && !found.has(mount));
  return [
    ...(patterns.length > 0 ? [summary(check, found.size)] : []),
    ...[...found].map((mount) => fill(mount, volumes.get(mount))),
    ...named.map((mount) =>
      volumes.has(mount) ? fill(mount, volumes.get(mount)) : elsewhere(check, mount, asked.named, fill),
    ),
  ];
}

function summary({ name, mounts }: VolumeCheck, count: number): Look {
  const text = count === 0 ? `no mount point is ${mounts.filter(isPattern).join(', ')}` : `${count} mount points`;
  return { check: name, answer: { is: 'ok', text } };
}

/** A mount point that is not on the server's own disks: it is of another server, or nothing is mounted there. */
function elsewhere(
  { name }: VolumeCheck,
  mount: string,
  named: AskedVolumes['named'],
  fill: (mount: string, volume: Volume | undefined) => Look,
): Look {
  const of = (answer: Look['answer']): Look => ({ check: name, instance: mount, answer });
  if (!named.has(mount)) return of(unknown('df did not answer; it is asked again later'));
  const printed = named.get(mount);
  const trouble = troubleOf(printed);
  if (printed === undefined || trouble !== undefined) return of(unknown(`df: ${trouble}`));
  const volumes = volumesIn(printed.text);
  if (volumes.has(mount)) return fill(mount, volumes.get(mount));
  if (volumes.size > 0 || /no such file/i.test(printed.text)) return of({ is: 'bad', text: 'not mounted' });
  return of(unknown('df says nothing of it'));
}

/** The mount points of checks that have to be asked one by one where they are not on the server's own disks. */
export function namedMounts(checks: readonly WatchCheck[]): string[] {
  const volumes = checks.filter((check) => check.kind === 'volume');
  return [...new Set(volumes.flatMap(({ mounts }) => mounts.filter((mount) => !isPattern(mount))))];
}
