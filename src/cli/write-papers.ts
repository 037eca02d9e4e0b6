// Part of the build: what packages of a system install besides the program, made of the program itself.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { packageRoot } from '../config/templates.js';
import { packageVersion } from '../context/surroundings.js';
import { commandTree } from '../manual/command-tree.js';
import { completionScript, shells } from '../manual/completion.js';
import { manPage } from '../manual/man-page.js';
import { programOf } from './program.js';

const version = packageVersion();
const program = await programOf(
  async () => undefined,
  { argv: [], stdout: { columns: 80 } },
  () => undefined,
);
const tree = commandTree(program);
for (const shell of shells) write(`completions/icepack.${shell}`, completionScript(shell, tree));
write('man/icepack.1', manPage(tree, { version, date: dateOf(version) }));

/** When a version was released, so that the same sources make the same page. */
function dateOf(released: string): string {
  const changes = readFileSync(join(packageRoot, 'CHANGELOG.md'), 'utf8');
  return changes.split(`\n## ${released} – `)[1]?.slice(0, 10) ?? '';
}

function write(name: string, text: string): void {
  const path = join(packageRoot, 'dist', name);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
}
