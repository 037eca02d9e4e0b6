import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { openStaging } from '../../src/bundle/staging.ts';
import type { Finding, HostOsTools } from '../../src/collectors/collector.ts';
import { extrasOf } from '../../src/collectors/extras.ts';
import type { Appliance } from '../../src/domain/appliance.ts';
import { itemError } from '../../src/errors.ts';
import type { RemoteFiles } from '../../src/ssh/files/remote-files.ts';
import { toolsWith } from '../support/collector-tools.ts';
import { temporaryFolder } from '../support/rig.ts';

type Server = {
  /** What a file over SCP gives: as many bytes as its size says. */
  files?: Record<string, string>;
  /** What a command prints; without it, there is no shell. */
  prints?: (command: string) => string[];
  maxOutputBytes?: number;
};

async function collect(server: Server, paths: string[], hostCommands: string[] = []) {
  const folder = await temporaryFolder();
  const { store: keep } = await openStaging(folder);
  const found: Finding[] = [];
  const commands: string[] = [];
  let open = 0;
  let most = 0;
  const files: Partial<RemoteFiles> = {
    read(path) {
      async function* chunks() {
        most = Math.max(most, ++open);
        await new Promise((resolve) => setImmediate(resolve));
        open--;
        const content = server.files?.[path];
        if (content === undefined) throw itemError('no-such-file', `"${path}" is not there`);
        if (content !== '') yield Buffer.from(content);
      }
      return { chunks: chunks(), verdict: () => ({ kind: 'whole' }) };
    },
  };
  const maxOutputBytes = server.maxOutputBytes ?? 1000;
  const hostOs: Partial<HostOsTools> = {
    files: async () => files as RemoteFiles,
    output: async (command, take) => {
      commands.push(command);
      if (server.prints === undefined) throw itemError('request-refused', 'no shell');
      let left = maxOutputBytes;
      for (const text of server.prints(command)) {
        await take(Buffer.from(text).subarray(0, left));
        left -= text.length;
        if (left < 0) return { code: undefined };
      }
      return { code: 0 };
    },
  };
  const tools = toolsWith({
    server: { appliance: { maxOutputBytes } as Appliance },
    hostOs,
    evidence: { keep, record: (finding) => void found.push(finding) },
  });
  const face = { face: 'hostOs' as const };
  await extrasOf({ hostCommands, paths: paths.map((path) => ({ ...face, path })) }).collect(tools);
  const textOf = (path: string) => readFileSync(join(folder, path), 'utf8');
  return { found, commands, textOf, most };
}

describe('a file whose size is not known before it is read', () => {
  it.each([
    '/proc/meminfo',
    '/sys/class/dmi/id/sys_vendor',
  ])('such as %s is read by a command (field-B05)', async (path) => {
    const { found, textOf } = await collect({ files: { [path]: '' }, prints: () => ['MemTotal: 8 GB\n'] }, [path]);

    expect(found).toMatchObject([{ status: 'ok', command: `cat ${path} 2>/dev/null`, bytes: 15 }]);
    expect(textOf(found[0]?.path ?? '')).toBe('MemTotal: 8 GB\n');
  });

  it('is partial where there is no shell (field-B05)', async () => {
    const { found } = await collect({ files: { '/proc/meminfo': '' } }, ['/proc/meminfo']);

    expect(found).toMatchObject([{ path: 'VM/files/proc_meminfo', status: 'partial', bytes: 0 }]);
    expect(found[0]?.reason).toContain('it came empty');
  });

  it('and came empty from another place is asked for once more (field-B05)', async () => {
    const { found, textOf } = await collect({ files: { '/run/x': '' }, prints: () => ['more'] }, ['/run/x']);

    expect(found).toMatchObject([{ path: 'VM/files/run_x', status: 'ok', bytes: 4 }]);
    expect(textOf('VM/files/run_x')).toBe('more');
  });

  it('and really is empty is just that (field-B05)', async () => {
    const { found } = await collect({ files: { '/run/x': '' }, prints: () => [] }, ['/run/x']);

    expect(found).toMatchObject([{ path: 'VM/files/run_x', status: 'ok', bytes: 0 }]);
  });
});

describe('commands of a recipe', () => {
  it('that print more than is taken are cut there, which is said, and cost nothing else (field-B04)', async () => {
    const prints = (command: string) => (command === 'much' ? Array(20).fill(`${'x'.repeat(99)}\n`) : ['little\n']);

    const { found, textOf } = await collect({ prints }, [], ['much', 'few']);

    const reason = '"much" was cut here: it printed more than 1 kB (commandOutput)';
    expect(found).toMatchObject([{ path: 'VM/commands.txt', status: 'partial', reason }]);
    expect(textOf('VM/commands.txt')).toMatch(
      /\$ much\n(x{99}\n){10}### cut here: .*\n\n### .*Z\n\$ few\nlittle\n### .* s, status 0\n/,
    );
  });

  it('are written as they would be seen, whatever the pieces they come in (field-B04)', async () => {
    const prints = () => ['\u001b[3', '1mred\u001b[0m and \u00e5', '\r\nnext', ' line'];

    const { textOf } = await collect({ prints }, [], ['colours']);

    expect(textOf('VM/commands.txt')).toContain('$ colours\nred and \u00e5\nnext line\n### ');
  });
});

describe('many paths of a recipe', () => {
  it('are fetched a few at a time (field-B06)', async () => {
    const paths = Array.from({ length: 50 }, (_, n) => `/var/log/${n}`);

    const { found, most } = await collect({ files: Object.fromEntries(paths.map((path) => [path, 'x'])) }, paths);

    expect(found.filter(({ status }) => status === 'ok')).toHaveLength(50);
    expect(most).toBeLessThanOrEqual(4);
  });
});
