import type { Reading } from '../../reading/reading.js';
import { binned } from '../binned.js';
import { counted, minuteOf } from '../wording.js';

/** The picture as one sentence. */
export function timelineSummary({ layout, density, span, markers }: Reading): string {
  const errors = layout.servers.map((_, server) => binned(density, server, 1)[0]?.errors ?? 0);
  const all = errors.reduce((sum, count) => sum + count, 0);
  const worst = errors.indexOf(Math.max(...errors));
  const where =
    all > 0 && errors.length > 1 ? `, ${errors[worst]} of them on ${layout.servers[worst]?.label ?? '?'}` : '';
  const silences = markers.filter(({ kind }) => kind === 'silence').length;
  const silent = silences > 0 ? `, ${counted(silences, 'silence')}` : '';
  const from = `${minuteOf(span.since, layout.zone)} to ${minuteOf(span.until, layout.zone)}`;
  return `Timeline of ${counted(layout.servers.length, 'server')} from ${from}: ${counted(all, 'error')}${where}${silent}.`;
}
