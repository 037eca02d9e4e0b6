import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { guards } from './mutants/guards.ts';
import { projectRoot } from './support/rig.ts';

describe('a guard that can be knocked out (npm run mutants)', () => {
  it.each(guards.map((guard) => [guard.what, guard] as const))('stands where it is looked for: %s', (_what, guard) => {
    const textOf = (file: string) => readFileSync(join(projectRoot, file), 'utf8');
    const tests = textOf(guard.proof.file);

    expect(guard.edits.map(({ file, code }) => textOf(file).split(code).length - 1)).toEqual(guard.edits.map(() => 1));
    expect(tests).toContain(guard.proof.name);
  });
});
