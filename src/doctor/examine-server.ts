import { findFilesRoot, inRoot } from '../collectors/files-root.js';
import { freeBytesIn, freeSpaceCommand } from '../collectors/host-os.js';
import { refusalIn } from '../collectors/refusal.js';
import { backupRule, matchScript, scriptsFolder, techsupportRule } from '../collectors/scripts.js';
import type { Appliance, FaceId } from '../domain/appliance.js';
import { icepack, say } from '../domain/command.js';
import { type Endpoint, endpointOf } from '../domain/endpoint.js';
import { formatDuration, formatSize } from '../domain/quantities.js';
import { printableLine } from '../domain/text.js';
import { reasonOf, UserError } from '../errors.js';
import type { Access } from '../servers/access.js';
import { measureClock, zoneContradiction } from '../servers/clock.js';
import { examineKey, type PinOptions } from '../servers/host-keys.js';
import { openServerFaces, type ServerFaces } from '../servers/server-faces.js';
import type { Workplace } from '../servers/workplace.js';
import { openCliSession } from '../ssh/cli/cli-session.js';
import { exec } from '../ssh/exec.js';
import type { RemoteFiles } from '../ssh/files/remote-files.js';
import type { Operator } from '../ui/operator.js';
import type { Check, CheckId } from './check.js';
import { examineFileRoot } from './examine-file-root.js';
import { look, type Tell, tellerOf } from './tell.js';

const loudClockMs = 60_000;

/** The host key of a place: shown, compared, and pinned when that was asked for. @returns whether it may be trusted */
export async function examineEndpoint(
  place: Endpoint,
  options: PinOptions,
  operator: Operator,
  access: Access,
  signal: AbortSignal,
  face?: FaceId,
): Promise<{ checks: Check[]; trusted: boolean }> {
  const checks: Check[] = [];
  const tell = tellerOf(checks, place, face);
  try {
    const { shown, pin } = await examineKey(place, options, operator, access, signal);
    const key = `${shown.type} ${shown.fingerprint}`;
    const facts = { key: { type: shown.type, fingerprint: shown.fingerprint }, pin };
    tell('network', 'ok', 'answers');
    if (pin === 'pinned' || pin === 'now-pinned') {
      tell('host-key', 'ok', `${pin === 'pinned' ? 'pinned' : 'now pinned'}: ${key}`, undefined, facts);
      return { checks, trusted: true };
    }
    const command = icepack('doctor', place.server, '--pin', '--fingerprint', shown.fingerprint);
    if (pin === 'unknown')
      tell(
        'host-key',
        'new',
        `host key ${key}, not pinned`,
        say`Compare it with the server's own, then: ${command}`,
        facts,
      );
    else
      tell(
        'host-key',
        'fail',
        `host key ${key} is NOT THE PINNED KEY`,
        say`Someone may be in between. If the server was reinstalled, compare the key on its console, then: ${command}`,
        facts,
      );
  } catch (error) {
    signal.throwIfAborted();
    if (!(error instanceof UserError)) throw error;
    tell(checkOf(error), 'fail', reasonOf(error), error.hint);
  }
  return { checks, trusted: false };
}

/** Which check a failure to connect belongs to. */
function checkOf({ code }: UserError): CheckId {
  if (code === 'no-common-algorithm') return 'algorithms';
  if (code === 'state-exposed') return 'state';
  if (code.startsWith('host-key') || code.startsWith('known-hosts') || code === 'pinned-in-config') return 'host-key';
  return code === 'login-refused' || code === 'key-unusable' ? 'login' : 'network';
}

