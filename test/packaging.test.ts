import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { projectRoot, temporaryFolder } from './support/rig.ts';

type LockEntry = {
  version?: string;
  resolved?: string;
  integrity?: string;
  hasInstallScript?: boolean;
  link?: boolean;
  inBundle?: boolean;
};

/** ssh2 works without its native parts, and install scripts are never run (`.npmrc`). */
const mayHaveInstallScripts = ['cpu-features', 'esbuild', 'fsevents', 'ssh2'];

describe('what is installed', () => {
  it('the lock file holds nothing but packages of the registry, each with its checksum (J02)', () => {
    const { packages } = JSON.parse(readFileSync(join(projectRoot, 'package-lock.json'), 'utf8')) as {
      packages: Record<string, LockEntry>;
    };

    const faults = Object.entries(packages).flatMap(([path, entry]) => {
      const name = path.slice(path.lastIndexOf('node_modules/') + 'node_modules/'.length);
      if (path === '') return [];
      if (entry.link || entry.resolved !== undefined) return [`${name} comes from ${entry.resolved ?? 'a link'}`];
      if (!entry.integrity?.startsWith('sha512-')) return [`${name} has no checksum`];
      return entry.hasInstallScript && !mayHaveInstallScripts.includes(name)
        ? [`${name} runs a script when it is installed`]
        : [];
    });

    expect(faults).toEqual([]);
  });

  it('install scripts do not run, versions are exact', () => {
    const npmrc = readFileSync(join(projectRoot, '.npmrc'), 'utf8');
    const { dependencies, devDependencies } = JSON.parse(readFileSync(join(projectRoot, 'package.json'), 'utf8'));

    expect(npmrc).toContain('ignore-scripts=true');
    expect(
      Object.values({ ...dependencies, ...devDependencies }).filter((version) => !/^\d/.test(String(version))),
    ).toEqual([]);
  });
});

describe('the packed tarball', () => {
  it('installs offline into a clean prefix and runs, without development files (J01, J03)', {
    timeout: 240_000,
  }, async () => {
    const folder = await temporaryFolder();
    const npm = (...args: string[]) =>
      execFileSync('npm', args, {
        cwd: projectRoot,
        encoding: 'utf8',
        maxBuffer: 64_000_000, // it lists every file
        stdio: ['ignore', 'pipe', 'ignore'],
        env: { ...process.env, npm_config_cache: join(folder, 'empty-cache') },
      });
    const [{ filename, files }] = JSON.parse(npm('pack', '--json', '--pack-destination', folder));
    const [, flags = ''] =
      /^npm install (-g.*) \.\/icepack/m.exec(readFileSync(join(projectRoot, 'README.md'), 'utf8')) ?? [];
    // As on another machine: nobody has configured npm there, and there is no network.
    execFileSync('npm', ['install', ...flags.split(' '), '--prefix', join(folder, 'prefix'), join(folder, filename)], {
      cwd: folder,
      stdio: 'ignore',
      env: {
        PATH: process.env['PATH'],
        HOME: folder,
        npm_config_registry: 'http://127.0.0.1:1/',
        npm_config_fetch_retries: '0',
      },
    });

    const installed = join(folder, 'prefix', 'lib', 'node_modules', 'icepack');
    const version = execFileSync(join(folder, 'prefix', 'bin', 'icepack'), ['--version'], { encoding: 'utf8' });
    const manPage = execFileSync('readlink', ['-e', join(folder, 'prefix/share/man/man1/icepack.1')], {
      encoding: 'utf8',
    });
    const own = files
      .map((file: { path: string }) => file.path)
      .filter((path: string) => !path.startsWith('node_modules/'));

    expect(version).toBe(`${JSON.parse(readFileSync(join(projectRoot, 'package.json'), 'utf8')).version}\n`);
    expect(manPage.trim()).toBe(join(installed, 'dist/man/icepack.1'));
    expect(own).toEqual(
      expect.arrayContaining(['bash', 'zsh', 'fish'].map((shell) => `dist/completions/icepack.${shell}`)),
    );
    expect([...new Set(own.map((path: string) => path.split('/')[0]))].sort()).toEqual([
      'CHANGELOG.md',
      'LICENSE',
      'README.md',
      'SECURITY.md',
      'bin',
      'dist',
      'package.json',
      'templates',
    ]);
    expect(own.filter((path: string) => /\.(ts|test\.js|map|env|pem|key)$/.test(path))).toEqual([]);
    expect(readdirSync(join(installed, 'node_modules'))).not.toContain('vitest');
  });
});
