import type { AnyAuthMethod, Prompt } from 'ssh2';
import type { LoginSecrets } from '../domain/login.js';
import { printableLine } from '../domain/text.js';

type Answer = (method: AnyAuthMethod | false) => void;

/**
 * Chooses the ways to log in: key, agent, then the password once. A password is never sent both as `password` and as
 * `keyboard-interactive`, unless the server asks for both: a wrong one would count twice towards a lock-out.
 */
export function loginMethods(username: string, secrets: LoginSecrets) {
  const tried: string[] = [];
  let refusal: string | undefined;
  let answered = false;

  const candidates = (): AnyAuthMethod[] => {
    const { password, privateKey, agentSocket } = secrets;
    const methods: AnyAuthMethod[] = [];
    if (privateKey !== undefined) {
      const passphrase = privateKey.passphrase === undefined ? {} : { passphrase: privateKey.passphrase };
      methods.push({ type: 'publickey', username, key: Buffer.from(privateKey.content), ...passphrase });
    }
    if (agentSocket !== undefined) methods.push({ type: 'agent', username, agent: agentSocket });
    if (password !== undefined) {
      methods.push({ type: 'password', username, password });
      methods.push({ type: 'keyboard-interactive', username, prompt: answerPrompts(password) });
    }
    return methods;
  };

  const answerPrompts =
    (password: string) =>
    (_name: string, _instructions: string, _lang: string, prompts: Prompt[], finish: (answers: string[]) => void) => {
      const [prompt, ...more] = prompts;
      if (prompt === undefined) return finish([]);
      // The server chooses this text: only the plain question for a hidden password is answered.
      if (more.length > 0 || prompt.echo || !/pass(word|code|phrase)/i.test(prompt.prompt)) {
        refusal = `the server asks for more than a password: ${prompts.map((each) => `"${printableLine(each.prompt)}"`).join(', ')}`;
        return finish([]);
      }
      if (answered) return finish([]); // asked again: it was wrong, and would count again
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
    refuse: (reason: string) => {
      refusal = reason;
    },
  };
}

function wireName(method: AnyAuthMethod): string {
  return method.type === 'agent' ? 'publickey' : method.type;
}

function isPassword(method: AnyAuthMethod): boolean {
  return method.type === 'password' || method.type === 'keyboard-interactive';
}
