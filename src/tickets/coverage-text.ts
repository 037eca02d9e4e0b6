import { serverTitle } from '../domain/appliance.js';
import { gapTexts } from '../domain/gap-text.js';
import type { OutputLine } from '../domain/line.js';
import type { Item, Manifest } from '../domain/manifest.js';
import { windowText } from './event-text.js';

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
