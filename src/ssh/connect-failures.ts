import { icepack, say } from '../domain/command.js';
import type { ShownHostKey } from '../domain/host-key.js';
import { printable, printableLine } from '../domain/text.js';
import { exitCode, itemError, reasonOf, UserError } from '../errors.js';
import type { AgentKeys } from './agent-keys.js';
import type { AlgorithmOffer } from './algorithms.js';
import type { ConnectTarget } from './connect-target.js';
import { type HostKeyVerdict, shownHostKey } from './host-keys.js';
import { type Mismatch, mismatchOf } from './server-offer.js';

export type Refusal = {
  verdict: HostKeyVerdict | undefined;
  shown: ShownHostKey | undefined;
  /** What the server offers, if it came to tell. */
  offer: AlgorithmOffer | undefined;
  tried: string[];
  refusal: string | undefined;
  agentKeys: AgentKeys | undefined;
};

export function explain(target: ConnectTarget, error: unknown, refused: Refusal): UserError {
  const { verdict, shown, offer, tried } = refused;
  const key = `${shown?.type} ${shown?.fingerprint}`;
  const doctor = icepack('doctor', target.server);
  const pinThis = doctor.with('--pin', '--fingerprint', `${shown?.fingerprint}`);
  if (verdict?.kind === 'unknown') {
    return new UserError('host-key-unknown', `${target.title} shows a host key nobody has pinned: ${key}`, {
      exit: exitCode.unreachable,
      hint: say`Compare it with the server's own, then: ${pinThis}`,
    });
  }
  if (verdict?.kind === 'changed') {
    const old = verdict.pins.map(
      (pin) => ('key' in pin ? shownHostKey(Buffer.from(pin.key, 'base64')) : pin).fingerprint,
    );
    return new UserError(
      'host-key-changed',
      `${target.title} shows another host key than the pinned one: ${key}, pinned ${old.join(', ')} (${verdict.pins.map((pin) => pin.source).join(', ')})`,
      {
        exit: exitCode.unreachable,
        hint: say`Someone may be in between. If the server was reinstalled, compare the key on its console, then: ${pinThis}`,
      },
    );
  }
  if (verdict?.kind === 'revoked') {
    return new UserError(
      'host-key-revoked',
      `${target.title} shows a host key that is marked as revoked: ${key} (${verdict.pin.source})`,
      {
        exit: exitCode.unreachable,
        hint: 'Do not log in to it; ask whoever revoked the key',
      },
    );
  }
  const mismatch = offer && mismatchOf(offer, target.legacyAlgorithms ?? false);
  if (mismatch !== undefined && shown === undefined) return noCommonAlgorithm(target, mismatch, error);
  if (isNoSuchKeyType(error) && target.pins.length > 0) {
    return new UserError(
      'host-key-changed',
      `${target.title} has no host key of the pinned type (${target.pins.map((pin) => pin.source).join(', ')})`,
      {
        exit: exitCode.unreachable,
        hint: say`Someone may be in between. If the server was reinstalled, see its new key: ${doctor.with('--pin')}`,
        cause: error,
      },
    );
  }
  if (isAuthenticationError(error) || (tried.length > 0 && isTooManyTries(error)))
    return loginRefused(target, error, refused);
  const reason = printable(reasonOf(error));
  return unreachable(target, reason === 'Bad packet length' ? packetTooLarge : reason, error);
}

function loginRefused(target: ConnectTarget, error: unknown, { tried, refusal, agentKeys }: Refusal): UserError {
  const tooMany = isTooManyTries(error);
  const ways = tried.map((way) => (way === 'agent' && agentKeys ? triedKeys(agentKeys) : way)).join(', ');
  const none = 'it takes none of the configured credentials';
  const how = refusal ?? (ways === '' ? none : `${tooMany ? 'too many tries; ' : ''}tried: ${ways}`);
  const withheld =
    agentKeys !== undefined && tried.includes('agent') && (tooMany || agentKeys.offered < agentKeys.held);
  const check = icepack('doctor', target.server);
  return new UserError('login-refused', `${target.title} refused the login of "${target.user}" (${how})`, {
    exit: exitCode.unreachable,
    hint:
      withheld && agentKeys.trouble === undefined
        ? say`Choose the right key of the agent: ${target.key}.identity: ~/.ssh/KEY.pub, then: ${check}`
        : say`Check the credential, then: ${check}`,
    cause: error,
  });
}

