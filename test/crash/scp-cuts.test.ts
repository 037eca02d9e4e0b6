import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { reasonOf } from '../../src/errors.ts';
import { openScpFiles } from '../../src/ssh/files/scp-files.ts';
import { connectTo, drained, localFiles } from '../ssh/remote-files.contract.ts';
import { startChaosProxy } from '../support/chaos-proxy.ts';
import { type Cut, carried, cutsOf, toxicsOf, whole } from '../support/cuts.ts';
import { seed, torture } from '../support/kills.ts';
import { startPeer } from '../support/peers.ts';
import { lacks } from '../support/requirements.ts';
import { temporaryFolder } from '../support/rig.ts';

const content = randomBytes(6000);
const names = ['one.log', 'two.log'];

describe.skipIf(lacks('sshd', 'ssh-keygen', 'scp'))(`a server that has only SCP, cut off (seed ${seed})`, () => {
  it('gives whole files and whole listings, or an error that says so (K5)', {
    timeout: torture ? 3_600_000 : 60_000,
  }, async () => {
    const own = await temporaryFolder();
    const peer = await startPeer(own, 'scp-only');
    const { folder, put } = localFiles(join(own, 'files'));
    for (const name of names) put(name, content);
    const proxy = await startChaosProxy(peer.port);
    const session = async (): Promise<string> => {
      const connection = await connectTo({ ...peer, port: proxy.port }, peer.login);
      const files = openScpFiles(connection, true);
      const signal = AbortSignal.timeout(20_000);
      try {
        const listed = (await files.list(folder, signal)).map(({ name }) => name).sort();
        const read = await drained(files.read(join(folder, 'one.log'), { signal, maxBytes: 1_000_000 }));
        const isWhole = read.content.equals(content) && listed.join() === names.join();
        return isWhole ? 'whole' : `${read.content.length} bytes, ${listed.length} names`;
      } finally {
        connection.close();
      }
    };
    const good = await session();
    const faults: string[] = [];
    const ends = new Set<string>();

    for (const cut of cutsOf(carried([proxy]), 12)) {
      proxy.change(toxicsOf(cut));
      const end = await session().catch(toldOf);
      ends.add(end);
      if (end !== 'whole' && end !== 'told') faults.push(`${end}: ${JSON.stringify(cut satisfies Cut)}`);
      proxy.change(whole);
    }

    expect(good).toBe('whole');
    expect(faults).toEqual([]);
    expect([...ends]).toContain('told');
  });
});

/** A deadline that strikes is a hang. */
function toldOf(error: unknown): string {
  return error instanceof Error && error.name !== 'TimeoutError' ? 'told' : `no end: ${reasonOf(error)}`;
}
