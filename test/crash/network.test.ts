import { describe, expect, it } from 'vitest';
import type { MockOptions } from '../../src/mock/mock.ts';
import { behindProxies, type Proxies } from '../support/behind-proxies.ts';
import type { ChaosProxy, Direction, Toxics } from '../support/chaos-proxy.ts';
import { seed, torture } from '../support/kills.ts';
import { batch, type Finished, type Rig, startRig } from '../support/rig.ts';

const everyByte = 97;

type Cut = { way: Direction; afterBytes: number; by: 'fin' | 'rst' };

/** Every 97th byte of a good session, both ways; else so many of them, chosen by the seed. */
function cutsOf(session: Record<Direction, number>, sample: number): Cut[] {
  const all = (['up', 'down'] as const).flatMap((way) =>
    Array.from({ length: Math.ceil(session[way] / everyByte) }, (_, index): Cut => {
      return { way, afterBytes: index * everyByte, by: index % 2 === 0 ? 'rst' : 'fin' };
    }),
  );
  if (torture) return all;
  const stride = all.length / sample;
  const offset = (seed % 1000) / 1000;
  return Array.from({ length: sample }, (_, index) => all[Math.floor((index + offset) * stride)]).filter(
    (cut) => cut !== undefined,
  );
}

type Server = { name: string; clock: unknown; items: Item[] };
type Item = { path: string; status: string; reason?: string; sha256?: string; bytes?: number; fromRun?: string };

const perRun = 10;
const quick: Partial<MockOptions> = { appliances: perRun, cluster: 'east', logBytes: 5000, backupBytes: 3000 };
const techsupportBytes = 4000;

/** The most that any connection of a good session carried. */
function carried(proxies: readonly ChaosProxy[]): Record<Direction, number> {
  const most = (way: Direction) =>
    Math.max(...proxies.flatMap(({ connections }) => connections.map((each) => each[way])));
  return { up: most('up'), down: most('down') };
}

function toxicsOf({ way, afterBytes, by }: Cut): Record<Direction, Toxics> {
  const none: Record<Direction, Toxics> = { up: {}, down: {} };
  return { ...none, [way]: { cut: { afterBytes, by } } };
}

const whole: Record<Direction, Toxics> = { up: {}, down: {} };

function serversOf(done: Finished): Server[] {
  return done.json().servers;
}

/**
 * What says "ok" and is not what an undisturbed session brought: the same bytes of logs, or so many where each is made
 * anew. Where the clock could not be read the window is wider.
 */
function wrong(done: Finished, good: Finished): string[] {
  const known = new Map(
    serversOf(good).flatMap(({ name, items }) => items.map((item) => [`${name} ${item.path}`, item])),
  );
  return serversOf(done).flatMap(({ name, clock, items }) =>
    items
      .filter(({ path, status, sha256, bytes, fromRun }) => {
        if (status !== 'ok' || fromRun !== undefined) return false;
        if (path.startsWith('Techsupport/')) return bytes !== techsupportBytes;
        if (path.startsWith('Config/')) return bytes !== quick.backupBytes;
        return clock !== null && /^Logs\/[a-z]+\.log$/.test(path) && sha256 !== known.get(`${name} ${path}`)?.sha256;
      })
      .map(({ path }) => `${name} ${path} is not whole`),
  );
}

function gapsIn(done: Finished): string {
  const gaps = serversOf(done).flatMap(({ name, items }) =>
    items
      .filter(({ status }) => status !== 'ok' && status !== 'skipped')
      .map(({ path, reason }) => `${name} ${path}: ${reason}`),
  );
  return gaps.join('; ');
}

function leftOn(rig: Rig): string[] {
  return rig.mock.appliances.flatMap(({ trees }) =>
    [...trees.cli.files.keys(), ...trees.hostOs.files.keys()].filter((path) => /techsupport_|icepack-/.test(path)),
  );
}

