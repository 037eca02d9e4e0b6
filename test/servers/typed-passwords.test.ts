import { describe, expect, it } from 'vitest';
import type { Appliance } from '../../src/domain/appliance.ts';
import type { LoginSecrets } from '../../src/domain/login.ts';
import type { Access } from '../../src/servers/access.ts';
import { makeContact } from '../../src/servers/first-contact.ts';
import { endpointsOf } from '../../src/servers/server-faces.ts';
import type { ConnectTarget } from '../../src/ssh/connect-target.ts';
import type { Connection } from '../../src/ssh/connection.ts';
import type { Operator } from '../../src/ui/operator.ts';

const never = new AbortController().signal;
const face = { port: 22, user: 'admin' };
const appliance = {
  ...{ name: 'ice01', id: 1, address: '192.0.2.1', via: [], timeouts: {}, cli: face },
  hostOs: { port: 2222, user: 'administrator' },
} as unknown as Appliance;
const cli = { key: 'appliances.ice01.cli' } as ConnectTarget;
const shown = { type: 'ssh-ed25519', key: 'AAAA', fingerprint: 'SHA256:AAAA' };
const wishes = { pinning: { pin: true, fingerprints: [] }, everyone: false };
const refusal = Object.assign(new Error('refused'), { probe: { passwordRefused: true } });

/** Only the password of the InCenter CLI is typed; `answers` are what its server says to one login after the other. */
function startServers(answers: (Error | 'in')[]) {
  const closed: number[] = [];
  const lost = answers.map(() => new AbortController());
  const answersAtTerminal = ['pw'];
  let typed: LoginSecrets = { toBeTyped: true };
  let dialled = 0;
  const dial = async (): Promise<Connection> => {
    const at = dialled++;
    const answer = answers[at];
    if (answer !== 'in') throw answer;
    return { lost: lost[at]?.signal, close: () => void closed.push(at) } as unknown as Connection;
  };
  const operator = {
    emit: () => undefined,
    ask: { secret: async () => answersAtTerminal.shift() ?? '' },
    sleep: (_ms: number, signal: AbortSignal) =>
      new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve())),
  } as unknown as Operator;
  const access = {
    dialer: { dial, askHostKey: async () => shown },
    loginSecrets: async ({ key }: { key: string }) => (key.endsWith('cli') ? typed : {}),
    setTypedPassword: (_place: unknown, password: string) => {
      typed = { password, typed: true };
    },
    pinsOf: async () => [{ ...shown, source: 'known_hosts:1' }],
  } as unknown as Access;
  return { operator, access, closed, lose: (at: number) => lost[at]?.abort(), dialled: () => dialled };
}

describe('the login that a typed password was tried with', () => {
  it('is the first one that is used, and a later one is made anew', async () => {
    const { operator, access, dialled } = startServers(['in', 'in']);
    const { dialer } = await makeContact(endpointsOf([appliance]), wishes, operator, access, never);

    const first = await dialer.dial(cli, never);
    expect(dialled()).toBe(1);
    const second = await dialer.dial(cli, never);

    expect(dialled()).toBe(2);
    expect(second).not.toBe(first);
  });

  it('is made anew when it was lost meanwhile', async () => {
    const { operator, access, lose, dialled } = startServers(['in', 'in']);
    const { dialer } = await makeContact(endpointsOf([appliance]), wishes, operator, access, never);
    lose(0);

    await dialer.dial(cli, never);

    expect(dialled()).toBe(2);
  });

  it('stays refused, however often it is asked for', async () => {
    const { operator, access, dialled } = startServers([refusal]);
    const { dialer } = await makeContact(endpointsOf([appliance]), wishes, operator, access, never);

    await expect(dialer.dial(cli, never)).rejects.toBe(refusal);
    await expect(dialer.dial(cli, never)).rejects.toBe(refusal);

    expect(dialled()).toBe(1);
  });

  it('that failed for another reason is told once, and tried again later', async () => {
    const { operator, access, dialled } = startServers([new Error('unreachable'), 'in']);
    const { dialer } = await makeContact(endpointsOf([appliance]), wishes, operator, access, never);

    await expect(dialer.dial(cli, never)).rejects.toThrow('unreachable');
    await dialer.dial(cli, never);

    expect(dialled()).toBe(2);
  });

  it('is closed when nobody took it', async () => {
    const { operator, access, closed } = startServers(['in']);
    const { close } = await makeContact(endpointsOf([appliance]), wishes, operator, access, never);

    close();
    await new Promise((resolve) => setImmediate(resolve));

    expect(closed).toEqual([0]);
  });
});
