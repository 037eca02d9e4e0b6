import type { CollectorId } from './collector-id.js';
import type { Recipe, RemotePath } from './recipe.js';

/** What is to be collected: the usual, what the configuration changes of it, and what a recipe adds. */
export type Selection = {
  cliCommands: string[];
  hostCommands: string[];
  paths: RemotePath[];
  window: { beforeMs: number; afterMs: number };
  /** Kinds the recipe leaves out, and why. */
  skipped: Map<CollectorId, string>;
  timeouts: Recipe['timeouts'];
};
