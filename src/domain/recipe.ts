import type { FaceId } from './appliance.js';
import type { CollectorId } from './collector-id.js';
import { escapeRegExp } from './quoting.js';

/** What support asks a customer to collect; `templates/recipes/default.yaml` is what is collected without one. */
export type Recipe = {
  /** How it was named, for messages and the manifest. */
  name: string;
  description?: string;
  collect?: CollectorId[];
  window?: { beforeMs?: number; afterMs?: number };
  cliCommands: string[];
  hostCommands: string[];
  paths: RemotePath[];
  timeouts: { commandMs?: number | undefined; collectorMs: Partial<Record<CollectorId, number>> };
};

/** A file to fetch, or, when it ends in `/`, all files of a folder. */
export type RemotePath = { face: FaceId; path: string };

/** What recipes may ask for; `*` in a pattern stands for anything that no shell takes as more than a word. */
export type Allowance = {
  cliCommands: string[];
  hostCommands: string[];
  paths: string[];
  /** The longest window, both sides together. */
  windowMs: number;
};

const plain = '[A-Za-z0-9 _.,:/@%+=-]*';

/** What of a recipe is not allowed, each with the key that would allow it. */
export function forbiddenIn(recipe: Recipe, allowed: Allowance): { what: string; by: string }[] {
  const { beforeMs = 0, afterMs = 0 } = recipe.window ?? {};
  const tooWide = beforeMs + afterMs > allowed.windowMs;
  return [
    ...refused(recipe.cliCommands, allowed.cliCommands, 'CLI command', 'cliCommands'),
    ...refused(recipe.hostCommands, allowed.hostCommands, 'host OS command', 'hostCommands'),
    ...refused(
      recipe.paths.map(({ path }) => path),
      allowed.paths,
      'path',
      'paths',
    ),
    ...(tooWide ? [{ what: 'its window', by: 'allow.window' }] : []),
  ];
}

function refused(asked: readonly string[], patterns: readonly string[], what: string, key: string) {
  if (patterns.includes('*')) return [];
  const tests = patterns.map((pattern) => new RegExp(`^${pattern.split('*').map(escapeRegExp).join(plain)}$`));
  return asked
    .filter((one) => !tests.some((test) => test.test(one)))
    .map((one) => ({ what: `${what} "${one}"`, by: `allow.${key}` }));
}
