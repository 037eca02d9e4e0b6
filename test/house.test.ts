import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';
import { describe, expect, it } from 'vitest';
import { projectRoot } from './support/rig.ts';

const maxFunctionLines = 60;

const [sources = [], tests = []] = ['src', 'test'].map((folder) =>
  readdirSync(join(projectRoot, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts'))
    .map((name) => `${folder}/${name}`),
);

function textOf(file: string): string {
  return readFileSync(join(projectRoot, file), 'utf8');
}

/** Functions that are too long, from their first to their last line; those in other functions count, too. */
function longFunctions(file: string): string[] {
  const source = ts.createSourceFile(file, textOf(file), ts.ScriptTarget.Latest, true);
  const found: string[] = [];
  const look = (node: ts.Node): void => {
    if (ts.isFunctionLike(node)) {
      const [first = 0, last = 0] = [node.getStart(), node.getEnd()].map(
        (position) => source.getLineAndCharacterOfPosition(position).line + 1,
      );
      const lines = last - first + 1;
      if (lines > maxFunctionLines) found.push(`${file}:${first} ${nameOf(node)}: ${lines} lines`);
    }
    ts.forEachChild(node, look);
  };
  look(source);
  return found;
}

function nameOf(node: ts.SignatureDeclaration): string {
  const { name, parent } = node;
  if (name !== undefined) return name.getText();
  return ts.isVariableDeclaration(parent) || ts.isPropertyAssignment(parent) ? parent.name.getText() : 'a function';
}

/** Files that are named between backticks, as `name.ts` or `folder/name.ts`, and are not there. */
function missingFiles(file: string): string[] {
  const named = [...textOf(file).matchAll(/`([\w./-]+\.ts)`/g)].map(([, name = '']) => name);
  const isThere = (name: string) => [...sources, ...tests].some((path) => path.endsWith(`/${name}`) || path === name);
  return named.filter((name) => !isThere(name)).map((name) => `${file} names ${name}`);
}

describe('the house', () => {
  it(`has no function of more than ${maxFunctionLines} lines`, () => {
    expect(sources.flatMap(longFunctions)).toEqual([]);
  });

  it('names in its comments only files that are there', () => {
    expect(sources.flatMap(missingFiles)).toEqual([]);
  });

  it('names in its map only files that are there', () => {
    expect(missingFiles('src/README.md')).toEqual([]);
  });
});
