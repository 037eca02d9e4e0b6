import { icepack, say } from '../domain/command.js';
import { defined } from '../domain/defined.js';
import { usageError } from '../errors.js';
import type { Providers } from '../helpdesk/provider.js';
import { interviewed } from '../ui/interview.js';
import type { Operator } from '../ui/operator.js';
import type { Prompter } from '../ui/prompter.js';
import { askDesk, type GivenDesk, givenDesk, missingDeskOptions, noDesk } from './ask-desk.js';
import { askServers, type NamedServer } from './ask-servers.js';
import {
  type InitAnswers,
  type LoginAnswers,
  type LoginWay,
  parseLoginWay,
  readSecretWay,
  serverId,
} from './init-answers.js';
import { readServerPlace, sharedPlace, usualPorts } from './typed-server.js';

/** Answers given as options; the rest is asked for, or is missing. */
export type GivenAnswers = {
  organization?: string;
  contact: InitAnswers['contact'];
  servers: NamedServer[];
  cluster?: string;
  jumpHost?: { user: string; address: string; port: number };
  jumpLogin?: LoginWay;
  cliUser?: string;
  cliPort?: number;
  cliLogin?: LoginWay;
  hostOsUser?: string;
  hostOsPort?: number;
  hostOsLogin?: LoginWay;
  helpdesk: GivenDesk;
  product?: string;
  version?: string;
  license?: string;
};

/** Asks like `askAnswers`, with a way back, and shows all answers at the end. */
export function askAndReview(given: GivenAnswers, desks: Providers, operator: Operator): Promise<InitAnswers> {
  return interviewed(operator, ({ ask }) => askAnswers(given, desks, ask));
}

/**
 * Asks for the answers that a first configuration needs. @throws UserError `setup-incomplete` where nobody is there to
 * answer
 */
export async function askAnswers(
  given: GivenAnswers,
  desks: Providers,
  ask: Prompter | undefined,
): Promise<InitAnswers> {
  const complete = ask === undefined ? withDefaults(given, desks) : await interview(given, desks, ask);
  refuseSameServers(complete.servers, usualOf(given));
  const ids = complete.servers.flatMap(({ id }) => id ?? []);
  const portOf = (port: number | undefined) => defined({ port });
  const servers = complete.servers.map((server) => {
    if (server.id !== undefined) return { ...server, id: server.id };
    const id = serverId(server.name, ids);
    ids.push(id);
    return { ...server, id };
  });
  return {
    ...complete,
    cli: { ...complete.cli, ...portOf(given.cliPort) },
    hostOs: { ...complete.hostOs, ...portOf(given.hostOsPort) },
    servers,
  };
}

function usualOf({ cliPort = usualPorts.cli, hostOsPort = usualPorts.hostOs }: GivenAnswers): typeof usualPorts {
  return { cli: cliPort, hostOs: hostOsPort };
}

function refuseSameServers(servers: readonly NamedServer[], usual: typeof usualPorts): void {
  for (const [index, server] of servers.entries()) {
    for (const before of servers.slice(0, index)) {
      const shared = sharedPlace(server, before, usual);
      if (shared !== undefined)
        throw usageError(
          'contradiction',
          `"${before.name}" and "${server.name}" are the same server: ${shared}`,
          `Leave one out, or give it its ports: --server ${server.name}=ADDRESS:22,2222`,
        );
    }
  }
}

type Answers = Omit<InitAnswers, 'servers'> & { servers: GivenAnswers['servers'] };

/** The answers for `--batch`: what is not given must have a default, or it is refused. */
function withDefaults(given: GivenAnswers, desks: Providers): Answers {
  const { servers, jumpHost, jumpLogin, helpdesk } = given;
  const missing = [
    ...(servers.length === 0 ? ['--server NAME=ADDRESS'] : []),
    ...(given.cliLogin === undefined ? ['--cli-login'] : []),
    ...(given.hostOsLogin === undefined ? ['--host-os-login'] : []),
    ...(jumpHost !== undefined && jumpLogin === undefined ? ['--jump-login'] : []),
    ...missingDeskOptions(helpdesk, desks),
  ];
  if (missing.length > 0)
    throw usageError(
      'setup-incomplete',
      `a configuration needs ${missing.join(', ')}`,
      say`Add them, or run it at a terminal without --batch; see: ${icepack('init', '--help')}`,
    );
  return {
    ...rest(given),
    servers,
    ...(jumpHost === undefined ? {} : { jumpHost: { ...jumpHost, way: jumpLogin ?? { kind: 'ask' } } }),
    cli: { user: given.cliUser ?? 'admin', way: given.cliLogin ?? { kind: 'ask' } },
    hostOs: { user: given.hostOsUser ?? 'administrator', way: given.hostOsLogin ?? { kind: 'ask' } },
    helpdesk: givenDesk(helpdesk, desks),
  };
}

