import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

/** What one transfer cost the one who fetched it; CPU time of all its processes together. */
export type Costs = { seconds: number; cpuSeconds: number };
export type OwnCosts = Costs & { peakMb: number };

const run = promisify(execFile);

/** Runs a program of ours that says itself what it cost, without its start-up. Throws when it fails. */
export async function reportedCosts(script: string, task: object): Promise<OwnCosts> {
  const { stdout } = await run(process.execPath, [script, JSON.stringify(task)]);
  return JSON.parse(stdout) as OwnCosts;
}

/** Runs another program, from its start to its end. Throws when it fails. */
export async function costsOf(program: string, args: string[]): Promise<Costs> {
  const timed = 'TIMEFORMAT="%R %U %S"; time "$@"';
  const { stderr } = await run('bash', ['-c', timed, 'bash', program, ...args]);
  const [seconds = 0, user = 0, system = 0] = (stderr.trim().split('\n').at(-1) ?? '').split(' ').map(Number);
  return { seconds, cpuSeconds: user + system };
}

/** How fast ours is beside its peer: more is better. */
export function reportSpeed(what: string, ours: number, peer: number, goal: number): void {
  const share = peer / ours;
  process.stdout.write(
    `${what}: ${ours.toFixed(3)} s to ${peer.toFixed(3)} s, speed ${share.toFixed(2)} (goal ≥ ${goal.toFixed(2)}) ${share >= goal ? 'met' : 'MISSED'}\n`,
  );
}

/** As `reportSpeed`, without a goal. */
export function reportShare(what: string, ours: number, other: number): void {
  process.stdout.write(`${what}: ${ours.toFixed(3)} s to ${other.toFixed(3)} s, speed ${(other / ours).toFixed(2)}\n`);
}
