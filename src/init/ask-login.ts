import type { Prompter } from '../ui/prompter.js';
import { type LoginAnswers, type LoginWay, parseLoginWay, readSecretWay } from './init-answers.js';
import { askPath } from './missing-file.js';
import { faultOfUser } from './typed-text.js';

/** What `init` asks about one login. */
type LoginQuestion = {
  machine: string;
  usualUser: string;
  /** The environment variable that is proposed for its password. */
  variable: string;
};
type GivenLogin = { user: string | undefined; way: LoginWay | undefined };

export async function askLogin(
  { machine, usualUser, variable }: LoginQuestion,
  given: GivenLogin,
  ask: Prompter,
): Promise<LoginAnswers> {
  const user = given.user ?? (await askUser(`User at the ${machine}`, ask, usualUser));
  return { user, way: given.way ?? (await askWay(ask, user, machine, variable)) };
}

export async function askUser(question: string, ask: Prompter, initial?: string): Promise<string> {
  const validate = faultOfUser;
  return (await ask.text(question, initial === undefined ? { validate } : { initial, validate })).trim();
}

const faults = {
  key: 'A path',
  env: 'The name of a variable in capitals; never the password itself',
  file: 'A path',
};

export async function askWay(ask: Prompter, user: string, machine: string, variable: string): Promise<LoginWay> {
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
  const validate = (text: string) =>
    parseLoginWay(`${kind}:${text.trim()}`) === undefined || (kind === 'env' && readSecretWay(text) === undefined)
      ? faults[kind]
      : undefined;
  const typed = () => ask.text(noun, { initial, validate });
  const answer = await askPath(typed, (path) => (kind === 'file' ? path.trim() : undefined), ask);
  return parseLoginWay(`${kind}:${answer.trim()}`) ?? { kind: 'ask' };
}
