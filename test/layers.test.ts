import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import ts from 'typescript';
import { describe, expect, it } from 'vitest';
import { projectRoot } from './support/rig.ts';

const source = join(projectRoot, 'src');

/** Engines: each does one kind of work for everybody, and knows none of the others. */
const engines = [
  ...['fs', 'logs', 'ssh', 'helpdesk', 'bundle', 'state', 'config', 'ui', 'drops', 'redaction', 'notify', 'heartbeat'],
];
/** What rooms stand on. */
const below = ['domain', 'errors', ...engines, 'collectors', 'servers', 'runs'];
const noOutside = /^node:(fs|net|process|child_process)|^(ssh2|undici|archiver|inquirer|basic-ftp|nodemailer)(\/|$)/;

type Rule = { may: string[]; types?: string[]; never?: RegExp; why: string };

const engine = (never?: RegExp): Rule => ({
  may: ['domain', 'errors', 'fs'],
  ...(never === undefined ? {} : { never }),
  why: 'engines do not know each other',
});
const room = (...rooms: string[]): Rule => ({
  may: [...below, ...rooms],
  never: noOutside,
  why: 'a room stands on servers, runs, collectors and engines, and leaves what is outside to them',
});

/** Who may import whom, beside what is in the same folder (`src/README.md`). `types`: only with `import type`. */
const layers: Record<string, Rule> = {
  'exit-code': { may: [], never: /./, why: 'everything ends with one' },
  'error-codes': { may: ['exit-code'], never: /./, why: 'a list' },
  errors: { may: ['exit-code', 'error-codes'], types: ['domain'], never: /./, why: 'everything throws them' },
  domain: {
    may: ['errors'],
    never: /^node:|^(ssh2|undici|archiver)$/,
    why: 'rules are pure: no I/O, no clock',
  },
  fs: { may: ['domain', 'errors'], why: 'durable files know nothing of what is in them' },
  logs: engine(/^node:(?!stream|zlib)|^ssh2$/),
  redaction: engine(/^node:|^ssh2$/),
  ssh: engine(),
  helpdesk: engine(),
  drops: {
    ...engine(/^ssh2$/),
    may: ['domain', 'errors', 'fs', 'ssh'],
    why: 'a drop over SFTP is put on a connection of ssh',
  },
  notify: engine(/^ssh2$/),
  bundle: engine(),
  state: engine(),
  ui: engine(),
  heartbeat: engine(),
  config: engine(),
  collectors: {
    may: ['domain', 'errors', 'logs'],
    types: ['ssh', 'bundle'],
    never: /^ssh2$|^node:fs/,
    why: 'a collector says what and where, never how',
  },
  servers: { ...room(), may: ['domain', 'errors', ...engines, 'collectors'] },
  runs: { ...room(), may: ['domain', 'errors', ...engines] },
  manual: room(),
  reading: room(),
  tickets: room('report', 'reading'),
  'ticket-desk': room('tickets'),
  upload: room('tickets'),
  verify: room('reading'),
  diff: room('reading'),
  inspect: room('reading'),
  report: room('reading'),
  page: {
    may: [],
    types: ['report'],
    never: /./,
    why: 'the page runs in a browser and stands alone: of the report it knows what it is given',
  },
  capture: room(),
  watch: room('tickets', 'ticket-desk'),
  weekly: room('tickets', 'watch'),
  collect: room('tickets', 'capture', 'report', 'reading'),
  doctor: room('tickets', 'collect'),
  init: { ...room('doctor'), never: /^ssh2$/ },
  commands: {
    may: [
      ...['domain', 'errors', 'servers', 'runs', 'tickets', 'ticket-desk', 'upload', 'collect', 'doctor', 'init'],
      ...['reading', 'verify', 'inspect', 'diff', 'report', 'capture', 'manual', 'watch', 'weekly'],
    ],
    types: ['context', 'ui', 'state', 'helpdesk'],
    why: 'a command is arguments, a room, and what to show',
  },
  mock: { may: ['domain'], why: 'the mock shares nothing with what it tests' },
};

/** The mock belongs to its own commands. */
const exceptions: Record<string, string[]> = { 'commands/mock.ts': ['mock'], 'commands/demo.ts': ['mock', 'bundle'] };

type Import = { target: string; typeOnly: boolean };

function importsOf(file: string): Import[] {
  const text = readFileSync(join(source, file), 'utf8');
  return ts.preProcessFile(text, true, true).importedFiles.map(({ fileName, pos }) => {
    const statement =
      text
        .slice(0, pos)
        .split(/;\s*\n/)
        .at(-1) ?? '';
    return { target: fileName, typeOnly: /^\s*(?:import|export) type\b|typeof\s+import\($/m.test(statement) };
  });
}

function layerOf(path: string): string {
  const [top = ''] = path.split('/');
  return top.replace(/\.ts$/, '');
}

const files = readdirSync(source, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.ts'));
const free = new Set(['cli', 'context']);

describe('layers', () => {
  it.each(files.filter((file) => !free.has(layerOf(file))))('%s imports only what its layer may', (file) => {
    const own = layerOf(file);
    const rule = layers[own];
    if (rule === undefined) throw new Error(`${file} belongs to no layer`);
    const faults = importsOf(file).flatMap(({ target, typeOnly }) => {
      if (!target.startsWith('.'))
        return rule.never?.test(target) && !typeOnly ? [`${file} imports ${target}: ${rule.why}`] : [];
      const layer = layerOf(relative(source, resolve(source, dirname(file), target)).replace(/\.js$/, '.ts'));
      const allowed = [own, ...rule.may, ...(exceptions[file] ?? []), ...(typeOnly ? (rule.types ?? []) : [])];
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

  it('reads bundles and watches in one direction: no file there is needed by what it needs', () => {
    const rooms = ['reading', 'verify', 'inspect', 'diff', 'report', 'watch', 'weekly'];
    const read = files.filter((file) => rooms.includes(layerOf(file)));

    expect(read.filter((file) => targetsOf(file).some((target) => neededBy(target).has(file)))).toEqual([]);
  });

  it('reaches ssh2 only through the wrapper that checks host keys', () => {
    const faults = files.filter(
      (file) =>
        file !== 'ssh/connect.ts' && /new ssh2\.Client|new Client\(/.test(readFileSync(join(source, file), 'utf8')),
    );

    expect(faults).toEqual([]);
  });

  it('prints the version without an engine', () => {
    const reached = [...closureOf('cli.ts')];

    expect(reached.map(layerOf).filter((layer) => layer === 'ssh' || layer === 'redaction')).toEqual([]);
    expect(reached.length).toBeLessThan(20);
  });
});

function targetsOf(file: string): string[] {
  const own = importsOf(file).filter(({ target }) => target.startsWith('.'));
  return own.map(({ target }) => join(dirname(file), target.replace(/\.js$/, '.ts')));
}

/** All that a file imports, and what that imports, also of types. */
function neededBy(file: string, found = new Set<string>()): Set<string> {
  if (found.has(file) || !files.includes(file)) return found;
  found.add(file);
  for (const target of targetsOf(file)) neededBy(target, found);
  return found;
}

/** The files that are loaded with one, before anything is asked for. */
function closureOf(file: string, found = new Set<string>()): Set<string> {
  if (found.has(file)) return found;
  found.add(file);
  const text = readFileSync(join(source, file), 'utf8');
  const atOnce = [...text.matchAll(/^(?:import|export) (?!type\b)[^;]*?from '(\.[^']+)\.js';/gm)];
  for (const [, target = ''] of atOnce) closureOf(join(dirname(file), `${target}.ts`), found);
  return found;
}
