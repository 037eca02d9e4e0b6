import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import ssh2 from 'ssh2';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { HostKeyPin } from '../../src/domain/host-key.ts';
import {
  fingerprintOf,
  hostKeyAlgorithms,
  judgeHostKey,
  shownHostKey,
  strictVerifier,
} from '../../src/ssh/host-keys.ts';
import { lacks, programPath } from '../support/requirements.ts';
import { temporaryFolder } from '../support/rig.ts';
import { newKeyPair, startScriptedServer } from '../support/scripted-server.ts';

type Rule = (blob: Buffer, verify?: (accepted?: unknown) => void) => unknown;

/** Every row but the literal `false` ones makes ssh2 connect when it is handed the rule as it is (finding 1). */
const refusals: [why: string, rule: Rule][] = [
  ['returns false', () => false],
  ['returns 0', () => 0],
  ['returns null', () => null],
  ['returns an empty text', () => ''],
  ['returns NaN', () => Number.NaN],
  ['returns undefined', () => undefined],
  ['returns a promise of false', async () => false],
  ['returns a promise that rejects', () => Promise.reject(new Error('the store is damaged'))],
  [
    'throws',
    () => {
      throw new Error('the store is damaged');
    },
  ],
  ['answers false by a callback', (_blob, verify) => verify?.(false)],
  ['answers undefined by a callback', (_blob, verify) => verify?.(undefined)],
  ['answers null by a callback', (_blob, verify) => verify?.(null)],
  ['never answers', () => new Promise(() => undefined)],
];

const tooMuch: [why: string, rule: Rule][] = [
  ['returns 1', () => 1],
  ['returns "true"', () => 'true'],
  ['returns an object', () => ({})],
  ['returns a promise of true', async () => true],
  ['answers true by a callback', (_blob, verify) => verify?.(true)],
];

describe('the verifier between a rule and ssh2', () => {
  it.each([
    ...refusals,
    ...tooMuch,
  ])('refuses, at once and with a literal false, when the rule %s (A04)', (_why, rule) => {
    const answers: unknown[] = [];

    strictVerifier(rule)(Buffer.from('blob'), (accepted) => answers.push(accepted));

    expect(answers).toEqual([false]);
  });

  it('accepts when the rule returns a literal true, and hands it the key', () => {
    const seen: Buffer[] = [];
    const answers: unknown[] = [];
    const rule = (blob: Buffer) => {
      seen.push(blob);
      return true;
    };

    const returned = strictVerifier(rule)(Buffer.from('blob'), (accepted) => answers.push(accepted));

    expect(answers).toEqual([true]);
    expect(seen).toEqual([Buffer.from('blob')]);
    expect(returned).toBeUndefined();
  });

  it.each(refusals)('keeps ssh2 from logging in when the rule %s (A04)', async (_why, rule) => {
    const server = await startScriptedServer({});

    const outcome = await handshake(server.port, rule);

    expect(outcome).toMatch(/host denied/i);
    expect(server.logins).toEqual([]);
  });

  it('lets ssh2 log in when the rule returns true', async () => {
    const server = await startScriptedServer({});

    const outcome = await handshake(server.port, () => true);

    expect(outcome).toBe('ready');
    expect(server.logins).toEqual(['none', 'password']);
  });
});

async function handshake(port: number, rule: Rule): Promise<string> {
  const client = new ssh2.Client();
  onTestFinished(() => void client.destroy());
  const ended = new AbortController();
  const outcome = Promise.race([
    once(client, 'ready', { signal: ended.signal }).then(() => 'ready'),
    once(client, 'close', { signal: ended.signal }).then(
      () => 'closed',
      (error: Error) => error.message,
    ),
  ]).catch((error: Error) => error.message);
  client.on('error', () => undefined);
  client.connect({
    host: '127.0.0.1',
    port,
    username: 'admin',
    password: 'secret',
    hostVerifier: strictVerifier(rule),
  });
  const said = await outcome;
  ended.abort();
  return said;
}

const ed25519 = keyOf('ed25519');
const otherEd25519 = keyOf('ed25519');
const ecdsa = keyOf('ecdsa');

function keyOf(type: 'ed25519' | 'ecdsa') {
  return shownHostKey(newKeyPair(type).blob);
}

function pinOf({ type, key }: { type: string; key: string }, revoked?: boolean): HostKeyPin {
  return { source: 'known_hosts:1', type, key, ...(revoked === undefined ? {} : { revoked }) };
}

