import ssh2, { type AnyAuthMethod, type KeyboardInteractiveAuthMethod, type Prompt } from 'ssh2';
import { defined } from '../domain/defined.js';
import type { LoginSecrets } from '../domain/login.js';
import { printableLine } from '../domain/text.js';
import { usageError } from '../errors.js';
import { type AgentKeys, openAgent } from './agent-keys.js';
import type { ConnectTarget } from './connect-target.js';
import { askedBesidePassword } from './password-prompt.js';

type Answer = (method: AnyAuthMethod | false) => void;
type Finish = (answers: string[]) => void;
type Prompts = { name: string; instructions: string; prompts: Prompt[] };

/**
 * Chooses the ways to log in: key, agent, then the password once. A password is never sent both as `password` and as
 * `keyboard-interactive`, unless the server asks for both: a wrong one would count twice towards a lock-out.
 * @param giveUp ends the login: a question that is not for the password gets no answer, for an empty one counts as wrong
 */
export function loginMethods(username: string, secrets: LoginSecrets, giveUp: () => void = () => undefined) {
  return new LoginMethods(username, secrets, giveUp);
}

class LoginMethods {
  readonly tried: string[] = [];
  readonly #username: string;
  readonly #giveUp: () => void;
  readonly #remaining: AnyAuthMethod[];
  #asked = false;
  #answered = false;
  #refusal: string | undefined;
  #agentKeys: AgentKeys | undefined;

  constructor(username: string, secrets: LoginSecrets, giveUp: () => void) {
    this.#username = username;
    this.#giveUp = giveUp;
    this.#remaining = [...this.#key(secrets), ...this.#agent(secrets), ...this.#password(secrets)];
  }

  /** Is called by ssh2. @param accepted the methods the server accepts, once it has said so */
  readonly next = (accepted: string[] | null, partial: boolean | null, answer: Answer): void => {
    if (!this.#asked && accepted === null) {
      this.#asked = true;
      answer({ type: 'none', username: this.#username }); // how a client learns what the server takes
      return;
    }
    const method = this.#takeFirst(accepted);
    if (method === undefined || (isPassword(method) && !partial && this.#triedPassword)) {
      answer(false);
      return;
    }
    this.tried.push(method.type === 'publickey' ? 'private key' : method.type);
    answer(method);
  };

  /** Why the login was given up, where the server asked for more than a password. */
  readonly refusal = (): string | undefined => this.#refusal;

  readonly agentKeys = (): AgentKeys | undefined => this.#agentKeys;

  readonly wasPasswordRefused = (): boolean => this.#refusal === undefined && this.#triedPassword;

  refuse(reason: string): void {
    this.#refusal = reason;
  }

  get #triedPassword(): boolean {
    return this.tried.some((name) => name === 'password' || name === 'keyboard-interactive');
  }

  #takeFirst(accepted: string[] | null): AnyAuthMethod | undefined {
    const index = this.#remaining.findIndex((method) => accepted === null || accepted.includes(wireName(method)));
    return index < 0 ? undefined : this.#remaining.splice(index, 1)[0];
  }

  #key({ privateKey }: LoginSecrets): AnyAuthMethod[] {
    if (privateKey === undefined) return [];
    const passphrase = defined({ passphrase: privateKey.passphrase });
    return [{ type: 'publickey', username: this.#username, key: Buffer.from(privateKey.content), ...passphrase }];
  }

  #agent({ agentSocket, agentKey, privateKey, password }: LoginSecrets): AnyAuthMethod[] {
    if (agentSocket === undefined) return [];
    const otherTries = [privateKey, password].filter((credential) => credential !== undefined).length;
    const { agent, keys } = openAgent({ socket: agentSocket, chosen: agentKey, otherTries });
    this.#agentKeys = keys;
    return [{ type: 'agent', username: this.#username, agent }];
  }

  #password({ password }: LoginSecrets): AnyAuthMethod[] {
    if (password === undefined) return [];
    const username = this.#username;
    const prompt: KeyboardInteractiveAuthMethod['prompt'] = (name, instructions, _lang, prompts, finish) =>
      this.#answerPrompts(password, { name, instructions, prompts }, finish);
    return [
      { type: 'password', username, password },
      { type: 'keyboard-interactive', username, prompt },
    ];
  }

  #answerPrompts(password: string, { name, instructions, prompts }: Prompts, finish: Finish): void {
    if (prompts.length === 0) {
      finish([]);
      return;
    }
    const beside = askedBesidePassword(name, instructions, prompts);
    if (beside !== undefined) this.refuse(beside);
    // Asked again: it was wrong, and would count again.
    if (beside !== undefined || this.#answered) {
      this.#giveUp();
      return;
    }
    this.#answered = true;
    finish([password]);
  }
}

/** Refuses a key that cannot be used; ssh2 would skip it silently. @throws UserError `key-unusable` */
export function refuseUnusableKey({ title, user, key, secrets: { privateKey } }: ConnectTarget): void {
  if (privateKey === undefined) return;
  const { content, passphrase } = privateKey;
  const parsed = ssh2.utils.parseKey(Buffer.from(content), passphrase);
  if (!(parsed instanceof Error) && parsed.isPrivateKey()) return;
  const reason = parsed instanceof Error ? printableLine(parsed.message) : 'it is a public key';
  const locked = /encrypted|passphrase|decrypt|integrity/i.test(reason);
  const [what, hint] = !locked
    ? [`is no private key that can be used: ${reason}`, `Name a private key in the configuration: ${key}.privateKey`]
    : passphrase === undefined
      ? ['needs a passphrase', `Write where it is into the configuration: ${key}.passphrase`]
      : ['cannot be opened with its passphrase', `Set the right one in the configuration: ${key}.passphrase`];
  throw usageError('key-unusable', `the private key of "${user}" at ${title} ${what}`, hint);
}

function wireName(method: AnyAuthMethod): string {
  return method.type === 'agent' ? 'publickey' : method.type;
}

function isPassword(method: AnyAuthMethod): boolean {
  return method.type === 'password' || method.type === 'keyboard-interactive';
}
