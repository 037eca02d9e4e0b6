import { type FaceId, faceTitle } from '../domain/appliance.js';
import { type Endpoint, wayTo } from '../domain/endpoint.js';
import { printableLine } from '../domain/text.js';
import { reasonOf, UserError } from '../errors.js';
import type { Connection } from '../ssh/connection.js';
import { probeOf } from '../ssh/probe.js';

/** What became of a look at one face. */
export type FaceLook =
  /** It let us in, where that was tried. */
  | { is: 'up'; connection?: Connection }
  /** It greets, and does not let us in. `otherKey`: it shows another host key than the pinned one. */
  | { is: 'greets'; why: string; otherKey?: true }
  | { is: 'silent'; why: string }
  /** It is left alone this time: its login was refused before, and it was greeted a short time ago. */
  | { is: 'resting'; why: string }
  /** The reason is not at the server, or may not be. `silentHop`: the name of the jump host that does not answer. */
  | { is: 'unknown'; why: string; silentHop?: string };

/** What the failure of a login, or of a question for the host key, says of a face. */
export function faceLookOf(error: unknown, endpoint: Endpoint): FaceLook {
  const why = shortReason(error, endpoint);
  if (!(error instanceof UserError)) return { is: 'unknown', why };
  const hop = hopAtFault(error, endpoint);
  if (hop !== undefined) return { is: 'unknown', why, ...(isSilence(error) ? { silentHop: nameOf(hop) } : {}) };
  const otherKey = error.code === 'host-key-changed' || error.code === 'host-key-revoked';
  if (otherKey) return { is: 'greets', why, otherKey };
  const probe = probeOf(error);
  if (probe === undefined) return { is: 'unknown', why };
  if (probe.banner?.startsWith('SSH-')) return { is: 'greets', why };
  return isAtTheServer(error) ? { is: 'silent', why } : { is: 'unknown', why };
}

/** A jump host that fails says nothing of what is behind it. */
function hopAtFault({ message }: UserError, { via }: Endpoint): Endpoint | undefined {
  return via === undefined ? undefined : wayTo(via).find(({ title }) => message.startsWith(title));
}

function nameOf({ key }: Endpoint): string {
  return key.replace(/^jumpHosts\./, '');
}

/** Whether a place was asked and did not even greet. */
function isSilence(error: UserError): boolean {
  const probe = probeOf(error);
  return probe !== undefined && !probe.banner?.startsWith('SSH-') && isAtTheServer(error);
}

const elsewhere = new Set([
  'ENETUNREACH',
  'ENETDOWN',
  'EMFILE',
  'ENFILE',
  'EADDRNOTAVAIL',
  'ENOBUFS',
  'EPERM',
  'EACCES',
]);

/** Whether silence is that of the server, and not of this machine, its network, its names, or of a jump host that forbids. */
function isAtTheServer(error: UserError): boolean {
  if (error.code !== 'unreachable') return false;
  const cause = error.cause;
  const code = cause instanceof Error && 'code' in cause ? String(cause.code) : '';
  const isUnresolved = /^(ENOTFOUND|EAI_)/.test(code);
  return !isUnresolved && !elsewhere.has(code) && !/prohibited|resource shortage/i.test(reasonOf(error));
}

/** The reason without the name of the place, which stands beside it. */
function shortReason(error: unknown, { title }: Endpoint): string {
  const reason = reasonOf(error);
  const [, short = reason] = reason.startsWith(title)
    ? (/^ cannot be reached: (.*)$/s.exec(reason.slice(title.length)) ?? [])
    : [];
  return printableLine(short, 300);
}

/** The looks at both faces in words. */
export function facesText(looks: ReadonlyMap<FaceId, FaceLook>): string {
  const texts = [...looks].map(([face, look]) => ({
    face: faceTitle[face],
    why: 'why' in look ? look.why : 'answers',
  }));
  const [first] = texts;
  if (first !== undefined && texts.every(({ why }) => why === first.why))
    return `${texts.map(({ face }) => face).join(' and ')}: ${first.why}`;
  return texts.map(({ face, why }) => `${face}: ${why}`).join('; ');
}
