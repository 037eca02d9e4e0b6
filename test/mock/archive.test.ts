import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { backupFile, techsupportFile } from '../../src/mock/evidence-files.ts';
import type { MockFile } from '../../src/mock/files.ts';
import { lacks, programPath } from '../support/requirements.ts';
import { temporaryFolder } from '../support/rig.ts';

const options = { block: randomBytes(70_000), modifiedMs: Date.parse('2026-11-28T12:00:00Z') };

function contentOf(file: MockFile, step: number): Buffer {
  const parts: Buffer[] = [];
  for (let at = 0; at < file.bytes; at += step) parts.push(file.read(at, step));
  return Buffer.concat(parts);
}

async function archive(file: MockFile): Promise<string> {
  const path = join(await temporaryFolder(), 'file.tar.gz');
  writeFileSync(path, contentOf(file, 32_768));
  return path;
}

describe('an archive of the mock', () => {
  it('is read by tar, and has a configuration in it (field-E04)', async () => {
    const path = await archive(backupFile({ ...options, bytes: 500_000 }));

    const names = execFileSync('tar', ['tzf', path]).toString().trim().split('\n');
    const conf = execFileSync('tar', ['xzOf', path, 'backup/incenter.conf']).toString();

    expect(names).toEqual(['backup/README', 'backup/incenter.conf', 'backup/nodes.json', 'traces/trace.bin']);
    expect(conf).toContain('organization: Example AB');
  });

  it('is read by gzip to its last byte, techsupport too (field-E04)', async () => {
    const path = await archive(techsupportFile({ ...options, bytes: 3_000_000 }));

    execFileSync('gzip', ['-t', path]);
    const listed = execFileSync('tar', ['tvzf', path]).toString();

    expect(listed).toContain('techsupport/version.txt');
    expect(listed).toContain('2026-11-28');
  });

  it.skipIf(lacks('python3'))('is read by Python (field-E04)', async () => {
    const path = await archive(techsupportFile({ ...options, bytes: 300_000 }));
    const script = 'import sys, tarfile; print([f.name for f in tarfile.open(sys.argv[1])])';

    const names = execFileSync(programPath('python3'), ['-c', script, path]).toString();

    expect(names).toContain("'techsupport/df.txt', 'traces/trace.bin'");
  });

  it.each([
    1000, 3000, 4000, 65_535, 70_100, 140_700, 3_000_001,
  ])('of %i bytes is exactly as large as asked for (field-E04)', (bytes) => {
    for (const make of [backupFile, techsupportFile]) {
      const file = make({ ...options, bytes });
      const content = contentOf(file, 9973);

      expect([file.bytes, content.length]).toEqual([bytes, bytes]);
      expect(gunzipSync(content).subarray(-1024).equals(Buffer.alloc(1024))).toBe(true);
    }
  });

  it('is never cut short of its texts (field-E04)', () => {
    const file = backupFile({ ...options, bytes: 10 });

    expect(gunzipSync(contentOf(file, 4096)).toString('latin1')).toContain('organization: Example AB');
  });
});