describe('judging a host key', () => {
  it('trusts a key that is pinned, whole or by its fingerprint', () => {
    const byFingerprint: HostKeyPin = { source: 'icepack.yaml', fingerprint: ed25519.fingerprint };

    const verdicts = [judgeHostKey(ed25519, [pinOf(ed25519)]), judgeHostKey(ed25519, [byFingerprint])];

    expect(verdicts).toEqual([{ kind: 'trusted' }, { kind: 'trusted' }]);
  });

  it('trusts any of several pinned keys', () => {
    const verdict = judgeHostKey(ecdsa, [pinOf(ed25519), pinOf(ecdsa)]);

    expect(verdict).toEqual({ kind: 'trusted' });
  });

  it('does not know a key when nothing is pinned (A01)', () => {
    const verdict = judgeHostKey(ed25519, []);

    expect(verdict).toEqual({ kind: 'unknown' });
  });

  it('says that the key changed and what was pinned (A02)', () => {
    const pins = [pinOf(otherEd25519)];

    const verdict = judgeHostKey(ed25519, pins);

    expect(verdict).toEqual({ kind: 'changed', pins });
  });

  it('takes a key of another type than the pinned one for a changed key (A03)', () => {
    const pins = [pinOf(ecdsa)];

    const verdict = judgeHostKey(ed25519, pins);

    expect(verdict).toEqual({ kind: 'changed', pins });
  });

  it('refuses a revoked key, also when it is pinned elsewhere', () => {
    const revoked = pinOf(ed25519, true);

    const verdict = judgeHostKey(ed25519, [pinOf(ed25519), revoked]);

    expect(verdict).toEqual({ kind: 'revoked', pin: revoked });
  });

  it('does not know a key when only another one is revoked', () => {
    const verdict = judgeHostKey(ed25519, [pinOf(otherEd25519, true)]);

    expect(verdict).toEqual({ kind: 'unknown' });
  });
});

describe('the host key algorithms that are offered', () => {
  it('are those of the pinned types only (A03)', () => {
    expect(hostKeyAlgorithms([pinOf(ed25519), pinOf(ecdsa), pinOf(otherEd25519)], false)).toEqual([
      'ssh-ed25519',
      'ecdsa-sha2-nistp256',
    ]);
  });

  it('prefer the strong signatures of a pinned RSA key', () => {
    const pin: HostKeyPin = { source: 'known_hosts:1', type: 'ssh-rsa', key: 'AAAAB3NzaC1yc2E=' };

    expect(hostKeyAlgorithms([pin], false)?.slice(0, 2)).toEqual(['rsa-sha2-512', 'rsa-sha2-256']);
  });

  it.each([
    ['nothing is pinned', []],
    ['a pin is a fingerprint, which tells no type', [{ source: 'icepack.yaml', fingerprint: ed25519.fingerprint }]],
    ['the only key is revoked', [pinOf(ed25519, true)]],
  ] satisfies [string, HostKeyPin[]][])('are left to the server when %s', (_why, pins) => {
    expect(hostKeyAlgorithms(pins, false)).toBeUndefined();
  });
});

describe('a key blob', () => {
  it.each([
    Buffer.alloc(0),
    Buffer.from([0, 0, 0]),
    Buffer.from([255, 255, 255, 255, 65]),
    Buffer.alloc(64),
  ])('that is no key is read without a failure: %o', (blob) => {
    expect(shownHostKey(blob)).toEqual({
      type: expect.any(String),
      key: blob.toString('base64'),
      fingerprint: fingerprintOf(blob),
    });
  });

  it.skipIf(lacks('ssh-keygen')).each([
    ['ed25519', '256', 'ssh-ed25519'],
    ['ecdsa', '384', 'ecdsa-sha2-nistp384'],
    ['rsa', '2048', 'ssh-rsa'],
  ])('of type %s has the fingerprint that ssh-keygen -l prints', async (name, bits, type) => {
    const file = join(await temporaryFolder(), 'key');
    execFileSync(programPath('ssh-keygen'), ['-q', '-t', name, '-b', bits, '-N', '', '-f', file]);
    const blob = Buffer.from(readFileSync(`${file}.pub`, 'utf8').split(' ')[1] ?? '', 'base64');

    const shown = shownHostKey(blob);

    const listed = execFileSync(programPath('ssh-keygen'), ['-lf', `${file}.pub`], { encoding: 'utf8' });
    expect(listed.split(' ')[1]).toBe(shown.fingerprint);
    expect(shown.type).toBe(type);
  });
});
