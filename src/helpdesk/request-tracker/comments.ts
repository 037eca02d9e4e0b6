import { defined } from '../../domain/defined.js';
import type { Comment } from '../help-desk.js';
import { contentTypes, type RtTransaction } from './answers.js';
import type { RequestTrackerApi } from './api.js';

/** The marker is the subject: the history shows it, and nothing else finds a comment again. */
export function said({ body, marker, minutes }: Comment): string {
  return JSON.stringify({
    ...{ Content: body, ContentType: 'text/plain', Subject: marker },
    ...defined({ TimeTaken: minutes }),
  });
}

/** The comment of a ticket that has a marker. */
export async function marked(
  api: RequestTrackerApi,
  number: string,
  marker: string,
  signal: AbortSignal,
): Promise<RtTransaction | undefined> {
  const history = await api.history(number, signal);
  return history.find(({ Type, Data }) => contentTypes.has(Type) && Data?.trim() === marker);
}

/** The minutes are those of the comment itself: they come with it, or never. */
export function checkHours({ minutes, withoutHours }: Comment, written: RtTransaction | undefined): void {
  if (minutes === undefined || Number(written?.TimeTaken) === minutes) return;
  withoutHours?.('Request Tracker does not show them with the comment; may the account see "Time Worked"?');
}
