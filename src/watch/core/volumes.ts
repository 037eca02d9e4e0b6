import type { Answer } from '../../domain/watch-event.js';

/** How full a file system is, in KiB, of what may be used. */
export type Volume = { mount: string; usedKb: number; freeKb: number };

/**
 * Prints the file systems of this machine's own disks. `df` without `-l` waits for a server of files that is gone; it is asked
 * only where `-l` is not known.
 */
export const localVolumesCommand =
  'd=$(df -P -k -l 2>/dev/null); [ -n "$d" ] || d=$(df -P -k 2>/dev/null); printf \'%s\\n\' "$d"';

/** One line of `df -P -k`: device, blocks, used, available, capacity, mount point. */
const line = /^\S.*?\s+(\d+)\s+(\d+)\s+(-?\d+)\s+(?:\d+%|-)\s+(\/.*)$/;

/**
 * The file systems that `df -P -k` lists, by mount point. Where two lines tell different things of one mount point, it is
 * undefined: what a name with a line end in it says is not believed.
 */
export function volumesIn(output: string): Map<string, Volume | undefined> {
  const volumes = new Map<string, Volume | undefined>();
  for (const text of output.split('\n').slice(1)) {
    const volume = volumeIn(text);
    if (volume === undefined) continue;
    const other = volumes.get(volume.mount);
    const isSame = other?.usedKb === volume.usedKb && other.freeKb === volume.freeKb;
    volumes.set(volume.mount, volumes.has(volume.mount) && !isSame ? undefined : volume);
  }
  return volumes;
}

function volumeIn(text: string): Volume | undefined {
  const [, blocks, used, free, mount] = line.exec(text) ?? [];
  const [usedKb, freeKb] = [Number(used), Math.max(0, Number(free))];
  if (mount === undefined || Number(blocks) === 0 || usedKb + freeKb === 0) return undefined;
  return Number.isSafeInteger(usedKb) && Number.isSafeInteger(freeKb) ? { mount, usedKb, freeKb } : undefined;
}

/** Whether mount points are meant by their look, and not one by its name. */
export function isPattern(mount: string): boolean {
  return mount.includes('*');
}

/** The mount points that are meant: `*` stands for anything but a slash, `**` for anything. */
export function matching(mounts: Iterable<string>, pattern: string): string[] {
  const parts = pattern.split(/(\*\*?)/).map((part) => {
    if (part === '**') return '.*';
    return part === '*' ? '[^/]*' : part.replace(/[\\^$.|?+()[\]{}]/g, '\\$&');
  });
  const wanted = new RegExp(`^${parts.join('')}$`, 's');
  return [...mounts].filter((mount) => wanted.test(mount));
}

/** What the fill of a volume is; between two limits it is what it was. */
export function fillAnswer(
  { usedKb, freeKb }: Volume,
  { abovePercent, clearPercent }: { abovePercent: number; clearPercent: number },
  wasBad: boolean,
): Answer {
  const percent = (usedKb / (usedKb + freeKb)) * 100;
  const text = `${(Math.floor(percent * 10) / 10).toFixed(1)} % used`;
  const isBad = percent > abovePercent || (wasBad && percent > clearPercent);
  return { is: isBad ? 'bad' : 'ok', text };
}
