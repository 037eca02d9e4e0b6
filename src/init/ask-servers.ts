import type { Prompter } from '../ui/prompter.js';
import { serverId } from './init-answers.js';
import { isPort, readServerPlace, type ServerPlace, sharedPlace, type usualPorts } from './typed-server.js';

/** A server as the operator named it; without an id, the id follows from the name. */
export type NamedServer = ServerPlace & { name: string; id?: number };

const namePattern = /^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$/;

/** Asks for one server after the other, until there are no more. @param usual the ports of servers that name none */
export async function askServers(ask: Prompter, usual: typeof usualPorts): Promise<NamedServer[]> {
  const servers: (NamedServer & { id: number })[] = [];
  for (;;) {
    const place = await askPlace(ask, servers, usual);
    if (place === undefined) return servers;
    const name = await askName(ask, servers);
    servers.push({ name, id: await askId(ask, name, servers), ...(await askPorts(ask, place, usual)) });
  }
}

async function askPlace(
  ask: Prompter,
  servers: readonly NamedServer[],
  usual: typeof usualPorts,
): Promise<ServerPlace | undefined> {
  const isFirst = servers.length === 0;
  const question = isFirst ? 'Management address of the first server' : 'Address of another server (Enter: no more)';
  const validate = (text: string) => {
    if (text.trim() === '') return isFirst ? 'An IP address or a host name' : undefined;
    const place = readServerPlace(text);
    return 'fault' in place ? place.fault : faultOfSame(place, servers, usual);
  };
  const place = readServerPlace(await ask.text(question, { validate }));
  return 'fault' in place ? undefined : place; // only nothing at all is let through beside an address
}

async function askName(ask: Prompter, servers: readonly NamedServer[]): Promise<string> {
  const validate = (text: string) =>
    namePattern.test(text.trim()) && !servers.some(({ name }) => name === text.trim())
      ? undefined
      : 'Letters, digits, dot, dash and underscore; each name once';
  const initial = `ice${String(servers.length + 1).padStart(2, '0')}`;
  return (await ask.text('Its name, as you will type it', { initial, validate })).trim();
}

async function askId(ask: Prompter, name: string, servers: readonly { name: string; id: number }[]): Promise<number> {
  const validate = (text: string) => {
    if (!/^[1-9]\d{0,3}$/.test(text.trim())) return 'A number from 1 to 9999, as InCenter shows it';
    const same = servers.find(({ id }) => id === Number(text));
    return same === undefined ? undefined : `That is the id of "${same.name}"`;
  };
  const taken = servers.map(({ id }) => id);
  const initial = String(serverId(name, taken));
  return Number(await ask.text('Its server id, as InCenter shows it (1 is ICE01)', { initial, validate }));
}

/** Asks for the ports, but only if one was given: then the other one may be unusual, too. */
async function askPorts(ask: Prompter, place: ServerPlace, usual: typeof usualPorts): Promise<ServerPlace> {
  if (place.cliPort === undefined || place.hostOsPort !== undefined) return place;
  const isHostOs = place.cliPort === usual.hostOs;
  const cliPort = isHostOs ? await askPort(ask, 'Port of its InCenter CLI', usual.cli) : place.cliPort;
  const hostOsPort = await askPort(ask, 'Port of its host OS', usual.hostOs, cliPort);
  return { address: place.address, cliPort, hostOsPort };
}

async function askPort(ask: Prompter, question: string, usual: number, other?: number): Promise<number> {
  const validate = (text: string) => {
    if (!isPort(Number(text))) return 'A number from 1 to 65535';
    return Number(text) === other ? 'That is the port of the InCenter CLI' : undefined;
  };
  return Number(await ask.text(question, { initial: String(usual), validate }));
}

function faultOfSame(
  place: ServerPlace,
  servers: readonly NamedServer[],
  usual: typeof usualPorts,
): string | undefined {
  for (const server of servers) {
    const shared = sharedPlace(place, server, usual);
    if (shared !== undefined) return `That is "${server.name}" already (${shared})`;
  }
  return undefined;
}
