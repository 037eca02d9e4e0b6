import type { OutputLine } from '../../domain/line.js';
import { printableLine } from '../../domain/text.js';
import type { Stamp } from '../../domain/watch-event.js';
import { formatLocal } from '../../domain/zone.js';
import type { ReplyWay } from '../../notify/channel.js';
import type { ReplyNotesContent } from '../../state/replies.js';
import { wayWords, whyText } from './outcome-text.js';
import { ignoredForMs, refusedLately } from './refusals.js';

/** How answers to pages stand: what did not count in the last hour, who is not heard, what cannot be read. */
export type RepliesStanding = {
  refused: { by: ReplyWay; why: string; count: number }[];
  ignored: { by: ReplyWay; sender: string; until: Date }[];
  faults: { channel: string; why: string }[];
};

export function repliesStanding(
  { refused, faults }: ReplyNotesContent,
  channels: readonly string[],
  nameOf: (key: string) => string,
  now: Stamp,
): RepliesStanding {
  const lately = refusedLately(refused, now).map((one) => ({ by: one.by, why: whyText(one, nameOf) }));
  const kinds = lately.filter((one, at) => lately.findIndex((other) => isSame(one, other)) === at);
  const guessing = refused.filter(({ why }) => why === 'token').map(({ by, sender }) => ({ by, sender }));
  const senders = guessing.filter(
    (one, at) => guessing.findIndex(({ by, sender }) => by === one.by && sender === one.sender) === at,
  );
  return {
    refused: kinds.map((one) => ({ ...one, count: lately.filter((other) => isSame(one, other)).length })),
    ignored: senders.flatMap(({ by, sender }) => {
      const leftMs = ignoredForMs(refused, { by, sender }, now);
      return leftMs === undefined ? [] : [{ by, sender: nameOf(sender), until: new Date(now.wallMs + leftMs) }];
    }),
    faults: channels.flatMap((channel) => {
      const why = faults[channel];
      return why === undefined ? [] : [{ channel, why }];
    }),
  };
}

type Refused = { by: ReplyWay; why: string };
function isSame(one: Refused, other: Refused): boolean {
  return one.by === other.by && one.why === other.why;
}

export function repliesLines({ refused, ignored, faults }: RepliesStanding, zone: string): OutputLine[] {
  const counted = refused.map(({ by, why, count }) => `${count} by ${wayWords[by]} (${why})`).join(', ');
  const silent = ignored.map(({ by, sender, until }): OutputLine => {
    const text = `answers of ${sender} by ${wayWords[by]} are ignored until ${formatLocal(until, zone)}: too many wrong tokens`;
    return { text: printableLine(text, 300), tone: 'warn' };
  });
  return [
    ...faults.map(({ channel, why }): OutputLine => {
      return { text: printableLine(`answers over ${channel} cannot be read: ${why}`, 400), tone: 'bad' };
    }),
    ...(counted === ''
      ? []
      : [
          {
            text: printableLine(`answers that did not count in the last hour: ${counted}`, 400),
            tone: 'warn' as const,
          },
        ]),
    ...silent,
  ];
}