async function interview(given: GivenAnswers, desks: Providers, ask: Prompter): Promise<Answers> {
  const optional = async (known: string | undefined, question: string) =>
    known ?? ((await ask.text(`${question} (Enter: skip)`)).trim() || undefined);
  const organization = await optional(given.organization, 'Your organization, for the ticket');
  const contact = {
    ...given.contact,
    ...defined({ name: await optional(given.contact.name, 'Your name') }),
    ...defined({ email: await optional(given.contact.email, 'Your e-mail address') }),
    ...defined({ phone: await optional(given.contact.phone, 'Your telephone number, with country code') }),
  };
  const servers = given.servers.length > 0 ? given.servers : await askServers(ask, usualOf(given));
  const cluster =
    given.cluster ??
    (servers.length > 1 ? await optional(undefined, 'They form a cluster? Its name, e.g. east') : undefined);
  const cli = await askLogin(
    ask,
    'InCenter CLI (port 22)',
    given.cliUser,
    'admin',
    given.cliLogin,
    'ICEPACK_CLI_PASSWORD',
  );
  const hostOs = await askLogin(
    ask,
    'host OS (port 2222)',
    given.hostOsUser,
    'administrator',
    given.hostOsLogin,
    'ICEPACK_HOST_OS_PASSWORD',
  );
  const jumpHost = await askJumpHost(given, ask);
  const helpdesk = await askDesk(given.helpdesk, desks, ask);
  const withDesk = helpdesk.provider !== noDesk;
  return {
    ...rest(given),
    ...defined({ organization }),
    contact,
    servers,
    ...defined({ cluster }),
    ...defined({ jumpHost }),
    cli,
    hostOs,
    helpdesk,
    ...defined({ version: withDesk ? await optional(given.version, 'InCenter version, e.g. 2.2.5') : given.version }),
    ...defined({ license: withDesk ? await optional(given.license, 'License number') : given.license }),
  };
}

async function askLogin(
  ask: Prompter,
  machine: string,
  givenUser: string | undefined,
  usualUser: string,
  givenWay: LoginWay | undefined,
  variable: string,
): Promise<LoginAnswers> {
  const user = givenUser ?? (await ask.text(`User at the ${machine}`, { initial: usualUser }));
  return { user, way: givenWay ?? (await askWay(ask, user, machine, variable)) };
}

const faults = {
  key: 'A path',
  env: 'The name of a variable in capitals; never the password itself',
  file: 'A path',
};

async function askWay(ask: Prompter, user: string, machine: string, variable: string): Promise<LoginWay> {
  const kind = await ask.choose(`How does "${user}" log in to the ${machine}?`, [
    { value: 'ask', title: 'password, asked for each time' },
    { value: 'key', title: 'private key' },
    { value: 'agent', title: 'keys of my SSH agent' },
    { value: 'env', title: 'password from an environment variable (cron)' },
    { value: 'file', title: 'password from a file that only I may read (cron)' },
  ]);
  if (kind === 'ask' || kind === 'agent') return { kind };
  const initial = { key: '~/.ssh/id_ed25519', env: variable, file: '~/.config/icepack/password' }[kind];
  const noun = {
    key: `Path of the private key of "${user}"`,
    env: `Variable that holds the password of "${user}"`,
    file: `File that holds the password of "${user}"`,
  }[kind];
  const answer = await ask.text(noun, {
    initial,
    validate: (text) =>
      parseLoginWay(`${kind}:${text.trim()}`) === undefined || (kind === 'env' && readSecretWay(text) === undefined)
        ? faults[kind]
        : undefined,
  });
  return parseLoginWay(`${kind}:${answer.trim()}`) ?? { kind: 'ask' };
}

async function askJumpHost(given: GivenAnswers, ask: Prompter): Promise<InitAnswers['jumpHost']> {
  if (given.jumpHost === undefined && !(await ask.confirm('Are the servers reached through a jump host?', false)))
    return undefined;
  const { address, port, user: named } = given.jumpHost ?? (await askJumpPlace(ask));
  const user =
    named ??
    (await ask.text('User at the jump host', { validate: (text) => (text.trim() === '' ? 'A user name' : undefined) }));
  const way = given.jumpLogin ?? (await askWay(ask, user, 'jump host', 'ICEPACK_JUMP_PASSWORD'));
  return { address, port, user: user.trim(), way };
}

/** Asks for a jump host in the form that `ssh` takes: with or without a user and a port. */
async function askJumpPlace(ask: Prompter): Promise<{ address: string; port: number; user?: string }> {
  const read = (text: string) => {
    const [, user, place = ''] = /^(?:([^\s@]{1,64})@)?(.*)$/.exec(text.trim()) ?? [];
    return { ...readServerPlace(place), ...(user === undefined ? {} : { user }) };
  };
  const validate = (text: string) => {
    const place = read(text);
    if ('fault' in place) return place.fault;
    return place.hostOsPort === undefined ? undefined : 'It has one port';
  };
  const place = read(await ask.text('Address of the jump host', { validate }));
  if ('fault' in place) throw usageError('setup-incomplete', place.fault); // it was looked at before
  const { address, cliPort: port = 22, user } = place;
  return { address, port, ...(user === undefined ? {} : { user }) };
}

function rest({ organization, contact, cluster, product, version, license }: GivenAnswers) {
  return {
    contact,
    ...defined({ organization }),
    ...defined({ cluster }),
    ...defined({ product }),
    ...defined({ version }),
    ...defined({ license }),
  };
}
