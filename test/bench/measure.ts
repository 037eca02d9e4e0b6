import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';

export type Measured = { seconds: number; peakMb: number };

/** Runs a program to its end; throws when it ends with another code than an expected one. */
export function measure(
  program: string,
  args: string[],
  env: Record<string, string> = {},
  expectedCodes: readonly (number | null)[] = [0],
): Promise<Measured> {
  const started = performance.now();
  const child = spawn(program, args, {
    env: { PATH: process.env['PATH'] ?? '', ...env },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let said = '';
  let peakMb = 0;
  child.stderr.on('data', (chunk: Buffer) => {
    said += chunk.toString();
  });
  const watch = setInterval(() => {
    peakMb = Math.max(peakMb, peakOf(child.pid));
  }, 20);
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => {
      clearInterval(watch);
      const seconds = (performance.now() - started) / 1000;
      if (expectedCodes.includes(code)) resolve({ seconds, peakMb });
      else reject(new Error(`${program} ${args.join(' ')} ended with ${code}: ${said}`));
    });
  });
}

/** The high-water mark of a process's resident memory, as the kernel keeps it. */
function peakOf(pid: number | undefined): number {
  try {
    return Number(/VmHWM:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0) / 1024;
  } catch {
    return 0; // it has just ended
  }
}

export function median(values: number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}

/** One line of the report: ours, the peer's, the ratio and its goal. */
export function reportRatio(what: string, ours: number, peer: number, goal: number, unit = 's'): void {
  const ratio = ours / peer;
  process.stdout.write(
    `${what}: ${ours.toFixed(3)} ${unit} to ${peer.toFixed(3)} ${unit}, ratio ${ratio.toFixed(2)} (goal ≤ ${goal.toFixed(2)}) ${ratio <= goal ? 'met' : 'MISSED'}\n`,
  );
}

export function reportFigure(what: string, value: number, goal: number, unit: string): void {
  process.stdout.write(`${what}: ${value.toFixed(0)} ${unit} (goal ≤ ${goal}) ${value <= goal ? 'met' : 'MISSED'}\n`);
}

const ticksPerSecond = 100;

/** CPU time of a process and of all descendants that have ended. */
export function cpuSeconds(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return fields.slice(11, 15).reduce((sum, ticks) => sum + Number(ticks), 0) / ticksPerSecond;
}

/** Process ids of those a process started, while they are there. */
export function childrenOf(pid: number): string[] {
  return readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').split(' ').filter(Boolean);
}
