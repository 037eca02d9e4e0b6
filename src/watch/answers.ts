import type { FaceId } from '../domain/appliance.js';
import { printableLine } from '../domain/text.js';
import type { WatchCheck } from '../domain/watch-check.js';
import type { Answer } from '../domain/watch-event.js';
import { redactText } from '../redaction/redact-text.js';
import type { FaceLook } from './face-look.js';
import { facesText } from './face-look.js';
import { type Printed, tookTooLong } from './fenced.js';

type Of<K extends WatchCheck['kind']> = Extract<WatchCheck, { kind: K }>;

export function unknown(text: string): Answer {
  return { is: 'unknown', text: printableLine(text, 300) };
}

export function explained(text: string): Answer {
  return { ...unknown(text), is: 'unknown', explained: true };
}

/**
 * Whether a server answers. It is silent only where that was seen at the faces which count. @returns undefined where it is not
 * looked at this time
 */
export function reachAnswer({ faces, bad }: Of<'reach'>, looks: ReadonlyMap<FaceId, FaceLook>): Answer | undefined {
  const mine = new Map([...looks].filter(([face]) => faces.includes(face)));
  const silent = [...mine.values()].filter(({ is }) => is === 'silent').length;
  const answering = [...mine.values()].filter(({ is }) => is === 'up' || is === 'greets').length;
  const isBad = bad === 'any' ? silent > 0 : silent === mine.size;
  if (isBad && mine.size > 0) return { is: 'bad', text: facesText(mine) };
  const isOk = bad === 'any' ? answering === mine.size : answering > 0;
  if (isOk) return { is: 'ok', text: 'answers' };
  return [...mine.values()].some(({ is }) => is === 'resting') ? undefined : unknown(facesText(mine));
}

/** Whether the pinned host keys are shown. */
export function hostKeyAnswer(looks: ReadonlyMap<FaceId, FaceLook>): Answer {
  const other = [...looks].filter(([, look]) => look.is === 'greets' && look.otherKey);
  if (other.length > 0) return { is: 'bad', text: facesText(new Map(other)) };
  const isShown = [...looks.values()].every(({ is }) => is === 'up');
  return isShown ? { is: 'ok', text: 'as pinned' } : explained('not seen: the login came not so far');
}

/** What a command says of a service. */
export function commandAnswer(printed: Printed | undefined, { ok }: { ok: RegExp }): Answer {
  const trouble = troubleOf(printed);
  if (printed === undefined || trouble !== undefined) return unknown(trouble ?? '');
  const text = firstLine(printed);
  if (ok.test(printed.text.trim().slice(0, longestTested))) return { is: 'ok', text };
  if (text === '' && printed.code > 1) return unknown(`it printed nothing and ended with ${printed.code}`);
  return { is: 'bad', text: text === '' ? `nothing is printed, exit status ${printed.code}` : text };
}

/** The same of a virtual machine, which somebody may have stopped. */
export function machineAnswer(printed: Printed | undefined, { ok, stopped }: Of<'vm'>): Answer {
  const answer = commandAnswer(printed, { ok });
  const isStopped = answer.is === 'bad' && stopped?.test(printed?.text.trim().slice(0, longestTested) ?? '') === true;
  return isStopped ? { ...answer, onPurpose: true } : answer;
}

const longestTested = 4096;
const notFound = 127;
const notRun = 126;

/** Why what was printed says nothing. */
export function troubleOf(printed: Printed | undefined): string | undefined {
  if (printed === undefined) return 'its output was cut off';
  if (printed.code === tookTooLong) return 'it did not end within 20 s';
  if (printed.code === notFound || printed.code === notRun)
    return `it cannot be run there: ${firstLine(printed) || `exit status ${printed.code}`}`;
  return undefined;
}

function firstLine({ text }: Printed): string {
  return printableLine(redactText(text.trim().split('\n')[0] ?? '', []), 200);
}
