import { describe, expect, it } from 'vitest';
import { providers } from '../../src/helpdesk/providers.ts';
import { askAndReview, askAnswers } from '../../src/init/ask-answers.ts';
import { askDesk, missingDeskOptions } from '../../src/init/ask-desk.ts';
import { askLogin } from '../../src/init/ask-login.ts';
import type { GivenAnswers } from '../../src/init/given-answers.ts';
import { readServerPlace, sharedPlace } from '../../src/init/typed-server.ts';
import type { Operator } from '../../src/ui/operator.ts';
import type { Prompter } from '../../src/ui/prompter.ts';

describe('the place of a server', () => {
  it.each([
    ['ice01', { address: 'ice01' }],
    [' ice01.example.com ', { address: 'ice01.example.com' }],
    ['127.0.0.1:21122', { address: '127.0.0.1', cliPort: 21122 }],
    ['ice01:22,2222', { address: 'ice01', cliPort: 22, hostOsPort: 2222 }],
    ['ice01:22, 2222', { address: 'ice01', cliPort: 22, hostOsPort: 2222 }],
    ['[::1]:22,2222', { address: '::1', cliPort: 22, hostOsPort: 2222 }],
    ['[2001:db8::10]', { address: '2001:db8::10' }],
    ['2001:db8::10', { address: '2001:db8::10' }],
    ['fe80::1%eth0', { address: 'fe80::1%eth0' }],
    ['[fe80::1%eth0]:2022', { address: 'fe80::1%eth0', cliPort: 2022 }],
  ])('is understood: %j (field-F15)', (text, place) => {
    expect(readServerPlace(text)).toEqual(place);
  });

  it.each([
    ['admin@ice01', 'Leave out the user'],
    ['ssh://ice01', 'Write it like'],
    ['ice01:', 'Write it like'],
    ['ice01:ssh', 'Write it like'],
    ['ice01:22,2222,22', 'Write it like'],
    ['2001:db8::10,22', 'Write it like'],
    ['ice01:0', '0 is no port'],
    ['ice01:22,70000', '70000 is no port'],
    ['ice01:22,22', 'different ports'],
    ['192.0.2.300', 'is no address'],
    ['192.0.2', 'is no address'],
    ['[ice01]:22', 'is no address'],
    ['-ice01', 'is no address'],
    ['ice 01', 'Write it like'],
    ['', 'Write it like'],
  ])('is refused with a reason: %j (field-F15)', (text, why) => {
    expect(readServerPlace(text)).toEqual({ fault: expect.stringContaining(why) });
  });

  it.each([
    ['ICE01.example.com.', 'ice01.example.com', 'port 22'],
    ['[2001:db8:0::10]', '2001:db8::10', 'port 22'],
    ['ice01:22,2222', 'ice01', 'port 22'],
    ['ice01:2022,2222', 'ice01', 'port 2222'],
    ['FE80::1%eth0', 'fe80::1%eth0', 'port 22'],
  ])('is the same, however it is written: %j and %j (field-F15)', (one, other, what) => {
    expect(sharedPlace(place(one), place(other))).toContain(what);
  });

  it.each([
    ['ice01', 'ice02'],
    ['nat:2201,2301', 'nat:2202,2302'],
  ])('is another one: %j and %j (field-F15)', (one, other) => {
    expect(sharedPlace(place(one), place(other))).toBeUndefined();
  });
});

function place(text: string) {
  const read = readServerPlace(text);
  if ('fault' in read) throw new Error(read.fault);
  return read;
}

const given: GivenAnswers = {
  ...{ contact: { name: 'K', email: 'k', phone: '1' }, organization: 'O', servers: [], cluster: 'east' },
  ...{ cliUser: 'admin', cliLogin: { kind: 'agent' }, hostOsUser: 'root', hostOsLogin: { kind: 'agent' } },
  helpdesk: { provider: 'none', settings: {} },
};

/** Answers questions in turn, by their beginning; what is refused is kept. */
function personWho(script: readonly (readonly [question: string, answer: string])[]) {
  const left = [...script];
  const refused: string[] = [];
  const text: Prompter['text'] = async (question, { initial = '', validate } = {}) => {
    for (;;) {
      const [expected, answer] = left.shift() ?? ['nothing more', ''];
      expect(question).toContain(expected);
      const typed = answer === '' ? initial : answer;
      const fault = validate?.(typed);
      if (fault === undefined) return typed;
      refused.push(fault);
    }
  };
  const ask = { text, confirm: async () => false } as unknown as Prompter;
  return { ask, refused, left };
}

