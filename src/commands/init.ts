import { Command, InvalidArgumentError } from 'commander';
import type { Context } from '../context.js';
import { defined } from '../domain/defined.js';
import type { OutputLine, VerbOutcome } from '../domain/line.js';
import type { DeskQuestion, Providers } from '../helpdesk/provider.js';
import type { GivenAnswers } from '../init/ask-answers.js';
import { deskFlag, deskQuestions, noDesk } from '../init/ask-desk.js';
import { type LoginWay, parseLoginWay, type SecretWay } from '../init/init-answers.js';
import { readServerPlace, usualPorts } from '../init/typed-server.js';
import * as parse from './arguments.js';
import { examinationOutcome } from './doctor.js';
import type { RunVerb } from './verb.js';

type InitOptions = {
  server?: GivenAnswers['servers'];
  cluster?: string;
  cliUser?: string;
  cliLogin?: LoginWay;
  hostOsUser?: string;
  hostOsLogin?: LoginWay;
  cliPort?: number;
  hostOsPort?: number;
  jumpHost?: NonNullable<GivenAnswers['jumpHost']>;
  jumpLogin?: LoginWay;
  organization?: string;
  contactName?: string;
  contactEmail?: string;
  contactPhone?: string;
  helpdesk?: string;
  /** What `deskQuestions` ask for. */
  [setting: `helpdesk${string}`]: string | SecretWay;
  product?: string;
  productVersion?: string;
  license?: string;
  pin?: boolean;
  fingerprint?: string[];
};

const ways = 'ask, agent, env:NAME, file:PATH or key:PATH';

const examples = `
A login is one of: ${ways}.
No secret is ever written.

Examples:
  icepack init                           ask, write, pin host keys, check
  icepack init --batch --server ice01=192.0.2.10 \\
    --cli-login env:ICE_PW --host-os-login key:~/.ssh/id_ed25519
  icepack init --config ./icepack.yaml   write it there`;

export function initCommand(run: RunVerb, desks: Providers): Command {
  const command = new Command('init');
  command
    .description('write a first configuration, pin host keys and check everything')
    .option(
      '--server <name=address[:port,port]>',
      'a server, with its ports where they are odd; may be repeated',
      server,
    )
    .option('--cluster <name>', 'the cluster the servers form', plainName)
    .option('--cli-user <user>', 'user at the InCenter CLI (default: admin)', oneLine)
    .option('--cli-login <way>', 'its login', loginWay)
    .option('--cli-port <port>', 'its port where the server has none (default: 22)', port)
    .option('--host-os-user <user>', 'user at the host OS (default: administrator)', oneLine)
    .option('--host-os-login <way>', 'its login', loginWay)
    .option('--host-os-port <port>', 'its port where the server has none (default: 2222)', port)
    .option('--jump-host <user@address[:port]>', 'the jump host on the way', jumpHost)
    .option('--jump-login <way>', 'its login', loginWay)
    .option('--organization <name>', 'yours, for tickets', oneLine)
    .option('--contact-name <name>', 'whom support asks', oneLine)
    .option('--contact-email <address>', 'by e-mail', oneLine)
    .option('--contact-phone <number>', 'by telephone', oneLine);
  addDeskOptions(command, desks);
  return command
    .option('--product <name>', 'for tickets (default: InCenter)', oneLine)
    .option('--product-version <version>', 'for tickets', oneLine)
    .option('--license <number>', 'for tickets', oneLine)
    .option('--pin', 'with --batch: pin the host keys that are shown')
    .option('--fingerprint <SHA256:...>', 'pin only a key with this fingerprint; may be repeated', parse.fingerprint)
    .addHelpText('after', examples)
    .action((options: InitOptions) => run(command, (context) => initVerb(options, desks, context)));
}

/** Options and help follow from the list of help desks. */
function addDeskOptions(command: Command, desks: Providers): void {
  const ids = desks.map(({ id }) => id);
  const provider = (value: string) => {
    if ([...ids, noDesk].includes(value)) return value;
    throw new InvalidArgumentError(`It is one of: ${[...ids, noDesk].join(', ')}.`);
  };
  command.option('--helpdesk <provider>', `${ids.join(', ')} or none (default with --batch: none)`, provider);
  for (const question of deskQuestions(desks)) {
    const { argument, parse } = deskArguments[question.kind];
    command.option(`${deskFlag(question)} <${argument}>`, question.help, parse);
  }
}

