import type { Appliance } from '../../domain/appliance.js';
import { type UnattendedLogin, unattendedLogins } from '../../servers/unattended-logins.js';
import { machineName } from '../../state/machine.js';
import { cronLines } from './cron.js';
import { systemdLines } from './systemd.js';
import type { Timer } from './timer.js';

/** What is printed for cron or systemd, and which logins cannot be made there. */
export async function scheduleFor(
  what: 'cron' | 'systemd',
  appliances: readonly Appliance[],
  wanted: Omit<Timer, 'machine' | 'asking'>,
): Promise<{ lines: string[]; asking: readonly UnattendedLogin[] }> {
  const asking = unattendedLogins(appliances);
  const timer = { ...wanted, asking, machine: await machineName() };
  return { lines: what === 'cron' ? cronLines(timer) : systemdLines(timer), asking };
}
