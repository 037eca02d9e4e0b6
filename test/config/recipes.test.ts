import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { loadRecipe, parseRecipe } from '../../src/config/recipes.ts';
import { forbiddenIn } from '../../src/domain/recipe.ts';
import { projectRoot, temporaryFolder } from '../support/rig.ts';

const path = '/here/ask.yaml';

function places(...folders: string[]) {
  return { folders, cwd: folders[0] ?? '/', stdin: process.stdin, signal: new AbortController().signal };
}

describe('a recipe', () => {
  it('is read with all its keys', () => {
    const text = [
      'description: what support asks for',
      'collect: [logs, cli]',
      'window: { before: 2h }',
      'cliCommands: [show ha]',
      'hostCommands: ["ss -tan"]',
      'paths: [{ face: hostOs, path: /var/log/messages }, { face: cli, path: core/ }]',
      'timeouts: { command: 5m, recipe: 1h }',
    ].join('\n');

    expect(parseRecipe(text, path)).toEqual({
      name: path,
      description: 'what support asks for',
      collect: ['logs', 'cli'],
      window: { beforeMs: 7_200_000 },
      cliCommands: ['show ha'],
      hostCommands: ['ss -tan'],
      paths: [
        { face: 'hostOs', path: '/var/log/messages' },
        { face: 'cli', path: 'core/' },
      ],
      timeouts: { commandMs: 300_000, collectorMs: { recipe: 3_600_000 } },
    });
  });

  it('may be empty', () => {
    expect(parseRecipe('', path)).toMatchObject({ cliCommands: [], hostCommands: [], paths: [] });
  });

  it.each([
    ['clicommands: [a]', `${path}:1: unknown key "clicommands"; did you mean "cliCommands"?`],
    ['description: a\ncollect: [config, log]', `${path}:2: "collect.1"`],
    ['paths:\n  - { face: hostos, path: /x }', `${path}:2: "paths.0.face"`],
    ['paths:\n  - { face: cli, path: ../../etc/shadow }', `${path}:2: "paths.0.path": a path without ".."`],
    ['paths:\n  - { face: hostOs, path: "/x; reboot" }', `${path}:2: "paths.0.path": a plain path`],
    ['hostCommands: ["a\\nb"]', `${path}:1: "hostCommands.0": one line of text`],
    ['window: { before: soon }', `${path}:1: "window.before": a duration`],
    ['a: [', `${path}:1: this is not YAML`],
  ])('with a fault is refused, naming file, line and key: %s', (text, said) => {
    expect(() => parseRecipe(text, path)).toThrow(said);
  });

  it('is found by name beside the configuration before ours, by path, and else by nobody', async () => {
    const folder = await temporaryFolder();
    mkdirSync(join(folder, 'recipes'));
    writeFileSync(join(folder, 'recipes', 'ha.yaml'), 'description: mine\n');
    writeFileSync(join(folder, 'ask.yml'), 'description: asked\n');
    const named = places(join(folder, 'recipes'), join(projectRoot, 'templates', 'recipes'));

    expect(await loadRecipe('ha', named)).toMatchObject({ description: 'mine' });
    expect(await loadRecipe('default', named)).toMatchObject({ cliCommands: ['log -status'] });
    expect(await loadRecipe('./ask.yml', places(folder))).toMatchObject({ description: 'asked' });
    expect(await loadRecipe(join(folder, 'ask.yml'), places('/'))).toMatchObject({ description: 'asked' });
    await expect(loadRecipe('hb', named)).rejects.toMatchObject({
      code: 'no-recipe',
      hint: expect.stringContaining(join(folder, 'recipes', 'hb.yaml')),
    });
  });
});

describe('what recipes may ask for', () => {
  const recipe = parseRecipe(
    'cliCommands: [show ha]\nhostCommands: [cat /var/log/messages]\npaths: [{ face: hostOs, path: /var/log/a }]\nwindow: { before: 1h, after: 1h }',
    path,
  );
  const all = { cliCommands: ['*'], hostCommands: ['*'], paths: ['*'], windowMs: 86_400_000 };

  it('is everything, unless it is narrowed', () => {
    expect(forbiddenIn(recipe, all)).toEqual([]);
  });

  it('names each thing that is not allowed and the key that would allow it', () => {
    const none = { cliCommands: ['log *'], hostCommands: [], paths: ['/var/log/*.log'], windowMs: 3_600_000 };

    expect(forbiddenIn(recipe, none)).toEqual([
      { what: 'CLI command "show ha"', by: 'allow.cliCommands' },
      { what: 'host OS command "cat /var/log/messages"', by: 'allow.hostCommands' },
      { what: 'path "/var/log/a"', by: 'allow.paths' },
      { what: 'its window', by: 'allow.window' },
    ]);
  });

  it.each([
    'cat /var/log/a; reboot',
    'cat /var/log/a && reboot',
    'cat /var/log/$(reboot)',
    'cat /var/log/`reboot`',
    'cat /var/log/a > /etc/passwd',
    'cat /var/log/a | sh',
    'cat /var/log/{a,b}',
    'cat /var/log/"a"',
    'xcat /var/log/a',
    'cat /var/logs',
  ])('a pattern with * stands for words, never for what a shell does with them: %s', (command) => {
    const asked = { ...recipe, hostCommands: [command] };

    expect(forbiddenIn(asked, { ...all, hostCommands: ['cat /var/log/*'] })).toHaveLength(1);
    expect(forbiddenIn(recipe, { ...all, hostCommands: ['cat /var/log/*'] })).toEqual([]);
  });
});
