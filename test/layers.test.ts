import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { projectRoot } from './support/rig.ts';

const source = join(projectRoot, 'src');

/** Who may import whom (`src/README.md`). `types`: only with `import type`. */
const layers: Record<string, { may: string[]; types?: string[]; never?: RegExp; why: string }> = {
  errors: { may: [], never: /./, why: 'everything throws them' },
  domain: {
    may: ['domain', 'errors'],
    never: /^node:|^(ssh2|undici|archiver)$/,
    why: 'rules are pure: no I/O, no clock',
  },
  logs: {
    may: ['domain', 'errors', 'logs'],
    never: /^node:(?!stream|zlib)|^ssh2$/,
    why: 'logs are cut from bytes, wherever they come from',
  },
  report: { may: ['domain', 'errors', 'report'], never: /^node:/, why: 'texts are made from a manifest alone' },
  redaction: {
    may: ['domain', 'errors', 'redaction'],
    never: /^node:|^ssh2$/,
    why: 'secrets are masked in bytes, wherever they come from',
  },
  fs: { may: ['errors', 'fs'], why: 'durable files know nothing of what is in them' },
  ssh: { may: ['domain', 'errors', 'ssh'], why: 'edges do not know each other' },
  helpdesk: { may: ['domain', 'errors', 'helpdesk'], why: 'edges do not know each other' },
  upload: { may: ['domain', 'errors', 'upload'], types: ['ssh'], never: /^ssh2$/, why: 'edges do not know each other' },
  bundle: { may: ['domain', 'errors', 'logs', 'fs', 'bundle'], why: 'edges do not know each other' },
  state: { may: ['domain', 'errors', 'fs', 'state'], why: 'edges do not know each other' },
  ui: { may: ['domain', 'errors', 'ui'], why: 'edges do not know each other' },
  config: { may: ['domain', 'errors', 'fs', 'config'], why: 'edges do not know each other' },
  collectors: {
    may: ['domain', 'errors', 'logs', 'collectors'],
    types: ['ssh', 'bundle'],
    never: /^ssh2$|^node:fs/,
    why: 'a collector says what and where, never how',
  },
  flows: {
    may: ['domain', 'errors', 'report', 'redaction', 'collectors', 'flows'],
    types: ['ssh', 'helpdesk', 'upload', 'bundle', 'state', 'ui', 'config'],
    never: /^node:(fs|net|process|child_process)|^(ssh2|undici|archiver|inquirer|basic-ftp)$/,
    why: 'flows meet the edges through what the context gives them',
  },
  commands: {
    may: ['domain', 'errors', 'report', 'flows', 'commands'],
    types: ['context'],
    why: 'a command is arguments, a flow, and what to show',
  },
  mock: { may: ['domain', 'mock'], why: 'the mock shares nothing with what it tests' },
};

/** The mock belongs to its own commands. */
const exceptions: Record<string, string[]> = { 'commands/mock.ts': ['mock'], 'commands/demo.ts': ['mock'] };

type Import = { file: string; target: string; typeOnly: boolean };

function importsOf(file: string): Import[] {
  const text = readFileSync(join(source, file), 'utf8');
  const statements = [
    ...text.matchAll(/^(?:import|export) (type )?[^;]*?from '([^']+)';|import\('([^']+)'\)|^import '([^']+)';/gm),
  ];
  return statements.map(([whole, typeOnly, from, dynamic, bare]) => ({
    file,
    target: from ?? dynamic ?? bare ?? '',
    typeOnly: typeOnly !== undefined || (dynamic !== undefined && text.includes(`typeof ${whole}`)),
  }));
}

function layerOf(path: string): string {
  const [top = ''] = path.split('/');
  return top.replace(/\.ts$/, '');
}

const files = readdirSync(source, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.ts'));
const free = new Set(['cli', 'context']);

describe('layers', () => {
  it.each(files.filter((file) => !free.has(layerOf(file))))('%s imports only what its layer may', (file) => {
    const rule = layers[layerOf(file)];
    if (rule === undefined) throw new Error(`${file} belongs to no layer`);
    const faults = importsOf(file).flatMap(({ target, typeOnly }) => {
      if (!target.startsWith('.'))
        return rule.never?.test(target) && !typeOnly ? [`${file} imports ${target}: ${rule.why}`] : [];
      const layer = layerOf(relative(source, resolve(source, dirname(file), target)).replace(/\.js$/, '.ts'));
      const allowed = [...rule.may, ...(exceptions[file] ?? []), ...(typeOnly ? (rule.types ?? []) : [])];
      return allowed.includes(layer) ? [] : [`${file} imports ${layer} (${target}): ${rule.why}`];
    });

    expect(faults).toEqual([]);
  });

  it('speaks to the outside in one place: no console, no process but in the composition root and ui', () => {
    const faults = files
      .filter((file) => !free.has(layerOf(file)) && layerOf(file) !== 'ui')
      .filter((file) =>
        /\bconsole\.|process\.(exit|stdout|stderr|env)\b/.test(readFileSync(join(source, file), 'utf8')),
      );

    expect(faults).toEqual([]);
  });

  it('reaches ssh2 only through the wrapper that checks host keys', () => {
    const faults = files.filter(
      (file) =>
        file !== 'ssh/connect.ts' && /new ssh2\.Client|new Client\(/.test(readFileSync(join(source, file), 'utf8')),
    );

    expect(faults).toEqual([]);
  });
});
