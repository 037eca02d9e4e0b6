import type { FaceId } from '../domain/appliance.js';
import type { Text } from '../domain/command.js';
import type { PinState } from '../domain/host-key.js';
import { type ExitCode, exitCode, mostUrgent } from '../errors.js';

/** The kinds of checks of `icepack doctor`. Names are stable: scripts rely on them. */
export type CheckId =
  | 'config'
  | 'secret'
  | 'state'
  | 'free-space'
  | 'node'
  | 'environment'
  | 'help-desk'
  | 'route'
  | 'channel'
  | 'leftovers'
  | 'captures'
  | 'on-duty'
  | 'watch'
  | 'weekly'
  | 'network'
  | 'algorithms'
  | 'host-key'
  | 'login'
  | 'prompt'
  | 'role'
  | 'files'
  | 'scripts'
  | 'clock'
  | 'disk';

/** One check. Its status is `new` for a host key that nobody has pinned yet. */
export type Check = {
  check: CheckId;
  status: 'ok' | 'warn' | 'fail' | 'new';
  /** Where: this machine, the help desk, the channels of pages, or a place to log in to. */
  place: string;
  server?: string;
  face?: FaceId;
  /** What was found. */
  text: string;
  /** The host key that was shown, and what is known of it. */
  key?: { type: string; fingerprint: string };
  pin?: PinState;
  /** The next step, if something is not as it should be. */
  hint: Text | null;
};

/** The exit code of `doctor`: 2 and 8 for this machine, 6 for the help desk, 5 when no face let us in, 3 for the rest. */
export function examinationExit(checks: readonly Check[]): ExitCode {
  const logins = checks.filter((check) => check.check === 'login' && check.face !== undefined);
  const failed = checks.filter((check) => check.status === 'fail' || check.status === 'new');
  const codes = failed.map((check): ExitCode => {
    if (check.check === 'state' || check.check === 'free-space' || check.check === 'environment') return exitCode.local;
    if (check.check === 'secret' || check.check === 'config') return exitCode.usage;
    return check.check === 'help-desk' ? exitCode.helpDesk : exitCode.partial;
  });
  if (codes.includes(exitCode.usage)) return exitCode.usage; // nothing can be relied on before that is right
  const shutOut = failed.some((check) => check.face !== undefined) && !logins.some((check) => check.status === 'ok');
  return mostUrgent(shutOut ? [...codes, exitCode.unreachable] : codes);
}
