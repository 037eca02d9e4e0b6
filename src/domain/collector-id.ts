/** Kinds of evidence, as `--only` and `--skip` name them, in the order of the guide. */
export const collectorIds = ['config', 'techsupport', 'logs', 'cli', 'vm'] as const;
export type CollectorId = (typeof collectorIds)[number];
