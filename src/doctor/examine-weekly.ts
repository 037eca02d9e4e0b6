import { nextDue, type Weekly } from '../domain/weekly.js';
import { formatLocal } from '../domain/zone.js';
import { zoneTitle } from '../domain/zone-name.js';
import type { Check } from './check.js';

/** Who gets the weekly status, and when next. @param zone that of this machine */
export function examineWeekly(weekly: Weekly, now: Date, zone: string): Check {
  const { to, cc, channel, html } = weekly;
  const time = { ...weekly, zone: weekly.zone ?? zone };
  const next = `${formatLocal(nextDue(time, now), time.zone)} ${zoneTitle(time.zone)}`;
  const others = [
    ...(cc.length === 0 ? [] : [`copies to ${cc.join(', ')}`]),
    ...(html === undefined ? [] : [`pages in ${html}`]),
  ];
  const text = [`weekly status to ${to.join(', ')} by ${channel}, next ${next}`, ...others].join('; ');
  return { check: 'weekly', place: 'who is told of incidents', status: 'ok', text, hint: null };
}
