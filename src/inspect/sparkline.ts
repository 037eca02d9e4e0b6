import type { OutputLine } from '../domain/line.js';
import { formatDuration } from '../domain/quantities.js';
import { formatLocal } from '../domain/zone.js';
import type { Reading } from '../reading/reading.js';

const bars = '▁▂▃▄▅▆▇█';
const columns = 30;
const errorSteps = [4, 5];

/** How many errors there were over the time, all servers together; on a root scale, so that few are seen beside many. */
export function sparkline({ density, layout, lines }: Reading): OutputLine[] {
  if (lines.count === 0)
    return [{ text: '! no log line is in the bundle: nothing can be said of what happened', tone: 'bad' }];
  const { since, stepMs, steps, counts } = density;
  const { zone } = layout;
  const perColumn = Math.max(1, Math.ceil(steps / columns));
  const sums = Array.from({ length: Math.ceil(steps / perColumn) }, () => 0);
  for (const server of counts)
    for (const step of errorSteps)
      server[step]?.forEach((count, at) => {
        const column = Math.floor(at / perColumn);
        sums[column] = (sums[column] ?? 0) + count;
      });
  const most = Math.max(...sums);
  const drawn = sums.map((sum) => bars[most === 0 ? 0 : Math.ceil(Math.sqrt(sum / most) * (bars.length - 1))]).join('');
  const clock = (at: number) => formatLocal(new Date(at), zone).slice(11);
  const per = formatDuration(perColumn * stepMs).replace(/^1 min$/, 'minute');
  return [{ text: `${clock(since)} ${drawn} ${clock(since + steps * stepMs)}   errors per ${per}, all servers` }];
}
