import { readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse, stringify } from 'yaml';
import type { MockOptions } from '../../src/mock/mock.ts';
import { behindProxies, type Proxies } from '../support/behind-proxies.ts';
import { startChaosProxy } from '../support/chaos-proxy.ts';
import { type Cut, carried, cutsOf, toxicsOf, whole } from '../support/cuts.ts';
import { seed, torture } from '../support/kills.ts';
import { batch, type Finished, type Rig, startRig } from '../support/rig.ts';

type Server = { name: string; clock: unknown; items: Item[] };
type Item = { path: string; status: string; reason?: string; sha256?: string; bytes?: number; fromRun?: string };

const perRun = 10;
const quick: Partial<MockOptions> = { appliances: perRun, cluster: 'east', logBytes: 5000, backupBytes: 3000 };
const techsupportBytes = 4000;

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

/** A run, and the help desk behind a cable of its own. */
async function deskBehindProxy(rig: Rig, reference: string) {
  const call = [
    'collect',
    '--batch',
    '--at',
    '-45m',
    '--no-submit',
    '--only',
    'cli',
    '--reference',
    reference,
    '--json',
  ];
  const desk = await startChaosProxy(Number(new URL(rig.mock.helpdesk?.url ?? '').port));
  const config = join(dirname(rig.config), `${reference}.yaml`);
  const document = parse(readFileSync(rig.config, 'utf8'));
  document.helpdesk.url = `http://127.0.0.1:${desk.port}/api/v1`;
  writeFileSync(config, stringify(document), { mode: 0o600 });
  const { run } = (await rig.icepack(call)).json();
  const said = ['--batch', '--summary', 'x', '--severity', 'low', '--json', '--config', config];
  return { reference, desk, submit: () => rig.icepack(['submit', run, ...said]) };
}

type ProxiedDesk = Awaited<ReturnType<typeof deskBehindProxy>>;

/** @returns what went wrong beyond the cut */
async function submitCut(rig: Rig, { reference, desk, submit }: ProxiedDesk, cut: Cut): Promise<string[]> {
  desk.change(toxicsOf(cut));
  const cutShort = await submit();
  desk.change(whole);
  const done = cutShort.code === 0 ? cutShort : await submit();
  const mine = rig.mock.helpdesk?.tickets.filter((ticket) => ticket.reference === reference) ?? [];
  const files = mine.map((ticket) => ticket.files.length).join();
  const where = JSON.stringify(cut);
  const saysSo = (cutShort.code === 0) === (cutShort.json().bundle?.attached === true);
  return [
    ...(saysSo && [0, 6].includes(cutShort.code ?? -1) ? [] : [`exit ${cutShort.code}: ${where}`]),
    ...(done.code === 0 && files === '1' ? [] : [`${done.code}, files ${files}: ${where}`]),
  ];
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
    const { desk, submit } = await deskBehindProxy(rig, 'good');
    const good = await submit();
    const cuts = cutsOf(carried([desk]), 3);
    const faults: string[] = [];

    for (let first = 0; first < cuts.length; first += perRun) {
      const submitting: [ProxiedDesk, Cut][] = [];
      for (const cut of cuts.slice(first, first + perRun))
        submitting.push([await deskBehindProxy(rig, `desk-${first + submitting.length}`), cut]); // one at a time at the server
      const found = await Promise.all(submitting.map(([desk, cut]) => submitCut(rig, desk, cut)));
      faults.push(...found.flat());
    }

    expect(good.code).toBe(0);
    expect(faults).toEqual([]);
  });
});
