import { z } from 'zod';
import { parseWeeklyHours } from '../domain/business-hours.js';
import { defined } from '../domain/defined.js';
import { isMailAddress } from '../domain/mail-address.js';
import type { Weekly } from '../domain/weekly.js';
import { besideFile } from './home.js';

type Kit = { name: z.ZodType<string>; oneLine: z.ZodType<string>; zone: z.ZodType<string> };

const address = z.string().refine(isMailAddress, 'a mail address such as it@example.org');

/** When it is sent, as it is written: `Mon 08:00`. */
const weekday = z.string().transform((text, context) => {
  const hours = parseWeeklyHours(`${text.trim()}-24:00`);
  const [day, ...others] = hours?.days ?? [];
  if (hours !== undefined && day !== undefined && others.length === 0)
    return { day: (day + 6) % 7, minute: hours.from };
  context.addIssue({ code: 'custom', message: 'a day and a time such as Mon 08:00' });
  return z.NEVER;
});

/** `weekly:`. */
export const weeklyFields = ({ name, oneLine, zone }: Kit) =>
  z.strictObject({
    on: weekday.prefault('Mon 08:00'),
    zone: zone.optional(),
    to: z.array(address).min(1),
    cc: z.array(address).default([]),
    channel: name.optional(),
    html: oneLine.optional(),
  });

type Written = {
  weekly?: z.output<ReturnType<typeof weeklyFields>> | undefined;
  channels: Record<string, { kind: string }>;
};

/** Tells, where it is written, of a status that no channel could send. */
export function refuseUnmailed({ weekly, channels }: Written, context: z.core.$RefinementCtx): void {
  if (weekly === undefined) return;
  const mailing = mailChannels(channels);
  const isNamed = weekly.channel !== undefined;
  if (isNamed ? mailing.includes(weekly.channel ?? '') : mailing.length === 1) return;
  const message =
    mailing.length === 0
      ? 'it is sent by mail, and channels has none of kind smtp'
      : isNamed
        ? `"${weekly.channel}" is no channel of kind smtp; there are: ${mailing.join(', ')}`
        : `several channels are of kind smtp: say by which it is sent, channel: ${mailing.join(' or ')}`;
  context.issues.push({ code: 'custom', path: ['weekly', ...(isNamed ? ['channel'] : [])], message, input: weekly });
}

function mailChannels(channels: Written['channels']): string[] {
  return Object.entries(channels).flatMap(([name, { kind }]) => (kind === 'smtp' ? [name] : []));
}

/** The weekly status of a configuration; undefined where nobody gets one. @param where its file, and the home folder */
export function weeklyOf({ weekly, channels }: Written, where: Parameters<typeof besideFile>[1]): Weekly | undefined {
  if (weekly === undefined) return undefined;
  const { on, zone, to, cc, channel = mailChannels(channels)[0] ?? '', html } = weekly;
  return {
    ...on,
    to,
    cc,
    channel,
    ...defined({ zone, html: html === undefined ? undefined : besideFile(html, where) }),
  };
}
