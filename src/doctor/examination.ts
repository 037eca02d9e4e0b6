import type { FaceId } from '../domain/appliance.js';
import { type Command, icepack, say, type Text } from '../domain/command.js';
import type { PinState } from '../domain/host-key.js';
import type { OutputLine } from '../domain/line.js';
import type { Check } from './check.js';

const words = { ok: 'ok  ', warn: 'warn', fail: 'FAIL', new: 'new ' } as const;
const tones = { ok: 'good', warn: 'warn', fail: 'bad', new: 'warn' } as const;

/** A line for each check, under the place it belongs to. */
export function linesOfChecks(checks: readonly Check[]): OutputLine[] {
  let place = '';
  return checks.flatMap((check) => {
    const heading: OutputLine[] = check.place === place ? [] : [{ text: check.place, tone: 'strong' }];
    place = check.place;
    const found: OutputLine = { text: `  ${words[check.status]}  ${check.text}`, tone: tones[check.status] };
    return [...heading, found, ...(check.hint === null ? [] : [{ text: say`        → ${check.hint}` }])];
  });
}

/** The overall result, in one line. */
export function verdictOfChecks(checks: readonly Check[]): OutputLine {
  const count = (status: Check['status']) => checks.filter((check) => check.status === status).length;
  const [failed, warned, strangers] = [count('fail'), count('warn'), count('new')];
  if (failed + strangers > 0) {
    const parts = [
      ...(failed > 0 ? [`${failed} failed`] : []),
      ...(strangers > 0 ? [`${strangers} host ${strangers === 1 ? 'key is' : 'keys are'} not pinned yet`] : []),
    ];
    return { text: `Not ready: ${parts.join(', ')}`, tone: 'bad' };
  }
  if (warned > 0) return { text: `Ready, with ${warned} ${warned === 1 ? 'warning' : 'warnings'}`, tone: 'warn' };
  return { text: `Ready: ${checks.length} checks, all well`, tone: 'good' };
}

/** The commands to type next. */
export function nextAfter(checks: readonly Check[]): Command[] {
  const strangers = checks.filter((check) => check.status === 'new').map((check) => check.server);
  const servers = [...new Set(strangers.filter((server) => server !== undefined))];
  if (strangers.length === 0) return [];
  return [icepack('doctor', ...(servers.length === 0 ? ['--all'] : servers), '--pin')];
}

/** After a first configuration: what mends it, or the first use of it. */
export function nextAfterInit(checks: readonly Check[], whenReady: Command): Command[] {
  const pinning = nextAfter(checks);
  if (pinning.length > 0) return pinning;
  return [checks.some(({ status }) => status === 'fail') ? icepack('doctor') : whenReady];
}

export type FaceFinding = {
  server: string;
  face: FaceId;
  title: string;
  key: { type: string; fingerprint: string } | null;
  pin: PinState | 'not-asked';
  login: 'ok' | 'refused' | 'not-tried';
  problem: string | null;
  hint: Text | null;
};

/** Host key and login of each face, as `--json` has them. */
export function facesOf(checks: readonly Check[]): FaceFinding[] {
  const faces = new Map<string, Check[]>();
  for (const check of checks) {
    if (check.face === undefined) continue;
    faces.set(check.place, [...(faces.get(check.place) ?? []), check]);
  }
  return [...faces].map(([title, found]) => faceFinding(title, found));
}

function faceFinding(title: string, checks: readonly Check[]): FaceFinding {
  const of = (id: Check['check']) => checks.find((check) => check.check === id);
  const hostKey = of('host-key');
  const problem = checks.find((check) => check.status === 'fail' || check.status === 'new');
  const login = of('login')?.status;
  return {
    server: checks[0]?.server ?? '',
    face: checks[0]?.face ?? 'cli',
    title,
    key: hostKey?.key ?? null,
    pin: hostKey === undefined ? 'not-asked' : (hostKey.pin ?? 'changed'),
    login: login === 'ok' || login === 'warn' ? 'ok' : login === 'fail' ? 'refused' : 'not-tried',
    problem: problem?.text ?? null,
    hint: problem?.hint ?? null,
  };
}
