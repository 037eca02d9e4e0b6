import { defined } from '../domain/defined.js';
import type { ClockOffset } from '../domain/window.js';
import { formatOffset, offsetMinutes } from '../domain/zone.js';
import { fixedZone, isZone } from '../domain/zone-name.js';
import { itemError } from '../errors.js';
import { execOutput } from '../ssh/exec-output.js';
import type { Sessions } from '../ssh/sessions.js';
import type { Operator } from '../ui/operator.js';
import { withDeadline } from './deadline.js';

/** Prints time, offset, and what the host OS has of these: the name of its zone, how long it is up, from where it is asked. */
export const clockCommand = [
  "date '+icepack-clock %s.%N %z'; readlink -f /etc/localtime; cat /etc/timezone",
  `echo "icepack-up $(cat /proc/uptime)"; echo "icepack-from \${SSH_CONNECTION%% *}"`,
].join('; ');

export type ServerClock = ClockOffset & ServerZone & Surroundings & { at: Date };

/** When the host OS was started, by its own clock, and the address that we come from, as it sees it. */
type Surroundings = { boot?: Date; from?: string };

/** The zone that a server's clock shows. */
type ServerZone = {
  zone: string | undefined;
  offsetMinutes: number;
  /** The zone it is said to be in, where its clock shows another offset. */
  contradiction?: string;
};

/** The line that ends the answer of the clock, where more is asked in the same session. */
export const clockEnd = 'icepack-clock-ends';
/** The window waits for the clock: a host OS that hangs must not cost the logs of the CLI. */
const clockTimeoutMs = 15_000;
const answerTimeoutMs = 40_000;
const maxAnswerBytes = 4 * 1024 * 1024;

/** What the host OS answers in one session: its time at once, `more` when the command behind it has ended. */
export type HostAnswer = { clock: Promise<ServerClock>; more: Promise<string> };

/** Compares the host OS's clock with ours. @throws UserError `no-clock` when the answer is no time */
export function measureClock(sessions: Sessions, operator: Operator, signal: AbortSignal): Promise<ServerClock> {
  return askHostOs(sessions, operator, signal).clock;
}

/**
 * Asks for the time, and for more behind it. The time belongs to some moment between asking and being answered, so the
 * middle is taken and half the round trip is the error.
 */
export function askHostOs(sessions: Sessions, operator: Operator, signal: AbortSignal, behind?: string): HostAnswer {
  const asked = operator.now().getTime();
  const started = performance.now();
  let text = '';
  let told: () => void = () => undefined;
  const parts = () => text.split(new RegExp(`^${clockEnd}\\r?\\n`, 'm'));
  const take = async (chunk: Buffer) => {
    text += chunk.toString('utf8');
    if (parts().length > 1) told();
  };
  const command = behind === undefined ? clockCommand : `${clockCommand}; echo ${clockEnd}; ${behind}`;
  const ended = withDeadline(answerTimeoutMs, signal, (limited) =>
    execOutput(sessions, command, { signal: limited, maxBytes: maxAnswerBytes, take }),
  );
  const more = ended.then(() => parts()[1] ?? '');
  const clock = withDeadline(clockTimeoutMs, signal, async (limited) => {
    await new Promise<void>((resolve, reject) => {
      told = resolve;
      ended.then(() => resolve(), reject);
      limited.addEventListener('abort', () => reject(limited.reason), { once: true });
    });
    return clockOf(parts()[0] ?? '', asked, performance.now() - started, sessions.title);
  });
  for (const part of [more, clock]) part.catch(() => undefined); // whoever wants it gets it
  return { clock, more };
}

function clockOf(output: string, asked: number, roundTripMs: number, title: string): ServerClock {
  const read = readClock(output);
  if (read === undefined) throw itemError('no-clock', `${title} gave no time`);
  const { ms, resolutionMs, ...zone } = read;
  return {
    offsetMs: Math.round(ms - (asked + roundTripMs / 2)),
    errorMs: Math.ceil(roundTripMs / 2 + resolutionMs),
    at: new Date(ms),
    ...zone,
  };
}

