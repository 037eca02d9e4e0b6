import { hostname } from 'node:os';
import { icepack, spelled } from '../../domain/command.js';
import { defined } from '../../domain/defined.js';
import { printableLine } from '../../domain/text.js';
import type { Stamp } from '../../domain/watch-event.js';
import type { Page, Recipient } from '../../notify/channel.js';
import { oneSms } from '../../notify/gsm7.js';
import type { DamageNote } from '../../state/watch-notes.js';
import { shortened } from './page-facts.js';
import { type AlarmWays, toldFirst } from './state-alarm.js';

const dayMs = 86_400_000;
const minuteMs = 60_000;
const longest = 160;

/**
 * Tells the primary contact that incidents are left alone, as what became of them cannot be read. Once for each, and again each day; each minute while nobody can be reached.
 * @param damaged what is wrong with each @returns who was told, in words; undefined where it is not time
 */
export async function tellOfDamage(
  damaged: readonly string[],
  note: DamageNote,
  ways: AlarmWays,
  now: Stamp,
  signal: AbortSignal,
): Promise<string | undefined> {
  const before = await note.read();
  const restMs = before?.isReached ? dayMs : minuteMs;
  const isEarly = before !== undefined && before.at <= now.wallMs && now.wallMs - before.at < restMs;
  if (isEarly && damaged.every((each) => before.damaged.includes(each))) return undefined;
  const told = await toldFirst(ways, 'high', now, (to) => pageOf(damaged, now, to), signal, 'primary');
  await note.write({ damaged: [...damaged], at: now.wallMs, isReached: told.isReached });
  return told.text;
}

function pageOf(damaged: readonly string[], now: Stamp, to: Recipient | undefined): Page {
  const host = printableLine(hostname(), 60);
  const what = damaged.length === 1 ? '1 incident is left alone' : `${damaged.length} incidents are left alone`;
  const status = spelled(icepack('watch', 'status'));
  const text = [
    `icepack on ${host} cannot read what became of incidents, and leaves them alone: do not rely on pages for them.`,
    '',
    ...damaged.map((each) => `  ${printableLine(each, 300)}`),
    '',
    'Look at the ticket, and whether somebody has it. What is still bad there has another incident once the watch starts again.',
    `Where all stands: ${status}. Put the file back from a copy, or move the folder of the incident away, and start the`,
    'watch again; until then this is said once a day.',
  ];
  return {
    id: `damage.${now.wallMs}`,
    incident: { id: 'damage', reference: `icepack-damage-${host}`, threadStart: false },
    ...{ status: 'firing', severity: 'high', subject: `icepack on ${host}: ${what}, as its journal is damaged` },
    text: `${text.join('\n')}\n`,
    short: shortened(
      oneSms(`icepack on ${host}: ${what}, journal damaged - do not rely on pages for it. See: ${status}`),
      longest,
    ),
    ...defined({ to }),
  };
}
