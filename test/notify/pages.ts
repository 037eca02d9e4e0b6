import { NotifyError, type Page } from '../../src/notify/channel.ts';

export const never = new AbortController().signal;

/** A page as it goes to a person. */
export function pageOf(changes: Partial<Page> = {}): Page {
  return {
    id: 'I42.3',
    incident: { id: 'I42', reference: 'icepack-w-0123456789ab-29384', threadStart: false },
    status: 'firing',
    severity: 'emergency',
    subject: 'Example AB, cluster east: server silent (ICE01)',
    text: 'The server ICE01 is silent since 10:18.\nTicket TIC-1290.\n',
    short: 'I42 Example AB east: server silent ICE01 since 10:18. TIC-1290. Reply: ack I42 q7mx (1)',
    to: { key: 'kim', name: 'Kim Doe', email: 'kim@example.com', phone: '+46 70 174 06 05' },
    ackToken: 'q7mx',
    ...changes,
  };
}

/** What a channel threw. */
export async function failureOf(work: Promise<unknown>): Promise<NotifyError> {
  const error = await work.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (error instanceof NotifyError) return error;
  throw new Error(`no failure of a channel: ${error}`);
}
