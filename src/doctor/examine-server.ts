import type { Appliance, FaceId } from '../domain/appliance.js';
import { icepack, say } from '../domain/command.js';
import { type Endpoint, endpointOf } from '../domain/endpoint.js';
import type { PinState, ShownHostKey } from '../domain/host-key.js';
import type { WatchCheck } from '../domain/watch-check.js';
import { reasonOf, UserError } from '../errors.js';
import { isTrusted, type Met } from '../servers/host-keys.js';
import { openServerFaces, type ServerFaces } from '../servers/server-faces.js';
import type { Workplace } from '../servers/workplace.js';
import type { Check, CheckId } from './check.js';
import { examineCli } from './examine-cli.js';
import { examineFileRoot } from './examine-file-root.js';
import { examineHostOs } from './examine-host-os.js';
import { examineWatchChecks } from './examine-watch-checks.js';
import { type Tell, tellAbout } from './tell.js';

/** The checks of first contact: whether a place answers, and its host key. */
export function checksOfContact(endpoint: Endpoint, met: Met | undefined, face?: FaceId): Check[] {
  const checks: Check[] = [];
  const tell = tellAbout(checks, endpoint, face);
  if (met === undefined) return checks;
  if ('error' in met) tell(checkOf(met.error), 'fail', reasonOf(met.error), met.error.hint);
  else {
    tell('network', 'ok', 'answers');
    tellOfKey(endpoint, met.shown, met.pin, tell);
  }
  return checks;
}

function tellOfKey(endpoint: Endpoint, shown: ShownHostKey, pin: PinState, tell: Tell): void {
  const key = `${shown.type} ${shown.fingerprint}`;
  const facts = { key: { type: shown.type, fingerprint: shown.fingerprint }, pin };
  const command = icepack('doctor', endpoint.server, '--pin', '--fingerprint', shown.fingerprint);
  if (pin === 'pinned' || pin === 'now-pinned')
    tell('host-key', 'ok', `${pin === 'pinned' ? 'pinned' : 'now pinned'}: ${key}`, undefined, facts);
  else if (pin === 'unknown')
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
}

/** The check that a failure to connect belongs to. */
function checkOf({ code }: UserError): CheckId {
  if (code === 'no-common-algorithm') return 'algorithms';
  if (code === 'state-exposed') return 'state';
  if (code.startsWith('host-key') || code.startsWith('known-hosts') || code === 'pinned-in-config') return 'host-key';
  return code === 'login-refused' || code === 'key-unusable' || code === 'no-credential' ? 'login' : 'network';
}

/** Checks both faces of a server and changes nothing there. A failure of the server never makes it throw. */
export async function examineServer(
  appliance: Appliance,
  contact: ReadonlyMap<string, Met>,
  { cliCommands, watchChecks }: { cliCommands: readonly string[]; watchChecks: readonly WatchCheck[] },
  { operator, access, fileRoots }: Pick<Workplace, 'operator' | 'access' | 'fileRoots'>,
  signal: AbortSignal,
): Promise<Check[]> {
  const quiet = { ...operator, emit: () => undefined }; // its lines say it
  const faces = openServerFaces(appliance, quiet, access, signal);
  try {
    const found: Check[] = [];
    const entered = new Set<FaceId>();
    for (const face of ['cli', 'hostOs'] as const) {
      const endpoint = endpointOf(appliance, face);
      const met = contact.get(endpoint.key);
      found.push(...checksOfContact(endpoint, met, face));
      if (met === undefined || !isTrusted(met)) continue;
      const tell = tellAbout(found, endpoint, face);
      if (!(await examineLogin(faces, face, tell))) continue;
      entered.add(face);
      if (face === 'cli') await examineCli(appliance, faces, cliCommands, tell, signal);
      else await examineHostOs(appliance, faces, tell, operator, signal);
    }
    const tell = tellAbout(found, endpointOf(appliance, 'hostOs'), 'hostOs');
    if (entered.has('hostOs')) {
      await examineFileRoot({ appliance, faces, entered, tell, fileRoots }, signal);
      await examineWatchChecks(appliance.name, watchChecks, faces, tell, signal);
    }
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
