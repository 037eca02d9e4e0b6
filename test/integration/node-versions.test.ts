import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { lacks, programPath } from '../support/requirements.ts';
import { binary, temporaryFolder } from '../support/rig.ts';

describe.each(['node22', 'node24'] as const)('on %s', (version) => {
  it.skipIf(lacks(version))('the demo does the whole job', async () => {
    const folder = await temporaryFolder();
    const env = { PATH: process.env['PATH'] ?? '', HOME: folder };

    const { stdout, stderr } = await promisify(execFile)(
      programPath(version),
      [binary, 'demo', '--dir', folder, '--json'],
      { env },
    );

    expect(JSON.parse(stdout)).toMatchObject({ exitCode: 0, ticket: 'TIC-1001' });
    expect(stderr).not.toMatch(/warning:/i);
  });
});
