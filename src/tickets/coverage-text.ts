import { serverTitle } from '../domain/appliance.js';
import type { OutputLine } from '../domain/line.js';
import type { Gap, Item, Manifest } from '../domain/manifest.js';
import { windowText } from './event-text.js';

const gapTexts: Record<Gap, string> = {
  'rotated-away': 'its older lines are gone from the server',
  'not-over': 'the window is not over yet',
  unreadable: 'not all of it could be read',
  cut: 'it was cut short',
  'zone-unknown': 'the zone of its times is not known',
  'passed-over': 'a file of it was not read',
  silent: 'logging had stopped',
  unproven: 'whether it goes on to the end of the window is not known',
  'not-understood': 'the times of some lines were not understood',
  'clock-unknown': 'the clock of the server is not known',
  'clock-set': 'the clock of the server was set',
  'out-of-order': 'its times are out of order',
};

/** Whether the logs cover the window, in one sentence; undefined where none were asked for. */
export function coverageSentence(manifest: Manifest): OutputLine | undefined {
  const logs = manifest.servers.flatMap((server) =>
    server.items.filter(isLog).map((item) => ({ item, title: `${serverTitle(server.id)} ${nameOf(item)}` })),
  );
  if (logs.length === 0) return undefined;
  const gaps = logs.filter(({ item }) => item.coverage?.complete === false || item.status === 'failed');
  if (gaps.length === 0) {
    const timeless = logs.filter(({ item }) => item.coverage?.first === null).map(({ title }) => title);
    const but = timeless.length === 0 ? '' : `, as far as they bear times (not: ${timeless.join(', ')})`;
    return { text: `The logs cover the whole window, ${windowText(manifest)}${but}.`, tone: 'good' };
  }
  const reasons = [...new Set(gaps.map(({ item }) => whyNot(item)))];
  const titlesOf = (why: string) => gaps.filter(({ item }) => whyNot(item) === why).map(({ title }) => title);
  const named = reasons.map((why) => `${titlesOf(why).join(', ')} (${why})`).join('; ');
  return { text: `The logs do not cover the whole window: ${named}.`, tone: 'warn' };
}

function isLog(item: Item): boolean {
  return (
    item.collector === 'logs' &&
    item.status !== 'skipped' &&
    (item.coverage !== undefined || /^Logs\/\w+\.log$/.test(item.path))
  );
}

function nameOf({ path }: Item): string {
  return path.slice('Logs/'.length);
}

function whyNot({ coverage }: Item): string {
  const texts = (coverage?.gaps ?? []).map((gap) => gapTexts[gap]);
  return texts.join(', ') || 'it could not be had';
}
