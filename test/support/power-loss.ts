import { spawn } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { programPath } from './requirements.ts';
import { binary } from './rig.ts';

/** A file or folder as a disk has it: `synced` says how much of it is there after the power has gone. */
type Node = { size: number; synced: number; before?: Buffer; isFolder: boolean };
type Names = Map<string, Node>;

/** What is on the disk again after an end: everything (a kill), nothing that was not synced, or names without content. */
export type Survival = 'everything' | 'what was synced' | 'names, and what was synced of files';

export type Traced = { code: number | null; stderr: string; syncs: number; crash: (survival: Survival) => void };

/**
 * Runs the program under strace and notes what it does to a folder, for a disk that keeps only what was synced.
 * @param killAt kills it when it enters its nth call of that name
 */
export async function traced(
  args: string[],
  { env, cwd, root, killAt }: { env: Record<string, string>; cwd: string; root: string; killAt?: [string, number] },
): Promise<Traced> {
  const disk = diskOf(root);
  const inject = killAt === undefined ? [] : ['-e', `inject=${killAt[0]}:signal=KILL:when=${killAt[1]}`];
  const calls = 'openat,mkdir,rename,link,unlink,ftruncate,write,pwrite64,fsync';
  const log = `${root}.strace`;
  const strace = ['-f', '-y', '-qq', '-s', '0', '-e', 'signal=none', '-e', `trace=${calls}`, ...inject, '-o', log];
  const child = spawn(programPath('strace'), [...strace, process.execPath, binary, ...args], {
    env: { ...env, UV_THREADPOOL_SIZE: '1' }, // strace counts per thread
    cwd,
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let stderr = '';
  child.stderr.on('data', (chunk: Buffer) => {
    stderr += chunk;
  });
  const code = await new Promise<number | null>((resolve) => child.once('close', resolve));
  const lines = wholeCalls(readFileSync(log, 'utf8'));
  rmSync(log);
  for (const line of lines) disk.follow(line);
  const syncs = lines.filter((line) => line.startsWith('fsync')).length;
  return { code, stderr, syncs, crash: disk.crash };
}

/** Calls in the order in which they ended; one that another thread interrupted is put together again. */
function wholeCalls(log: string): string[] {
  const begun = new Map<string, string>();
  return log.split('\n').flatMap((line) => {
    const [, pid = '', text = ''] = /^(\d+) +(.*)$/.exec(line) ?? [];
    if (text.endsWith('<unfinished ...>')) {
      begun.set(pid, text.slice(0, -'<unfinished ...>'.length));
      return [];
    }
    return [text.replace(/^<\.\.\. \w+ resumed>/, () => begun.get(pid) ?? '')];
  });
}

function diskOf(root: string) {
  const names: Names = new Map();
  for (const entry of readdirSync(root, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name);
    const size = statSync(path).size;
    const before = entry.isFile() ? readFileSync(path) : undefined;
    names.set(path, { size, synced: size, isFolder: entry.isDirectory(), ...(before === undefined ? {} : { before }) });
  }
  const kept: Names = new Map(names);

  function follow(call: string): void {
    const [, name = '', args = '', result = ''] = /^(\w+)\((.*)\) += (\S+)/.exec(call) ?? [];
    if (!/^\d/.test(result)) return; // refused, or killed on the way
    const [first = '', second = ''] = [...args.matchAll(/"([^"]*)"/g)].map(([, path]) => path);
    const open = /^\d+<([^>]*)>/.exec(args)?.[1] ?? '';
    const node = names.get(open);
    const last = Number(/(\d+)$/.exec(args)?.[1]);
    if (name === 'openat' && args.includes('O_CREAT') && first.startsWith(`${root}/`) && !names.has(first))
      names.set(first, { size: 0, synced: 0, isFolder: false });
    if (name === 'mkdir' && first.startsWith(`${root}/`)) names.set(first, { size: 0, synced: 0, isFolder: true });
    if (name === 'rename' || name === 'link') move(first, second, name === 'rename');
    if (name === 'unlink') names.delete(first);
    if (name === 'ftruncate' && node) node.size = last;
    if (name === 'write' && node) node.size += Number(result);
    if (name === 'pwrite64' && node) node.size = Math.max(node.size, last + Number(result));
    if (name === 'fsync') sync(open);
  }

  function move(from: string, to: string, isRename: boolean): void {
    const node = names.get(from);
    if (node === undefined) return;
    names.set(to, node);
    if (isRename) names.delete(from);
    if (isRename && node.isFolder) moveBelow(names, from, to);
  }

  /** What is in a folder goes with it. */
  function moveBelow(all: Names, from: string, to: string): void {
    for (const [path, node] of [...all]) {
      if (!path.startsWith(`${from}/`)) continue;
      all.delete(path);
      all.set(`${to}${path.slice(from.length)}`, node);
    }
  }

  function sync(path: string): void {
    const node = names.get(path);
    if (node !== undefined) node.synced = node.size;
    if (path !== root && !node?.isFolder) return;
    const before = new Map(
      [...kept].flatMap(([name, each]): [Node, string][] => (dirname(name) === path ? [[each, name]] : [])),
    );
    for (const name of before.values()) kept.delete(name);
    for (const [name, each] of names) {
      if (dirname(name) !== path) continue;
      kept.set(name, each);
      const old = before.get(each);
      if (each.isFolder && old !== undefined && old !== name) moveBelow(kept, old, name);
    }
  }

  /** Makes the folder what a machine finds in it when it has started again. */
  function crash(survival: Survival): void {
    if (survival === 'everything') return;
    const left = survival === 'what was synced' ? kept : names;
    const isThere = (path: string): boolean => path === root || (left.has(path) && isThere(dirname(path)));
    const found = [...left]
      .filter(([path]) => isThere(path))
      .map(([path, node]) => ({ path, node, content: contentOf(node) }));
    rmSync(root, { recursive: true });
    mkdirSync(root, { mode: 0o700 });
    for (const { path, node, content } of found.sort((a, b) => (a.path < b.path ? -1 : 1))) {
      if (node.isFolder) mkdirSync(path, { mode: 0o700 });
      else writeFileSync(path, content, { mode: 0o600 });
    }
  }

  function contentOf(node: Node): Buffer {
    if (node.isFolder || node.synced === 0) return Buffer.alloc(0);
    const [path] = [...names].find(([, each]) => each === node) ?? [];
    // A file that was removed since, and whose removal was not synced: what was in it is not known any more.
    const content = path === undefined ? (node.before ?? Buffer.alloc(node.synced)) : readFileSync(path);
    if (content === undefined || content.length < node.synced) throw new Error(`what was synced is not known: ${path}`);
    return content.subarray(0, node.synced);
  }

  return { follow, crash };
}
