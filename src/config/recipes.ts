import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { defined } from '../domain/defined.js';
import type { Recipe } from '../domain/recipe.js';
import { UserError, usageError } from '../errors.js';
import { recipeSchema } from './schema.js';
import { type Given, standardInput } from './standard-input.js';
import { parseYaml } from './yaml.js';

/** Where recipes are looked for by name: next to the configuration, then among those that come with icepack. */
export type RecipeSearchPath = Given & { folders: readonly string[] };

const maxBytes = 100_000;

/**
 * Reads a recipe.
 * @param given a name, a path (it holds a slash or ends in .yaml), or `-` for standard input
 * @throws UserError `no-recipe`, `bad-recipe` naming file and line
 */
export async function loadRecipe(given: string, searchPath: RecipeSearchPath): Promise<Recipe> {
  if (given === '-') return parseRecipe(bounded(await standardInput(searchPath), 'standard input'), 'standard input');
  const isPath = given.includes('/') || /\.ya?ml$/i.test(given);
  const tried = isPath
    ? [join(searchPath.cwd, given)]
    : searchPath.folders.map((folder) => join(folder, `${given}.yaml`));
  const paths = given.startsWith('/') ? [given] : tried;
  for (const path of paths) {
    const content = await contentOf(path);
    if (content !== undefined) return parseRecipe(bounded(content, path), path);
  }
  throw usageError('no-recipe', `there is no recipe "${given}"`, `Looked for: ${paths.join(', ')}`);
}

export function parseRecipe(content: string, path: string): Recipe {
  const { window, timeouts, description, collect, ...rest } = parseYaml(recipeSchema, content, path, 'bad-recipe');
  const { command, ...collectors } = timeouts;
  return {
    name: path,
    ...rest,
    ...defined({ description, collect }),
    ...(window === undefined ? {} : { window: defined({ beforeMs: window.before, afterMs: window.after }) }),
    timeouts: { collectorMs: defined(collectors), ...defined({ commandMs: command }) },
  };
}

function bounded(content: string, path: string): string {
  if (content.length > maxBytes)
    throw usageError('bad-recipe', `${path} is longer than ${maxBytes} bytes`, 'Is it a recipe?');
  if (content.trim() === '')
    throw usageError('bad-recipe', `${path} is empty`, 'Give a recipe, such as templates/recipes/default.yaml shows');
  return content;
}

async function contentOf(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    if (error instanceof UserError) throw error;
    throw usageError(
      'no-recipe',
      `${path}: ${error instanceof Error ? error.message : error}`,
      'Name a file that can be read',
    );
  }
}
