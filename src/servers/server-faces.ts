import type { Appliance, FaceId } from '../domain/appliance.js';
import { type Endpoint, endpointOf, wayTo } from '../domain/endpoint.js';
import type { FaceRecord } from '../domain/manifest.js';
import { reasonOf, UserError } from '../errors.js';
import type { ConnectTarget } from '../ssh/connect-target.js';
import type { Connection } from '../ssh/connection.js';
import { openFiles } from '../ssh/files/open-files.js';
import type { RemoteFiles } from '../ssh/files/remote-files.js';
import { steadyFiles } from '../ssh/files/steady-files.js';
import { probeOf } from '../ssh/probe.js';
import type { Sessions } from '../ssh/sessions.js';
import { openSessions } from '../ssh/sessions.js';
import type { Operator } from '../ui/operator.js';
import type { Access } from './access.js';

/** The two SSH faces of one server. Each is connected when it is first needed. */
export interface ServerFaces {
  /** @throws UserError why the face is down, the same at every call */
  sessions(face: FaceId): Promise<Sessions>;
  /** One way to the files of a face, shared. */
  files(face: FaceId): Promise<RemoteFiles>;
  record(face: FaceId): FaceRecord;
  /** Whether the server was gone for a while since a face of it was connected first. */
  wasAway(): boolean;
  close(): void;
}

export function openServerFaces(
  appliance: Appliance,
  operator: Operator,
  access: Access,
  signal: AbortSignal,
): ServerFaces {
  const opened = new Map<FaceId, Promise<Sessions>>();
  const files = new Map<FaceId, Promise<RemoteFiles>>();
  const records: Record<FaceId, FaceRecord> = { cli: unused(appliance, 'cli'), hostOs: unused(appliance, 'hostOs') };
  const server = appliance.name;
  let wasAway = false;

  const sessions = once(opened, async (face) => {
    const endpoint = endpointOf(appliance, face);
    const dial = () => logInTo(endpoint, access, signal);
    try {
      const connection = await dial();
      records[face] = { ...records[face], status: 'up', ...probeFacts(connection.probe) };
      operator.emit({ type: 'face-up', server, face });
      if (connection.probe.login === 'none')
        operator.emit({ type: 'warning', server, text: `${endpoint.title} lets anyone in, without a credential` });
      return openSessions(connection, dial, appliance.sessions, {
        onAway: (reason, forMs) => {
          wasAway = true;
          operator.emit({ type: 'face-away', server, face, reason: reasonOf(reason), forMs });
        },
        onBack: () => operator.emit({ type: 'face-up', server, face }),
      });
    } catch (error) {
      records[face] = {
        ...records[face],
        status: 'down',
        reason: reasonOf(error),
        ...probeFacts(probeOf(error)),
      };
      const hint = error instanceof UserError && error.hint !== undefined ? { hint: error.hint } : {};
      if (!signal.aborted) operator.emit({ type: 'face-down', server, face, reason: reasonOf(error), ...hint });
      throw error;
    }
  });

  return {
    sessions,
    files: once(files, async (face) => {
      const source = await sessions(face);
      let told = false;
      const tell = (why: string) => {
        if (!told) operator.emit({ type: 'note', text: `${server}: ${why}; files are fetched over SCP` });
        told = true;
      };
      const manners = {};
      const open = (wanted: AbortSignal) => openFiles(source, face === 'hostOs', wanted, tell, manners);
      return steadyFiles(source.title, open, source);
    }),
    record: (face) => records[face],
    wasAway: () => wasAway,
    close: () => {
      for (const opening of opened.values()) {
        opening.then((source) => source.close()).catch(() => undefined); // a face that is down needs no closing
      }
    },
  };
}

/** Connects and logs in to a face, through its jump hosts. @throws UserError, see `ssh/connect.ts` */
export async function logInTo(endpoint: Endpoint, access: Access, signal: AbortSignal): Promise<Connection> {
  return access.dialer.dial(await targetOf(endpoint, access), signal);
}

/** What it takes to log in to a place. @throws UserError for a missing secret or a damaged `known_hosts` */
async function targetOf(endpoint: Endpoint, access: Access): Promise<ConnectTarget> {
  const [secrets, pins, via] = await Promise.all([
    access.loginSecrets(endpoint),
    access.pinsOf(endpoint),
    endpoint.via && targetOf(endpoint.via, access),
  ]);
  return { ...addressOf(endpoint), secrets, pins, ...(via === undefined ? {} : { via }) };
}

/** What it takes to ask a place for its host key: nothing secret but for the jump hosts before it. */
export async function strangerAt(endpoint: Endpoint, access: Access): Promise<ConnectTarget> {
  const via = endpoint.via && (await targetOf(endpoint.via, access));
  return { ...addressOf(endpoint), secrets: {}, pins: [], ...(via === undefined ? {} : { via }) };
}

function addressOf({ title, server, key, address, login, legacyAlgorithms, timeoutMs }: Endpoint) {
  return { title, server, key, address, port: login.port, user: login.user, legacyAlgorithms, timeoutMs };
}

/** Every place that is logged in to for these servers, each once. */
export function placesOf(appliances: readonly Appliance[]): Endpoint[] {
  const places = new Map<string, Endpoint>();
  for (const appliance of appliances) {
    for (const face of ['cli', 'hostOs'] as const) {
      for (const place of wayTo(endpointOf(appliance, face))) if (!places.has(place.key)) places.set(place.key, place);
    }
  }
  return [...places.values()];
}

function once<T>(made: Map<FaceId, Promise<T>>, make: (face: FaceId) => Promise<T>): (face: FaceId) => Promise<T> {
  return (face) => {
    const existing = made.get(face);
    if (existing !== undefined) return existing;
    const making = make(face);
    making.catch(() => undefined); // whoever asks gets the error; nobody asking is no crash
    made.set(face, making);
    return making;
  };
}

function unused(appliance: Appliance, face: FaceId): FaceRecord {
  return { address: appliance.address, port: appliance[face].port, status: 'unused' };
}

function probeFacts(probe: Connection['probe'] | undefined): Partial<FaceRecord> {
  if (probe === undefined) return {};
  const { hostKey, passwordRefused, credentialSent, ...facts } = probe;
  return { probe: facts, ...(hostKey === undefined ? {} : { hostKey: `${hostKey.type} ${hostKey.fingerprint}` }) };
}
