import type { Context } from '../context.js';

/** What the help desk takes at most; undefined where none is configured. A configuration that is not there says nothing. */
export async function attachmentLimit(context: Context): Promise<number | undefined> {
  const { limitAt } = await import('../tickets/ended-early.js');
  return context.deskSettings(false).then(limitAt, () => Number.POSITIVE_INFINITY);
}