async function initVerb(options: InitOptions, desks: Providers, context: Context): Promise<VerbOutcome> {
  const { askAndReview } = await import('../init/ask-answers.js');
  const { examine } = await import('../doctor/examine.js');
  const workplace = await context.workplace();
  const { operator } = workplace;
  const path = await context.newConfigPath();
  const answers = await askAndReview(givenAnswers(options, desks), desks, operator);
  await context.writeConfig(path, answers);
  context.ui.emit({ type: 'note', text: `wrote ${path}` });

  const config = await context.config();
  const fingerprints = options.fingerprint ?? [];
  const pin = options.pin === true || fingerprints.length > 0 || operator.ask !== undefined;
  const checks = await examine(
    {
      config: config.path,
      appliances: config.appliances,
      pinning: { pin, fingerprints },
      cliCommands: config.cliCommands ?? (await context.recipe()).cliCommands,
      machineFacts: context.machineFacts,
      deskSettings: () => context.deskSettings(),
    },
    workplace,
    context.signal,
  );
  const outcome = await examinationOutcome('init', checks, config.path);
  const written: OutputLine = { text: `Configuration: ${path}`, tone: 'strong' };
  return { ...outcome, lines: [...outcome.lines, written] };
}

function givenAnswers(options: InitOptions, desks: Providers): GivenAnswers {
  const { server, contactName, contactEmail, contactPhone, productVersion, pin, fingerprint, ...rest } = options;
  return {
    ...rest,
    servers: server ?? [],
    contact: {
      ...defined({ name: contactName, email: contactEmail, phone: contactPhone }),
    },
    helpdesk: givenDesk(options, desks),
    ...defined({ version: productVersion }),
  };
}

function givenDesk(options: InitOptions, desks: Providers): GivenAnswers['helpdesk'] {
  const settings: GivenAnswers['helpdesk']['settings'] = {};
  for (const { key } of deskQuestions(desks)) {
    const given = options[`helpdesk${key.charAt(0).toUpperCase()}${key.slice(1)}`];
    if (given !== undefined) settings[key] = given;
  }
  return { ...defined({ provider: options.helpdesk }), settings };
}

function server(value: string, before: GivenAnswers['servers'] = []): GivenAnswers['servers'] {
  const [, name, place = ''] = /^([A-Za-z0-9][A-Za-z0-9._-]{0,62})=(.+)$/.exec(value) ?? [];
  if (name === undefined) throw new InvalidArgumentError('Write it like ice01=192.0.2.10 or ice01=192.0.2.10:22,2222.');
  if (before.some((other) => other.name === name)) throw new InvalidArgumentError(`"${name}" is given twice.`);
  const read = readServerPlace(place);
  if ('fault' in read) throw new InvalidArgumentError(`${read.fault}.`);
  if (read.hostOsPort === undefined && read.cliPort === usualPorts.hostOs)
    throw new InvalidArgumentError(`${read.cliPort} is the port of the host OS: write both, the InCenter CLI first.`);
  return [...before, { name, ...read }];
}

function jumpHost(value: string): NonNullable<GivenAnswers['jumpHost']> {
  const match = /^([^\x00-\x20\x7f@]{1,64})@([A-Za-z0-9.%_-]{1,253})(?::(\d{1,5}))?$/.exec(value);
  if (match?.[1] === undefined || match[2] === undefined)
    throw new InvalidArgumentError('Write it like kim@bastion.example.com or kim@203.0.113.7:2200.');
  return { user: match[1], address: match[2], port: Number(match[3] ?? 22) };
}

function port(value: string): number {
  if (!/^\d{1,5}$/.test(value) || Number(value) < 1 || Number(value) > 65_535)
    throw new InvalidArgumentError('It is a number from 1 to 65535.');
  return Number(value);
}

function loginWay(value: string): LoginWay {
  const way = parseLoginWay(value);
  if (way === undefined) throw new InvalidArgumentError(`It is one of: ${ways}; never the secret itself.`);
  return way;
}

function secretWay(value: string): SecretWay {
  const way = loginWay(value);
  if (way.kind !== 'env' && way.kind !== 'file') throw new InvalidArgumentError('It is env:NAME or file:PATH.');
  return way;
}

function url(value: string): string {
  if (!/^https?:\/\/[^\s@]+$/.test(value))
    throw new InvalidArgumentError('It begins with https:// and holds no password.');
  return value;
}

function plainName(value: string): string {
  if (!/^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$/.test(value))
    throw new InvalidArgumentError('Letters, digits and . _ - only.');
  return value;
}

function oneLine(value: string): string {
  if (!/^[^\x00-\x1f\x7f]{1,1000}$/.test(value)) throw new InvalidArgumentError('One line of text.');
  return value;
}

/** How the options of a help desk are written and read. */
const deskArguments: Record<DeskQuestion['kind'], { argument: string; parse(value: string): string | SecretWay }> = {
  url: { argument: 'url', parse: url },
  text: { argument: 'text', parse: oneLine },
  secret: { argument: 'way', parse: secretWay },
};
