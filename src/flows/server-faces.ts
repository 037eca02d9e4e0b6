import { type Appliance, type FaceId, faceAddress } from '../domain/appliance.js';
import type { FaceRecord } from '../domain/manifest.js';
import { reasonOf, UserError } from '../errors.js';
import type { Connection } from '../ssh/connect.js';
import type { ConnectTarget } from '../ssh/connect-target.js';
import type { RemoteFiles } from '../ssh/remote-files.js';
import type { Edges } from './edges.js';

/** The two SSH faces of one server. Each is connected when it is first needed, and once. */
export interface ServerFaces {
  /** @throws UserError why the face is down, the same at every call */
  connection(face: FaceId): Promise<Connection>;
  /** One SFTP channel per face, shared. */
  files(face: FaceId): Promise<RemoteFiles>;
  record(face: FaceId): FaceRecord;
  close(): void;
}

export function openServerFaces(appliance: Appliance, edges: Edges, signal: AbortSignal): ServerFaces {
  const connections = new Map<FaceId, Promise<Connection>>();
  const files = new Map<FaceId, Promise<RemoteFiles>>();
  const records: Record<FaceId, FaceRecord> = { cli: unused(appliance, 'cli'), hostOs: unused(appliance, 'hostOs') };

  const connection = once(connections, async (face) => {
    try {
      const opened = await connectFace(appliance, face, edges, signal);
      records[face] = { ...records[face], status: 'up', ...probeFacts(opened.probe) };
      edges.report({ type: 'face-up', server: appliance.name, face });
      return opened;
    } catch (error) {
      records[face] = {
        ...records[face],
        status: 'down',
        reason: reasonOf(error),
        ...probeFacts(edges.ssh.probeOf(error)),
      };
      const hint = error instanceof UserError && error.hint !== undefined ? { hint: error.hint } : {};
      if (!signal.aborted)
        edges.report({ type: 'face-down', server: appliance.name, face, reason: reasonOf(error), ...hint });
      throw error;
    }
  });

  return {
    connection,
    files: once(files, async (face) => edges.ssh.openFiles(await connection(face), signal)),
    record: (face) => records[face],
    close: () => {
      for (const opening of connections.values()) {
        opening.then((opened) => opened.close()).catch(() => undefined); // a face that is down needs no closing
      }
    },
  };
}

/** What it takes to log in to a face. @throws UserError for a missing secret or a damaged `known_hosts` */
async function targetOf(appliance: Appliance, face: FaceId, edges: Edges): Promise<ConnectTarget> {
  const [secrets, pins] = await Promise.all([edges.loginSecrets(appliance, face), edges.pinsOf(appliance, face)]);
  return { ...strangerAt(appliance, face), secrets, pins };
}

/** What it takes to ask a face for its host key: nothing that is secret. */
export function strangerAt(appliance: Appliance, face: FaceId): ConnectTarget {
  const { port, user } = appliance[face];
  return {
    title: faceAddress(appliance, face),
    server: appliance.name,
    address: appliance.address,
    port,
    user,
    secrets: {},
    pins: [],
  };
}

/** Connects and logs in to one face. @throws UserError, see `ssh/connect.ts` */
export async function connectFace(
  appliance: Appliance,
  face: FaceId,
  edges: Edges,
  signal: AbortSignal,
): Promise<Connection> {
  return edges.ssh.connect(await targetOf(appliance, face, edges), signal);
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
  const { hostKey, ...facts } = probe;
  return { probe: facts, ...(hostKey === undefined ? {} : { hostKey: `${hostKey.type} ${hostKey.fingerprint}` }) };
}
