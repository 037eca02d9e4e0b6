import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { lacks } from '../support/requirements.ts';
import { projectRoot, temporaryFolder } from '../support/rig.ts';

describe.skipIf(lacks('systemd-analyze'))('the unit of a watch', () => {
  it('is started again however often it ends (W57)', () => {
    const unit = readFileSync(join(projectRoot, 'templates', 'icepack-watch.service'), 'utf8');

    expect(unit).toMatch(/^Restart=always$/m);
    expect(unit).toMatch(/^StartLimitIntervalSec=0$/m);
  });

  it('is one that systemd takes', async () => {
    const unit = readFileSync(join(projectRoot, 'templates', 'icepack-watch.service'), 'utf8');
    const path = join(await temporaryFolder(), 'icepack-watch.service');
    writeFileSync(path, unit.replace('/usr/bin/icepack ', `${process.execPath} `)); // it is not installed here

    const { stderr } = spawnSync('systemd-analyze', ['verify', path], { encoding: 'utf8' });

    expect(stderr.split('\n').filter((line) => line.includes('icepack'))).toEqual([]);
  });
});
