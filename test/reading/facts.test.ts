import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { beforeOf } from '../../src/reading/facts/before.ts';
import { factsOf } from '../../src/reading/facts/facts.ts';
import { serverFacts } from '../../src/reading/facts/server-facts.ts';
import { listTar } from '../../src/reading/facts/tar-listing.ts';
import { layoutOf } from '../../src/reading/layout.ts';
import { type OpenBundle, openBundle } from '../../src/reading/open-bundle.ts';
import type { Fact } from '../../src/reading/reading.ts';
import { type MadeServer, madeBundle, usualItems } from '../support/made-bundle.ts';
import { tarOf } from '../support/made-tar.ts';

const signal = new AbortController().signal;

async function inBundle<T>(servers: MadeServer[], work: (bundle: OpenBundle) => Promise<T>): Promise<T> {
  const bundle = await openBundle(await madeBundle({ servers }), () => Promise.reject(new Error('no runs')));
  return work(bundle).finally(() => bundle.close());
}

const factsOfServers = (...servers: MadeServer[]): Promise<Fact[]> =>
  inBundle(servers, (bundle) => factsOf(bundle, layoutOf(bundle), signal));
const withFile = (path: string, content: string | Buffer) => ({ ...usualItems(), [path]: { content } });
const fact = (facts: readonly Fact[], name: string) => facts.find((each) => each.name === name);

describe('the facts of servers', () => {
  it('name what they are, and differ in nothing where they are the same', async () => {
    const facts = await factsOfServers({ id: 1, items: usualItems() }, { id: 2, items: usualItems() });

    expect(fact(facts, 'InCenter')?.cells).toEqual(['2.2.5', '2.2.5']);
    expect(fact(facts, 'kernel')?.cells).toEqual(['6.1.0-25-amd64', '6.1.0-25-amd64']);
    const backup = expect.stringMatching(/^2 files, 27 B \([0-9a-f]{8}\)$/);
    expect(fact(facts, 'backup')?.cells).toEqual([backup, backup]);
    expect(facts.filter(({ differs }) => differs.length > 0)).toEqual([]);
  });

  it('mark who is unlike most, and both of two', async () => {
    const odd = withFile('VM/virtual-machine.txt', 'kernel: 6.1.0-28-amd64\n');
    const three = await factsOfServers(
      { id: 1, items: usualItems() },
      { id: 2, items: odd },
      { id: 3, items: usualItems() },
    );
    const two = await factsOfServers({ id: 1, items: usualItems() }, { id: 2, items: odd });

    expect(fact(three, 'kernel')?.differs).toEqual([1]);
    expect(fact(two, 'kernel')?.differs).toEqual([0, 1]);
    expect(fact(two, 'memory')).toMatchObject({ cells: ['8 GB', undefined], differs: [] });
  });

  it('pass over what changes by itself: times, uptime, counters, masked secrets', async () => {
    const cli = (uptime: string, state: string) =>
      `### 2026-11-20T10:10:0${uptime}.000Z, 0.${uptime} s\nadmin@InCenter:/> show ha\nstate: ${state}\nuptime: ${uptime} days\nkey: <redacted:${uptime}>\neth0 up 1${uptime}2345 packets\nadmin@InCenter:/> \n`;
    const facts = await factsOfServers(
      { id: 1, items: withFile('CLI/show-ha.txt', cli('4', 'ACTIVE')) },
      { id: 2, items: withFile('CLI/show-ha.txt', cli('7', 'PASSIVE')) },
    );

    expect(facts.filter(({ differs }) => differs.length > 0).map(({ name }) => name)).toEqual(['show ha: state']);
    expect(fact(facts, 'show ha: uptime')?.cells).toEqual(['4 days', '7 days']);
  });

  it('close the backup that they list, which ends behind its archive', async () => {
    let isClosed = false;
    const source = async function* () {
      try {
        yield Buffer.concat([tarOf({ 'a.txt': 'x' }), Buffer.alloc(4096)]);
        yield Buffer.alloc(4096);
      } finally {
        isClosed = true;
      }
    };

    expect((await listTar(source())).isWhole).toBe(true);
    expect(isClosed).toBe(true);
  });

  it('compare names, sizes and CRC of the files in the backup, and show no word of their contents', async () => {
    const other = gzipSync(tarOf({ 'etc/incenter.conf': 'name = ICE99\n', 'pki/ca.pem': 'a certificate\n' }));
    const facts = await factsOfServers(
      { id: 1, items: usualItems() },
      { id: 2, items: withFile('Config/backup.tar.gz', other) },
    );

    expect(fact(facts, 'backup')?.differs).toEqual([0, 1]);
    expect(JSON.stringify(facts)).not.toContain('certificate');
  });

  it('survive a backup that is a bomb or damaged (V02)', async () => {
    const bomb = gzipSync(Buffer.alloc(80_000_000));
    const facts = await factsOfServers({ id: 1, items: withFile('Config/backup.tar.gz', bomb) });

    expect(fact(facts, 'backup')?.cells).toEqual(['0 files, 0 B']);
  });
});

