import { describe, expect, it } from 'vitest';
import type { CollectorTools } from '../../src/collectors/collector.ts';
import { configBackup } from '../../src/collectors/config-backup.ts';
import { itemError } from '../../src/errors.ts';
import type { RemoteFiles } from '../../src/ssh/files/remote-files.ts';

const home = '/home/administrator';
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
  const tools = {
    appliance: { hostOs: { home, minFreeBytes: 0 }, timeouts: {} },
    run: '20261121-0900-ice01-aaaa',
    keepRemote: false,
    signal: new AbortController().signal,
    hostFiles: async () => files,
    hostExec: async (command: string) => {
      if (command.includes('./backup.sh icepack-')) throw itemError('connection-lost', 'the connection was lost');
      return { code: /p(grep|kill) /.test(command) ? 1 : 0, stdout: '', stderr: '' }; // no such process
    },
    making: async () => {
      noted = true;
    },
    gone: async () => {
      noted = false;
    },
    warn: () => undefined,
    record: () => undefined,
  } as unknown as CollectorTools;
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
