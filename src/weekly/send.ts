import { createHash } from 'node:crypto';
import { weekName } from '../domain/week.js';
import type { Weekly } from '../domain/weekly.js';
import type { ConfiguredChannel, Letter } from '../notify/channel.js';
import { sendLetter } from '../notify/send-letter.js';
import { titleOf } from './sections.js';
import { weeklyPage } from './weekly-page.js';
import type { WeeklyStatus } from './weekly-status.js';
import { weeklyLines } from './weekly-text.js';

/** Mails a status. @param again tells it from what was sent of the week before @throws UserError `mail-not-sent` */
export async function sendStatus(
  status: WeeklyStatus,
  { to, cc, channel: name }: Pick<Weekly, 'to' | 'cc' | 'channel'>,
  channels: readonly ConfiguredChannel[],
  signal: AbortSignal,
  again?: string,
): Promise<void> {
  await sendLetter(letterOf(status, { to, cc }, again), 'the weekly status', name, channels, signal);
}

/** The number of the mail is that of its week, its organization and whom it is for. */
function letterOf(status: WeeklyStatus, { to, cc }: Pick<Weekly, 'to' | 'cc'>, again?: string): Letter {
  const whose = JSON.stringify([status.organization, to, cc]);
  const mark = createHash('sha256').update(whose).digest('hex').slice(0, 12);
  const id = ['weekly', weekName(status.week), mark, ...(again === undefined ? [] : [again])].join('.');
  const late = status.isLate ? ' – late' : '';
  return {
    ...{ id, to, cc, subject: `${titleOf(status)}${late}` },
    text: `${weeklyLines(status).join('\n')}\n`,
    html: weeklyPage(status),
  };
}
