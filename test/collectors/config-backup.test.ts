import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { openStaging } from '../../src/bundle/staging.ts';
import type { Finding, HostOsTools, ServerTools } from '../../src/collectors/collector.ts';
import { configBackup } from '../../src/collectors/config-backup.ts';
import type { Appliance } from '../../src/domain/appliance.ts';
import { itemError } from '../../src/errors.ts';
import type { RemoteFiles } from '../../src/ssh/files/remote-files.ts';
import { toolsWith } from '../support/collector-tools.ts';
import { temporaryFolder } from '../support/rig.ts';

const home = '/home/administrator';
const appliance = { hostOs: { home, minFreeBytes: 0 } } as Appliance;
const made = `${home}/icepack-20261121-0900-ice01-aaaa.tar.gz`;

/** A host OS that loses the connection while the script runs; `there`: what is in the home folder afterwards. */
async function cutWhileItRuns(there: Set<string>): Promise<'noted as gone' | 'still noted'> {
  let noted = false;
  const entry = (name: string) => ({ name, kind: 'file' as const, sizeBytes: 1, modifiedAt: new Date() });
  const files: Partial<RemoteFiles> = {
    list: async () => [entry('backup.sh')],
    find: async (path) => (there.has(path) ? entry(path) : undefined),
    remove: async (path) => void there.delete(path),
  };
  const hostOs: Partial<HostOsTools> = {
    files: async () => files as RemoteFiles,
    exec: async (command) => {
      if (command.includes('./backup.sh icepack-')) throw itemError('connection-lost', 'the connection was lost');
      return { code: /p(grep|kill) /.test(command) ? 1 : 0, stdout: '', stderr: '' }; // no such process
    },
  };
  const server: Partial<ServerTools> = {
    appliance,
    runId: '20261121-0900-ice01-aaaa',
    noteRemoteFile: async () => {
      noted = true;
    },
    forgetRemoteFile: async () => {
      noted = false;
    },
  };
  const tools = toolsWith({ server, hostOs, evidence: { record: () => undefined } });
  await expect(configBackup.collect(tools)).rejects.toThrow('the connection was lost');
  return noted ? 'still noted' : 'noted as gone';
}

describe('a backup script that was lost sight of', () => {
  it('may not have begun yet where neither it nor its file is there: the next run looks again (B22)', async () => {
    expect(await cutWhileItRuns(new Set())).toBe('still noted');
  });

  it('is done with when its file was there and has been removed (B22)', async () => {
    const there = new Set([made]);

    expect(await cutWhileItRuns(there)).toBe('noted as gone');
    expect([...there]).toEqual([]);
  });
});

describe('a backup script that ended', () => {
  const archive = gzipSync(Buffer.from(Array.from({ length: 512 }, (_, n) => n % 7)));

  /** What becomes of the file it left, on a host OS that is asked nothing else. */
  async function collect(content: Buffer, result: { code: number; stderr: string }): Promise<Finding | undefined> {
    const entry = { name: 'backup.sh', kind: 'file' as const };
    let found: Finding | undefined;
    const files: Partial<RemoteFiles> = {
      list: async () => [entry],
      find: async () => entry,
      read: () => ({ chunks: chunksOf(content), verdict: () => ({ kind: 'whole' }) }),
      remove: async () => undefined,
    };
    const { store: keep } = await openStaging(await temporaryFolder());
    const record = (finding: Finding) => {
      found = finding;
    };
    const tools = toolsWith({
      server: { appliance, runId: 'r', noteRemoteFile: async () => undefined, forgetRemoteFile: async () => undefined },
      hostOs: { files: async () => files as RemoteFiles, exec: async () => ({ stdout: '', ...result }) },
      evidence: { keep, record },
    });
    await configBackup.collect(tools);
    return found;
  }

  async function* chunksOf(content: Buffer): AsyncGenerator<Buffer> {
    if (content.length > 0) yield content;
  }

  it.each([
    ['nothing', Buffer.alloc(0), 'it is empty'],
    ['its own complaint', Buffer.from('tar: Cannot open\n'), 'it is text and no archive: tar: Cannot open'],
    ['half an archive', archive.subarray(0, -4), 'unexpected end of file: the gzip data is cut'],
  ])('well, and left %s is partial (field-B01)', async (_what, content, reason) => {
    expect(await collect(content, { code: 0, stderr: '' })).toMatchObject({ status: 'partial', reason });
  });

  it('badly, and left a file: the file is taken, with what the script said (field-B01)', async () => {
    const found = await collect(archive, { code: 1, stderr: 'tar: file changed as we read it' });

    expect(found).toMatchObject({ path: 'Config/icepack-r.tar.gz', status: 'partial', bytes: archive.length });
    expect(found?.reason).toContain('ended with exit status 1: tar: file changed as we read it');
  });
});
