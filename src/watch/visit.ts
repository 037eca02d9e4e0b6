import type { Appliance, FaceId } from '../domain/appliance.js';
import { endpointOf } from '../domain/endpoint.js';
import type { WatchCheck } from '../domain/watch-check.js';
import type { Answer } from '../domain/watch-event.js';
import { reasonOf, UserError } from '../errors.js';
import type { Access } from '../servers/access.js';
import { withDeadline } from '../servers/deadline.js';
import { logInTo, targetWithoutSecrets } from '../servers/server-faces.js';
import { openCliSession } from '../ssh/cli/cli-session.js';
import { explained, hostKeyAnswer, reachAnswer, unknown } from './answers.js';
import type { WayLook } from './core/jump-hosts.js';
import type { Look } from './core/observe.js';
import { type FaceLook, faceLookOf } from './face-look.js';
import { hostOsLooks } from './host-os-looks.js';
import type { Visit, VisitRequest } from './visit-request.js';

/** So many times the time of a connection may the prompt take. */
const promptPatience = 3;
const loginLimitMs = 90_000;
const visitLimitMs = 150_000;

/** Visits a server once: one login at each face, which is given up as soon as what is due was looked at. */
export async function visit(
  appliance: Appliance,
  request: VisitRequest,
  access: Access,
  signal: AbortSignal,
): Promise<Visit> {
  const faces = await lookAtFaces(appliance, request, access, signal);
  try {
    const ways = wayLooks(appliance, faces);
    const silent = ways.find(({ answer }) => answer.is === 'bad');
    if (silent !== undefined) return { ...behindSilence(request.checks, silent.jumpHost), ways };
    return { ...(await looksInTime(appliance, request, faces, signal)), ways };
  } finally {
    leave(faces);
  }
}

/** What is not seen in time is unknown. */
async function looksInTime(
  appliance: Appliance,
  request: VisitRequest,
  faces: Faces,
  signal: AbortSignal,
): Promise<Visit> {
  try {
    return await withDeadline(visitLimitMs, signal, (limited) => looksAt(appliance, request, faces, limited));
  } catch (error) {
    signal.throwIfAborted();
    const looks = request.checks.map(({ name }) => ({ check: name, answer: unknown(reasonOf(error)) }));
    return { looks, hungMounts: [] };
  }
}

type Faces = ReadonlyMap<FaceId, FaceLook>;

/** What was seen of the jump hosts: those before one that is silent have answered, and all where a face was reached. */
function wayLooks({ via }: Appliance, faces: Faces): WayLook[] {
  const looks = [...faces.values()];
  const names = via.map(({ name }) => name);
  const isReached = looks.some(({ is }) => is === 'up' || is === 'greets' || is === 'silent');
  const at = names.findIndex((name) => looks.some((look) => look.is === 'unknown' && look.silentHop === name));
  if (isReached || at < 0) return isReached ? names.map((jumpHost) => ({ jumpHost, answer: passed })) : [];
  const why = looks.map((look) => (look.is === 'unknown' ? look.why : '')).find((text) => text !== '') ?? '';
  const before = names.slice(0, at).map((jumpHost): WayLook => ({ jumpHost, answer: passed }));
  return [...before, { jumpHost: names[at] ?? '', answer: { is: 'bad', text: why } }];
}

const passed: Answer = { is: 'ok', text: 'answers' };

async function lookAtFaces(
  appliance: Appliance,
  request: VisitRequest,
  access: Access,
  signal: AbortSignal,
): Promise<Faces> {
  const looks = await Promise.allSettled(
    facesOf(request.checks).map(
      async (face): Promise<[FaceId, FaceLook]> => [face, await lookAtFace(appliance, face, request, access, signal)],
    ),
  );
  const faces = new Map(looks.flatMap((each) => (each.status === 'fulfilled' ? [each.value] : [])));
  const failed = looks.find(({ status }) => status === 'rejected');
  if (failed?.status !== 'rejected') return faces;
  leave(faces); // one that let us in before we were stopped at the other would keep the program alive
  throw failed.reason;
}

function leave(faces: Faces): void {
  for (const look of faces.values()) if (look.is === 'up') look.connection?.close();
}

function facesOf(checks: readonly WatchCheck[]): FaceId[] {
  const wanted = new Set(
    checks.flatMap((check): readonly FaceId[] => {
      if (check.kind === 'reach') return check.faces;
      return check.kind === 'service' ? ['hostOs', check.face] : check.kind === 'hostKey' ? [] : ['hostOs'];
    }),
  );
  return [...wanted];
}

