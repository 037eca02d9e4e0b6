import { faceTitle } from '../domain/appliance.js';
import { pathsText } from '../domain/assessment.js';
import { say, type Text } from '../domain/command.js';
import type { OutputLine } from '../domain/line.js';
import type { ProgressEvent, ProgressLoss } from '../domain/progress.js';
import { formatDuration, formatSize } from '../domain/quantities.js';
import { printableLine } from '../domain/text.js';

/**
 * How much an event matters: `asked` is always shown, because a question follows; `normal` is usually shown, `verbose`
 * only on request.
 */
export type Weight = 'asked' | 'normal' | 'verbose';

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
    weight: 'normal',
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
    weight: 'verbose',
  }),
  'collector-ended': collectorLine,
  'server-ended': ({ server, completeness, losses = [] }) => ({
    text: [`${server}: ${completeness}`, ...losses.filter(isOfFace).map(faceLoss)].join('\n'),
    weight: 'normal',
  }),
  'step-started': ({ text }) => ({ text: `${text} …`, weight: 'normal' }),
  'step-progress': () => undefined,
  'step-ended': ({ text }) => ({ text, weight: 'normal' }),
  warning: ({ text, server, hint }) => ({
    text: say`Warning: ${server === undefined ? '' : `${server}: `}${text}${hintBelow(hint)}`,
    tone: 'warn',
    weight: 'normal',
  }),
  error: ({ text, hint }) => ({ text: say`${text}${hintBelow(hint)}`, tone: 'bad', weight: 'normal' }),
  note: ({ text, asked }) => ({ text, weight: asked ? 'asked' : 'normal' }),
};

function hintBelow(hint: Text | undefined): Text {
  return hint === undefined ? '' : say`\n  → ${hint}`;
}

/** The line that a person reads about an event; undefined where there is none. */
export function lineOf(event: ProgressEvent): EventLine | undefined {
  const render = renderers[event.type] as (event: ProgressEvent) => EventLine | undefined;
  return render(event);
}

/** The line of one collector; below it is why something is missing. There is no line if a face is the only reason. */
function collectorLine({ server, collector, items, losses }: CollectorEnded): EventLine | undefined {
  const there = items.filter(({ status, bytes }) => status === 'ok' || (status === 'partial' && bytes !== undefined));
  const bytes = there.reduce((sum, item) => sum + (item.bytes ?? 0), 0);
  const worst = items.some(({ status }) => status === 'partial' || status === 'failed') ? 'partial' : 'ok';
  const failed = there.length === 0;
  if (failed && losses.length === 0) return undefined;
  const note = losses.length === 0 && there.length === 1 && there[0]?.reason ? `, ${there[0].reason}` : '';
  const what = failed ? 'nothing' : `${worst}${bytes > 0 ? `, ${formatSize(bytes)}` : ''}${note}`;
  return {
    text: [`${server}: ${collector} ${printableLine(what, 400)}`, ...losses.map(lossText)].join('\n'),
    tone: failed ? 'bad' : statusTone[worst],
    weight: 'normal',
  };
}

type CollectorEnded = Extract<ProgressEvent, { type: 'collector-ended' }>;

function lossText({ reason, paths }: ProgressLoss): string {
  return `  ${pathsText(paths.map((path) => ({ path })))}: ${printableLine(reason, 400)}`;
}

/** What a kind of evidence lost by itself was told when that ended. */
function isOfFace({ face, paths }: ProgressLoss): boolean {
  return face !== undefined && paths.length > 0;
}

function faceLoss({ face, paths }: ProgressLoss): string {
  return `  without the ${face === undefined ? '' : faceTitle[face]}: no ${pathsText(paths.map((path) => ({ path })))}`;
}
