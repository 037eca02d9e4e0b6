import { icepack, say } from '../domain/command.js';
import { defined } from '../domain/defined.js';
import { usageError } from '../errors.js';
import type { Providers } from '../helpdesk/provider.js';
import type { Prompter } from '../ui/prompter.js';
import { askDesk, type GivenDesk, givenDesk, missingDeskOptions, noDesk } from './ask-desk.js';
import { type InitAnswers, type LoginAnswers, type LoginWay, parseLoginWay, serverId } from './init-answers.js';

/** What was given as options; the rest is asked for, or has to be given. */
export type GivenAnswers = {
  organization?: string;
  contact: InitAnswers['contact'];
  servers: { name: string; address: string }[];
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

const namePattern = /^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$/;
const addressPattern = /^[A-Za-z0-9:.%_-]{1,253}$/;

/** The answers that a first configuration needs. @throws UserError `setup-incomplete` where nobody is there to answer */
export async function askAnswers(
  given: GivenAnswers,
  desks: Providers,
  ask: Prompter | undefined,
): Promise<InitAnswers> {
  const complete = ask === undefined ? withDefaults(given, desks) : await interview(given, desks, ask);
  const ids: number[] = [];
  const portOf = (port: number | undefined) => defined({ port });
  const servers = complete.servers.map(({ name, address }) => {
    const id = serverId(name, ids);
    ids.push(id);
    return { name, id, address };
  });
  return {
    ...complete,
    cli: { ...complete.cli, ...portOf(given.cliPort) },
    hostOs: { ...complete.hostOs, ...portOf(given.hostOsPort) },
    servers,
  };
}

type Answers = Omit<InitAnswers, 'servers'> & { servers: GivenAnswers['servers'] };

/** `--batch`: what is not given must have a default, or it is refused. */
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
    known ?? ((await ask.text(`${question} (may be empty)`)).trim() || undefined);
  const organization = await optional(given.organization, 'Your organization, for the ticket');
  const contact = {
    ...given.contact,
    ...defined({ name: await optional(given.contact.name, 'Your name') }),
    ...defined({ email: await optional(given.contact.email, 'Your e-mail address') }),
    ...defined({ phone: await optional(given.contact.phone, 'Your telephone number, with country code') }),
  };
  const servers = given.servers.length > 0 ? given.servers : await askServers(ask);
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

async function askServers(ask: Prompter): Promise<GivenAnswers['servers']> {
  const servers: GivenAnswers['servers'] = [];
  for (;;) {
    const number = String(servers.length + 1).padStart(2, '0');
    const first = servers.length === 0;
    const address = (
      await ask.text(first ? 'Management address of the first server' : 'Address of another server (empty: no more)', {
        validate: (text) =>
          addressPattern.test(text.trim()) || (!first && text.trim() === '')
            ? undefined
            : 'An IP address or a host name',
      })
    ).trim();
    if (address === '') return servers;
    const name = await ask.text('Its name, as you will type it', {
      initial: `ice${number}`,
      validate: (text) =>
        namePattern.test(text.trim()) && !servers.some((server) => server.name === text.trim())
          ? undefined
          : 'Letters, digits, dot, dash and underscore; each name once',
    });
    servers.push({ name: name.trim(), address });
  }
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
    validate: (text) => (parseLoginWay(`${kind}:${text.trim()}`) === undefined ? 'That cannot be used' : undefined),
  });
  return parseLoginWay(`${kind}:${answer.trim()}`) ?? { kind: 'ask' };
}

async function askJumpHost(given: GivenAnswers, ask: Prompter): Promise<InitAnswers['jumpHost']> {
  const named = given.jumpHost;
  if (named === undefined && !(await ask.confirm('Are the servers reached through a jump host?', false)))
    return undefined;
  const address =
    named?.address ??
    (await ask.text('Address of the jump host', {
      validate: (text) => (addressPattern.test(text.trim()) ? undefined : 'An IP address or a host name'),
    }));
  const user =
    named?.user ??
    (await ask.text('User at the jump host', { validate: (text) => (text.trim() === '' ? 'A user name' : undefined) }));
  const way = given.jumpLogin ?? (await askWay(ask, user, 'jump host', 'ICEPACK_JUMP_PASSWORD'));
  return { address: address.trim(), port: named?.port ?? 22, user: user.trim(), way };
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
