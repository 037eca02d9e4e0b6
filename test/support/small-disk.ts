import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { privateMounts, programPath } from './requirements.ts';
import type { RunOptions } from './rig.ts';

/** Runs a command on a disk with so much room, keeps what it left, makes room, and runs it again. */
const script = `
from=$1 disk=$2 kept=$3 room=$4
shift 4
mount -t tmpfs -o size=64m,mode=700 none "$disk"
cp -a "$from/." "$disk"
used=$(df --output=used "$disk" | tail -1)
mount -o "remount,size=$((used + room))k" "$disk"
"$@" > "$kept/stdout" 2> "$kept/stderr"
echo $? > "$kept/code"
cp -a "$disk" "$kept/full"
mount -o remount,size=64m "$disk"
"$@"
code=$?
cp -a "$disk" "$kept/after"
exit $code`;

/** A state folder on a disk of its own, which only the program sees. */
export type SmallDisk = {
  /** The run with room is the one that ends it. */
  options: RunOptions;
  /** Copies of the disk: when it was full, and at the end. */
  full: string;
  after: string;
  /** How the run without room ended. */
  first(): { code: number; stdout: string; stderr: string };
};

/**
 * @param from what lies on it already
 * @param roomKib what is free besides
 */
export function smallDisk(folder: string, from: string, roomKib: number): SmallDisk {
  const disk = join(folder, 'disk');
  mkdirSync(disk, { recursive: true });
  const kept = (name: string) => readFileSync(join(folder, name), 'utf8');
  return {
    options: {
      under: [
        ...[programPath('unshare'), ...privateMounts()],
        ...['bash', '-c', script, 'bash', from, disk, folder, String(roomKib)],
      ],
      env: { XDG_STATE_HOME: disk },
    },
    full: join(folder, 'full'),
    after: join(folder, 'after'),
    first: () => ({ code: Number(kept('code')), stdout: kept('stdout'), stderr: kept('stderr') }),
  };
}

/** Runs a command on a disk that is full until a file is there, or for good. */
const fullScript = `
from=$1 disk=$2 roomy=$3
shift 3
mount -t tmpfs -o size=64m,mode=700 none "$disk"
cp -a "$from/." "$disk"
used=$(df --output=used "$disk" | tail -1)
mount -o "remount,size=$((used))k" "$disk"
(
  trap '' TERM
  while [ ! -e "$roomy" ]; do sleep 0.2; [ -d "/proc/$$" ] || exit; done
  mount -o remount,size=64m "$disk"
) > /dev/null 2>&1 &
exec "$@"`;

/** A state folder on a disk of its own that is full, and gets room when the test says so. */
export function fullDisk(folder: string, from: string): { options: RunOptions; makeRoom(): void } {
  const disk = join(folder, 'disk');
  mkdirSync(disk, { recursive: true });
  const roomy = join(folder, 'roomy');
  const under = [programPath('unshare'), ...privateMounts()];
  return {
    options: {
      under: [...under, 'bash', '-c', fullScript, 'bash', from, disk, roomy],
      env: { XDG_STATE_HOME: disk },
    },
    makeRoom: () => writeFileSync(roomy, ''),
  };
}
