import type { AnyAuthMethod, KeyboardInteractiveAuthMethod, Prompt } from 'ssh2';
import { describe, expect, it } from 'vitest';
import type { LoginSecrets } from '../../src/domain/login.ts';
import { loginMethods } from '../../src/ssh/auth.ts';

const everything: LoginSecrets = {
  password: 'secret',
  privateKey: { content: Buffer.from('key') },
  agentSocket: '/run/agent',
};
const all = ['publickey', 'password', 'keyboard-interactive'];

type Reply = [accepted: string[] | null, partial: boolean | null];
const start: Reply = [null, null];
const refused = (...accepted: string[]): Reply => [accepted, false];
const partly = (...accepted: string[]): Reply => [accepted, true];

/** What is offered to a server that gives these replies, one after the other. */
function offers(methods: ReturnType<typeof loginMethods>, replies: Reply[]): (AnyAuthMethod | false)[] {
  return replies.map(([accepted, partial]) => {
    let offered: AnyAuthMethod | false | undefined;
    methods.next(accepted, partial, (method) => {
      offered = method;
    });
    if (offered === undefined) throw new Error('a reply was left without an answer');
    return offered;
  });
}

function typesOf(secrets: LoginSecrets, replies: Reply[]): (string | false)[] {
  return offers(loginMethods('admin', secrets), replies).map((offered) => (offered === false ? false : offered.type));
}

describe('ways to log in', () => {
  it('asks first what the server takes, with no credential', () => {
    const [first] = offers(loginMethods('admin', everything), [start]);

    expect(first).toEqual({ type: 'none', username: 'admin' });
  });

  it('offers the private key, then the agent, then the password, then gives up', () => {
    const types = typesOf(everything, [start, ...Array.from({ length: 4 }, () => refused(...all))]);

    expect(types).toEqual(['none', 'publickey', 'agent', 'password', false]);
  });

  it('offers every credential once, however often the server asks (A16)', () => {
    const types = typesOf(everything, [start, ...Array.from({ length: 20 }, () => refused(...all))]);

    expect(types.filter(Boolean)).toEqual(['none', 'publickey', 'agent', 'password']);
  });

  it('offers nothing that the server does not take', () => {
    const types = typesOf(everything, [start, refused('hostbased', 'gssapi-with-mic')]);

    expect(types).toEqual(['none', false]);
  });

  it('has nothing to offer without credentials', () => {
    const types = typesOf({}, [start, refused(...all)]);

    expect(types).toEqual(['none', false]);
  });

  it('hands over the user, the secret and the passphrase of the key', () => {
    const privateKey = { content: Buffer.from('key'), passphrase: 'open' };
    const methods = loginMethods('admin', { ...everything, privateKey });

    const offered = offers(methods, [start, refused(...all), refused(...all), refused(...all)]);

    expect(offered.slice(1)).toEqual([
      { type: 'publickey', username: 'admin', key: Buffer.from('key'), passphrase: 'open' },
      { type: 'agent', username: 'admin', agent: expect.objectContaining({ socketPath: '/run/agent' }) },
      { type: 'password', username: 'admin', password: 'secret' },
    ]);
  });

  it('tells what was tried, without the secrets', () => {
    const methods = loginMethods('admin', everything);

    offers(methods, [start, refused(...all), refused(...all), refused(...all)]);

    expect(methods.tried).toEqual(['private key', 'agent', 'password']);
  });
});

describe('a password', () => {
  const secrets = { password: 'secret' };

  it('is not tried again as keyboard-interactive when it was refused (A16)', () => {
    const types = typesOf(secrets, [start, refused(...all), refused(...all)]);

    expect(types).toEqual(['none', 'password', false]);
  });

  it('is not tried again when the server then takes keyboard-interactive only (A16)', () => {
    const types = typesOf(secrets, [start, refused(...all), refused('keyboard-interactive')]);

    expect(types).toEqual(['none', 'password', false]);
  });

  it('is not tried again as password when keyboard-interactive was refused (A16)', () => {
    const types = typesOf(secrets, [start, refused('keyboard-interactive'), refused(...all)]);

    expect(types).toEqual(['none', 'keyboard-interactive', false]);
  });

  it('answers keyboard-interactive where the server takes nothing else', () => {
    const types = typesOf(secrets, [start, refused('publickey', 'keyboard-interactive')]);

    expect(types).toEqual(['none', 'keyboard-interactive']);
  });

  it('is given both ways to a server that was content with the first and asks for the other (A19)', () => {
    const types = typesOf(secrets, [start, refused('password'), partly('keyboard-interactive')]);

    expect(types).toEqual(['none', 'password', 'keyboard-interactive']);
  });

  it('follows a private key that the server was content with (A19)', () => {
    const types = typesOf({ ...everything, agentSocket: '' }, [start, refused('publickey'), partly(...all.slice(1))]);

    expect(types).toEqual(['none', 'publickey', 'password']);
  });

  it('is tried one way only after the private key was taken and the password refused (A16)', () => {
    const { privateKey, password } = everything;
    const types = typesOf({ ...(privateKey && { privateKey }), ...(password && { password }) }, [
      start,
      refused('publickey'),
      partly('password', 'keyboard-interactive'),
      refused('password', 'keyboard-interactive'),
    ]);

    expect(types).toEqual(['none', 'publickey', 'password', false]);
  });
});

