import { chmodSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { addToConfig } from '../../src/config/keep.ts';
import { temporaryFolder } from '../support/rig.ts';

const added = [
  { key: 'organization', value: 'Example "AB" # 1' },
  { key: 'contact', value: { name: 'Kim: Doe', phone: '+46 660' } },
];

async function fileWith(text: string): Promise<string> {
  const path = join(await temporaryFolder(), 'icepack.yaml');
  writeFileSync(path, text, { mode: 0o640 });
  return path;
}

describe('what is kept in the configuration', () => {
  it.each(['\n', '\r\n'])('leaves every other byte and the mode as they were', async (end) => {
    const [head, rest] = [
      '# mine',
      '',
      'window: { before: 30m }   # of   lines',
      'appliances:',
      '  a: {}   # x',
      '',
    ].reduce<[string, string]>(
      ([before, behind], line, index) => (index < 2 ? [before + line + end, behind] : [before, behind + line + end]),
      ['', ''],
    );
    const path = await fileWith(head + rest);
    chmodSync(path, 0o640);

    expect(await addToConfig(path, added)).toBe(true);

    const written = readFileSync(path, 'utf8');
    expect(written.startsWith(head) && written.endsWith(rest)).toBe(true);
    expect(parse(written)).toMatchObject({ organization: 'Example "AB" # 1', contact: { name: 'Kim: Doe' } });
    expect(statSync(path).mode & 0o777).toBe(0o640);
  });

  it.each(['{ appliances: {} }\n', 'organization: mine\n', ''])('is not forced into a file like %j', async (text) => {
    const path = await fileWith(text);

    expect(await addToConfig(path, added)).toBe(false);
    expect(readFileSync(path, 'utf8')).toBe(text);
  });

  it('is not written through a link, or into a file that is read-only', async () => {
    const path = await fileWith('appliances: {}\n');
    symlinkSync(path, `${path}.link`);
    chmodSync(path, 0o440);

    expect(await addToConfig(`${path}.link`, added)).toBe(false);
    expect(await addToConfig(path, added)).toBe(false);
  });
});