describe('the interview about servers', () => {
  it('proposes the id of the name, and asks for ports only where one was said (field-F15)', async () => {
    const { ask, left } = personWho([
      ['first server', '192.0.2.1'],
      ['Its name', 'ice07'],
      ['Its server id', ''],
      ['another server', '192.0.2.2:2201'],
      ['Its name', 'backup'],
      ['Its server id', '12'],
      ['Port of its host OS', '2301'],
      ['another server', 'ice03:2222'],
      ['Its name', ''],
      ['Its server id', ''],
      ['Port of its InCenter CLI', ''],
      ['Port of its host OS', ''],
      ['another server', '[::1]:22,2222'],
      ['Its name', ''],
      ['Its server id', ''],
      ['another server', ''],
    ]);

    const { servers } = await askAnswers(given, providers, ask);

    expect(left).toEqual([]);
    expect(servers).toEqual([
      { name: 'ice07', id: 7, address: '192.0.2.1' },
      { name: 'backup', id: 12, address: '192.0.2.2', cliPort: 2201, hostOsPort: 2301 },
      { name: 'ice03', id: 3, address: 'ice03', cliPort: 22, hostOsPort: 2222 },
      { name: 'ice04', id: 4, address: '::1', cliPort: 22, hostOsPort: 2222 },
    ]);
  });

  it('notices the same server, the same id, and what is no place at once (field-F15)', async () => {
    const { ask, refused } = personWho([
      ['first server', 'admin@ice01'],
      ['first server', 'ice01'],
      ['Its name', ''],
      ['Its server id', 'ICE01'],
      ['Its server id', ''],
      ['another server', 'ICE01:22,2222'],
      ['another server', 'ice02'],
      ['Its name', ''],
      ['Its server id', '1'],
      ['Its server id', ''],
      ['another server', ''],
    ]);

    await askAnswers(given, providers, ask);

    expect(refused).toEqual([
      expect.stringContaining('Leave out the user'),
      expect.stringContaining('from 1 to 9999'),
      'That is "ice01" already (ICE01, port 22)',
      'That is the id of "ice01"',
    ]);
  });

  it('takes user and port of a jump host as ssh does (field-F15)', async () => {
    const { ask } = personWho([['Address of the jump host', 'kim@bastion:2200']]);
    const servers = [{ name: 'ice01', address: '192.0.2.1' }];
    const yes = { ...ask, confirm: async () => true, choose: async () => 'agent' } as unknown as Prompter;

    const { jumpHost } = await askAnswers({ ...given, servers, jumpLogin: { kind: 'agent' } }, providers, yes);

    expect(jumpHost).toEqual({ address: 'bastion', port: 2200, user: 'kim', way: { kind: 'agent' } });
  });
});

describe('the interview about a help desk', () => {
  const url = ['Address|URL', 'https://desk.example.com'] as const;
  /** Somebody who chooses these, and types what is proposed where nothing fits. */
  function person(chosen: string, typed: Record<string, string> = {}, kept = [true]) {
    const asked: string[] = [];
    const text = async (question: string, { initial = 'x' }: { initial?: string } = {}) => {
      asked.push(question);
      const own = Object.entries({ [url[0]]: url[1], ...typed }).find(([words]) => new RegExp(words).test(question));
      return own?.[1] ?? initial;
    };
    const choose = async (question: string, choices: { value: string; title: string }[]) => {
      asked.push(question);
      return choices.find(({ title }) => title.includes(chosen))?.value ?? choices[0]?.value;
    };
    const confirm = async (question: string) => {
      asked.push(question);
      return kept.shift() ?? true;
    };
    return { ask: { text, choose, confirm } as unknown as Prompter, asked };
  }

  it.each([
    ['zendesk', 'OAuth client', ['clientId', 'clientSecret']],
    ['zendesk', 'API token', ['email', 'token']],
    ['jira', 'Cloud', ['project', 'email', 'token']],
    ['jira', 'Data Center', ['project', 'token']],
    ['servicenow', 'user and password', ['user', 'password']],
    ['servicenow', 'OAuth client', ['clientId', 'clientSecret']],
    ['servicenow', 'API key', ['apiKey']],
  ])('asks %s for all that one way in needs, and for nothing of the others: %s', async (provider, way, keys) => {
    const { ask } = person(way);

    const answers = await askDesk({ provider, settings: {} }, providers, ask);

    expect(Object.keys(answers)).toEqual(['provider', 'url', ...keys]);
  });

  it('asks for no way in where an option began one', async () => {
    const { ask, asked } = person('OAuth client');

    const answers = await askDesk({ provider: 'zendesk', settings: { email: 'bot@example.com' } }, providers, ask);

    expect(Object.keys(answers)).toEqual(['provider', 'url', 'email', 'token']);
    expect(asked.join()).not.toContain('How does icepack log in');
    expect(missingDeskOptions({ provider: 'servicenow', settings: { clientId: 'x' } }, providers)).toEqual([
      '--helpdesk-url',
      '--helpdesk-client-secret',
    ]);
  });

  it('says at once that the file of a secret is not there, and lets it be kept or typed again', async () => {
    const typed = { token: 'file:/nowhere/a token' };
    const { ask, asked } = person('', typed, [false, true]);

    const answers = await askDesk({ provider: 'rest', settings: {} }, providers, ask);

    expect(answers['token']).toEqual({ kind: 'file', path: '/nowhere/a token' });
    expect(asked.filter((question) => question.startsWith('There is no file'))).toEqual(
      Array(2).fill(
        "There is no file /nowhere/a token yet; this line makes it: (umask 077; cat > '/nowhere/a token'). Keep the path?",
      ),
    );
  });

  it('says the same of the file of a password, and nothing of one that is there', async () => {
    const login = { machine: 'InCenter CLI', usualUser: 'admin', variable: 'PW' };
    const missing = person('from a file', { File: '/nowhere/pw' });
    const there = person('from a file', { File: import.meta.filename });

    await askLogin(login, { user: 'kim', way: undefined }, missing.ask);
    await askLogin(login, { user: 'kim', way: undefined }, there.ask);

    expect(missing.asked.at(-1)).toContain('There is no file /nowhere/pw yet');
    expect(there.asked.at(-1)).toContain('File that holds');
  });
});

describe('servers that are given as options', () => {
  it('are refused where two are the same (field-F15)', async () => {
    const servers = [
      { name: 'a', address: '192.0.2.1' },
      { name: 'b', address: '192.0.2.1', hostOsPort: 2223 },
    ];

    const nobody = { ask: undefined } as unknown as Operator;
    await expect(askAndReview({ ...given, servers }, providers, nobody, async () => undefined)).rejects.toMatchObject({
      code: 'contradiction',
      message: '"a" and "b" are the same server: 192.0.2.1, port 22',
    });
  });
});
