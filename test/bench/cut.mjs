// Cuts a window out of a log the way collectors do, and says what it cost: `node cut.mjs '<json>'`.
import { readFileSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { createCutter } from '../../dist/logs/cut.js';

const { from, to, since, until, zone } = JSON.parse(process.argv[2]);
const started = performance.now();
const window = { since: new Date(since), until: new Date(until) };
const cutter = createCutter({ window, zone, readAt: new Date() });
const source = await open(from, 'r');
const target = await open(to, 'w');
// Three buffers in turn: one is filled, one is cut, and a line may have begun in the third.
const buffers = [1, 2, 3].map(() => Buffer.allocUnsafe(1024 * 1024));
for (let turn = 0, coming = source.read(buffers[0]); ; turn = (turn + 1) % 3) {
  const { bytesRead } = await coming;
  if (bytesRead === 0) break;
  coming = source.read(buffers[(turn + 1) % 3]);
  for (const kept of cutter.push(buffers[turn].subarray(0, bytesRead))) await target.write(kept);
}
for (const kept of cutter.endOfPart()) await target.write(kept);
await target.close();
const seconds = (performance.now() - started) / 1000;
const { user, system } = process.cpuUsage();
const peakMb = Number(/VmHWM:\s+(\d+) kB/.exec(readFileSync('/proc/self/status', 'utf8'))[1]) / 1024;
process.stdout.write(JSON.stringify({ seconds, cpuSeconds: (user + system) / 1e6, peakMb }));