function triedKeys({ held, offered, trouble }: AgentKeys): string {
  if (trouble !== undefined) return `agent (${trouble})`;
  return offered < held ? `agent (${offered} of its ${held} keys)` : `agent (${held} ${held === 1 ? 'key' : 'keys'})`;
}

/** Whether there were too many login attempts, in the words of OpenSSH, Apache MINA and dropbear. */
function isTooManyTries(error: unknown): boolean {
  return /too many .*(?:auth|login|password|tries|attempts)|max(?:imum)? auth/i.test(reasonOf(error));
}

/** The limit of RFC 4253, 6.1, beyond which ssh2 does not go. */
const packetTooLarge = 'it sent a packet of more than 35 kB, such as a long login banner';

function noCommonAlgorithm(target: ConnectTarget, { text, legacyHelps }: Mismatch, cause: unknown): UserError {
  const server = target.key.replace(/\.(cli|hostOs)$/, '');
  return new UserError('no-common-algorithm', `${target.title} cannot be talked to: ${text}`, {
    exit: exitCode.unreachable,
    hint: legacyHelps
      ? say`It is an old server. Allow old algorithms for it: ${server}.legacyAlgorithms: true, then: ${icepack('doctor', target.server)}`
      : 'Allow one of the usual algorithms in the SSH settings of the server',
    cause,
  });
}

/** Whether the server has no key of this type, in the words of ssh2, also within a message of ours. */
export function isNoSuchKeyType(error: unknown): boolean {
  return /no matching host key format/i.test(reasonOf(error));
}

function isAuthenticationError(error: unknown): boolean {
  return error instanceof Error && 'level' in error && /^(?:client-authentication|agent)$/.test(String(error.level));
}

export function unreachable(target: ConnectTarget, reason: string, cause: unknown): UserError {
  return new UserError('unreachable', `${target.title} cannot be reached: ${reason}`, {
    exit: exitCode.unreachable,
    hint: /\bEMFILE\b/.test(reason)
      ? 'icepack may not open as many files as it needs; "ulimit -n 1024" lets it'
      : say`Check the address and the network, then: ${icepack('doctor', target.server)}`,
    cause,
  });
}

/** @param silentMs how long nothing had come in any session */
export function connectionLost(target: ConnectTarget, cause?: Error, silentMs = 0): UserError {
  const why = cause === undefined ? '' : `: ${lossReason(cause, silentMs)}`;
  return itemError('connection-lost', `the connection to ${target.title} was lost${why}`, cause);
}

/** The reason of the loss; some servers report a protocol error when they end an idle connection. */
function lossReason({ message }: Error, silentMs: number): string {
  const silent = silentMs >= leastSilenceMs && /protocol[ _]error/i.test(message);
  return silent ? `the server ended it after ${Math.floor(silentMs / 1000)} s of silence` : printableLine(message);
}

const leastSilenceMs = 2000;

const socketReasons: Record<string, string> = {
  ECONNREFUSED: 'connection refused',
  EHOSTUNREACH: 'no route to host',
  ENETUNREACH: 'network unreachable',
  ENOTFOUND: 'the name is not in the DNS',
  EAI_AGAIN: 'the DNS does not answer',
  ETIMEDOUT: 'no answer',
};

export function socketReason(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  const nested =
    error instanceof AggregateError ? error.errors.map((each) => reasonOf(each)).join('; ') : reasonOf(error);
  return socketReasons[code] ?? nested;
}
