import ssh2, { type AnyAuthMethod, type Prompt } from 'ssh2';
import type { LoginSecrets } from '../domain/login.js';
import { printableLine } from '../domain/text.js';
import { usageError } from '../errors.js';
import { type AgentKeys, openAgent } from './agent-keys.js';
import type { ConnectTarget } from './connect-target.js';

type Answer = (method: AnyAuthMethod | false) => void;

/**
 * Chooses the ways to log in: key, agent, then the password once. A password is never sent both as `password` and as
 * `keyboard-interactive`, unless the server asks for both: a wrong one would count twice towards a lock-out.
 * @param giveUp ends the login: a question that is not for the password gets no answer, for an empty one counts as wrong
 */
export function loginMethods(username: string, secrets: LoginSecrets, giveUp: () => void = () => undefined) {
  const tried: string[] = [];
  let refusal: string | undefined;
  let answered = false;
  let agentKeys: AgentKeys | undefined;

  const candidates = (): AnyAuthMethod[] => {
    const { password, privateKey, agentSocket, agentKey } = secrets;
    const methods: AnyAuthMethod[] = [];
    if (privateKey !== undefined) {
      const passphrase = privateKey.passphrase === undefined ? {} : { passphrase: privateKey.passphrase };
      methods.push({ type: 'publickey', username, key: Buffer.from(privateKey.content), ...passphrase });
    }
    if (agentSocket !== undefined) {
      const otherTries = [privateKey, password].filter((credential) => credential !== undefined).length;
      const { agent, keys } = openAgent({ socket: agentSocket, chosen: agentKey, otherTries });
      agentKeys = keys;
      methods.push({ type: 'agent', username, agent });
    }
    if (password !== undefined) {
      methods.push({ type: 'password', username, password });
      methods.push({ type: 'keyboard-interactive', username, prompt: answerPrompts(password) });
    }
    return methods;
  };

  const answerPrompts =
    (password: string) =>
    (name: string, instructions: string, _lang: string, prompts: Prompt[], finish: (answers: string[]) => void) => {
      const [prompt, ...more] = prompts;
      if (prompt === undefined) return finish([]);
      // The server chooses this text: only one hidden question is the password's.
      if (more.length > 0 || prompt.echo || isForSomethingElse(prompt.prompt, `${name}\n${instructions}`)) {
        const said = [instructions, ...prompts.map((each) => each.prompt)].filter((text) => text.trim() !== '');
        const quoted = said.map((text) => `"${printableLine(text)}"`).join(', ');
        refusal = `the server asks for more than a password${quoted === '' ? '' : `: ${quoted}`}`;
        return giveUp();
      }
      if (answered) return giveUp(); // asked again: it was wrong, and would count again
      answered = true;
      finish([password]);
    };

  const remaining = candidates();
  let asked = false;

  const next = (accepted: string[] | null, partial: boolean | null, answer: Answer): void => {
    if (!asked && accepted === null) {
      asked = true;
      answer({ type: 'none', username }); // how a client learns what the server takes
      return;
    }
    const index = remaining.findIndex((method) => accepted === null || accepted.includes(wireName(method)));
    const [method] = index < 0 ? [] : remaining.splice(index, 1);
    if (
      method === undefined ||
      (isPassword(method) && !partial && tried.some((name) => name === 'password' || name === 'keyboard-interactive'))
    ) {
      answer(false);
      return;
    }
    tried.push(method.type === 'publickey' ? 'private key' : method.type);
    answer(method);
  };

  return {
    next,
    tried,
    refusal: () => refusal,
    agentKeys: () => agentKeys,
    wasPasswordRefused: () =>
      refusal === undefined && tried.some((name) => name === 'password' || name === 'keyboard-interactive'),
    refuse: (reason: string) => {
      refusal = reason;
    },
  };
}

/** Codes that are used once, other secrets, and a password that does not exist yet, in the languages of our users. */
const otherSecret =
  /(?<![\p{L}\p{N}])(?:code|kod|koden|código|codice|pin(?:-?(?:code|kod))?|otp|totp|tan|2fa|mfa|token|api[- ]?key|duo|authenticator|challenge|response|captcha)(?![\p{L}\p{N}])|(?<!pass)(?:code|kod)s?(?![\p{L}\p{N}])|verif|one[- ]?time|engångs|einmal|usage unique|un solo uso|usa e getta/iu;
const newSecret =
  /(?<![\p{L}])(?:new|re-?type|re-?enter|repeat|again|confirm|change|expired|ny|nytt|nya|upprepa|igen|bekräfta|byt|neu|neues|neue|wiederholen|bestätigen|erneut|abgelaufen|nouveau|confirmer|répéter|nueva|nuevo|repita|confirmar)(?![\p{L}])/iu;

/** A question without words is judged by what stands above it. */
function isForSomethingElse(question: string, above: string): boolean {
  const words = (/\p{L}/u.test(question) ? question : above).replace(/\S*@\S*|[\w-]+(?:\.[\w-]+)+/g, ''); // names of hosts
  return otherSecret.test(words) || newSecret.test(words);
}

/** ssh2 passes over such a key without a word. @throws UserError `key-unusable` */
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