async function lookAtFace(
  appliance: Appliance,
  face: FaceId,
  { onlyGreet, refused, greetRefused }: VisitRequest,
  access: Access,
  signal: AbortSignal,
): Promise<FaceLook> {
  const endpoint = endpointOf(appliance, face);
  const why = refused.get(face) ?? onlyGreet;
  if (why !== undefined && refused.has(face) && !greetRefused) return { is: 'resting', why };
  try {
    return await withDeadline(loginLimitMs, signal, async (limited): Promise<FaceLook> => {
      if (why === undefined) return { is: 'up', connection: await logInTo(endpoint, access, limited) };
      await access.dialer.askHostKey(await targetWithoutSecrets(endpoint, access), limited);
      return { is: 'greets', why };
    });
  } catch (error) {
    signal.throwIfAborted();
    return faceLookOf(error, endpoint);
  }
}

/** What is behind a jump host that is silent is not known, and that is no event of its own. */
function behindSilence(checks: readonly WatchCheck[], jumpHost: string): Visit {
  const answer = explained(`jump host ${jumpHost} is silent`);
  return { looks: checks.map(({ name }) => ({ check: name, answer })), hungMounts: [] };
}

async function looksAt(
  { timeouts }: Appliance,
  request: VisitRequest,
  faces: Faces,
  signal: AbortSignal,
): Promise<Visit> {
  const { checks, onlyGreet } = request;
  const reach = checks.flatMap((check) => {
    const answer = check.kind === 'reach' ? reachAnswer(check, faces) : undefined;
    return answer === undefined ? [] : [{ check: check.name, answer }];
  });
  const others = checks.filter(({ kind }) => kind !== 'reach');
  const all = (answer: Answer): Visit => ({
    looks: [...reach, ...others.map(({ name }) => ({ check: name, answer }))],
    hungMounts: [],
  });
  if (reach.some(({ answer }) => answer.is === 'bad')) return all(explained('not asked: the server is silent'));
  if (onlyGreet !== undefined) return all(explained(`not asked: ${onlyGreet}`));
  const [prompts, hostOs] = await Promise.all([
    promptLooks(others, faces, promptPatience * timeouts.connectMs, signal),
    hostOsLooks(request, faces, signal),
  ]);
  const keys = others.filter(({ kind }) => kind === 'hostKey');
  const keyLooks = keys.map(({ name }) => ({ check: name, answer: hostKeyAnswer(faces) }));
  return { looks: [...reach, ...keyLooks, ...prompts, ...hostOs.looks], hungMounts: hostOs.hungMounts };
}

async function promptLooks(
  checks: readonly WatchCheck[],
  faces: Faces,
  limitMs: number,
  signal: AbortSignal,
): Promise<Look[]> {
  const mine = checks.filter((check) => check.kind === 'service' && check.face === 'cli');
  if (mine.length === 0) return [];
  const answer = await promptAnswer(faces, limitMs, signal);
  return mine.map(({ name }) => ({ check: name, answer }));
}

/** The CLI is out of order where it gives no prompt, or does not even answer, while the host OS of the server does. */
async function promptAnswer(faces: Faces, limitMs: number, signal: AbortSignal): Promise<Answer> {
  const [cli, hostOs] = [faces.get('cli'), faces.get('hostOs')];
  if (cli?.is === 'silent') {
    const answers = hostOs?.is === 'up' || hostOs?.is === 'greets';
    return answers ? { is: 'bad', text: `InCenter CLI: ${cli.why}` } : unknown(cli.why);
  }
  if (cli?.is !== 'up') return unknown(cli === undefined ? 'not asked' : cli.why);
  const { connection } = cli;
  if (connection === undefined) return unknown('not asked');
  try {
    const session = await withDeadline(limitMs, signal, (limited) => openCliSession(connection, limited));
    session.close();
    return { is: 'ok', text: 'gives its prompt' };
  } catch (error) {
    signal.throwIfAborted();
    const isSilent = error instanceof UserError && (error.code === 'no-prompt' || error.code === 'timed-out');
    return isSilent
      ? { is: 'bad', text: 'InCenter CLI: the login works, and no prompt comes' }
      : unknown(reasonOf(error));
  }
}
