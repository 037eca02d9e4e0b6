import { stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { Command } from 'commander';
import type { Context } from '../context.js';
import type { OutputLine, VerbOutcome } from '../domain/line.js';
import { type Week, weekAt, weekName } from '../domain/week.js';
import type { Weekly } from '../domain/weekly.js';
import { exitCode, usageError } from '../errors.js';
import type { WeeklyStatus } from '../weekly/weekly-status.js';
import * as parse from './arguments.js';
import type { RunVerb } from './verb.js';
import { weeklySources } from './weekly-sources.js';

const examples = `
Tickets, maintenance done and to come, goals, what is suppressed, and how well
the watch watched. Where weekly: says when and to whom, the watch sends it.

Examples:
  icepack weekly                          this week so far
  icepack weekly --week 2026-W47
  icepack weekly --week 2026-W47 --send   to whom weekly: names
  icepack weekly --html ./weekly.html     as a page, for others to look at`;

type Options = { week?: Week; send?: boolean; html?: string };

export function weeklyCommand(run: RunVerb): Command {
  const command = new Command('weekly');
  return command
    .description('show or send what there is to tell of a week: tickets, maintenance, goals')
    .option('--week <week>', 'of this ISO week: 2026-W47 (default: the one that runs)', parse.week)
    .option('--send', 'mail it, to whom weekly: names')
    .option('--html <path>', 'write it as a page: a file, or a folder with a page for each week')
    .addHelpText('after', examples)
    .action((options: Options) => run(command, (context) => weeklyVerb(options, context)));
}

async function weeklyVerb({ week: asked, send, html }: Options, context: Context): Promise<VerbOutcome> {
  const { weeklyStatus } = await import('../weekly/gather.js');
  const { weeklyLines } = await import('../weekly/weekly-text.js');
  const { document } = await import('../domain/result.js');
  const config = await context.config();
  const { weekly } = config;
  if (send && weekly === undefined)
    throw usageError(
      'setup-incomplete',
      'the configuration does not say who gets it',
      'Add weekly: { to: [ADDRESS] }, and a channel of kind smtp to channels:',
    );
  const sources = await weeklySources(config, context);
  const running = weekAt(context.now(), sources.about.zone);
  const week = asked ?? running;
  if (weekName(week) > weekName(running))
    throw usageError('bad-time', `${weekName(week)} has not begun`, `The week that runs is ${weekName(running)}`);
  const status = await weeklyStatus({ week, isLate: false, missed: [] }, { ...sources, signal: context.signal });
  const written = html === undefined ? [] : [await writtenLine(resolve(html), status)];
  const sent = send && weekly !== undefined ? [await sentLine(status, weekly, context)] : [];
  const text = [...written, ...sent].length > 0 ? [] : weeklyLines(status).map((line): OutputLine => ({ text: line }));
  return {
    exitCode: exitCode.ok,
    lines: [...text, ...written, ...sent],
    json: document('weekly', exitCode.ok, { weekly: documentOf(status) }),
  };
}

async function writtenLine(path: string, status: WeeklyStatus): Promise<OutputLine> {
  const { writePage, writePages } = await import('../weekly/write-pages.js');
  const isFile = /\.html?$/i.test(path) && !(await isFolder(path));
  if (isFile) await writePage(path, status);
  const written = isFile ? path : await writePages(path, status);
  return { text: `Written: ${written}`, tone: 'good' };
}

function isFolder(path: string): Promise<boolean> {
  return stat(path).then(
    (found) => found.isDirectory(),
    () => false, // it is not there yet
  );
}

/** A week that has ended counts as sent then; what is sent once more is another mail. */
async function sentLine(status: WeeklyStatus, weekly: Weekly, context: Context): Promise<OutputLine> {
  const { sendStatus } = await import('../weekly/send.js');
  const channels = await context.channels();
  const again = `again-${context.now().getTime()}`;
  const send = (isOther: boolean) => sendStatus(status, weekly, channels, context.signal, ...(isOther ? [again] : []));
  const { watch } = await context.workplace();
  if (status.isRunning) await send(true);
  else await watch.weekly.sendOnce(weekName(status.week), true, send);
  return { text: `Sent to ${[...weekly.to, ...weekly.cc].join(', ')}`, tone: 'good' };
}

function documentOf({ week, missed, ...status }: WeeklyStatus) {
  return {
    week: weekName(week),
    ...status,
    missed: missed.map((each) => ({ ...each, week: weekName(each.week) })),
  };
}
