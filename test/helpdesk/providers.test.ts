import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { Command } from 'commander';
import { describe, expect, it } from 'vitest';
import { initCommand } from '../../src/commands/init.ts';
import type { RunVerb } from '../../src/commands/verb.ts';
import { parseConfig } from '../../src/config/load.ts';
import type { Surroundings } from '../../src/context/surroundings.ts';
import { type Context, createContext } from '../../src/context.ts';
import type { VerbOutcome } from '../../src/domain/line.ts';
import type { ApiHelpDesk } from '../../src/helpdesk/help-desk.ts';
import { defineProvider, type Providers } from '../../src/helpdesk/provider.ts';
import { providers } from '../../src/helpdesk/providers.ts';
import { usualKeys } from '../../src/helpdesk/ticket-key.ts';
import { askAnswers } from '../../src/init/ask-answers.ts';
import { noDesk } from '../../src/init/ask-desk.ts';
import { composeConfig } from '../../src/init/compose.ts';
import type { Prompter } from '../../src/ui/prompter.ts';
import { projectRoot, temporaryFolder } from '../support/rig.ts';

/** A help desk of which nothing but this list knows. */
const pigeons = defineProvider({
  id: 'pigeons',
  title: 'by carrier pigeon',
  remark: 'they need a day',
  questions: [
    { key: 'loft', kind: 'text', help: 'where they live', question: 'Loft of the pigeons' },
    { key: 'ringCode', kind: 'secret', help: 'the code on their rings', question: 'Variable that holds the code' },
  ],
  example: ['provider: pigeons', 'loft: on the roof', 'ringCode: { env: RING_CODE }', 'settle: 1d'],
  fields: ({ oneLine, secret, duration }) => ({
    loft: oneLine,
    ringCode: secret,
    settle: duration.default(86_400_000),
  }),
  async open({ loft, ringCode, settle }, { secret }) {
    return loftAt(loft, await secret(ringCode, 'the code on the rings'), settle);
  },
});
const desks: Providers = [...providers, pigeons];
const names = desks.map(({ id }) => id).join(', ');

function loftAt(loft: string, code: string, settleMs: number): ApiHelpDesk {
  const unused = () => Promise.reject(new Error('nobody asked for that'));
  return {
    kind: 'api',
    origin: `pigeons:${loft}`,
    keys: usualKeys,
    caps: { idempotencyKey: false, settleMs, conditionalUpdate: false, searchLagMs: 0, reopenFrom: [] },
    check: async () => ({ account: `ring ${code.length}`, maxFileBytes: 2000, problems: ['it is windy'] }),
    findByReference: unused,
    create: unused,
    list: unused,
    get: unused,
    comment: unused,
    attach: unused,
    setState: unused,
  };
}

const stream = () => Object.assign(new PassThrough().resume(), { isTTY: false });

async function surroundings(): Promise<Surroundings> {
  const HOME = await temporaryFolder();
  return {
    env: { HOME, ICE_PW: 'pw', RING_CODE: 'abcd' },
    argv: [],
    cwd: HOME,
    stdin: stream() as unknown as NodeJS.ReadStream,
    stdout: stream() as unknown as NodeJS.WriteStream,
    stderr: stream() as unknown as NodeJS.WriteStream,
    execPath: process.execPath,
    nodeVersion: process.version,
  };
}

/** `icepack init`, as `cli.ts` runs it, with the help desk in its list. */
async function init(...words: string[]): Promise<{ outcome: VerbOutcome; context: Context; written: string }> {
  const around = await surroundings();
  const done: { outcome: VerbOutcome; context: Context }[] = [];
  const run: RunVerb = async (command, work) => {
    const signal = new AbortController().signal;
    const context = await createContext(command.optsWithGlobals(), around, signal, undefined, desks);
    done.push({ outcome: await work(context), context });
  };
  await programOf(run).parseAsync(['--batch', 'init', ...words], { from: 'user' });
  const [first] = done;
  if (first === undefined) throw new Error('init did not run');
  const written = await readFile(join(around.cwd, '.config/icepack/icepack.yaml'), 'utf8');
  return { ...first, written };
}

function programOf(run: RunVerb): Command {
  const quiet = { writeOut: () => undefined, writeErr: () => undefined };
  const program = new Command().option('--batch').exitOverride().configureOutput(quiet);
  return program.addCommand(initCommand(run, desks).copyInheritedSettings(program));
}

const nobody = ['--server', 'ice01=127.0.0.1', '--cli-port', '1', '--host-os-port', '1'];
const logins = ['--cli-login', 'env:ICE_PW', '--host-os-login', 'env:ICE_PW'];

