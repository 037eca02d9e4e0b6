import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { errorCodes } from '../src/error-codes.ts';
import { projectRoot } from './support/rig.ts';

const tests = join(projectRoot, 'test');
const rows = [
  ...readFileSync(join(tests, 'README.md'), 'utf8').matchAll(
    /^\| ((?:field-)?[A-JQRVW]\d\d|IO-\d+) \| (.*) \| (.*) \| (.*) \|$/gm,
  ),
];
const files = readdirSync(tests, { recursive: true, encoding: 'utf8' }).filter(
  (name) => name.endsWith('.ts') && !name.startsWith('mutants'),
);

const anId = /^(?:[A-JQRVW]\d\d|PT\d\d|field-[A-F]\d\d|IO-\d+)$/;

/** Ids at the ends of the names of tests, by file. */
function idsIn(file: string): Set<string> {
  const text = readFileSync(join(tests, file), 'utf8');
  const lists = [...text.matchAll(/\(([A-Za-z0-9, -]{3,120})\)/g)].map(([, list = '']) => list.split(/,? /));
  return new Set(lists.filter((list) => list.every((id) => anId.test(id))).flat());
}

describe('the table of faults', () => {
  it('has a row for each of the groups A to I', () => {
    const ids = rows.map(([, id]) => id);

    const count = (group: string) =>
      ids.filter((id) => id !== undefined && /^[A-J]\d/.test(id) && id.startsWith(group)).length;
    expect([...'ABCDEFGHI'].map(count)).toEqual([24, 22, 27, 24, 19, 33, 18, 12, 8]);
  });

  it('has a row for each case of reading bundles (V), of the report (R) and of captures (Q)', () => {
    const count = (group: string) => rows.filter(([, id]) => id?.startsWith(group)).length;

    expect([...'VRQ'].map(count)).toEqual([10, 15, 10]);
  });

  it('has a row for each case from the field that is mended', () => {
    const ids = rows.map(([, id]) => id);

    const count = (group: string) => ids.filter((id) => id?.startsWith(group)).length;
    expect(['field-A', 'field-B', 'field-C', 'field-E', 'field-F', 'IO-'].map(count)).toEqual([15, 9, 10, 4, 19, 18]);
  });

  it('names the files in which a row is proved, or says why there are none', () => {
    const proved = new Map(files.map((file) => [file, idsIn(file)]));

    for (const [, id = '', , where = '', remark = ''] of rows) {
      const named = [...where.matchAll(/`([^`]+)`/g)].map(([, file = '']) => file);
      const found = files.filter((file) => proved.get(file)?.has(id));
      expect(named.sort(), id).toEqual(found.sort());
      if (named.length === 0) expect(remark, id).not.toBe('');
    }
  });
});

describe('the list of error codes', () => {
  const readme = readFileSync(join(projectRoot, 'README.md'), 'utf8');
  const listed = [...readme.matchAll(/^\| (\d+) \| (`[a-zA-Z_-]+`(?:, `[a-zA-Z_-]+`)*) \|$/gm)].map(
    ([, exit = '', codes = '']): [string, string[]] => [exit, codes.replaceAll('`', '').split(', ')],
  );

  it('is that of the program', () => {
    expect(Object.fromEntries(listed)).toEqual(errorCodes);
  });

  it('has each code once, and none that nobody throws', () => {
    const codes = listed.flatMap(([, some]) => some);
    const source = join(projectRoot, 'src');
    const text = readdirSync(source, { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.ts') && name !== 'error-codes.ts')
      .map((name) => readFileSync(join(source, name), 'utf8'))
      .join('\n');

    expect(new Set(codes).size).toBe(codes.length);
    expect(codes.filter((code) => !text.includes(`'${code.replace(/^helpdesk-/, '')}'`))).toEqual([]);
  });
});
