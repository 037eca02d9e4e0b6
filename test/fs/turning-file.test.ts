import { spawn } from 'node:child_process';
import {
  existsSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { TurningFile } from '../../src/fs/turning-file.ts';
import { projectRoot, temporaryFolder } from '../support/rig.ts';

const opened = (path: string) => () => openSync(path, 'a', 0o600);

describe('a file that turns', () => {
  it('begins anew when it is full, and keeps what was there once', async () => {
    const path = join(await temporaryFolder(), 'log');
    const file = new TurningFile(path, 30, opened(path));

    for (let at = 0; at < 10; at++) file.append(`line number ${at}\n`);

    expect(readFileSync(`${path}.1`, 'utf8')).toBe('line number 6\nline number 7\nline number 8\n');
    expect(readFileSync(path, 'utf8')).toBe('line number 9\n');
  });

  it('goes on in the new file where somebody else turned it, or took it away', async () => {
    const path = join(await temporaryFolder(), 'log');
    const file = new TurningFile(path, 1000, opened(path));
    file.append('one\n');

    renameSync(path, `${path}.other`);
    file.append('two\n');

    expect(readFileSync(`${path}.other`, 'utf8')).toBe('one\n');
    expect(readFileSync(path, 'utf8')).toBe('two\n');
  });

  it('is not turned by two, and not kept from it by one that was killed (H11)', async () => {
    const path = join(await temporaryFolder(), 'log');
    writeFileSync(path, 'x'.repeat(50));
    const claim = `${path}.${statSync(path).ino}.turning`;
    writeFileSync(claim, '');
    const file = new TurningFile(path, 30, opened(path));

    file.append('while another one turns it\n');
    const before = existsSync(`${path}.1`);
    utimesSync(claim, 1000, 1000); // it is long gone
    file.append('one\n');
    file.append('two\n');

    expect(before).toBe(false);
    expect(readFileSync(`${path}.1`, 'utf8')).toContain('while another one turns it\none\n');
    expect(readFileSync(path, 'utf8')).toBe('two\n');
    expect(readdirSync(join(path, '..')).sort()).toEqual(['log', 'log.1']);
  });

  it('has every line of several processes, each whole, however often they turn it (H11)', async () => {
    const folder = await temporaryFolder();
    const path = join(folder, 'log');
    const writers = ['a', 'b', 'c'];
    const lines = 300;
    const source = `
      import { openSync, linkSync } from 'node:fs';
      import { TurningFile } from ${JSON.stringify(join(projectRoot, 'dist', 'fs', 'turning-file.js'))};
      const path = ${JSON.stringify(path)}, [, name] = process.argv;
      const file = new TurningFile(path, 2000, () => openSync(path, 'a', 0o600));
      for (let at = 0; at < ${lines}; at++) {
        file.append(name + ' ' + at + ' ' + 'x'.repeat(50) + '\\n');
        try { linkSync(path + '.1', ${JSON.stringify(folder)} + '/kept-' + name + at); } catch {} // so that no turn is lost
      }`;

    const codes = await Promise.all(
      writers.map(
        (name) =>
          new Promise((resolve) => {
            spawn(process.execPath, ['--input-type=module', '-e', source, name]).once('close', resolve);
          }),
      ),
    );

    expect(codes).toEqual([0, 0, 0]);
    const files = new Map(readdirSync(folder).map((name) => [statSync(join(folder, name)).ino, join(folder, name)]));
    const found = [...files.values()].flatMap((each) => readFileSync(each, 'utf8').trimEnd().split('\n'));
    const written = new Set(found);
    expect(found.filter((line) => !/^[abc] \d+ x{50}$/.test(line))).toEqual([]);
    expect(found).toHaveLength(written.size);
    for (const name of writers)
      expect(found).toContainEqual(expect.stringMatching(new RegExp(`^${name} ${lines - 1} `)));
    expect(statSync(path).size).toBeLessThan(3000);
    expect(readdirSync(folder).filter((name) => name.endsWith('.turning'))).toEqual([]);
  });
});
