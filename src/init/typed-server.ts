import { isIPv4, isIPv6 } from 'node:net';

/** Where a server is, as `init` was told; a missing port is the usual one. */
export type ServerPlace = { address: string; cliPort?: number; hostOsPort?: number };

export const usualPorts = { cli: 22, hostOs: 2222 };

const shapes = 'Write it like ice01.example.com, 192.0.2.10:22,2222 or [2001:db8::10]:22,2222';
const maxHostLength = 253;

/**
 * Reads `host`, `host:22`, `host:22,2222`, `[::1]:22,2222` and a bare IPv6 address; the ports are those of the InCenter
 * CLI and of the host OS.
 * @returns the place, or what is wrong with the text
 */
export function readServerPlace(text: string): ServerPlace | { fault: string } {
  const typed = text.trim();
  if (typed.includes('@')) return { fault: 'Leave out the user: there is one for each face, given separately' };
  if (isIPv6(typed)) return { address: typed };
  const match = /^(?:\[([^\]]+)\]|([A-Za-z0-9._-]+))(?::(\d{1,6})(?:, ?(\d{1,6}))?)?$/.exec(typed);
  if (match === null) return { fault: shapes };
  const [, bracketed, host = bracketed ?? '', ...ports] = match;
  if (bracketed === undefined ? !isHost(host) : !isIPv6(host)) return { fault: `"${host}" is no address. ${shapes}` };
  const [cliPort, hostOsPort] = ports.map((port) => (port === undefined ? undefined : Number(port)));
  const fault = faultOf(cliPort, hostOsPort);
  if (fault !== undefined) return { fault };
  return {
    address: host,
    ...(cliPort === undefined ? {} : { cliPort }),
    ...(hostOsPort === undefined ? {} : { hostOsPort }),
  };
}

function isHost(host: string): boolean {
  return host.length <= maxHostLength && (/^[\d.]+$/.test(host) ? isIPv4(host) : /^[A-Za-z0-9]/.test(host));
}

function faultOf(...ports: (number | undefined)[]): string | undefined {
  const wrong = ports.find((port) => port !== undefined && !isPort(port));
  if (wrong !== undefined) return `${wrong} is no port: it is a number from 1 to 65535`;
  if (ports[0] !== undefined && ports[0] === ports[1]) return 'The InCenter CLI and the host OS have different ports';
  return undefined;
}

export function isPort(port: number): boolean {
  return Number.isInteger(port) && port >= 1 && port <= 65_535;
}

/** The place that two servers share, for a message; undefined where they share none. */
export function sharedPlace(one: ServerPlace, other: ServerPlace, usual = usualPorts): string | undefined {
  if (hostOf(one.address) !== hostOf(other.address)) return undefined;
  const portsOf = ({ cliPort = usual.cli, hostOsPort = usual.hostOs }: ServerPlace) => [cliPort, hostOsPort];
  const port = portsOf(one).find((each) => portsOf(other).includes(each));
  return port === undefined ? undefined : `${one.address}, port ${port}`;
}

/** A host in a normal form, however it was written. */
function hostOf(address: string): string {
  const url = isIPv6(address) ? `http://[${address}]` : `http://${address.replace(/\.$/, '')}`;
  return URL.canParse(url) ? new URL(url).hostname : address.toLowerCase(); // a zone of IPv6 is in no URL
}
