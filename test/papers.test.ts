import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { projectRoot } from './support/rig.ts';

const read = (path: string) => readFileSync(join(projectRoot, path), 'utf8');
const packageJson = JSON.parse(read('package.json'));

/** What npm has without a script of ours. */
const commandsOfNpm = ['ci', 'install', 'pack', 'version'];

/** Names in backticks that look like files of the repository. */
function filesNamedIn(text: string): string[] {
  const names = [...text.matchAll(/`([^`\s]+)`/g)].map(([, name = '']) => name);
  return names.filter((name) =>
    /^(?:\.?(?:src|test|bin|templates|ci)\/|\.[a-z]{5,}$|[\w.-]+\.(?:md|json)$)/.test(name),
  );
}

/** Commands of npm in a text: `npm test`, `npm run x`. */
function unknownScripts(text: string): string[] {
  const named = [...text.matchAll(/\bnpm (?:run )?([a-z][a-z:-]*)/g)].map(([, script = '']) => script);
  return named.filter((script) => !commandsOfNpm.includes(script) && !Object.hasOwn(packageJson.scripts, script));
}

describe('the papers of the repository', () => {
  it.each(['README.md', 'CONTRIBUTING.md', 'SECURITY.md'])('%s names files and scripts that are there', (paper) => {
    const text = read(paper);

    const own = filesNamedIn(text).filter(
      (name) =>
        ![
          'manifest.json',
          'file-roots.json',
          'help-desks.json',
          'hypervisors.json',
          'seen.json',
          'replies.json',
          'reminded.json',
          'damage-told.json',
        ].includes(name),
    ); // of a bundle, of the state
    expect(own).not.toEqual([]);
    expect(own.filter((name) => !existsSync(join(projectRoot, name)))).toEqual([]);
    expect(unknownScripts(text)).toEqual([]);
  });

  it('CONTRIBUTING.md shows how to run a file and a test that are there', () => {
    const runs = [...read('CONTRIBUTING.md').matchAll(/^npx vitest run (\S+)(?: -t '(.+)')?$/gm)];

    expect(runs).toHaveLength(2);
    for (const [, file = '', name] of runs) expect(read(file)).toContain(name === undefined ? 'it(' : `it('${name}'`);
  });

  it('the licence is the one the package names, and goes with it', () => {
    expect(read('LICENSE')).toMatch(
      new RegExp(`^${packageJson.license} License\n\nCopyright .* the icepack authors\n`),
    );
    expect(packageJson.files).toEqual(expect.arrayContaining(['LICENSE', 'SECURITY.md', 'CHANGELOG.md']));
  });

  it('one version is named everywhere: package, lock, installation, newest released section of the changelog', () => {
    const { version } = packageJson;
    const lock = JSON.parse(read('package-lock.json'));
    const tarballs = [...read('README.md').matchAll(/icepack-(\S+)\.tgz/g)].map(([, named]) => named);

    expect([lock.version, lock.packages[''].version]).toEqual([version, version]);
    expect(new Set(tarballs)).toEqual(new Set([version]));
    expect(/^## (\d\S*)/m.exec(read('CHANGELOG.md'))?.[1]).toBe(version);
  });

  it('editors are told what the formatter does', () => {
    const { indentStyle, indentWidth, lineWidth } = JSON.parse(read('biome.json')).formatter;

    const settings = read('.editorconfig');
    for (const line of [
      `indent_style = ${indentStyle}`,
      `indent_size = ${indentWidth}`,
      `max_line_length = ${lineWidth}`,
    ])
      expect(settings.split('\n')).toContain(line);
  });
});
