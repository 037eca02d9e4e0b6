import { type Appliance, type FaceId, faceAddress } from '../domain/appliance.js';
import type { ShownHostKey } from '../domain/host-key.js';
import { exitCode, reasonOf, UserError, usageError } from '../errors.js';
import type { Prompter } from '../ui/prompter.js';
import type { Edges } from './edges.js';
import { connectFace, strangerAt } from './server-faces.js';

/** What `doctor` finds at one face. */
export type FaceFinding = {
  server: string;
  face: FaceId;
  title: string;
  key: { type: string; fingerprint: string } | null;
  /** `pinned`: was before. `now-pinned`: by this call. */
  pin: 'pinned' | 'now-pinned' | 'unknown' | 'changed' | 'not-asked';
  login: 'ok' | 'refused' | 'not-tried';
  problem: string | null;
  hint: string | null;
};

export type PinOptions = {
  pin: boolean;
  /** Only keys with one of these fingerprints are pinned; a changed key only with one of them. */
  fingerprints: readonly string[];
};

/** Shows the key of a face, pins it when that was asked for, and logs in when the key is pinned. Never throws for a face. */
export async function examineFace(
  appliance: Appliance,
  face: FaceId,
  options: PinOptions,
  edges: Edges,
  signal: AbortSignal,
): Promise<FaceFinding> {
  const finding: FaceFinding = {
    server: appliance.name,
    face,
    title: faceAddress(appliance, face),
    key: null,
    pin: 'not-asked',
    login: 'not-tried',
    problem: null,
    hint: null,
  };
  try {
    const pins = await edges.pinsOf(appliance, face);
    const shown = await edges.ssh.askHostKey({ ...strangerAt(appliance, face), pins }, signal);
    finding.key = { type: shown.type, fingerprint: shown.fingerprint };
    finding.pin = await pinIfAsked(appliance, face, shown, options, edges);
    const connection = await connectFace(appliance, face, edges, signal);
    connection.close();
    if (finding.pin === 'unknown') finding.pin = 'pinned';
    finding.login = 'ok';
  } catch (error) {
    signal.throwIfAborted();
    if (!(error instanceof UserError)) throw error;
    if (error.code === 'host-key-unknown') finding.pin = 'unknown';
    if (error.code === 'host-key-changed' || error.code === 'host-key-revoked') finding.pin = 'changed';
    if (error.code === 'login-refused') {
      if (finding.pin === 'unknown') finding.pin = 'pinned';
      finding.login = 'refused';
    }
    finding.problem = reasonOf(error);
    finding.hint = error.hint ?? null;
  }
  return finding;
}

async function pinIfAsked(
  appliance: Appliance,
  face: FaceId,
  shown: ShownHostKey,
  { pin, fingerprints }: PinOptions,
  edges: Edges,
): Promise<FaceFinding['pin']> {
  if (!pin) return 'unknown';
  const pins = await edges.pinsOf(appliance, face);
  const { address } = appliance;
  const { port } = appliance[face];
  if (
    pins.some(
      (each) => ('key' in each ? each.key === shown.key : each.fingerprint === shown.fingerprint) && !each.revoked,
    )
  )
    return 'pinned';
  const named = fingerprints.includes(shown.fingerprint);
  if (fingerprints.length > 0 && !named) return 'unknown';
  if (pins.length > 0 && !named) return 'changed';
  if (appliance[face].hostKey !== undefined) throw pinnedInConfig(appliance, face, shown);
  if (!named && edges.ask !== undefined && !(await isOwn(appliance, face, shown, edges.ask, edges))) return 'unknown';
  await edges.knownHosts.pin(address, port, shown, { replace: pins.length > 0 });
  return 'now-pinned';
}

/** Shows a key nobody has pinned and asks a person about it. */
function isOwn(
  appliance: Appliance,
  face: FaceId,
  shown: ShownHostKey,
  ask: Prompter,
  { report }: Edges,
): Promise<boolean> {
  report({
    type: 'note',
    text: `${faceAddress(appliance, face)} shows a host key that is not pinned:\n  ${shown.type} ${shown.fingerprint}`,
    asked: true,
  });
  return ask.confirm("Is it the server's own? Pin it?", false);
}

function pinnedInConfig(appliance: Appliance, face: FaceId, shown: ShownHostKey): UserError {
  return usageError(
    'pinned-in-config',
    `the key of ${faceAddress(appliance, face)} is pinned in the configuration`,
    `If the new key is right, write it there: hostKey: "${shown.fingerprint}"`,
  );
}

/**
 * First contact at a terminal: shows the key of every face that nobody has pinned and asks. What cannot be reached is
 * left to the collection, which records it.
 */
export async function introduce(appliances: readonly Appliance[], edges: Edges, signal: AbortSignal): Promise<void> {
  const faces = appliances.flatMap((appliance) => (['cli', 'hostOs'] as const).map((face) => ({ appliance, face })));
  const pinned = await Promise.all(faces.map(({ appliance, face }) => edges.pinsOf(appliance, face))); // a damaged file ends it here
  if (edges.ask === undefined) return;
  const strangers = await Promise.all(
    faces.map(async ({ appliance, face }, index) => {
      if ((pinned[index] ?? []).length > 0) return [];
      const shown = await edges.ssh.askHostKey(strangerAt(appliance, face), signal).catch(() => undefined); // recorded later
      return shown === undefined ? [] : [{ appliance, face, shown }];
    }),
  );
  for (const { appliance, face, shown } of strangers.flat()) {
    if (await isOwn(appliance, face, shown, edges.ask, edges)) {
      await edges.knownHosts.pin(appliance.address, appliance[face].port, shown);
    }
  }
}

/** The exit code of `doctor`: 5 when no face let us in, 3 when some did not. */
export function examinationExit(findings: readonly FaceFinding[]) {
  const good = findings.filter((finding) => finding.login === 'ok');
  if (good.length === findings.length) return exitCode.ok;
  return good.length === 0 ? exitCode.unreachable : exitCode.partial;
}
