import type { FaceId } from '../domain/appliance.js';
import { icepack, say } from '../domain/command.js';
import { defined } from '../domain/defined.js';
import { usageError } from '../errors.js';
import type { Providers } from '../helpdesk/provider.js';
import { interviewed } from '../ui/interview.js';
import type { Operator } from '../ui/operator.js';
import type { Prompter } from '../ui/prompter.js';
import { askDesk, faultOfGivenDesk, type GivenDesk, givenDesk, missingDeskOptions, noDesk } from './ask-desk.js';
import { askJumpHost } from './ask-jump-host.js';
import { askLogin } from './ask-login.js';
import { askServers, type NamedServer } from './ask-servers.js';
import type { GivenAnswers } from './given-answers.js';
import { type InitAnswers, serverId } from './init-answers.js';
import { sharedPlace, usualPorts } from './typed-server.js';
import { faultOfEmail, faultOfLine, faultOfName, faultOfPhone, orEmpty } from './typed-text.js';

/**
 * Asks like `askAnswers`, with a way back, and shows all answers at the end.
 * @param check throws a UserError where no configuration can be made of them: one is asked again then
 */
export async function askAndReview(
  given: GivenAnswers,
  desks: Providers,
  operator: Operator,
  check: (answers: InitAnswers) => Promise<void>,
): Promise<InitAnswers> {
  const usual = usualOf(given);
  refuseGivenDesk(given.helpdesk, desks);
  refuseSameServers(given.servers, usual); // no answer could mend it
  const interview = ({ ask }: Operator) => askAnswers(given, desks, ask);
  return interviewed(operator, interview, async (answers) => {
    refuseSameServers(answers.servers, usual);
    await check(answers);
  });
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

function refuseGivenDesk(given: GivenDesk, desks: Providers): void {
  const fault = faultOfGivenDesk(given, desks);
  if (fault !== undefined) throw usageError('insecure-url', `--helpdesk-url cannot be that`, fault);
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
  const optional = async (known: string | undefined, question: string, fault = faultOfLine) =>
    known ?? ((await ask.text(`${question} (Enter: skip)`, { validate: orEmpty(fault) })).trim() || undefined);
  const organization = await optional(given.organization, 'Your organization, for the ticket');
  const contact = {
    ...given.contact,
    ...defined({ name: await optional(given.contact.name, 'Your name') }),
    ...defined({ email: await optional(given.contact.email, 'Your e-mail address', faultOfEmail) }),
    ...defined({
      phone: await optional(given.contact.phone, 'Your telephone number, with country code', faultOfPhone),
    }),
  };
  const usual = usualOf(given);
  const servers = given.servers.length > 0 ? given.servers : await askServers(ask, usual);
  const cluster =
    given.cluster ?? (servers.length > 1 ? await optional(undefined, clusterQuestion, faultOfName) : undefined);
  const portsOf = (face: FaceId) => portsText(servers.map((server) => server[`${face}Port`] ?? usual[face]));
  const cli = await askLogin(
    { machine: `InCenter CLI (${portsOf('cli')})`, usualUser: 'admin', variable: 'ICEPACK_CLI_PASSWORD' },
    { user: given.cliUser, way: given.cliLogin },
    ask,
  );
  const hostOs = await askLogin(
    {
      ...{ machine: `host OS (${portsOf('hostOs')})`, usualUser: 'administrator' },
      variable: 'ICEPACK_HOST_OS_PASSWORD',
    },
    { user: given.hostOsUser, way: given.hostOsLogin },
    ask,
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

const clusterQuestion = 'They form a cluster? Its name, e.g. east';

/** The ports of one face of all servers, such as `port 22` or `ports 22, 2022`. */
function portsText(ports: readonly number[]): string {
  const different = [...new Set(ports)];
  return `${different.length === 1 ? 'port' : 'ports'} ${different.join(', ')}`;
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
