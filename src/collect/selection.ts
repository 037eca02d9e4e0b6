import type { Appliance, FaceId } from '../domain/appliance.js';
import { collectorIds } from '../domain/collector-id.js';
import { defined } from '../domain/defined.js';
import { type Allowance, forbiddenIn, type Recipe, type RemotePath } from '../domain/recipe.js';
import type { Selection } from '../domain/selection.js';
import { usageError } from '../errors.js';
import type { Operator } from '../ui/operator.js';

export type Configured = {
  cliCommands?: string[] | undefined;
  window: Recipe['window'];
  allow: Allowance;
  path: string;
};

export const guideMs = 30 * 60_000;

/**
 * @param standard the recipe without which nothing is collected
 * @param extra the recipe that was named
 * @throws UserError `not-allowed` when the recipe asks for what the configuration does not allow
 */
export function selectionOf(config: Configured, standard: Recipe, extra: Recipe | undefined): Selection {
  const window = { beforeMs: guideMs, afterMs: guideMs, ...standard.window, ...config.window, ...extra?.window };
  if (extra !== undefined)
    refuseForbidden({ ...extra, ...askedWindow(extra, window, { ...standard.window, ...config.window }) }, config);
  const kinds = extra?.collect ?? standard.collect ?? collectorIds;
  const left = collectorIds.filter((id) => id !== 'recipe' && !kinds.includes(id));
  return {
    cliCommands: [...ownCommands(config, standard), ...addedCommands(config, standard, extra)],
    hostCommands: [...standard.hostCommands, ...(extra?.hostCommands ?? [])],
    paths: [...standard.paths, ...(extra?.paths ?? [])],
    window,
    skipped: new Map(left.map((id) => [id, `recipe ${(extra ?? standard).name}`])),
    timeouts: extra?.timeouts ?? standard.timeouts,
  };
}

function ownCommands({ cliCommands }: Configured, standard: Recipe): string[] {
  return cliCommands ?? standard.cliCommands;
}

/** Commands for the InCenter CLI that only the recipe asks for. */
export function addedCommands(config: Configured, standard: Recipe, extra: Recipe | undefined): string[] {
  const own = ownCommands(config, standard);
  return [...new Set(extra?.cliCommands)].filter((command) => !own.includes(command));
}

/** The window with the sides that the recipe changes, for the check of what is allowed; a narrower one always is. */
function askedWindow(
  { window: given }: Recipe,
  window: Selection['window'],
  { beforeMs = guideMs, afterMs = guideMs }: NonNullable<Recipe['window']>,
): Pick<Recipe, 'window'> {
  if (given === undefined) return {};
  return window.beforeMs + window.afterMs > beforeMs + afterMs ? { window } : { window: {} };
}

function refuseForbidden(recipe: Recipe, { allow, path }: Configured): void {
  const forbidden = forbiddenIn(recipe, allow);
  if (forbidden.length === 0) return;
  const keys = [...new Set(forbidden.map(({ by }) => by))].join(' and ');
  throw usageError(
    'not-allowed',
    forbidden.map(({ what, by }) => `${recipe.name}: ${what} is not allowed by ${by}`).join('\n'),
    `Take it out of the recipe, or allow it in ${path}: ${keys}`,
  );
}

/** The faces that it takes: the host OS always, which tells the time. */
export function facesFor({ skipped, paths }: Pick<Selection, 'skipped' | 'paths'>): FaceId[] {
  const isAtCli = ({ face }: RemotePath) => face === 'cli';
  const needsCli =
    (['techsupport', 'logs', 'cli'] as const).some((id) => !skipped.has(id)) ||
    (!skipped.has('recipe') && paths.some(isAtCli));
  return needsCli ? ['cli', 'hostOs'] : ['hostOs'];
}

/** The servers with the time-outs of a recipe. */
export function withTimeouts(
  appliances: readonly Appliance[],
  { commandMs, collectorMs }: Selection['timeouts'],
): Appliance[] {
  return appliances.map((appliance) => {
    const { timeouts } = appliance;
    const changed = { ...timeouts, ...defined({ commandMs }) };
    return { ...appliance, timeouts: { ...changed, collectorMs: { ...timeouts.collectorMs, ...collectorMs } } };
  });
}

/**
 * Shows the commands a recipe brings and has them confirmed: they are run as they are.
 * @throws UserError `not-confirmed`
 */
export async function confirmCommands(
  { hostCommands, cliCommands }: { hostCommands: readonly string[]; cliCommands: readonly string[] },
  servers: readonly Appliance[],
  yes: boolean,
  operator: Operator,
): Promise<void> {
  const shown = [
    ...cliCommands.map((command) => `  on the InCenter CLI: ${command}`),
    ...hostCommands.map((command) => `  on the host OS: ${command}`),
  ];
  if (shown.length === 0) return;
  const text = `the recipe runs at ${servers.map(({ name }) => name).join(', ')}:\n${shown.join('\n')}`;
  const isAsked = !yes && operator.ask !== undefined;
  operator.emit({ type: 'note', text, ...(isAsked ? { asked: true as const } : {}) });
  if (yes) return;
  if (operator.ask !== undefined && (await operator.ask.confirm('Run them?', false))) return;
  throw usageError(
    'not-confirmed',
    'the commands of the recipe were not confirmed; nothing was done',
    'Read them above, then say --yes',
  );
}
