import { type Appliance, serverTitle } from '../../domain/appliance.js';
import { icepack, say } from '../../domain/command.js';
import { defined } from '../../domain/defined.js';
import type { ServerRecord } from '../../domain/manifest.js';
import { formatDuration } from '../../domain/quantities.js';
import { unknownClockMs } from '../../domain/window.js';
import { reasonOf } from '../../errors.js';
import type { Operator } from '../../ui/operator.js';
import { type HostAnswer, jumpBetween, measureClock, type ServerClock, zoneContradiction } from '../clock.js';
import type { ServerFaces } from '../server-faces.js';

const loudClockMs = 60_000;

/** Reads the clock of a server and tells the operator where it is wrong; undefined where it could not be read. */
export async function tellClock(
  appliance: Appliance,
  faces: ServerFaces,
  answer: Promise<HostAnswer>,
  operator: Operator,
  signal: AbortSignal,
): Promise<ServerClock | undefined> {
  try {
    const clock = await (await answer).clock;
    const { offsetMs, errorMs, zone } = clock;
    operator.emit({ type: 'clock-measured', server: appliance.name, offsetMs, errorMs, zone: zone ?? 'zone unknown' });
    const contradiction = zoneContradiction(clock, appliance.zone);
    if (contradiction !== undefined)
      operator.emit({
        type: 'warning',
        server: appliance.name,
        text: contradiction,
        hint: `Set the zone of the server, or: appliances.${appliance.name}.zone`,
      });
    if (Math.abs(offsetMs) > loudClockMs) {
      const text = `the clock of ${serverTitle(appliance.id)} is ${formatDuration(offsetMs)} ${offsetMs > 0 ? 'ahead' : 'behind'}; windows of its logs are shifted by it`;
      operator.emit({
        type: 'warning',
        server: appliance.name,
        text,
        hint: 'Set the time of the server, or of this machine, before the next incident',
      });
    }
    return clock;
  } catch (error) {
    if (!signal.aborted) {
      const why = faces.record('hostOs').status === 'up' ? `could not be read: ${reasonOf(error)}` : 'is not known';
      const text = `its clock ${why}; the log window is ${formatDuration(unknownClockMs)} wider on both sides`;
      operator.emit({ type: 'warning', server: appliance.name, text });
    }
    return undefined;
  }
}

export type ClockAtEnd = Pick<NonNullable<ServerRecord['clock']>, 'atEnd' | 'jumpedMs'>;

/** Measures the clock again: if it was set meanwhile, the window may have been taken by the wrong time. */
export async function measureAgain(
  start: ServerClock | undefined,
  appliance: Appliance,
  faces: ServerFaces,
  operator: Operator,
  signal: AbortSignal,
): Promise<ClockAtEnd | undefined> {
  if (start === undefined || signal.aborted) return undefined;
  try {
    const sessions = await faces.sessions('hostOs');
    const { offsetMs, errorMs } = await measureClock(sessions, operator, signal);
    const jumpedMs = jumpBetween(start, { offsetMs, errorMs });
    if (jumpedMs !== undefined) {
      const text = `its clock was set ${formatDuration(jumpedMs)} ${jumpedMs > 0 ? 'forward' : 'back'} while evidence was collected`;
      const hint = say`The window was taken by the clock before; the logs again: ${icepack('collect', appliance.name, '--only', 'logs')}`;
      operator.emit({ type: 'warning', server: appliance.name, text, hint });
    }
    return { atEnd: { offsetMs, errorMs }, ...defined({ jumpedMs }) };
  } catch {
    return undefined; // it was measured once
  }
}
