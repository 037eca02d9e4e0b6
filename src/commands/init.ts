import { Command, InvalidArgumentError } from 'commander';
import type { Context } from '../context.js';
import { type Command as CommandToType, icepack, say } from '../domain/command.js';
import { defined } from '../domain/defined.js';
import type { OutputLine, VerbOutcome } from '../domain/line.js';
import { UserError } from '../errors.js';
import type { DeskQuestion, Providers } from '../helpdesk/provider.js';
import { deskFlag, deskQuestions, noDesk } from '../init/ask-desk.js';
import type { GivenAnswers } from '../init/given-answers.js';
import type { InitAnswers, LoginWay, SecretWay } from '../init/init-answers.js';
import * as parse from './arguments.js';
import { choice } from './choice.js';
import { examinationOutcome } from './doctor.js';
import {
  email,
  jumpHost,
  loginWay,
  oneLine,
  phone,
  plainName,
  port,
  secretWay,
  server,
  url,
  ways,
} from './init-arguments.js';
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
    .option('--contact-email <address>', 'by e-mail', email)
    .option('--contact-phone <number>', 'by telephone', phone);
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
  const help = `${ids.join(', ')} or none (default with --batch: none)`;
  command.addOption(choice('--helpdesk <provider>', help, [...ids, noDesk], provider));
  for (const question of deskQuestions(desks)) {
    const { argument, parse } = deskArguments[question.kind];
    command.option(`${deskFlag(question)} <${argument}>`, question.help, parse);
  }
}

async function initVerb(options: InitOptions, desks: Providers, context: Context): Promise<VerbOutcome> {
  const { askAndReview } = await import('../init/ask-answers.js');
  const { operator } = await context.workplace();
  const path = await context.newConfigPath();
  const check = (answers: InitAnswers) => context.checkNewConfig(path, answers);
  const answers = await askAndReview(givenAnswers(options, desks), desks, operator, check);
  await context.writeConfig(path, answers);
  context.ui.emit({ type: 'note', text: `wrote ${path}` });
  try {
    return await examineNew(path, options, answers, context);
  } catch (error) {
    throw error instanceof UserError && error.code === 'interrupted' ? writtenAlready(error, path) : error;
  }
}

/** Pins host keys and ends with what `doctor` finds, and with what to type next. */
async function examineNew(
  path: string,
  options: InitOptions,
  answers: InitAnswers,
  context: Context,
): Promise<VerbOutcome> {
  const { examine } = await import('../doctor/examine.js');
  const workplace = await context.workplace();
  const config = await context.config();
  const fingerprints = options.fingerprint ?? [];
  const pin = options.pin === true || fingerprints.length > 0 || workplace.operator.ask !== undefined;
  const checks = await examine(
    {
      config: config.path,
      appliances: config.appliances,
      pinning: { pin, fingerprints },
      wantsCaptures: false,
      cliCommands: config.cliCommands ?? (await context.recipe()).cliCommands,
      machineFacts: context.machineFacts,
      deskSettings: context.deskSettings,
      channels: context.channels,
    },
    workplace,
    context.signal,
  );
  const outcome = await examinationOutcome('init', checks, config.path, firstCollection(answers));
  const written: OutputLine = { text: `Configuration: ${path}`, tone: 'strong' };
  return { ...outcome, lines: [written, ...outcome.lines] };
}

/** What to type once everything is well. */
function firstCollection({ servers, cluster, helpdesk }: InitAnswers): CommandToType {
  const [first] = servers;
  const target = cluster ?? (servers.length > 1 ? '--all' : first?.name) ?? '--all';
  return icepack('collect', target, ...(helpdesk.provider === noDesk ? ['--no-submit'] : []));
}

function writtenAlready(cause: UserError, path: string): UserError {
  const hint = say`Go on with: ${icepack('doctor')}`;
  return new UserError('interrupted', `interrupted: ${path} was written, but not all of it was checked`, {
    ...{ exit: cause.exit, hint, cause },
  });
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

/** How the options of a help desk are written and read. */
const deskArguments: Record<DeskQuestion['kind'], { argument: string; parse(value: string): string | SecretWay }> = {
  url: { argument: 'url', parse: url },
  text: { argument: 'text', parse: oneLine },
  secret: { argument: 'way', parse: secretWay },
};
