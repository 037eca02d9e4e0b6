import { freeBytesIn, freeSpaceCommand } from '../collectors/host-os.js';
import { backupRule, matchScript, scriptsFolder, techsupportRule } from '../collectors/scripts.js';
import type { Appliance } from '../domain/appliance.js';
import { icepack, say } from '../domain/command.js';
import { formatDuration, formatSize } from '../domain/quantities.js';
import { reasonOf, UserError } from '../errors.js';
import { measureClock, zoneContradiction } from '../servers/clock.js';
import type { ServerFaces } from '../servers/server-faces.js';
import { exec } from '../ssh/exec.js';
import type { Operator } from '../ui/operator.js';
import { look, type Tell } from './tell.js';

const loudClockMs = 60_000;

/** Checks the host OS after login: the appliance's scripts, its clock, and room for what the scripts write. */
export async function examineHostOs(
  appliance: Appliance,
  faces: ServerFaces,
  tell: Tell,
  operator: Operator,
  signal: AbortSignal,
): Promise<void> {
  const again = say`Mend it on the server, then: ${icepack('doctor', appliance.name)}`;
  await look('scripts', tell, again, signal, async (limited) => {
    const folder = scriptsFolder(appliance);
    const names = (await (await faces.files('hostOs')).list(folder, limited))
      .filter((entry) => entry.kind === 'file')
      .map((entry) => entry.name);
    const key = `appliances.${appliance.name}`;
    for (const [rule, status] of [
      [backupRule(appliance), 'fail'],
      [techsupportRule(appliance), 'warn'], // needed only when the CLI is down
    ] as const) {
      try {
        tell('scripts', 'ok', `${rule.purpose} script ${folder}/${matchScript(names, rule, folder)}`);
      } catch (error) {
        if (!(error instanceof UserError)) throw error;
        tell('scripts', status, reasonOf(error), `Name it in the configuration: ${key}.${rule.key}`);
      }
    }
  });
  const sessions = await faces.sessions('hostOs');
  await look('clock', tell, again, signal, async (limited) => {
    const clock = await measureClock(sessions, operator, limited);
    const { offsetMs, errorMs, zone } = clock;
    const contradiction = zoneContradiction(clock, appliance.zone);
    const off = Math.abs(offsetMs) > loudClockMs;
    const text = `clock ${formatDuration(offsetMs)} ${offsetMs < 0 ? 'behind' : 'ahead'} (± ${formatDuration(errorMs)}), zone ${appliance.zone ?? zone ?? 'not known'}`;
    if (off) tell('clock', 'warn', text, 'The window is shifted by it; set the time of the server or of this machine');
    else if (appliance.zone === undefined && zone === undefined)
      tell('clock', 'warn', text, `Write it into the configuration: appliances.${appliance.name}.zone`);
    else if (contradiction !== undefined)
      tell(
        'clock',
        'warn',
        `${text}; ${contradiction}`,
        `Set the zone of the server, or: appliances.${appliance.name}.zone`,
      );
    else tell('clock', 'ok', text);
  });
  await look('disk', tell, again, signal, async (limited) => {
    const { home, minFreeBytes } = appliance.hostOs;
    const { stdout } = await exec(sessions, freeSpaceCommand(home), limited);
    const free = freeBytesIn(stdout);
    if (free === undefined) tell('disk', 'warn', `free space of ${home} could not be read`, again);
    else if (free < minFreeBytes)
      tell(
        'disk',
        'fail',
        `only ${formatSize(free)} free in ${home}`,
        `No backup is written below ${formatSize(minFreeBytes)}: make room, or set appliances.${appliance.name}.hostOs.minFree`,
      );
    else tell('disk', 'ok', `${formatSize(free)} free in ${home}`);
  });
}
