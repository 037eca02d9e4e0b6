import { describe, expect, it } from 'vitest';
import type { Appliance, FaceId } from '../../src/domain/appliance.ts';
import { endpointOf } from '../../src/domain/endpoint.ts';
import type { WatchCheck } from '../../src/domain/watch-check.ts';
import { exitCode, UserError } from '../../src/errors.ts';
import { newProbe, type Probe } from '../../src/ssh/probe.ts';
import { hostKeyAnswer, reachAnswer } from '../../src/watch/answers.ts';
import { type FaceLook, faceLookOf } from '../../src/watch/face-look.ts';

const login = { port: 22, user: 'admin' };
const hop = { name: 'bastion', address: '198.51.100.1', legacyAlgorithms: false, port: 22, user: 'jump' };
const applianceAt = (address: string, via: (typeof hop)[] = []) =>
  ({
    ...{ name: 'ice01', id: 1, address, via, legacyAlgorithms: false },
    ...{ cli: login, hostOs: login, timeouts: { connectMs: 1000 } },
  }) as unknown as Appliance;

/** What a failed login says of the CLI of a server. */
function lookAfter(
  {
    code = 'unreachable',
    message = 'refused',
    cause,
    probe,
  }: {
    code?: UserError['code'];
    message?: string;
    cause?: string;
    probe?: Partial<Probe>;
  },
  appliance = applianceAt('192.0.2.10'),
): FaceLook {
  const endpoint = endpointOf(appliance, 'cli');
  const error = new UserError(code, `${endpoint.title} cannot be reached: ${message}`, {
    exit: exitCode.unreachable,
    cause: Object.assign(new Error(message), { code: cause }),
  });
  return faceLookOf(Object.assign(error, { probe: { ...newProbe(), ...probe } }), endpoint);
}

describe('a face that cannot be logged in to', () => {
  it.each([
    ['that refuses connections', { cause: 'ECONNREFUSED' }],
    ['that does not answer', { message: 'no answer within 10 s' }],
    ['that has no route', { cause: 'EHOSTUNREACH' }],
    ['that never greets (W68)', { message: 'no SSH greeting within 10 s', probe: { reached: 'tcp' as const } }],
    ['that says something else than SSH', { probe: { reached: 'tcp' as const, banner: 'HTTP/1.1 400 Bad Request' } }],
  ])('is silent: one %s', (_, failure) => {
    expect(lookAfter(failure).is).toBe('silent');
  });

  it.each([
    ['own network is down (W44)', { cause: 'ENETUNREACH' }],
    ['own machine has no files left', { cause: 'EMFILE' }],
    ['own firewall forbids it', { cause: 'EPERM' }],
  ])('is not known where our %s', (_, failure) => {
    expect(lookAfter(failure).is).toBe('unknown');
  });

  it('is not known where its name is not found (W45)', () => {
    expect(lookAfter({ cause: 'ENOTFOUND' }, applianceAt('ice01.example.com')).is).toBe('unknown');
    expect(lookAfter({ cause: 'EAI_AGAIN' }, applianceAt('ice01.example.com')).is).toBe('unknown');
  });

  it('is not known where the jump host fails, and silent where that cannot reach it (W47)', () => {
    const behind = applianceAt('192.0.2.10', [hop]);
    const error = new UserError('unreachable', 'jump host bastion (198.51.100.1:22) cannot be reached: refused', {
      exit: exitCode.unreachable,
    });
    Object.assign(error, { probe: newProbe() });

    expect(faceLookOf(error, endpointOf(behind, 'cli')).is).toBe('unknown');
    expect(lookAfter({ message: '(SSH) Channel open failure: Connection refused' }, behind).is).toBe('silent');
    expect(lookAfter({ message: '(SSH) Channel open failure: administratively prohibited' }, behind).is).toBe(
      'unknown',
    );
  });

  it('answers where it greets, whatever comes then', () => {
    const probe = { reached: 'ssh' as const, banner: 'SSH-2.0-OpenSSH_9.2' };

    expect(lookAfter({ code: 'login-refused', probe })).toMatchObject({ is: 'greets' });
    expect(lookAfter({ message: 'the server closed the connection', probe })).toMatchObject({ is: 'greets' });
    expect(lookAfter({ code: 'host-key-changed', probe })).toMatchObject({ is: 'greets', otherKey: true });
  });

  it('is not known where nothing was tried', () => {
    const endpoint = endpointOf(applianceAt('192.0.2.10'), 'cli');

    expect(faceLookOf(new UserError('secret-missing', 'no password', { exit: exitCode.usage }), endpoint).is).toBe(
      'unknown',
    );
  });
});

describe('a server', () => {
  const check = (bad: 'all' | 'any'): Extract<WatchCheck, { kind: 'reach' }> => ({
    ...{ name: 'silent', event: '', severity: 'high', everyMs: 0, forMs: 0, clearForMs: 0 },
    ...{ kind: 'reach', faces: ['cli', 'hostOs'], bad },
  });
  const looks: Record<string, FaceLook> = {
    up: { is: 'up' },
    greets: { is: 'greets', why: 'login refused' },
    silent: { is: 'silent', why: 'refused' },
    resting: { is: 'resting', why: 'refused before' },
    unknown: { is: 'unknown', why: 'no network' },
  };
  const both = (cli: string, hostOs: string) =>
    new Map<FaceId, FaceLook>([
      ['cli', looks[cli] as FaceLook],
      ['hostOs', looks[hostOs] as FaceLook],
    ]);

  it.each([
    ['up', 'up', 'ok', 'ok'],
    ['silent', 'silent', 'bad', 'bad'],
    ['silent', 'up', 'ok', 'bad'],
    ['greets', 'silent', 'ok', 'bad'],
    ['silent', 'unknown', 'unknown', 'bad'],
    ['unknown', 'unknown', 'unknown', 'unknown'],
    ['unknown', 'up', 'ok', 'unknown'],
    ['resting', 'up', 'ok', undefined],
    ['resting', 'silent', undefined, 'bad'],
    ['resting', 'resting', undefined, undefined],
  ])('whose faces are %s and %s is %s where both count, and %s where one does', (cli, hostOs, all, any) => {
    expect([
      reachAnswer(check('all'), both(cli, hostOs))?.is,
      reachAnswer(check('any'), both(cli, hostOs))?.is,
    ]).toEqual([all, any]);
  });

  it('shows its keys only where it was logged in to', () => {
    const changed = new Map<FaceId, FaceLook>([['cli', { is: 'greets', why: 'another key', otherKey: true }]]);

    expect(hostKeyAnswer(changed).is).toBe('bad');
    expect(hostKeyAnswer(both('up', 'up')).is).toBe('ok');
    expect(hostKeyAnswer(both('up', 'greets'))).toMatchObject({ is: 'unknown', explained: true });
  });
});
