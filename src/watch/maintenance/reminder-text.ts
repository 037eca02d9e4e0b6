import { icepack, say, spelled } from '../../domain/command.js';
import { html } from '../../domain/html.js';
import type { OutputLine } from '../../domain/line.js';
import { printableLine } from '../../domain/text.js';
import { formatLocal } from '../../domain/zone.js';
import type { Letter } from '../../notify/channel.js';
import type { About } from '../incident/words.js';
import { lastingText, type UntilWell } from './until-well.js';

/** What people are reminded of, and what has ended by itself since. */
export type Due = { goOn: readonly UntilWell[]; ended: readonly UntilWell[] };

/** Of what nobody is told, for how long, and how that is ended. */
export function reminderLines(each: UntilWell, now: Date, zone: string): OutputLine[] {
  const [head, why] = wordsOf(each, now, zone);
  const end = each.id === undefined ? '' : say`    End it: ${icepack('maintenance', 'end', each.id)}`;
  return [
    { text: `– ${head}`, tone: 'warn' },
    { text: `    ${why}`, tone: 'dim' },
    ...(end === '' ? [] : [{ text: end }]),
  ];
}

/** The reminder of a day, as a mail. */
export function reminderLetter({ goOn, ended }: Due, to: readonly string[], now: Date, about: About): Letter {
  const { zone, organization, mask } = about;
  const [first] = [...goOn, ...ended];
  const count = goOn.length + ended.length - 1;
  const more = count === 0 ? '' : `, and ${count} more`;
  const where = organization === undefined ? '' : `${organization}: `;
  const lines = [
    ...goOn.flatMap((each) => [...wordsOf(each, now, zone), ...endWords(each), '']),
    ...ended.flatMap((each) => [...overWords(each, zone), '']),
    `This comes once a day while it lasts; times are those of ${zone}. All there is: ${spelled(icepack('maintenance', 'list'))}, ${spelled(icepack('watch', 'status'))}`,
  ].map(mask);
  return {
    ...{ id: `reminder.${now.getTime()}`, to, cc: [] },
    subject: mask(printableLine(`${where}nobody is told of ${first?.what ?? ''}${more}`)),
    text: `${lines.join('\n')}\n`,
    html: html`<!doctype html><meta charset="utf-8"><p>${lines.map((line) => html`${line}<br>`)}</p>`.source,
  };
}

function wordsOf({ id, what, why, by, since, until }: UntilWell, now: Date, zone: string): [string, string] {
  const name = id === undefined ? '' : `${id}: `;
  const who = by === undefined ? '' : ` (${by})`;
  const head = `${name}nobody is told of ${what} until it is well, for ${lastingText({ since }, now)} now`;
  const rest = `${why}${who}; since ${formatLocal(since, zone)}, ends by itself ${formatLocal(until, zone)}`;
  return [printableLine(head, 300), printableLine(rest, 400)];
}

function endWords({ id }: UntilWell): string[] {
  return id === undefined ? [] : [`End it: ${spelled(icepack('maintenance', 'end', id))}`];
}

function overWords({ id, what, since, until }: UntilWell, zone: string): string[] {
  const lasted = lastingText({ since }, until);
  return [
    printableLine(
      `${id}: ended by itself ${formatLocal(until, zone)}, after ${lasted}: ${what} was not seen well`,
      300,
    ),
    'What is bad of it is told again.',
  ];
}
