import type { Appliance, FaceId } from '../domain/appliance.js';
import { defined } from '../domain/defined.js';
import { type Endpoint, endpointOf, wayTo } from '../domain/endpoint.js';
import type { LoginSecrets } from '../domain/login.js';
import type { FaceRecord } from '../domain/manifest.js';
import { UserError, usageError } from '../errors.js';
import type { ConnectTarget } from '../ssh/connect-target.js';
import type { Connection } from '../ssh/connection.js';
import type { RemoteFiles } from '../ssh/files/remote-files.js';
import type { Sessions } from '../ssh/sessions.js';
import type { Operator } from '../ui/operator.js';
import type { Access } from './access.js';
import { Face } from './face.js';

/** The two SSH faces of one server. Each is connected when it is first needed. */
export interface ServerFaces {
  /** @throws UserError why the face is down, the same at every call */
  sessions(face: FaceId): Promise<Sessions>;
  /** One way to the files of a face, shared. */
  files(face: FaceId): Promise<RemoteFiles>;
  record(face: FaceId): FaceRecord;
  /** Whether the server was gone for a while since a face of it was connected first. */
  wasAway(): boolean;
  /** The users that were logged in as, each since when. */
  logins(): { user: string; since: Date }[];
  close(): void;
}

export function openServerFaces(
  appliance: Appliance,
  operator: Operator,
  access: Access,
  signal: AbortSignal,
): ServerFaces {
  const faceOf = (id: FaceId) => {
    const endpoint = endpointOf(appliance, id);
    const dial = () => logInTo(endpoint, access, signal);
    return new Face({ id, endpoint, limit: appliance.sessions, dial, signal }, operator);
  };
  const faces = { cli: faceOf('cli'), hostOs: faceOf('hostOs') };
  const both = Object.values(faces);
  return {
    sessions: (id) => faces[id].sessions(),
    files: (id) => faces[id].files(),
    record: (id) => faces[id].record,
    wasAway: () => both.some((face) => face.wasAway),
    logins: () =>
      (['cli', 'hostOs'] as const).flatMap((id) => {
        const { upSince: since } = faces[id];
        return since === undefined ? [] : [{ user: appliance[id].user, since }];
      }),
    close: () => {
      for (const face of both) face.close();
    },
  };
}

/** Connects and logs in to a face, through its jump hosts. @throws UserError, see `ssh/connect.ts` */
export async function logInTo(endpoint: Endpoint, access: Access, signal: AbortSignal): Promise<Connection> {
  const target = await targetOf(endpoint, access);
  try {
    return await access.dialer.dial(target, signal);
  } catch (error) {
    const isUnasked = target.secrets.toBeTyped && error instanceof UserError && error.code === 'login-refused';
    throw isUnasked ? unasked(endpoint, error) : error;
  }
}

/** It came up, or its key was pinned, when passwords had been asked for. */
function unasked({ title, login }: Endpoint, cause: UserError): UserError {
  const why = `there was no password of "${login.user}" at ${title}: it was not asked for while that could not be logged in to`;
  return Object.assign(usageError('no-credential', why, 'Run the command again to be asked'), { cause });
}

/** What it takes to log in to a place. @throws UserError for a missing secret or a damaged `known_hosts` */
export async function targetOf(endpoint: Endpoint, access: Access): Promise<ConnectTarget> {
  const [secrets, pins, via] = await Promise.all([
    secretsOf(endpoint, access),
    access.pinsOf(endpoint),
    endpoint.via && targetOf(endpoint.via, access),
  ]);
  return { ...addressOf(endpoint), secrets, pins, ...defined({ via }) };
}

/** What a place is logged in to with. @throws UserError `no-credential` where whoever was asked wants to go on without it */
export async function secretsOf(endpoint: Endpoint, access: Access): Promise<LoginSecrets> {
  const secrets = await access.loginSecrets(endpoint);
  if (secrets.withheld)
    throw usageError(
      'no-credential',
      `no password was typed for "${endpoint.login.user}" at ${endpoint.title}: nothing was tried there`,
    );
  return secrets;
}

/** What it takes to ask a place for its host key: nothing secret but for the jump hosts before it. */
export async function targetWithoutSecrets(endpoint: Endpoint, access: Access): Promise<ConnectTarget> {
  const via = endpoint.via && (await targetOf(endpoint.via, access));
  return { ...addressOf(endpoint), secrets: {}, pins: [], ...defined({ via }) };
}

function addressOf({ title, server, key, address, login, legacyAlgorithms, timeoutMs }: Endpoint) {
  return { title, server, key, address, port: login.port, user: login.user, legacyAlgorithms, timeoutMs };
}

/** Every place that is logged in to for these faces of these servers, each once. */
export function endpointsOf(
  appliances: readonly Appliance[],
  faces: readonly FaceId[] = ['cli', 'hostOs'],
): Endpoint[] {
  const endpoints = new Map<string, Endpoint>();
  for (const appliance of appliances) {
    for (const face of faces) {
      for (const endpoint of wayTo(endpointOf(appliance, face)))
        if (!endpoints.has(endpoint.key)) endpoints.set(endpoint.key, endpoint);
    }
  }
  return [...endpoints.values()];
}
