import { describe, expect, it } from 'vitest';
import { selectionOf } from '../../src/collect/selection.ts';
import { parseRecipe } from '../../src/config/recipes.ts';

const allow = { cliCommands: ['*'], hostCommands: ['*'], paths: ['*'], windowMs: 3_600_000 };
const standard = parseRecipe('{}', 'default');
const config = { allow, path: 'icepack.yaml', window: {} };

describe('a recipe', () => {
  it('counts the side of the window that it leaves as it is', () => {
    const extra = parseRecipe('window: { before: 60m }', 'ask');

    expect(() => selectionOf(config, standard, extra)).toThrow('its window is not allowed by allow.window');
  });

  it('may narrow a window that the configuration made wider than it allows', () => {
    const extra = parseRecipe('window: { before: 10m }', 'ask');

    const { window } = selectionOf({ ...config, window: { afterMs: 7_200_000 } }, standard, extra);

    expect(window).toEqual({ beforeMs: 600_000, afterMs: 7_200_000 });
  });

  it('cannot ask for a time-out that Node would let end at once', () => {
    expect(() => parseRecipe('timeouts: { techsupport: 1000h }', 'ask')).toThrow('at most 24d');
  });

  it.each([
    '\\u202e',
    '\\u200b',
    '\\x9b31m',
    '\\u2028',
  ])('cannot show a command that looks like another: %s', (hidden) => {
    expect(() => parseRecipe(`hostCommands: ["uptime${hidden}"]`, 'ask')).toThrow('invisible');
  });
});
