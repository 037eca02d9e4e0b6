import type { Help } from 'commander';
import type { Rows, Topic } from './topics.js';

/** A topic as `icepack help` prints it. @param helper knows the width */
export function topicText({ title, blocks }: Topic, helper: Help): string {
  const width = helper.helpWidth ?? 80;
  const parts = blocks.map((block) => (typeof block === 'string' ? helper.boxWrap(block, width) : list(block, helper)));
  return `${title}\n\n${parts.join('\n\n')}\n`;
}

/** Terms with their meanings beside them, as in the help of a command. */
export function list(rows: Rows, helper: Help): string {
  const termWidth = Math.max(...rows.map(([term]) => term.length));
  return rows.map(([term, meaning]) => helper.formatItem(term, termWidth, meaning, helper)).join('\n');
}
