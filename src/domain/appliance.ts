import type { Timeouts } from './timeouts.js';

/** The two SSH faces of an InCenter server; each has its own port, host key and credential. */
export type FaceId = 'cli' | 'hostOs';

export const faceTitle: Record<FaceId, string> = { cli: 'InCenter CLI', hostOs: 'host OS' };

/** A secret by reference; its value is never part of the configuration. */
export type SecretReference = { env: string } | { file: string } | { command: string[] };

export type Credential = {
  user: string;
  password?: SecretReference;
  /** Path of a private key on this machine. */
  privateKey?: string;
  passphrase?: SecretReference;
  /** Use the running SSH agent. Never forwarded. */
  agent?: boolean;
  /** Path of the public key whose private half the agent holds: that one alone is used. */
  identity?: string;
};

export type FaceConfig = Credential & {
  port: number;
  /** A pinned key, as `SHA256:…`; it replaces what `known_hosts` says. */
  hostKey?: string;
};

/** A host that SSH connections are led through. */
export type JumpHost = FaceConfig & { name: string; address: string; legacyAlgorithms: boolean };

export type Appliance = {
  /** The name the operator types, e.g. `ice01`. */
  name: string;
  /** The InCenter server id: 1 is shown as ICE01. */
  id: number;
  address: string;
  cluster?: string;
  /** The jump hosts to it, in the order they are passed; mostly none. */
  via: JumpHost[];
  /** Offer algorithms that are off by default, for servers of before 2016. */
  legacyAlgorithms: boolean;
  /** Sessions at the same time on each face. */
  sessions: number;
  timeouts: Timeouts;
  /** How much is taken of what a command of a recipe prints. */
  maxOutputBytes: number;
  cli: FaceConfig;
  hostOs: FaceConfig & {
    /** Where `scripts/` and the backups are. */
    home: string;
    /** Free disk space without which nothing is written there. */
    minFreeBytes: number;
    /** Where the techsupport script leaves its file, when it is not the file root of the CLI face. */
    techsupportFolder?: string;
    /** Where the file root of port 22 lies on the host OS; else what `icepack doctor` found. */
    filesRoot?: string;
  };
  /** IANA name; else asked from the host OS. */
  zone?: string;
  /** The folder on the CLI face that holds `logs/` and `techsupport/`; else probed. */
  filesRoot?: string;
  /** Logs of it that a syslog server kept, as files on this machine. */
  logs?: { files: string[]; zone?: string };
  backupScript?: string;
  techsupportScript?: string;
  /** What a guest cannot know about its hypervisor. */
  hypervisor?: { type?: string; version?: string };
  /** Where it is another than that of the configuration. */
  license?: string;
  /** To whom its tickets are assigned, by the key of a person. */
  primaryContact?: string;
  /** Who gets copies of what is told of it. */
  customer?: { email?: string; phone?: string };
};

/** @returns e.g. `ICE01` */
export function serverTitle(id: number): string {
  return `ICE${String(id).padStart(2, '0')}`;
}

/** @returns e.g. `ICE01 host OS (192.0.2.10:2222)`, how every error names its place */
export function faceAddress(appliance: Appliance, face: FaceId): string {
  return `${serverTitle(appliance.id)} ${faceTitle[face]} (${appliance.address}:${appliance[face].port})`;
}
