import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { editorOf } from '../../src/context/editor.ts';
import type { Surroundings } from '../../src/context/surroundings.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'editor-'));
});
afterAll(() => rm(folder, { recursive: true }));

const editorWith = (env: Record<string, string>) =>
  editorOf({
    env: { PATH: process.env['PATH'], ...env },
    stdin: 'ignore',
    stderr: 'ignore',
  } as unknown as Surroundings);

/** An editor that notes which file it got and who may read that, and adds a line. */
async function script(name: string, more = ''): Promise<string> {
  const path = join(folder, name);
  const lines = ['#!/bin/sh', `for file; do :; done`, `stat -c '%a %n' "$file" > "${path}.seen"`];
  await writeFile(path, [...lines, `echo "Knoten für $# weg" >> "$file"`, more].join('\n'));
  await chmod(path, 0o755);
  return path;
}

describe('the editor of the person', () => {
  it('gets the text in a file that nobody else can read, and that is gone afterwards', async () => {
    const path = await script('plain');

    const text = await editorWith({ VISUAL: path, EDITOR: 'false' })?.edit('before\n');

    expect(text).toBe('before\nKnoten für 1 weg\n');
    const [mode, file = ''] = (await readFile(`${path}.seen`, 'utf8')).trim().split(' ');
    expect(mode).toBe('600');
    await expect(readFile(dirname(file))).rejects.toThrow('ENOENT');
  });

  it('may have options in $EDITOR', async () => {
    const path = await script('wait');

    expect(await editorWith({ EDITOR: `${path} --wait` })?.edit('')).toBe('Knoten für 2 weg\n');
  });

  it('gives no text where it is not there, or ends with an error', async () => {
    expect(await editorWith({ EDITOR: join(folder, 'none') })?.edit('x')).toBeUndefined();
    expect(await editorWith({ EDITOR: await script('aborts', 'exit 1') })?.edit('x')).toBeUndefined();
  });

  it('is none where none is chosen', () => {
    expect(editorWith({})).toBeUndefined();
  });
});