describe('keyboard-interactive', () => {
  type Asked = { name?: string; instructions?: string };

  function dialogue(): {
    ask(prompts: Prompt[], above?: Asked): string[] | undefined;
    refusal(): string | undefined;
    givenUp(): boolean;
    wasPasswordRefused(): boolean;
  } {
    let givenUp = false;
    const methods = loginMethods('admin', { password: 'secret' }, () => {
      givenUp = true;
    });
    const [, offered] = offers(methods, [start, refused('keyboard-interactive')]);
    if (offered === undefined || offered === false || offered.type !== 'keyboard-interactive')
      throw new Error('keyboard-interactive was not offered');
    const { prompt } = offered as KeyboardInteractiveAuthMethod;
    return {
      ask(prompts, { name = '', instructions = '' } = {}) {
        let given: string[] | undefined;
        prompt(name, instructions, '', prompts, (answers) => {
          given = answers;
        });
        return given;
      },
      refusal: methods.refusal,
      givenUp: () => givenUp,
      wasPasswordRefused: methods.wasPasswordRefused,
    };
  }
  const hidden = (prompt: string): Prompt => ({ prompt, echo: false });

  it.each([
    'Password: ',
    "admin@ice01's password:",
    "admin@new.example.com's password:",
    'Passcode:',
    'Enter passphrase: ',
    'Lösenord: ',
    'Lösenord för admin:',
    'Passwort: ',
    'Kennwort für admin: ',
    'Mot de passe : ',
    'Contraseña:',
    'Hasło: ',
    'Пароль: ',
    'パスワード: ',
    'admin: ',
    '> ',
    ' ',
    '',
  ])('answers the one hidden question %j with the password (field-C03)', (question) => {
    const { ask, refusal } = dialogue();

    const answers = ask([hidden(question)]);

    expect(answers).toEqual(['secret']);
    expect(refusal()).toBeUndefined();
  });

  it.each([
    ['shows what is typed', [{ prompt: 'Password: ', echo: true }]],
    ['shows what is typed, without a word', [{ prompt: '', echo: true }]],
    ['is for another secret', [hidden('Help desk API token:')]],
    ['is for a one-time code', [hidden('Verification code: ')]],
    ['is for a one-time code in Swedish', [hidden('Ange engångskod: ')]],
    ['is for a one-time code in German', [hidden('Bestätigungscode: ')]],
    ['is for a one-time code in French', [hidden('Code : ')]],
    ['is for a one-time password', [hidden("One-time password (OATH) for `admin': ")]],
    ['is for a one-time password in German', [hidden('Einmalpasswort: ')]],
    ['is for a PIN', [hidden('PIN: ')]],
    ['is for the next password', [hidden('New password: ')]],
    ['is for the next password in Swedish', [hidden('Nytt lösenord: ')]],
    ['is for the next password in German', [hidden('Neues Passwort: ')]],
    ['comes with a second one', [hidden('Password: '), hidden('Verification code: ')]],
    ['comes after another one', [hidden('User: '), hidden('Password: ')]],
  ])('answers nothing at all when the question %s, and says why (A17, field-C03)', (_why, prompts) => {
    const { ask, refusal, givenUp, wasPasswordRefused } = dialogue();

    const answers = ask(prompts);

    expect(answers).toBeUndefined(); // an empty answer would count as a wrong login
    expect(givenUp()).toBe(true);
    expect(refusal()).toMatch(/^the server asks for more than a password/);
    expect(wasPasswordRefused()).toBe(false);
  });

  it('judges a question without words by what stands above it (field-C03)', () => {
    const { ask, givenUp } = dialogue();

    const answers = ask([hidden('> ')], { instructions: 'Enter the code of your authenticator' });

    expect(answers).toBeUndefined();
    expect(givenUp()).toBe(true);
  });

  it('goes along with a server that says something and asks nothing', () => {
    const { ask, refusal } = dialogue();

    const answers = ask([]);

    expect(answers).toEqual([]);
    expect(refusal()).toBeUndefined();
  });

  it('gives the password once, also when the server repeats its question: it was wrong (A16, A17)', () => {
    const { ask, givenUp, wasPasswordRefused } = dialogue();

    const answers = [ask([hidden('Password: ')]), ask([hidden('Password: ')])];

    expect(answers).toEqual([['secret'], undefined]);
    expect(givenUp()).toBe(true);
    expect(wasPasswordRefused()).toBe(true);
  });
});
