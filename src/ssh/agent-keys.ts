import ssh2, { type BaseAgent, type KnownPublicKeys } from 'ssh2';
import { reasonOf } from '../errors.js';

/** OpenSSH ends a login at the sixth refusal, and each offered key may be one. */
const mostTries = 6;
const agentTimeoutMs = 5000;

/** What happened to the agent's keys. */
export type AgentKeys = {
  /** How many keys the agent holds that can be used here. */
  held: number;
  offered: number;
  /** Why no key was offered. */
  trouble?: string;
};

export type AgentOptions = {
  socket: string;
  /** The key that the configuration chooses: its blob in base64, and the path of its file. */
  chosen: { key: string; path: string } | undefined;
  /** How many tries other credentials need. */
  otherTries: number;
};

/**
 * The running agent. It offers the chosen key, or else as many keys as leave the password its turn. An agent that fails
 * offers none: the password may be enough.
 */
export function openAgent({ socket, chosen, otherTries }: AgentOptions): { agent: BaseAgent; keys: AgentKeys } {
  const agent = ssh2.createAgent(socket);
  const keys: AgentKeys = { held: 0, offered: 0 };
  const ask = agent.getIdentities.bind(agent);
  agent.getIdentities = (done) => {
    const answer = onceWithin(agentTimeoutMs, (error: Error | undefined, found: KnownPublicKeys) => {
      const usable = found.filter((key) => blobOf(key) !== undefined);
      const offered = chosen
        ? usable.filter((key) => blobOf(key) === chosen.key)
        : usable.slice(0, mostTries - otherTries);
      Object.assign(keys, { held: usable.length, offered: offered.length });
      if (error !== undefined) keys.trouble = `the SSH agent failed: ${reasonOf(error)}`;
      else if (chosen && offered.length === 0) keys.trouble = `the SSH agent does not hold the key of "${chosen.path}"`;
      done(undefined, offered);
    });
    ask((error, found) => answer(error ?? undefined, found ?? []));
  };
  return { agent, keys };
}

function blobOf(key: KnownPublicKeys[number]): string | undefined {
  const parsed = ssh2.utils.parseKey(key as Buffer); // takes what agents give, too
  return parsed instanceof Error ? undefined : parsed.getPublicSSH().toString('base64');
}

/** Calls `done` once: with the answer, or with an error when none came in time. */
function onceWithin(ms: number, done: (error: Error | undefined, found: KnownPublicKeys) => void) {
  let over = false;
  const finish = (error: Error | undefined, found: KnownPublicKeys) => {
    if (over) return;
    over = true;
    clearTimeout(timer);
    done(error, found);
  };
  const timer = setTimeout(() => finish(new Error(`no answer within ${ms / 1000} s`), []), ms);
  return finish;
}
