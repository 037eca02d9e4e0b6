import type { FaceId } from '../domain/appliance.js';
import type { Endpoint } from '../domain/endpoint.js';
import type { FaceRecord } from '../domain/manifest.js';
import { reasonOf, UserError } from '../errors.js';
import type { Connection } from '../ssh/connection.js';
import { type FileManners, openFiles } from '../ssh/files/open-files.js';
import type { RemoteFiles } from '../ssh/files/remote-files.js';
import { steadyFiles } from '../ssh/files/steady-files.js';
import { probeOf } from '../ssh/probe.js';
import { openSessions, type Sessions } from '../ssh/sessions.js';
import type { Operator } from '../ui/operator.js';

/** How a face is reached. */
export type FaceAccess = {
  id: FaceId;
  endpoint: Endpoint;
  /** How many sessions it may have at once. */
  limit: number;
  dial: () => Promise<Connection>;
  /** Aborted when nobody wants the face any more. */
  signal: AbortSignal;
};

/** One SSH face of a server: connected when it is first needed, and once. */
export class Face {
  record: FaceRecord;
  /** The server was gone for a while since it was connected first. */
  wasAway = false;
  /** When it let us in first. */
  upSince: Date | undefined;
  private readonly access: FaceAccess;
  private readonly operator: Operator;
  private opening: Promise<Sessions> | undefined;
  private openingFiles: Promise<RemoteFiles> | undefined;
  private hasToldOfScp = false;

  constructor(access: FaceAccess, operator: Operator) {
    const { address, login } = access.endpoint;
    this.access = access;
    this.operator = operator;
    this.record = { address, port: login.port, status: 'unused' };
  }

  /** @throws UserError why it is down, the same at every call */
  sessions(): Promise<Sessions> {
    this.opening ??= askedLater(this.open());
    return this.opening;
  }

  files(): Promise<RemoteFiles> {
    this.openingFiles ??= askedLater(this.openFiles());
    return this.openingFiles;
  }

  close(): void {
    this.opening?.then((sessions) => sessions.close()).catch(() => undefined); // a face that is down needs no closing
  }

  private async open(): Promise<Sessions> {
    try {
      const connection = await this.access.dial();
      this.noteUp(connection);
      return openSessions(connection, this.access.dial, this.access.limit, {
        onAway: (reason, forMs) => this.noteAway(reason, forMs),
        onBack: () => this.operator.emit({ type: 'face-up', ...this.named() }),
      });
    } catch (error) {
      this.noteDown(error);
      throw error;
    }
  }

  private async openFiles(): Promise<RemoteFiles> {
    const sessions = await this.sessions();
    const manners: FileManners = {};
    const hasShell = this.access.id === 'hostOs';
    const open = (wanted: AbortSignal) => openFiles(sessions, hasShell, wanted, (why) => this.tellOfScp(why), manners);
    return steadyFiles(sessions.title, open, sessions);
  }

  private noteUp({ probe }: Connection): void {
    const { server, title } = this.access.endpoint;
    this.record = { ...this.record, status: 'up', ...probeFacts(probe) };
    this.upSince ??= this.operator.now();
    this.operator.emit({ type: 'face-up', ...this.named() });
    if (probe.login === 'none')
      this.operator.emit({ type: 'warning', server, text: `${title} lets anyone in, without a credential` });
  }

  private noteAway(reason: unknown, forMs: number): void {
    this.wasAway = true;
    this.operator.emit({ type: 'face-away', ...this.named(), reason: reasonOf(reason), forMs });
  }

  private noteDown(error: unknown): void {
    const reason = reasonOf(error);
    this.record = { ...this.record, status: 'down', reason, ...probeFacts(probeOf(error)) };
    const hint = error instanceof UserError && error.hint !== undefined ? { hint: error.hint } : {};
    if (!this.access.signal.aborted) this.operator.emit({ type: 'face-down', ...this.named(), reason, ...hint });
  }

  private tellOfScp(why: string): void {
    const { server } = this.access.endpoint;
    if (!this.hasToldOfScp) this.operator.emit({ type: 'note', text: `${server}: ${why}; files are fetched over SCP` });
    this.hasToldOfScp = true;
  }

  private named() {
    return { server: this.access.endpoint.server, face: this.access.id };
  }
}

/** Keeps a failure for whoever asks later; where nobody does, it is no crash. */
function askedLater<T>(making: Promise<T>): Promise<T> {
  making.catch(() => undefined);
  return making;
}

function probeFacts(probe: Connection['probe'] | undefined): Partial<FaceRecord> {
  if (probe === undefined) return {};
  const { hostKey, passwordRefused, credentialSent, ...facts } = probe;
  return { probe: facts, ...(hostKey === undefined ? {} : { hostKey: `${hostKey.type} ${hostKey.fingerprint}` }) };
}
