import { exitCode, reasonOf, UserError } from '../errors.js';
import { type ConfiguredChannel, type Letter, NotifyError } from './channel.js';

/** Sends a mail over the channel of a name. @param what it is, in words @throws UserError `mail-not-sent` */
export async function sendLetter(
  letter: Letter,
  what: string,
  name: string,
  channels: readonly ConfiguredChannel[],
  signal: AbortSignal,
): Promise<void> {
  const channel = channels.find((each) => each.channel.name === name)?.channel;
  try {
    if (channel?.mail === undefined) throw new NotifyError('invalid', `channels.${name} sends no mail`);
    await channel.mail(letter, signal);
  } catch (error) {
    signal.throwIfAborted();
    if (!(error instanceof NotifyError)) throw error;
    const doubt = error.maybeSent ? '; it may have been sent all the same' : '';
    throw new UserError('mail-not-sent', `${what} was not sent: ${reasonOf(error)}${doubt}`, {
      exit: exitCode.unreachable,
      hint: `Check the mail server and its login (channels.${name})`,
      cause: error,
    });
  }
}
