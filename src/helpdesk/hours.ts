import { type Comment, HelpDeskError } from './help-desk.js';

/** What a help desk says where it does not take hours at all, or not those. */
const refusals: ReadonlySet<string> = new Set(['forbidden', 'invalid', 'not-found']);

/**
 * Enters the hours of a comment that is there. Where the help desk refuses them they stay in its words alone, which is
 * told and is no failure.
 * @param enter says why they were not entered; it enters nothing that is there already
 */
export async function enterHours(
  comment: Comment,
  enter: (minutes: number) => Promise<string | undefined>,
): Promise<void> {
  const { minutes, withoutHours } = comment;
  if (minutes === undefined) return;
  const why = await enter(minutes).catch((error: unknown) => {
    if (error instanceof HelpDeskError && refusals.has(error.kind) && !error.maybeApplied) return error.message;
    throw error;
  });
  if (why !== undefined) withoutHours?.(why);
}

/** Sent again they would be counted twice: a person looks. */
export function takenUnseen(origin: string): string {
  return `${origin} took them and does not show them: look at the ticket`;
}