describe('before and now', () => {
  it('says what was otherwise when it was captured, and what cannot be compared', async () => {
    const capture = {
      ...{ id: '20261120T0902Z', started: '2026-11-20T09:02:00.000Z', ended: '2026-11-20T09:03:00.000Z' },
      beforeEventMs: 1_800_000,
    };
    const items: MadeServer['items'] = {
      ...usualItems(),
      'Techsupport/precapture_20261120_1002/cli.txt': {
        content: 'state: PASSIVE\nuptime: 3 days\n',
        collector: 'cli',
        capture,
      },
      'Techsupport/precapture_20261120_1002/vm.txt': { content: 'kernel: 6.1.0-24-amd64\n', collector: 'vm', capture },
    };
    const cli = { 'CLI/cli.txt': { content: 'state: ACTIVE\nuptime: 4 days\n' } };
    const { 'CLI/show-ha.txt': _other, ...others } = items;

    const [before] = await inBundle([{ id: 1, items: { ...others, ...cli } }], (bundle) =>
      beforeOf(bundle, layoutOf(bundle), signal),
    );

    expect(before).toMatchObject({ server: 0, captured: { id: capture.id, beforeEventMs: 1_800_000 } });
    expect(before?.rows).toEqual([
      { name: 'kernel', before: '6.1.0-24-amd64', now: '6.1.0-25-amd64', comparable: true },
      { name: 'cli: state', before: 'PASSIVE', now: 'ACTIVE', comparable: true },
      { name: 'hypervisor', before: undefined, now: 'KVM', comparable: false },
      { name: 'memory', before: undefined, now: '8 GB', comparable: false },
    ]);
    expect(before?.same).toBe(0);
  });

  it('counts what is the same, and takes techsupport that a capture handed over for evidence of the event', async () => {
    const times = { started: '2026-11-20T09:02:00.000Z', ended: '2026-11-20T09:03:00.000Z' };
    const capture = { id: '000001-20261120T0902Z', ...times, beforeEventMs: 1_800_000 };
    const late = { id: '000002-20261120T0940Z', ...times, beforeEventMs: -480_000 };
    const items: MadeServer['items'] = {
      ...usualItems(),
      'Techsupport/own.tsf': { content: 'tsf', collector: 'techsupport', capture: late },
      'Techsupport/precapture_20261120_1002/vm.txt': { content: 'kernel: 6.1.0-25-amd64\n', collector: 'vm', capture },
    };

    const [before, facts] = await inBundle([{ id: 1, items }], async (bundle) => {
      const layout = layoutOf(bundle);
      const [server] = layout.servers;
      return [await beforeOf(bundle, layout, signal), server && (await serverFacts(bundle, server))] as const;
    });

    expect(before.map(({ captured }) => captured.id)).toEqual([capture.id]);
    expect(before[0]?.same).toBe(1);
    expect(facts?.known).toContainEqual(expect.objectContaining({ group: 'items', name: 'techsupport', text: 'ok' }));
  });
});
