import { describe, expect, it } from 'vitest';
import { parseConfig } from '../../src/config/load.ts';
import type { Sighting, Stamp } from '../../src/domain/watch-event.ts';
import { providers } from '../../src/helpdesk/providers.ts';
import { Watcher, type WatchTools } from '../../src/watch/watcher.ts';
import { watchedIn } from '../../src/watch/watching.ts';

const servers = 500;
const connections = 40;

/** Connections by a clock of its own, which goes on when as many wait as may: both faces of each visit. */
class Connections {
  nowMs = 0;
  most = 0;
  private open = 0;
  private left = servers * 2;
  private waiting: { atMs: number; end: () => void }[] = [];

  /** A visit begins, which will have one. */
  begin(): void {
    this.open++;
    this.most = Math.max(this.most, this.open);
  }

  close(): void {
    this.open--;
  }

  async last(ms: number): Promise<void> {
    await new Promise<void>((end) => {
      this.waiting.push({ atMs: this.nowMs + ms, end });
      this.goOn();
    });
  }

  private goOn(): void {
    if (this.left === 0 || this.waiting.length < Math.min(connections, this.left)) return;
    this.nowMs = Math.min(...this.waiting.map(({ atMs }) => atMs));
    const over = this.waiting.filter(({ atMs }) => atMs === this.nowMs);
    this.waiting = this.waiting.filter((each) => !over.includes(each));
    this.left -= over.length;
    for (const { end } of over) end();
    this.goOn(); // where nobody comes any more
  }
}

/** How long a round takes in which a visit lasts so long as it says. */
async function roundOf(visitMs: (server: number) => number): Promise<{ sighting: Sighting; most: number }> {
  const lines = Array.from(
    { length: servers },
    (_, id) => `  s${id + 1}: { id: ${id + 1}, address: 10.0.${id >> 8}.${id % 256} }`,
  );
  const config = parseConfig(`appliances:\n${lines.join('\n')}\n`, 'icepack.yaml', undefined, providers);
  const watched = watchedIn(config.appliances, config.watch).map((each) => ({
    ...each,
    checks: each.checks.filter(({ name }) => name === 'silent'),
  }));
  const all = new Connections();
  const dial = async ({ key }: { key: string }) => {
    await all.last(visitMs(Number(/s(\d+)/.exec(key)?.[1]) - 1));
    return { close: () => all.close() };
  };
  const stampOf = async () => {
    all.begin();
    return '';
  };
  const access = {
    ...{ newDialer: () => ({ dial }), stampOf, pinsOf: async () => [] },
    loginSecrets: async () => ({}),
  };
  const tools = {
    ...{ access, configPath: '', runs: { ids: async () => [], async *each() {} } },
    captures: { atWork: { find: async () => undefined } },
    maintenances: { list: async () => ({ known: [], damaged: [] }) },
    stamp: async (): Promise<Stamp> => ({ wallMs: all.nowMs, boot: 'a', upMs: all.nowMs }),
  } as unknown as WatchTools;
  const watcher = new Watcher(watched, config.watch, { schema: 1, servers: {} }, tools, () => undefined);

  expect(config.watch.connections).toBe(connections);
  expect(await watcher.round(new AbortController().signal)).toBe(servers);
  return { sighting: watcher.sighting, most: all.most };
}

describe('a round of 500 servers, of which each tenth does not answer (W78)', () => {
  it.each([
    ['the time of a connection', 10, (server: number) => server % 10 === 0],
    ['the time of a login', 30, (server: number) => server % 10 === 0],
    ['the time of a login, and they are the last ones', 30, (server: number) => server >= 450],
  ])('takes 100 seconds at most, with 40 connections, where these take %s', async (_, seconds, isSilent) => {
    const { sighting, most } = await roundOf((server) => (isSilent(server) ? seconds * 1000 : 100));

    expect(Object.values(sighting.servers).filter(({ visitedAt }) => visitedAt !== undefined)).toHaveLength(servers);
    expect(most).toBe(connections);
    expect(sighting.round?.tookMs).toBeGreaterThan(seconds * 1000);
    expect(sighting.round?.tookMs).toBeLessThanOrEqual(100_000);
  });
});
