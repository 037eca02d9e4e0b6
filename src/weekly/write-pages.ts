import { join } from 'node:path';
import { weekName } from '../domain/week.js';
import { writeDurably } from '../fs/durable.js';
import { namesIn } from '../fs/names-in.js';
import { weeklyPage } from './weekly-page.js';
import type { WeeklyStatus } from './weekly-status.js';

/** A web server reads it. */
const forAll = 0o644;
const named = /^(\d{4}-W\d\d)\.html$/;

/** Writes the page of a week into one file. @throws UserError `local-write` */
export async function writePage(path: string, status: WeeklyStatus): Promise<void> {
  await writeDurably(path, weeklyPage(status), forAll);
}

/** Writes the page of a week into a folder, and `index.html` beside it: the latest, with links to all. @throws UserError `local-write` */
export async function writePages(folder: string, status: WeeklyStatus): Promise<string> {
  const name = weekName(status.week);
  const path = join(folder, `${name}.html`);
  await writePage(path, status);
  const names = (await namesIn(folder)).flatMap((file) => named.exec(file)?.[1] ?? []);
  const weeks = names.toReversed();
  if (weeks[0] === name) await writeDurably(join(folder, 'index.html'), weeklyPage(status, weeks), forAll);
  return path;
}
