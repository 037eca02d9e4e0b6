import { createHash } from 'node:crypto';
import { weekName } from '../domain/week.js';
import type { Weekly } from '../domain/weekly.js';
import { exitCode, reasonOf, UserError } from '../errors.js';
import { type ConfiguredChannel, type Letter, NotifyError } from '../notify/channel.js';
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
  const channel = channels.find((each) => each.channel.name === name)?.channel;
  try {
    if (channel?.mail === undefined) throw new NotifyError('invalid', `channels.${name} sends no mail`);
    await channel.mail(letterOf(status, { to, cc }, again), signal);
  } catch (error) {
    signal.throwIfAborted();
    if (!(error instanceof NotifyError)) throw error;
    const doubt = error.maybeSent ? '; it may have been sent all the same' : '';
    throw new UserError('mail-not-sent', `the weekly status was not sent: ${reasonOf(error)}${doubt}`, {
      exit: exitCode.unreachable,
      hint: `Check the mail server and its login (channels.${name})`,
      cause: error,
    });
  }
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
