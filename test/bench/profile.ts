import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { temporaryFolder } from '../support/rig.ts';

type CallFrame = { functionName: string; url: string };
type Profile = { nodes: { id: number; callFrame: CallFrame }[]; samples: number[]; timeDeltas: number[] };

const run = promisify(execFile);

/** Whose code the main thread was in, largest first, in words: `ssh2 31 %, …`. What it waited is left out. */
export async function timeByOwner(script: string, task: object): Promise<string> {
  const folder = await temporaryFolder();
  const options = ['--cpu-prof', `--cpu-prof-dir=${folder}`, '--cpu-prof-name=profile'];
  await run(process.execPath, [...options, script, JSON.stringify(task)]);
  const { nodes, samples, timeDeltas } = JSON.parse(readFileSync(join(folder, 'profile'), 'utf8')) as Profile;
  const owners = new Map(nodes.map(({ id, callFrame }) => [id, ownerOf(callFrame)]));
  const spent = new Map<string, number>();
  samples.forEach((id, at) => {
    const owner = owners.get(id);
    if (owner !== undefined) spent.set(owner, (spent.get(owner) ?? 0) + (timeDeltas[at] ?? 0));
  });
  const all = [...spent.values()].reduce((sum, each) => sum + each, 0);
  return [...spent]
    .sort(([, a], [, b]) => b - a)
    .map(([owner, micros]) => `${owner} ${((100 * micros) / all).toFixed(0)} %`)
    .join(', ');
}

function ownerOf({ functionName, url }: CallFrame): string | undefined {
  if (functionName === '(idle)') return undefined;
  if (functionName === '(garbage collector)') return 'garbage collection';
  if (url.includes('/node_modules/ssh2/')) return 'ssh2';
  if (url.includes('/dist/')) return 'icepack';
  return url.startsWith('node:internal/crypto') ? 'ciphers of Node' : 'Node and V8';
}