/** Ten servers, each behind a cable of its own, and a good session with them. */
async function recorded(): Promise<{ rig: Rig; proxies: Proxies; at: string; good: Finished }> {
  const rig = await startRig({ ...quick, techsupport: { durationMs: 0, bytes: techsupportBytes } });
  await rig.configure((document) => {
    document.timeouts = { config: '8s', techsupport: '8s', logs: '8s', cli: '8s' };
  });
  const proxies = await behindProxies(rig);
  const at = new Date(Date.now() - 45 * 60_000).toISOString();
  const good = await rig.icepack(['collect', 'east', '--batch', '--at', at, '--no-submit', '--json']);
  return { rig, proxies, at, good };
}

describe(`a network that cuts connections (seed ${seed})`, () => {
  it.each([
    'cli',
    'hostOs',
  ] as const)('at the %s: what came is whole, the rest is told, and resume completes one ticket (K5)', {
    timeout: torture ? 3_600_000 : 60_000,
  }, async (face) => {
    const { rig, proxies, at, good } = await recorded();
    const servers = Object.values(proxies.servers).map((server) => server[face]);
    const cuts = cutsOf(carried(servers), perRun);
    const faults: string[] = [];

    for (let first = 0; first < cuts.length; first += perRun) {
      const part = cuts.slice(first, first + perRun);
      servers.forEach((proxy, index) => {
        const cut = part[index];
        proxy.change(cut === undefined ? whole : toxicsOf(cut));
      });
      const reference = `cut-${face}-${first}`;
      const call = ['collect', 'east', ...batch, '--at', at, '--reference', reference, '--json'];
      const cut = await rig.icepack(call);
      for (const proxy of servers) proxy.change(whole);
      const gaps = gapsIn(cut) !== '';
      const done = gaps ? await rig.icepack(['resume', cut.json().run, '--batch', '--json']) : cut;
      const mine = rig.mock.helpdesk?.tickets.filter((ticket) => ticket.reference === reference) ?? [];
      const where = JSON.stringify(part);
      if ((cut.code === 0) === gaps) faults.push(`exit ${cut.code} with gaps: ${gaps}: ${where}`);
      faults.push(...[...wrong(cut, good), ...wrong(done, good)].map((what) => `${what}: ${where}`));
      if (done.code !== 0 || mine.length !== 1 || !done.json().bundle?.attached)
        faults.push(`resume: ${done.code}, ${mine.length} tickets, ${gapsIn(done)}: ${where}`);
    }

    await rig.icepack(['collect', 'east', '--batch', '--no-submit', '--only', 'vm', '--json']); // clears up

    expect(good.code).toBe(0);
    expect(faults).toEqual([]);
    expect(leftOn(rig)).toEqual([]);
  });

  it('at the help desk: one ticket with one bundle, and the exit code says whether there was an answer (K5)', {
    timeout: torture ? 3_600_000 : 120_000,
  }, async () => {
    const rig = await startRig({ techsupport: { durationMs: 0, bytes: techsupportBytes } });
    const { desk } = await behindProxies(rig);
    const collected = async (reference: string) => {
      const call = ['collect', '--batch', '--at', '-45m', '--no-submit', '--only', 'cli', '--reference', reference];
      return (await rig.icepack([...call, '--json'])).json().run;
    };
    const submit = (run: string) =>
      rig.icepack(['submit', run, '--batch', '--summary', 'x', '--severity', 'low', '--json']);
    const good = await submit(await collected('good'));
    const faults: string[] = [];

    for (const [index, cut] of cutsOf(carried([desk]), 3).entries()) {
      const run = await collected(`desk-${index}`);
      desk.change(toxicsOf(cut));
      const cutShort = await submit(run);
      desk.change(whole);
      const done = cutShort.code === 0 ? cutShort : await submit(run);
      const mine = rig.mock.helpdesk?.tickets.filter(({ reference }) => reference === `desk-${index}`) ?? [];
      const files = mine.map((ticket) => ticket.files.length).join();
      if (
        (cutShort.code === 0) !== (cutShort.json().bundle?.attached === true) ||
        ![0, 6].includes(cutShort.code ?? -1)
      )
        faults.push(`exit ${cutShort.code}: ${JSON.stringify(cut)}`);
      if (done.code !== 0 || files !== '1') faults.push(`${done.code}, files ${files}: ${JSON.stringify(cut)}`);
    }

    expect(good.code).toBe(0);
    expect(faults).toEqual([]);
  });
});
