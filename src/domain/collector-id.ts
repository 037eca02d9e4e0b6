/** Kinds of evidence, as `--only` and `--skip` name them, in the order of the guide; `recipe`: what a recipe adds. */
export const collectorIds = ['config', 'techsupport', 'logs', 'cli', 'vm', 'recipe'] as const;
export type CollectorId = (typeof collectorIds)[number];