/** A clock that is off by more was set; it is not just slow. */
const jumpMs = 2000;

/** How far a server's clock was set between two measurements; undefined where they agree. */
export function jumpBetween(start: ClockOffset, end: ClockOffset): number | undefined {
  const moved = end.offsetMs - start.offsetMs;
  return Math.abs(moved) > jumpMs + start.errorMs + end.errorMs ? moved : undefined;
}

/** Watches the clock of this machine. @returns how far it was set since, in ms; undefined where it was not */
export function watchLocalClock(now: () => Date, elapsedMs: () => number = () => performance.now()) {
  const offset = () => now().getTime() - elapsedMs();
  const before = offset();
  return (): number | undefined => {
    const moved = Math.round(offset() - before);
    return Math.abs(moved) > jumpMs ? moved : undefined;
  };
}

/** The year 2000: a clock that shows less was never set. */
const unsetBeforeSeconds = 946_684_800;

/**
 * Reads what `clockCommand` printed, also between the lines a login script adds. The offset is that of the clock itself:
 * a name that says something else is not the zone that logs are written in.
 */
export function readClock(
  output: string,
): ({ ms: number; resolutionMs: number } & ServerZone & Surroundings) | undefined {
  const match = /icepack-clock (\d{1,11})(?:\.(\d{1,9}))? ([+-])(\d{2})(\d{2})/.exec(output);
  if (match === null) return undefined;
  const [, seconds, fraction, sign, hours, minutes] = match;
  if (Number(seconds) < unsetBeforeSeconds) return undefined;
  const ms = Number(seconds) * 1000 + (fraction === undefined ? 0 : Math.floor(Number(`0.${fraction}`) * 1000));
  const eastMinutes = (sign === '-' ? -1 : 1) * (Number(hours) * 60 + Number(minutes));
  return {
    ms,
    resolutionMs: fraction === undefined ? 1000 : 1,
    ...zoneShown(zoneName(output), eastMinutes, new Date(ms)),
    ...surroundings(output, ms),
  };
}

function surroundings(output: string, ms: number): Surroundings {
  const upSeconds = /^icepack-up (\d{1,10}\.\d+) /m.exec(output)?.[1];
  const from = /^icepack-from ([0-9a-f.:%]{2,64})\r?$/im.exec(output)?.[1];
  return defined({ boot: upSeconds === undefined ? undefined : new Date(ms - Number(upSeconds) * 1000), from });
}

function zoneShown(name: string | undefined, eastMinutes: number, at: Date): ServerZone {
  const offset = { offsetMinutes: eastMinutes };
  if (name === undefined) return { zone: fixedZone(eastMinutes), ...offset };
  if (offsetMinutes(name, at) === eastMinutes) return { zone: name, ...offset };
  return { zone: fixedZone(eastMinutes), ...offset, contradiction: name };
}

/** Says that a configured or reported zone is not what the clock shows; undefined where it is. */
export function zoneContradiction(clock: ServerClock, configured: string | undefined): string | undefined {
  const name = configured ?? clock.contradiction;
  if (name === undefined || offsetMinutes(name, clock.at) === clock.offsetMinutes) return undefined;
  const shown = `its clock shows ${clock.zone === undefined ? 'another offset' : formatOffset(clock.at, clock.zone)}`;
  return configured === undefined
    ? `its zone is called ${name}, but ${shown}: times are taken by the clock`
    : `${shown}, but the zone of the configuration is ${name}, by which times are taken`;
}

function zoneName(output: string): string | undefined {
  const linked = /zoneinfo\/(?:posix\/|right\/)?([A-Za-z0-9_+/-]+)/.exec(output)?.[1];
  const written = output
    .split('\n')
    .map((line) => line.trim())
    .find((line) => /^[A-Z][A-Za-z_]+(\/[A-Za-z0-9_+-]+)+$|^UTC$/.test(line));
  return [linked, written].find((name) => name !== undefined && isZone(name));
}
