import { type Appliance, type FaceConfig, type FaceId, faceAddress } from './appliance.js';
import { defined } from './defined.js';

/** A place to log in to: a face of a server, or a jump host on the way to it. */
export type Endpoint = {
  /** How messages name it, e.g. `ICE01 host OS (192.0.2.10:2222)`. */
  title: string;
  /** The server it is contacted for; what `icepack doctor` in a hint is told. */
  server: string;
  /** Its place in the configuration, e.g. `appliances.ice01.cli`. */
  key: string;
  address: string;
  login: FaceConfig;
  legacyAlgorithms: boolean;
  /** The time for each of: the TCP connection, the greeting, and a third of the handshake with login. */
  timeoutMs: number;
  /** The jump host next to it. */
  via: Endpoint | undefined;
  /** The cluster of its server. */
  cluster?: string;
};

export function endpointOf(appliance: Appliance, face: FaceId): Endpoint {
  return {
    title: faceAddress(appliance, face),
    server: appliance.name,
    key: `appliances.${appliance.name}.${face}`,
    address: appliance.address,
    login: appliance[face],
    legacyAlgorithms: appliance.legacyAlgorithms,
    timeoutMs: appliance.timeouts.connectMs,
    via: lastHop(appliance),
    ...defined({ cluster: appliance.cluster }),
  };
}

/** The jump host from which the server is reached; each names the one before it. */
function lastHop(appliance: Appliance): Endpoint | undefined {
  return appliance.via.reduce<Endpoint | undefined>(
    (before, hop) => ({
      title: `jump host ${hop.name} (${hop.address}:${hop.port})`,
      server: appliance.name,
      key: `jumpHosts.${hop.name}`,
      address: hop.address,
      login: hop,
      legacyAlgorithms: hop.legacyAlgorithms,
      timeoutMs: appliance.timeouts.connectMs,
      via: before,
    }),
    undefined,
  );
}

/** Every place on the way to an endpoint and itself, in the order they are logged in to. */
export function wayTo(endpoint: Endpoint): Endpoint[] {
  return [...(endpoint.via === undefined ? [] : wayTo(endpoint.via)), endpoint];
}
