import { formatDuration } from '../../domain/quantities.js';
import { environmentOf, offsetMinutes, refuseUnprintable, type Timer, warningsOf } from './timer.js';

/** A line for the user's own crontab, and whom it mails. */
export function cronLines(timer: Timer): string[] {
  const { program, names, everyMs, mailTo } = timer;
  refuseUnprintable(...program, ...names, ...environmentOf(timer).flat());
  const environment = environmentOf(timer).map(([name, value]) => `${name}=${quoted(value)}`);
  const command = [...environment, ...program.map(quoted), 'capture', ...names.map(word), '--batch'].join(' ');
  const isAddress = mailTo !== undefined && /^[A-Za-z0-9._+-]+@[A-Za-z0-9.-]+$/.test(mailTo);
  return [
    `# Captures of InCenter servers, every ${formatDuration(everyMs)}. Put it in with: crontab -e`,
    '# What it says is mailed: what has changed, and once a day what lasts. Where all is well it says nothing.',
    ...warningsOf(timer),
    isAddress ? `MAILTO=${mailTo}` : '# MAILTO=you@example.com',
    `${timesOf(timer)} umask 077; ${command.replaceAll('%', '\\%')}`,
  ];
}

/** Within an hour every so many minutes, else at a minute of every so many hours. */
function timesOf(timer: Timer): string {
  const minutes = timer.everyMs / 60_000;
  const first = offsetMinutes(timer);
  if (minutes >= 24 * 60) return `${first} 0 * * *`;
  if (minutes > 60) return `${first} */${minutes / 60} * * *`;
  const all = Array.from({ length: 60 / minutes }, (_, index) => first + index * minutes);
  return `${all.join(',')} * * * *`;
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}

/** Names of servers are plain; options stay options. */
function word(text: string): string {
  return /^[A-Za-z0-9._-]+$/.test(text) ? text : quoted(text);
}