/** Looks at both faces of a server; changes nothing there. Never throws for a server. */
export async function examineServer(
  appliance: Appliance,
  options: PinOptions,
  cliCommands: readonly string[],
  { operator, access, fileRoots }: Pick<Workplace, 'operator' | 'access' | 'fileRoots'>,
  signal: AbortSignal,
): Promise<Check[]> {
  const quiet = { ...operator, emit: () => undefined }; // its lines say it
  const faces = openServerFaces(appliance, quiet, access, signal);
  try {
    const found: Check[] = [];
    const entered = new Set<FaceId>();
    for (const face of ['cli', 'hostOs'] as const) {
      const place = endpointOf(appliance, face);
      const { checks, trusted } = await examineEndpoint(place, options, operator, access, signal, face); // one by one: it may ask
      found.push(...checks);
      if (!trusted) continue;
      const tell = tellerOf(found, place, face);
      if (!(await examineLogin(faces, face, tell))) continue;
      entered.add(face);
      if (face === 'cli') await examineCli(appliance, faces, cliCommands, tell, signal);
      else await examineHostOs(appliance, faces, tell, operator, signal);
    }
    const tell = tellerOf(found, endpointOf(appliance, 'hostOs'), 'hostOs');
    if (entered.has('hostOs')) await examineFileRoot({ appliance, faces, entered, tell, fileRoots }, signal);
    return found;
  } finally {
    faces.close();
  }
}

async function examineLogin(faces: ServerFaces, face: FaceId, tell: Tell): Promise<boolean> {
  try {
    await faces.sessions(face);
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    tell(checkOf(error), 'fail', reasonOf(error), error.hint);
    return false;
  }
  const { probe } = faces.record(face);
  const strict = probe?.notStrict
    ? '; no strict key exchange, so ciphers are used that do without (CVE-2023-48795)'
    : '';
  tell('algorithms', 'ok', `${probe?.banner ?? 'SSH'}, ${probe?.algorithms ?? 'algorithms agreed'}${strict}`);
  if (probe?.login === 'none')
    tell('login', 'warn', 'anyone is let in, without a credential', 'Set a password or a key for the account');
  else tell('login', 'ok', `logged in by ${probe?.login ?? 'its credential'}`);
  return true;
}

async function examineCli(
  appliance: Appliance,
  faces: ServerFaces,
  cliCommands: readonly string[],
  tell: Tell,
  signal: AbortSignal,
): Promise<void> {
  const again = say`Mend it on the server, then: ${icepack('doctor', appliance.name)}`;
  await look('prompt', tell, again, signal, async (limited) => {
    const session = await openCliSession(await faces.sessions('cli'), limited);
    try {
      const [command] = cliCommands;
      if (command === undefined) return tell('prompt', 'ok', 'a shell opens');
      const { prompt, text } = await session.run(command, limited);
      tell('prompt', 'ok', prompt === '' ? 'commands run without a shell' : `prompt "${printableLine(prompt)}"`);
      const refusal = refusalIn(text);
      if (refusal === undefined) tell('role', 'ok', `may run "${command}"`);
      else
        tell(
          'role',
          'warn',
          `"${command}" is refused: ${refusal}`,
          'Use an account with the role Administrator; the role Auditor may not run techsupport',
        );
    } finally {
      session.close();
    }
  });
  await look('files', tell, again, signal, async (limited) => {
    const files = await faces.files('cli');
    const root = await findFilesRoot(files, appliance.filesRoot, limited);
    const names = (await files.list(inRoot(root, 'logs'), limited)).length;
    const links = await linksAmong(files, [inRoot(root, 'logs'), inRoot(root, 'techsupport')], limited);
    const said = links.map((folder) => `; ${folder} is a link, which is followed`).join('');
    tell('files', 'ok', `${inRoot(root, 'logs')} has ${names} ${names === 1 ? 'file' : 'files'}${said}`);
  });
}

/** Folders that lie elsewhere, such as on a larger disk. */
async function linksAmong(files: RemoteFiles, folders: readonly string[], signal: AbortSignal): Promise<string[]> {
  const found = await Promise.all(folders.map((folder) => files.find(folder, signal)));
  return folders.filter((_folder, index) => found[index]?.isLink === true);
}

async function examineHostOs(
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
