import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { it } from 'vitest';
import { binary, projectRoot } from '../support/rig.ts';
import { type Measured, measure, median, reportRatio } from './measure.ts';

it('start-up: icepack --version against node -e 0', async () => {
  const ours: Measured[] = [];
  const peer: Measured[] = [];

  for (let round = 0; round < 15; round++) {
    ours.push(await measure(process.execPath, [binary, '--version']));
    peer.push(await measure(process.execPath, ['-e', '0']));
  }

  reportRatio(
    'start-up of --version to node -e 0',
    median(ours.map((each) => each.seconds)),
    median(peer.map((each) => each.seconds)),
    2.5,
  );
});

it('start-up: the help of a verb against the same modules, loaded one by one', async () => {
  const cli = pathToFileURL(join(projectRoot, 'dist', 'cli.js')).href;
  const modules = `const { main } = await import('${cli}');
    const { env, argv, stdin, stdout, stderr, execPath, versions } = process;
    await main({ env, argv: [...argv.slice(0, 1), 'icepack', 'capture', '--help'], cwd: '/', stdin, stdout, stderr, execPath, nodeVersion: versions.node });`;
  const ours: Measured[] = [];
  const peer: Measured[] = [];

  for (let round = 0; round < 15; round++) {
    ours.push(await measure(process.execPath, [binary, 'capture', '--help']));
    peer.push(await measure(process.execPath, ['--input-type=module', '-e', modules]));
  }

  reportRatio(
    'start-up of a help to its modules one by one',
    median(ours.map((each) => each.seconds)),
    median(peer.map((each) => each.seconds)),
    0.8,
  );
});