describe('a help desk that was added to the list, and nowhere else', () => {
  it('is configured by init, read back, opened, and examined', async () => {
    const { outcome, context, written } = await init(
      ...nobody,
      ...logins,
      ...['--helpdesk', 'pigeons', '--helpdesk-loft', 'on the roof', '--helpdesk-ring-code', 'env:RING_CODE'],
    );

    expect(written).toContain(
      'helpdesk:\n  provider: pigeons             # they need a day\n  loft: on the roof\n  ringCode: { env: RING_CODE }\n',
    );
    const { desk } = await context.deskSettings();
    expect(desk).toMatchObject({ kind: 'api', origin: 'pigeons:on the roof', caps: { settleMs: 86_400_000 } });
    const { checks } = outcome.json as unknown as { checks: { check: string; text: string }[] };
    expect(checks.filter(({ check }) => check === 'help-desk').map(({ text }) => text)).toEqual([
      'knows us as ring 4',
      'takes files of up to 2 kB',
      'it is windy',
    ]);
  });

  it('is in the help of init, with its options', () => {
    const help = initCommand(async () => undefined, desks)
      .helpInformation()
      .replace(/\s+/g, ' ');

    expect(help).toContain(`--helpdesk <provider> ${names} or none (default with --batch: none)`);
    expect(help).toContain('--helpdesk-loft <text> where they live');
    expect(help).toContain('--helpdesk-ring-code <way> the code on their rings');
  });

  it('is offered at a terminal, and asked about', async () => {
    const offered: string[] = [];
    const ask: Prompter = {
      text: async (question, { initial = '' } = {}) =>
        ({ 'Loft of the pigeons': 'roof', 'Variable that holds the code, or file:PATH': 'RING' })[question] ?? initial,
      long: async () => '',
      secret: async () => '',
      choose: async (_question, choices) => {
        offered.push(...choices.map(({ title }) => title));
        return choices.find(({ value }) => value === 'pigeons')?.value ?? choices[0]?.value ?? Promise.reject();
      },
      confirm: async () => false,
      form: async () => ({}),
    };
    const way = { kind: 'ask' } as const;
    const servers = [{ name: 'ice01', address: '192.0.2.10' }];
    const given = { contact: {}, servers, cliLogin: way, hostOsLogin: way, helpdesk: { settings: {} } };

    const answers = await askAnswers(given, desks, ask);

    expect(offered).toEqual([...desks.map(({ title }) => title), 'not from here: icepack only collects']);
    expect(answers.helpdesk).toEqual({ provider: 'pigeons', loft: 'roof', ringCode: { kind: 'env', name: 'RING' } });
    expect(parseConfig(composeConfig(answers, desks), '/icepack.yaml', '/home/kim', desks).helpdesk).toMatchObject({
      provider: 'pigeons',
      loft: 'roof',
    });
  });

  it('says in batch which of its settings are missing, and is named where another is not known', async () => {
    await expect(init(...nobody, ...logins, '--helpdesk', 'pigeons')).rejects.toThrow(
      'a configuration needs --helpdesk-loft, --helpdesk-ring-code',
    );
    await expect(init('--helpdesk', 'owls')).rejects.toThrow(`It is one of: ${names}, none.`);
  });

  it.each([
    ['{ provider: pigeons, loft: roof, ringCode: { env: R }, lofft: x }', 'did you mean "loft"?'],
    ['{ provider: pigeons, ringCode: { env: R } }', '"helpdesk.loft" is missing'],
    ['{ provider: pigeons, loft: roof, ringCode: hunter2 }', 'a secret is a reference'],
    ['{ provider: owls }', `one of: ${names}`],
  ])('has its own keys in the configuration: %s is refused', (helpdesk, expected) => {
    expect(() => parseConfig(withDesk(helpdesk), '/icepack.yaml', '/home/kim', desks)).toThrow(expected);
  });
});

const withDesk = (helpdesk: string) => `appliances: { ice01: { id: 1, address: 192.0.2.10 } }\nhelpdesk: ${helpdesk}\n`;

describe('the list of help desks', () => {
  it('is what the example shows: the first as it is, the others as comments', async () => {
    const text = await readFile(join(projectRoot, 'templates/icepack.example.yaml'), 'utf8');

    const [first, ...others] = providers.map(({ example }) => example.map((line) => `  ${line}\n`).join(''));
    const product = '  product: InCenter\n';

    expect(text.slice(text.search(/^helpdesk:/m))).toBe(
      [
        `helpdesk:\n${first}${product}  version: 2.2.5\n  license: 1234-5678-9012\n`,
        ...others.map((example) =>
          `helpdesk:\n${example}${product}`.replace(/^(.)/gm, '# $1').replace(/^# {3}/gm, '#   '),
        ),
      ].join(''),
    );
  });

  it.each(desks.map((desk) => [desk.id, desk] as const))('has an example of %s that is a configuration', (id, desk) => {
    const block = `\n${desk.example.map((line) => `  ${line}`).join('\n')}`;

    const { helpdesk } = parseConfig(withDesk(block), '/icepack.yaml', '/home/kim', desks);

    expect(helpdesk).toMatchObject({ provider: id });
  });

  it.each(
    providers.filter(({ id }) => id !== 'portal').map((desk) => [desk.id, desk] as const),
  )('has a %s that sends no credential unprotected (F18, F19)', async (_id, desk) => {
    const openAt = (url: string, env: Record<string, string>) => {
      const block = `\n${desk.example.map((line) => `  ${line.replace(/^url: \S+/, `url: ${url}`)}`).join('\n')}`;
      const { helpdesk } = parseConfig(withDesk(block), '/icepack.yaml', '/home/kim', desks);
      return desk.open(helpdesk as unknown as Parameters<typeof desk.open>[0], { env, secret: async () => 'canary' });
    };

    await expect(openAt('http://desk.example.com', {})).rejects.toMatchObject({ code: 'insecure-url', exit: 2 });
    await expect(openAt('https://desk.example.com', { NODE_TLS_REJECT_UNAUTHORIZED: '0' })).rejects.toMatchObject({
      code: 'insecure-tls',
      exit: 2,
    });
    await expect(openAt('https://desk.example.com', {})).resolves.toMatchObject({ kind: 'api' });
  });

  it('has each name once, and one kind of answer for each option', () => {
    const ids = [...providers.map(({ id }) => id), noDesk];
    const kinds = providers.flatMap(({ questions }) => questions.map(({ key, kind }) => `${key} ${kind}`));
    const keys = providers.flatMap(({ questions }) => questions.map(({ key }) => key));

    expect(new Set(ids).size).toBe(ids.length);
    expect(new Set(kinds).size).toBe(new Set(keys).size);
  });
});
