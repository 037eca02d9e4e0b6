import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it, onTestFinished } from 'vitest';
import { stringify } from 'yaml';
import { parseConfig } from '../../src/config/load.ts';
import { UserError } from '../../src/errors.ts';
import { providers } from '../../src/helpdesk/providers.ts';
import { openCliSession } from '../../src/ssh/cli/cli-session.ts';
import { shellQuote } from '../../src/ssh/exec.ts';
import { connected, targetOf } from '../support/connect-target.ts';
import { type Step, startScriptedServer } from '../support/scripted-server.ts';

/** What shells, globs and options are made of, and letters around them. */
const nasty = fc.string({
  unit: fc.oneof(
    { weight: 3, arbitrary: fc.constantFrom(...' !"#$%&\'()*+,-./:;<=>?@[\\]^_`{|}~') },
    {
      weight: 2,
      arbitrary: fc.constantFrom('a', 'Z', '0', 'ä', '日', '🚒', '$(touch x)', '`touch x`', '$HOME', '..'),
    },
  ),
  maxLength: 24,
});
const control = fc.constantFrom(...'\n\r\0\x1b\x03\x04\t\b\x7f', '\r\n');

const shells = ['/bin/sh', '/bin/bash', '/bin/dash'].filter((path) => existsSync(path));

/** Runs a script in a folder that holds only it: @returns the arguments that arrived, and what came into being besides */
function arrived(shell: string, words: string[]): { words: string[]; complaints: string; made: string[] } {
  const folder = mkdtempSync(join(tmpdir(), 'icepack-quoting-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const script = `for word in ${words.join(' ')}; do printf '%s\\0' "$word"; done`;
  const { stdout, stderr } = spawnSync(shell, ['-c', script], { cwd: folder, env: { HOME: '/nowhere' } });
  return {
    words: stdout.toString().split('\0').slice(0, -1),
    complaints: stderr.toString(),
    made: readdirSync(folder),
  };
}

describe('a word for a remote shell', () => {
  it.each(shells)('arrives at %s as it was, as one argument, and nothing else runs (B11, PT06)', (shell) => {
    fc.assert(
      fc.property(fc.array(nasty, { minLength: 1, maxLength: 30 }), (words) => {
        const result = arrived(shell, words.map(shellQuote));

        expect(result).toEqual({ words, complaints: '', made: [] });
      }),
      { numRuns: 40 },
    );
  });

  it('with a control character is never made (B11, PT06)', () => {
    fc.assert(
      fc.property(nasty, control, nasty, (before, character, after) => {
        expect(() => shellQuote(before + character + after)).toThrow(expect.objectContaining({ code: 'unsafe-name' }));
      }),
    );
  });
});

type Place = (value: string) => Record<string, unknown>;

const appliance = (more: Record<string, unknown>) => ({
  appliances: { ice01: { id: 1, address: '192.0.2.10', ...more } },
});

/** Every string of the configuration that reaches a remote command, a path or the CLI. */
const intoCommands: Record<string, Place> = {
  'hostOs.home': (home) => appliance({ hostOs: { home } }),
  'hostOs.techsupportFolder': (techsupportFolder) => appliance({ hostOs: { techsupportFolder } }),
  backupScript: (backupScript) => appliance({ backupScript }),
  techsupportScript: (techsupportScript) => appliance({ techsupportScript }),
  'files.root': (root) => appliance({ files: { root } }),
};

/** Further strings of the configuration that a server, a help desk or a terminal gets to see. */
const elsewhere: Record<string, Place> = {
  'the name of a server': (name) => ({ appliances: { [name]: { id: 1, address: '192.0.2.10' } } }),
  address: (address) => ({ appliances: { ice01: { id: 1, address } } }),
  cluster: (cluster) => appliance({ cluster }),
  'cli.user': (user) => appliance({ cli: { user } }),
  'hostOs.user': (user) => appliance({ hostOs: { user } }),
  cliCommands: (command) => ({ ...appliance({}), cliCommands: [command] }),
  'hypervisor.type': (type) => appliance({ hypervisor: { type } }),
  organization: (organization) => ({ ...appliance({}), organization }),
  'contact.name': (name) => ({ ...appliance({}), contact: { name } }),
  'helpdesk.product': (product) => ({ ...appliance({}), helpdesk: { provider: 'portal', product } }),
};

/** @returns the refusal, or undefined when the configuration was taken */
function refusalOf(document: Record<string, unknown>): UserError | undefined {
  try {
    parseConfig(stringify(document), '/etc/icepack.yaml', '/home/kim', providers);
    return undefined;
  } catch (error) {
    if (error instanceof UserError) return error;
    throw error;
  }
}

describe('a configured string', () => {
  it.each(
    Object.entries(intoCommands),
  )('that %s allows is one argument of a command, unquoted, and no option (B11, PT06)', (_key, target) => {
    const taken = fc
      .sample(fc.oneof(nasty, fc.stringMatching(/^[A-Za-z0-9_./-]{1,20}$/)), 1000)
      .filter((value) => refusalOf(target(value)) === undefined);

    const result = arrived('/bin/sh', taken);

    expect(taken.length).toBeGreaterThan(50);
    expect(result).toEqual({ words: taken, complaints: '', made: [] });
    expect(taken.filter((value) => value.startsWith('-'))).toEqual([]);
  });

  it.each(Object.entries(intoCommands))('is refused when it could do more than name a %s (B11)', (_key, target) => {
    const hostile = ['x; reboot', '$(reboot)', '`reboot`', 'a b', 'a|b', 'a&b', '~root', '*', "it's", '', '-rf'];

    const taken = hostile.filter((value) => refusalOf(target(value))?.code !== 'bad-config');

    expect(taken).toEqual([]);
  });

  it.each(
    Object.entries({ ...intoCommands, ...elsewhere }),
  )('with a control character is refused as %s, and not shown with it (B11)', (_key, target) => {
    const characters = ['\n', '\r', '\0', '\x1b', '\x03', '\x7f', '\r\n'];

    const refusals = characters.map((character) => refusalOf(target(`a${character}b`)));

    expect(refusals.map((refusal) => refusal?.code)).toEqual(characters.map(() => 'bad-config'));
    expect(refusals.map((refusal) => `${refusal?.message}`).join('')).not.toMatch(/[\x00-\x09\x0b-\x1f\x7f]/);
  });
});

describe('a configured CLI command', () => {
  it('is typed as it stands there, as one line (B11, PT06)', async () => {
    const commands: Record<string, Step[]> = {};
    const server = await startScriptedServer({ shell: { prompt: 'admin@InCenter:/> ', echo: 'program', commands } });
    const never = new AbortController().signal;
    const connection = await connected(targetOf('cli', server));
    const session = await openCliSession(connection, never);
    const asked: string[] = [];
    const allowed = nasty.filter(
      (command) => command.trim() !== '' && refusalOf(elsewhere['cliCommands']?.(command) ?? {}) === undefined,
    );

    await fc.assert(
      fc.asyncProperty(allowed, async (command) => {
        commands[command] = ['done\r\n'];
        asked.push(command);

        const { text } = await session.run(command, never);

        expect(text).toBe('done\n');
      }),
      { numRuns: 12, endOnFailure: true },
    );

    expect(server.typed).toEqual(asked);
  });
});
