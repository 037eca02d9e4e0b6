import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { scpLine } from '../../src/ui/handover.ts';
import { startPeer } from '../support/peers.ts';
import { lacks, programPath } from '../support/requirements.ts';
import { temporaryFolder } from '../support/rig.ts';

describe.skipIf(lacks('sshd', 'sftp-server', 'ssh-keygen', 'scp'))('the command that fetches files from here', () => {
  it.each([
    ['of today', ''],
    ['of before, which gives paths to a shell', '-O'],
  ])('works as it is shown, with an scp %s', async (_age, older) => {
    const folder = await temporaryFolder();
    const { port, login } = await startPeer(folder, 'rekeying');
    const there = join(folder, `Åsa's "runs" (1)`);
    mkdirSync(there);
    const names = ['form.html', 'TIC-7_Event1_20261120_1032.zip'];
    for (const name of names) writeFileSync(join(there, name), name);
    const here = join(folder, 'here');
    mkdirSync(here);
    const line = scpLine(
      { user: login.user, address: '127.0.0.1', port },
      names.map((name) => join(there, name)),
    );
    const options = `-F none -i ${login.privateKey} -oIdentityAgent=none -oBatchMode=yes -oStrictHostKeyChecking=no -oUserKnownHostsFile=/dev/null ${older}`;

    execFileSync('/bin/sh', ['-c', line.replace(/^scp/, `scp ${options}`)], {
      cwd: here,
      env: { ...process.env, PATH: `${dirname(programPath('scp'))}:/usr/bin:/bin` },
      stdio: 'pipe',
    });

    expect(names.map((name) => readFileSync(join(here, name), 'utf8'))).toEqual(names);
  });
});
