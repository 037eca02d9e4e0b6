import { it } from 'vitest';
import { binary } from '../support/rig.ts';
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
