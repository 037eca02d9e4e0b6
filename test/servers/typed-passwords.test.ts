import { describe, expect, it } from 'vitest';
import type { Appliance } from '../../src/domain/appliance.ts';
import type { Edges } from '../../src/flows/edges.ts';
import { logInWhereTyped } from '../../src/servers/typed-passwords.ts';
import type { ConnectTarget } from '../../src/ssh/connect-target.ts';
import type { Connection } from '../../src/ssh/connection.ts';

const never = new AbortController().signal;
const face = { port: 22, user: 'admin' };
const appliance = {
  ...{ name: 'ice01', id: 1, address: '192.0.2.1', via: [], timeouts: {}, cli: face },
  hostOs: { port: 2222, user: 'administrator' },
} as unknown as Appliance;
const cli = { key: 'appliances.ice01.cli' } as ConnectTarget;
const refusal = Object.assign(new Error('refused'), { probe: { passwordRefused: true } });

/** Only the password of the InCenter CLI is typed; `answers` are what its server says to one login after the other. */
function startEdges(answers: (Error | 'in')[]) {
  const closed: number[] = [];
  const lost = answers.map(() => new AbortController());
  let dialled = 0;
  const dial = async (): Promise<Connection> => {
    const at = dialled++;
    const answer = answers[at];
    if (answer !== 'in') throw answer;
    return { lost: lost[at]?.signal, close: () => void closed.push(at) } as unknown as Connection;
  };
  const edges = {
    report: () => undefined,
    ask: { secret: async () => '' },
    sleep: (_ms: number, signal: AbortSignal) =>
      new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve())),
    ssh: { dialer: { dial }, probeOf: (error: { probe?: unknown }) => error.probe },
    loginSecrets: async ({ key }: { key: string }) => (key.endsWith('cli') ? { password: 'pw', typed: true } : {}),
    pinsOf: async () => [],
  } as unknown as Edges;
  return { edges, closed, lose: (at: number) => lost[at]?.abort(), dialled: () => dialled };
}

describe('the login that a typed password was tried with', () => {
  it('is the first one that is used, and a later one is made anew', async () => {
    const { edges, dialled } = startEdges(['in', 'in']);
    const { dialer } = await logInWhereTyped([appliance], edges, never);

    const first = await dialer.dial(cli, never);
    expect(dialled()).toBe(1);
    const second = await dialer.dial(cli, never);

    expect(dialled()).toBe(2);
    expect(second).not.toBe(first);
  });

  it('is made anew when it was lost meanwhile', async () => {
    const { edges, lose, dialled } = startEdges(['in', 'in']);
    const { dialer } = await logInWhereTyped([appliance], edges, never);
    lose(0);

    await dialer.dial(cli, never);

    expect(dialled()).toBe(2);
  });

  it('stays refused, however often it is asked for', async () => {
    const { edges, dialled } = startEdges([refusal]);
    const { dialer } = await logInWhereTyped([appliance], edges, never);

    await expect(dialer.dial(cli, never)).rejects.toBe(refusal);
    await expect(dialer.dial(cli, never)).rejects.toBe(refusal);

    expect(dialled()).toBe(1);
  });

  it('that failed for another reason is told once, and tried again later', async () => {
    const { edges, dialled } = startEdges([new Error('unreachable'), 'in']);
    const { dialer } = await logInWhereTyped([appliance], edges, never);

    await expect(dialer.dial(cli, never)).rejects.toThrow('unreachable');
    await dialer.dial(cli, never);

    expect(dialled()).toBe(2);
  });

  it('is closed when nobody took it', async () => {
    const { edges, closed } = startEdges(['in']);
    const { close } = await logInWhereTyped([appliance], edges, never);

    close();
    await new Promise((resolve) => setImmediate(resolve));

    expect(closed).toEqual([0]);
  });
});
