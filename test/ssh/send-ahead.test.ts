import { randomBytes } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { startChaosProxy } from '../support/chaos-proxy.ts';
import { connected, targetOf } from '../support/connect-target.ts';
import { lacks } from '../support/requirements.ts';
import { temporaryFolder } from '../support/rig.ts';
import { makeLogin, startSshd } from '../support/sshd.ts';
import { sha256 } from './remote-files.contract.ts';

const never = new AbortController().signal;
const mebibyte = 1024 * 1024;

describe.skipIf(lacks('sshd', 'ssh-keygen'))('a session whose bytes nobody takes', () => {
  it('is sent between 4 and 6 MiB, and all the rest once they are taken', async () => {
    const own = await temporaryFolder();
    const content = randomBytes(12 * mebibyte + 17);
    writeFileSync(join(own, 'file'), content);
    const login = makeLogin(own);
    const server = await startSshd(own, 'sshd', login.authorizedKeys, []);
    const proxy = await startChaosProxy(server.port);
    const connection = await connected(targetOf('hostOs', { ...server, port: proxy.port, login }));

    const channel = await connection.openExec(`cat ${join(own, 'file')}`, never, (opened) => opened);
    await settled(() => proxy.connections[0]?.down ?? 0);
    const sent = proxy.connections[0]?.down ?? 0;
    const chunks: Buffer[] = [];
    for await (const chunk of channel) chunks.push(chunk as Buffer);

    expect(sent).toBeGreaterThan(4 * mebibyte);
    expect(sent).toBeLessThan(6 * mebibyte);
    expect(sha256(Buffer.concat(chunks))).toBe(sha256(content));
  });
});

/** Waits until a number that grows has stopped growing for half a second. */
async function settled(count: () => number): Promise<void> {
  for (let before = -1, quiet = 0; quiet < 10; await delay(50)) {
    quiet = count() === before && before > mebibyte ? quiet + 1 : 0;
    before = count();
  }
}
