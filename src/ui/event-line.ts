import { faceTitle } from '../domain/appliance.js';
import { say, type Text } from '../domain/command.js';
import type { OutputLine } from '../domain/line.js';
import type { ProgressEvent } from '../domain/progress.js';
import { formatDuration, formatSize } from '../domain/quantities.js';
import { printableLine } from '../domain/text.js';

/** How much an event matters: `quiet` is shown always, `normal` as a rule, `verbose` only when asked for. */
export type Weight = 'quiet' | 'normal' | 'verbose';

export type EventLine = OutputLine & { weight: Weight };

type Renderers = {
  [Type in ProgressEvent['type']]: (event: Extract<ProgressEvent, { type: Type }>) => EventLine | undefined;
};

const statusTone = { ok: 'good', partial: 'warn', skipped: 'dim', failed: 'bad' } as const;

const renderers: Renderers = {
  'run-started': ({ run, text }) => ({ text: `${text}, run ${run}`, weight: 'normal' }),
  'face-up': ({ server, face }) => ({ text: `${server}: logged in to the ${faceTitle[face]}`, weight: 'verbose' }),
  'face-down': ({ reason, hint }) => ({
    text: say`${reason}${hintBelow(hint)}`,
    tone: 'bad',
    weight: 'quiet',
  }),
  'face-away': ({ server, face, reason, forMs }) => ({
    text: `${server}: the ${faceTitle[face]} has gone (${printableLine(reason, 400)}); it is waited for, ${formatDuration(forMs)} at most`,
    tone: 'warn',
    weight: 'normal',
  }),
  'clock-measured': ({ server, offsetMs, errorMs, zone }) => ({
    text: `${server}: clock ${formatDuration(offsetMs)} ${offsetMs < 0 ? 'behind' : 'ahead'} (± ${formatDuration(errorMs)}), zone ${zone}`,
    weight: 'verbose',
  }),
  'item-started': ({ server, collector }) => ({ text: `${server}: ${collector} …`, weight: 'normal' }),
  'item-progress': () => undefined,
  'item-ended': ({ server, path, status, bytes, reason }) => ({
    text: `${server}: ${path} ${status}${bytes === undefined ? '' : `, ${formatSize(bytes)}`}${reason === undefined ? '' : `: ${printableLine(reason, 400)}`}`,
    tone: statusTone[status],
    weight: status === 'failed' ? 'quiet' : status === 'skipped' ? 'verbose' : 'normal',
  }),
  'server-ended': ({ server, completeness }) => ({ text: `${server}: ${completeness}`, weight: 'normal' }),
  'step-started': ({ text }) => ({ text: `${text} …`, weight: 'normal' }),
  'step-progress': () => undefined,
  'step-ended': ({ text }) => ({ text, weight: 'normal' }),
  warning: ({ text, server, hint }) => ({
    text: say`Warning: ${server === undefined ? '' : `${server}: `}${text}${hintBelow(hint)}`,
    tone: 'warn',
    weight: 'quiet',
  }),
  note: ({ text, asked }) => ({ text, weight: asked ? 'quiet' : 'normal' }),
};

function hintBelow(hint: Text | undefined): Text {
  return hint === undefined ? '' : say`\n  → ${hint}`;
}

/** What a person reads of an event; undefined where there is nothing to read. */
export function lineOf(event: ProgressEvent): EventLine | undefined {
  const render = renderers[event.type] as (event: ProgressEvent) => EventLine | undefined;
  return render(event);
}
