import { rmSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { exitCode, UserError } from '../../src/errors.ts';
import type { Access } from '../../src/servers/access.ts';
import { Rereading } from '../../src/watch/rereading.ts';
import type { Watching } from '../../src/watch/watching.ts';
import { temporaryFolder } from '../support/rig.ts';

/** A configuration that is changed while it is used; `look` looks at it as often as it is told. */
async function rigOf() {
  const path = join(await temporaryFolder(), 'icepack.yaml');
  writeFileSync(path, 'one');
  const watching = { watched: [], configPath: path } as unknown as Watching;
  let fault: UserError | undefined;
  let read = 0;
  const reread = async () => {
    read++;
    if (fault !== undefined) throw fault;
    return watching;
  };
  const rereading = await Rereading.of(watching, reread, {} as Access);
  const look = async (times: number) => {
    const said = [];
    for (let time = 0; time < times; time++) said.push(await rereading.changed());
    return said.filter((each) => each !== undefined).map((each) => ('fault' in each ? each.fault : 'taken up'));
  };
  const breakIt = (message: string | undefined) => {
    fault = message === undefined ? undefined : new UserError('bad-config', message, { exit: exitCode.usage });
  };
  return { path, look, breakIt, read: () => read };
}

describe('a configuration that is used', () => {
  it('is read again when it was changed, once (W62)', async () => {
    const { path, look, read } = await rigOf();

    const before = await look(3);
    writeFileSync(path, 'two!');

    expect([before, await look(5), read()]).toEqual([[], ['taken up'], 1]);
  });

  it('is not read while somebody writes it', async () => {
    const { path, look, read } = await rigOf();

    for (const text of ['half', 'half and', 'half and more']) {
      writeFileSync(path, text);
      await look(1);
    }

    expect(read()).toBe(0);
    expect(await look(1)).toEqual(['taken up']);
  });

  it('that says the same is not taken up, whoever touched it', async () => {
    const { path, look, read } = await rigOf();

    utimesSync(path, 1, 1);

    expect([await look(3), read()]).toEqual([[], 0]);
  });

  it('is said to be broken once each time it is changed, and may be mended or put back (W63)', async () => {
    const { path, look, breakIt } = await rigOf();
    breakIt('line 7');
    writeFileSync(path, 'broken');
    const broken = await look(4);
    breakIt('there is none');
    rmSync(path);
    const gone = await look(4);
    breakIt(undefined);
    writeFileSync(path, 'one');

    expect([broken, gone, await look(4)]).toEqual([['line 7'], ['there is none'], ['taken up']]);
  });
});
